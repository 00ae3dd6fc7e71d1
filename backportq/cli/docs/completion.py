"""The script that completes commands in bash: `python -m backportq.cli.docs.completion >
docs/completion/backportq.bash`.

Commands, options and fixed values come from the verbs themselves, as in `reference`; a test compares with the file and
asks a real bash.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from backportq.cli import app
from backportq.model.items.item import Priority, State
from backportq.model.picks.provenance import ProvenanceStyle
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

_ALIASES = {"NEEDED": "COMMIT", "PICK": "COMMIT", "DIR": "FILE", "PATH": "FILE"}
_LOOKED_UP = frozenset({"BRANCH", "COMMIT", "FILE", "PERSON", "REMOTE", "REV"})
"""Values that the functions look up, by how the help calls them."""

_HEAD = """\
# Completes backportq, and backportq as a command of git, in bash.
# Written by python -m backportq.cli.docs.completion from the program's own help; do not edit.
# shellcheck shell=bash
"""

_FUNCTIONS = r"""
# git in the directory that -C gives.
__backportq_git() {
    git "${__backportq_at[@]}" "$@" 2>/dev/null
}

# git with the queue: a branch here, or in the repository that backportq.repository names. @ stands for it.
__backportq_queue() {
    local repository ref
    repository=$(__backportq_git config --type=path backportq.repository)
    ref=$(__backportq_git config backportq.ref)
    __backportq_git ${repository:+-C "$repository"} "${@/#@/refs/heads/${ref:-backportq}}"
}

__backportq_refs() {
    __backportq_git for-each-ref --format='%(refname:lstrip=2)' refs/heads refs/remotes refs/tags
}

# The values of one kind, or of several with | between them, a line each.
__backportq_values() {
    local kind
    for kind in ${1//|/ }; do
        __backportq_values_of "$kind"
    done
}

__backportq_values_of() {
    case $1 in
    BRANCH)
        __backportq_queue show @:config.toml |
            awk '/^\[/ { inside = $0 == "[[branch]]" } inside && sub(/^name = "/, "") { sub(/".*/, ""); print }' ;;
    PERSON) __backportq_queue show @:people.toml | sed -n 's/^key = "\(.*\)".*/\1/p' ;;
    COMMIT)
        __backportq_queue grep -h '^commit = "' @ -- queue/ | sed 's/^commit = "\(.\{12\}\).*/\1/' | sort -u
        __backportq_refs ;;
    REV) __backportq_refs ;;
    REMOTE) __backportq_git remote ;;
    *) __backportq_words "$1" || echo "$1" ;;
    esac
}

# Sets COMPREPLY to those lines of the input that begin with $1. Not by compgen -W, which expands what it is given: the
# name of a branch may be $(anything).
__backportq_offer() {
    local line
    while read -r line; do
        [[ $line == "$1"* ]] && COMPREPLY+=("$(printf %q "$line")")
    done
}

# Completes word number $1 of the command line that begins with the words after it; the first of these is the program.
__backportq_complete() {
    local at=$1 verb= place=0 kind= word before i
    shift
    local words=("$@") __backportq_at=()
    local current=${words[at]}
    for ((i = 1; i < at; i++)); do
        word=${words[i]}
        if [[ -z $verb ]]; then
            case $word in
            -C) __backportq_at+=(-C "${words[++i]}") ;;
            -*) ;;
            *) verb=$word ;;
            esac
        elif [[ $word == -* ]]; then
            kind=$(__backportq_taken "$verb" "$word")
            if [[ -n $kind ]]; then
                [[ ${words[i + 1]} == = ]] && ((i++))
                ((++i < at)) && kind=
            fi
        elif [[ $word != = ]]; then
            ((place++))
        fi
    done
    before=${words[at - 1]}
    COMPREPLY=()
    if [[ -z $verb ]]; then
        if [[ $before == -C ]]; then
            __backportq_offer "$current" < <(compgen -d -- "$current")
        elif [[ $current == -* ]]; then
            __backportq_offer "$current" < <(printf '%s\n' -C --no-color --no-pager --version --help)
        else
            __backportq_offer "$current" < <(__backportq_verbs)
        fi
        return
    fi
    [[ $current == = ]] && current=
    if [[ -z $kind ]]; then
        if [[ $current == -* ]]; then
            __backportq_offer "$current" < <(__backportq_options "$verb")
            return
        fi
        kind=$(__backportq_argument "$verb" "$place")
    fi
    case $kind in
    FILE) __backportq_offer "$current" < <(compgen -f -- "$current") ;;
    '' | -) ;;
    *) __backportq_offer "$current" < <(__backportq_values "$kind") ;;
    esac
}

_backportq() {
    __backportq_complete "$COMP_CWORD" "${COMP_WORDS[@]}"
}

# git's own completion calls this for `git backportq`, with the words in variables of its own.
_git_backportq() {
    local start=1
    while [[ ${words[start]} != backportq ]] && ((start < cword)); do ((start++)); done
    __backportq_complete "$((cword - start))" "${words[@]:start}"
    COMPREPLY=("${COMPREPLY[@]/%/ }") # git told bash not to add the space
}

complete -F _backportq backportq git-backportq
"""


def completion() -> str:
    """Return the script."""
    return "\n".join((_HEAD, *_tables(), _FUNCTIONS.removesuffix("\n"))) + "\n"


def _tables() -> Iterator[str]:
    commands = {verb.name: app.load(verb) for verb in app.available()}
    yield "__backportq_verbs() {"
    yield f"    printf '%s\\n' {' '.join(commands)}"
    yield "}\n"
    yield "# The options of a command."
    yield from _cases("__backportq_options", "$1", {name: _options(command) for name, command in commands.items()})
    yield "# What an option takes; - for what cannot be completed, nothing where it takes nothing."
    taken = {f"{name}:{word}": kind for name, command in commands.items() for word, kind in _taken(name, command)}
    yield from _cases("__backportq_taken", "$1:$2", {case: (kind,) for case, kind in taken.items()})
    yield "# What stands at a place among the arguments of a command."
    places = {
        f"{name}:{place}": (kind,) for name, command in commands.items() for place, kind in _arguments(name, command)
    }
    yield from _cases("__backportq_argument", "$1:$2", places)
    yield "# The words of a kind of which there are few."
    yield from _cases("__backportq_words", "$1", _WORDS, otherwise="return 1")


def _cases(function: str, asked: str, answers: Mapping[str, tuple[str, ...]], otherwise: str = "") -> Iterator[str]:
    """Yield a function that prints an answer, a line for each word; cases with the same answer stand together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for case, answer in answers.items():
        together.setdefault(answer, []).append(case)
    yield f"{function}() {{"
    yield f'    case "{asked}" in'
    for answer, cases in together.items():
        *most, last = cases
        yield from (f"    {case} | \\" for case in most)
        yield f"    {last}) printf '%s\\n' {' '.join(map(shlex.quote, answer))} ;;"
    if otherwise:
        yield f"    *) {otherwise} ;;"
    yield "    esac"
    yield "}\n"


def _params(command: Any, kind: str) -> list[Any]:
    return [param for param in command.params if param.param_type_name == kind and not getattr(param, "hidden", False)]


def _options(command: Any) -> tuple[str, ...]:
    words = (word for param in _params(command, "option") for word in (*param.opts, *param.secondary_opts))
    return (*(word for word in words if word.startswith("--")), "--help")


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


if __name__ == "__main__":
    sys.stdout.write(completion())
