"""Writes the manual of the command line from the verbs themselves: `python -m backportq.cli.reference > docs/cli.md`.

It is a module of the package, not a script, so that it sees the verbs exactly as the program does. A test compares its
output with the file. It must not add a word that `-h` does not say.
"""

from __future__ import annotations

import sys
import textwrap

from backportq.cli import app
from backportq.cli.help import describe
from backportq.errors import ExitCode

_EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.NO: "the answer is no, where a command documents it",
    ExitCode.USAGE: "wrong usage",
    ExitCode.BAD_STATE: "bad repository, ref, configuration or queue file; or a failure of the program itself",
    ExitCode.CONFLICT: "a conflict that a person must resolve",
    ExitCode.INTERRUPTED: "interrupted",
}


def reference() -> str:
    """Return the manual as markdown."""
    lines = [
        "# Command line",
        "",
        "Written by `python -m backportq.cli.reference` from the program's own help; do not edit.",
        "",
        "    backportq [-C DIR]... [--no-color] [--no-pager] COMMAND [ARGUMENTS]",
        "",
        "- `-C DIR`: look for the repository from `DIR`; several add up, as in git.",
        "- `--no-color`: no colours; `NO_COLOR` in the environment does the same.",
        "- `--no-pager`: print on the terminal what would go through the pager: `GIT_PAGER`, the `core.pager` of your",
        "  own configuration, `PAGER`, or `less`.",
        "- `--version`, `-h`, `--help`; `backportq COMMAND -h` explains a command (through git it must be `-h`,",
        "  since git takes `--help` for itself).",
        "",
        "Every command works as `git backportq COMMAND` too. With `--json` a command prints exactly one JSON",
        "document, in UTF-8, `schema` first, with full object ids, and nothing else on standard output.",
        "`BACKPORTQ_NOW` (ISO 8601 with an offset) replaces the clock, `BACKPORTQ_DEBUG=1` shows where a failure",
        "comes from.",
        "",
        "| exit code | meaning |",
        "|---|---|",
        *(f"| {int(code)} | {meaning} |" for code, meaning in _EXIT_CODES.items()),
        "| 141 | the reader of a pipe went away, as git reports it |",
    ]
    group = ""
    for verb in app.available():
        if verb.group != group:
            group = verb.group
            lines += ["", f"## {group[0].upper()}{group[1:]}"]
        lines += ["", f"### {verb.name}", "", *_describe(verb)]
    return "\n".join(lines) + "\n"


def _describe(verb: app.Verb) -> list[str]:
    said = describe(app.load(verb), f"backportq {verb.name}")
    lines = [f"    {said.usage}"]
    for paragraph in said.paragraphs:
        lines += ["", *textwrap.wrap(paragraph, 118, break_long_words=False, break_on_hyphens=False)]
    return [
        *lines,
        "",
        *(
            f"- `{parameter.spelling}`: {parameter.text}".rstrip(": ")
            for parameter in (*said.arguments, *said.options[:-1])
        ),
    ]


if __name__ == "__main__":
    sys.stdout.write(reference())
