"""The page that `man git-backportq` shows, and git for `git backportq --help`; `make docs` writes it to `docs/man/`.

It is written from the verbs, as `reference` is; a test compares it with the file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

from backportq import __version__
from backportq.cli import app
from backportq.cli.help import Description, Parameter, describe


def manual_page() -> str:
    """Return the page in the language of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield r".\" Written by python -m backportq.cli.docs.manual_page from the program's own help; do not edit."
    yield f'.TH GIT\\-BACKPORTQ 1 "" "backportq {__version__}" "backportq"'
    yield from _section("NAME")
    yield f"git\\-backportq, backportq \\- {_plain(app.PURPOSE)}"
    yield from _section("SYNOPSIS")
    yield _plain(app.SYNOPSIS)
    yield ".PP"
    yield _plain(f"git {app.SYNOPSIS}")
    yield from _section("DESCRIPTION")
    yield _plain(app.JSON)
    yield from _section("OPTIONS")
    yield from _list(app.OPTIONS)
    group = ""
    for verb in app.available():
        if verb.group != group:
            group = verb.group
            yield from _section(f"COMMANDS: {group}".upper())
        yield from _command(verb)
    yield from _section("EXIT STATUS")
    yield from _list({str(code): meaning for code, meaning in app.EXIT_CODES.items()})
    yield from _section("ENVIRONMENT")
    yield from _list(app.ENVIRONMENT)
    yield from _section("SEE ALSO")
    yield r"\fBgit\-cherry\-pick\fP(1), \fBgit\-interpret\-trailers\fP(1)"


def _command(verb: app.Verb) -> Iterator[str]:
    help_: Description = describe(app.load(verb), f"backportq {verb.name}")
    yield f".SS {_plain(help_.usage)}"
    for place, paragraph in enumerate(help_.paragraphs):
        if place:
            yield ".PP"
        yield _plain(paragraph)
    yield from _list(_texts((*help_.arguments, *help_.options[:-1])))


def _texts(parameters: Iterable[Parameter]) -> dict[str, str]:
    return {parameter.spelling: parameter.text for parameter in parameters}


def _list(words: Mapping[str, str]) -> Iterator[str]:
    for word, meaning in words.items():
        yield ".TP"
        yield f"\\fB{_plain(word)}\\fP"
        yield _plain(meaning)


def _section(title: str) -> Iterator[str]:
    yield f".SH {_plain(title)}"


def _plain(text: str) -> str:
    """Return `text` so that man takes nothing in it for a request or an escape, and hyphens can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    sys.stdout.write(manual_page())
