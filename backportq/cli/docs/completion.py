"""The scripts that complete commands in bash, zsh and fish: `python -m backportq.cli.docs.completion docs/completion`.

Commands, options and fixed values come from the verbs themselves, as in `reference`; for branches, people, commits,
queries and refs the scripts ask the program (`cli.completing`). A test compares with the files and asks real shells.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backportq.cli import app
from backportq.cli.docs.shell_functions import BASH, FISH, ZSH
from backportq.model.items.item import State
from backportq.model.picks.provenance import ProvenanceStyle
from backportq.model.priority import Priority
from backportq.model.trailers.dialects import DIALECTS
from backportq.model.trials.verdict import Verdict

_WORDS: Mapping[str, tuple[str, ...]] = {
    "DIALECT": tuple(DIALECTS),
    "PRIORITY": tuple(map(str, Priority)),
    "STATE": (*(str(state) for state in State if state.is_open), "waiting"),
    "STYLE": tuple(map(str, ProvenanceStyle)),
    "VERDICT": tuple(map(str, Verdict)),
}
"""The few values that there are, by how the help calls them."""

_ALIASES = {
    "NEEDED|BRANCH": "COMMIT|BRANCH",
    "COMMIT PICK [BRANCH": "COMMIT|BRANCH",
    "LEVEL": "PRIORITY",
    "DIR": "FILE",
    "PATH": "FILE",
    "RANGE|COMMIT|FILE|-": "COMMIT",
}
_LOOKED_UP = frozenset({"BRANCH", "COMMIT", "FILE", "PERSON", "QUERY", "REMOTE", "REV"})
"""Values that are looked up while the line is typed, by how the help calls them."""

_HEAD = """\
# Completes backportq, and backportq as a command of git, in {shell}.
# Written by python -m backportq.cli.docs.completion from the program's own help; do not edit.
"""


@dataclass(frozen=True, slots=True)
class Shell:
    """How a shell writes what the scripts have in common: a function that prints lines, chosen by its arguments."""

    name: str
    first: str
    functions: str
    opening: str
    subject: str
    case: str
    otherwise: str
    closing: str
    has_texts: bool = True

    def quoted(self, word: str) -> str:
        """Return the word as the shell reads it."""
        if self.name != "fish":
            return shlex.quote(word)
        return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def lines(self, answer: Mapping[str, str]) -> str:
        """Return the command that prints an answer: words, and what is said of them where the shell shows it."""
        if not self.has_texts or not any(answer.values()):
            return f"printf '%s\\n' {' '.join(map(self.quoted, answer))}"
        pairs = (self.quoted(word) for pair in answer.items() for word in pair)
        return f"printf '%s\\t%s\\n' {' '.join(pairs)}"


_SH = ("{function}() {{", '    case "{0}" in', "    {cases}) {command} ;;", "    *) {command} ;;", "    esac\n}\n")
"""How bash and zsh write it: opening, subject, case, otherwise, closing."""

SHELLS = {
    "backportq.bash": Shell("bash", "# shellcheck shell=bash\n", BASH, *_SH, has_texts=False),
    "_backportq": Shell("zsh", "#compdef backportq git-backportq\n", ZSH, *_SH),
    "backportq.fish": Shell(
        "fish",
        "",
        FISH,
        opening="function {function}",
        subject='    switch "{0}"',
        case="        case {cases}\n            {command}",
        otherwise="        case '*'\n            {command}",
        closing="    end\nend\n",
    ),
}
"""The shells, by the file of their script."""


def completion(file: str) -> str:
    """Return the script that stands in `file`."""
    shell = SHELLS[file]
    head = shell.first + _HEAD.format(shell=shell.name)
    return "\n".join((head, *_tables(shell), shell.functions.removesuffix("\n"))) + "\n"


def _tables(shell: Shell) -> Iterator[str]:
    commands = {verb.name: app.load(verb) for verb in app.available()}
    yield shell.opening.format(function="__backportq_verbs")
    yield "    " + shell.lines({verb.name: verb.summary for verb in app.available()})
    yield "end\n" if shell.name == "fish" else "}\n"
    yield "# The options of a command."
    yield from _cases(shell, "__backportq_options", 1, {name: _options(command) for name, command in commands.items()})
    yield "# What an option takes; - for what cannot be completed, nothing where it takes nothing."
    taken = {f"{name}:{word}": kind for name, command in commands.items() for word, kind in _taken(name, command)}
    yield from _cases(shell, "__backportq_taken", 2, {case: {kind: ""} for case, kind in taken.items()})
    yield "# What stands at a place among the arguments of a command."
    places = {
        f"{name}:{place}": {kind: ""} for name, command in commands.items() for place, kind in _arguments(name, command)
    }
    yield from _cases(shell, "__backportq_argument", 2, places)
    yield "# The words of a kind of which there are few."
    words = {kind: dict.fromkeys(values, "") for kind, values in _WORDS.items()}
    yield from _cases(shell, "__backportq_words", 1, words, otherwise="return 1")


def _cases(
    shell: Shell, function: str, asked: int, answers: Mapping[str, Mapping[str, str]], otherwise: str = ""
) -> Iterator[str]:
    """Yield a function that prints an answer, a line for each word; cases with the same answer stand together."""
    together: dict[tuple[bool, str], list[str]] = {}
    for case, answer in answers.items():
        together.setdefault((case.endswith("*"), shell.lines(answer)), []).append(case)
    places = range(1, asked + 1)
    yield shell.opening.format(function=function)
    yield shell.subject.format(":".join(f"$argv[{place}]" if shell.name == "fish" else f"${place}" for place in places))
    # "show:*" is a pattern that matches "show:0" as well, so the places of their own come first.
    for (_, command), cases in sorted(together.items(), key=lambda group: group[0][0]):
        written = " ".join(map(shell.quoted, cases)) if shell.name == "fish" else " | \\\n    ".join(cases)
        yield shell.case.format(cases=written, command=command)
    if otherwise:
        yield shell.otherwise.format(command=otherwise)
    yield shell.closing


def _params(command: Any, kind: str) -> list[Any]:
    return [param for param in command.params if param.param_type_name == kind and not getattr(param, "hidden", False)]


def _options(command: Any) -> dict[str, str]:
    found = {
        word: (param.help or "").partition(";")[0]
        for param in _params(command, "option")
        for word in (*param.opts, *param.secondary_opts)
        if word.startswith("--")
    }
    return {**found, "--help": "explain the command"}


def _taken(name: str, command: Any) -> Iterator[tuple[str, str]]:
    for param in _params(command, "option"):
        if not param.is_flag:
            yield from ((word, _kind(name, param)) for word in param.opts)


def _arguments(name: str, command: Any) -> Iterator[tuple[str, str]]:
    for place, param in enumerate(_params(command, "argument")):
        yield ("*" if param.nargs == -1 else str(place)), _kind(name, param)


def _kind(name: str, param: Any) -> str:
    """Return by which name the values of a parameter are looked up; several have | between them."""
    if choices := getattr(param.type, "choices", None):
        return "|".join(map(str, choices))
    word = (param.metavar or "").strip("[].")
    if name == "init" and word == "BRANCH":
        return "REV"  # there is no queue yet that knows the branches
    kind = _ALIASES.get(word, word)
    return kind if kind in _LOOKED_UP or kind in _WORDS or "|" in kind else "-"


def write(folder: Path) -> None:
    """Write every script."""
    for file in SHELLS:
        (folder / file).write_text(completion(file))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
