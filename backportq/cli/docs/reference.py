"""The manual of the command line in markdown, written from the verbs themselves; `make docs` writes it to
`docs/cli.md`.

It is a module of the package, not a script, so that it sees the verbs as the program does. A test compares it with the
file.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator

from backportq.cli import app
from backportq.cli.help import describe


def reference() -> str:
    """Return the manual as markdown."""
    lines = [
        "# Command line",
        "",
        "Written by `python -m backportq.cli.docs.reference` from the program's own help; do not edit.",
        "",
        f"    {app.SYNOPSIS}",
        "",
        *_list(app.OPTIONS),
        "",
        *_wrapped(app.JSON),
        "",
        *_list(app.ENVIRONMENT),
        "",
        "| exit code | meaning |",
        "|---|---|",
        *(f"| {code} | {meaning} |" for code, meaning in app.EXIT_CODES.items()),
    ]
    group = ""
    for verb in app.available():
        if verb.group != group:
            group = verb.group
            lines += ["", f"## {group[0].upper()}{group[1:]}"]
        lines += ["", f"### {verb.name}", "", *_describe(verb)]
    return "\n".join(lines) + "\n"


def _describe(verb: app.Verb) -> list[str]:
    help_ = describe(app.load(verb), f"backportq {verb.name}")
    lines = [f"    {help_.usage}"]
    for paragraph in help_.paragraphs:
        lines += ["", *_wrapped(paragraph)]
    return [
        *lines,
        "",
        *(
            f"- `{parameter.spelling}`: {parameter.text}".rstrip(": ")
            for parameter in (*help_.arguments, *help_.options[:-1])
        ),
    ]


def _list(words: dict[str, str]) -> Iterator[str]:
    for word, meaning in words.items():
        yield f"- `{word}`: {meaning}"


def _wrapped(paragraph: str) -> list[str]:
    return textwrap.wrap(paragraph, 118, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    sys.stdout.write(reference())
