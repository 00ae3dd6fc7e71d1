"""Templates turned into bytes: autoescape for everything, text of strangers made visible, short words for templates.

What a browser or a reader of feeds would obey beside markup (control characters, marks that turn the direction of text)
is shown as its code. This module must not know what a page is about.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from backportq import __version__
from backportq.model.ids import short
from backportq.model.items.nomination_words import first_reason, nomination_words
from backportq.model.words import typed
from backportq.services.reports.overview import Answer
from backportq.web.addresses import branch_path, change_path, link, list_path, person_path

_HERE = Path(__file__).parent
# Controls but tab and line end, marks and overrides of direction, separators, lone surrogates, tags, what XML forbids.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)

CODES = {
    Answer.APPLIES: "a",
    Answer.AFTER: "b",
    Answer.OTHER_PICK: "c",
    Answer.CONFLICTS: "x",
    Answer.EMPTY: "e",
    Answer.UNTRIED: "u",
    Answer.DEFERRED: "d",
    Answer.WAITING: "w",
    Answer.LANDED: "l",
    Answer.STAGED: "s",
    Answer.DECLINED: "n",
    Answer.NOT_AFFECTED: "o",
    Answer.CANDIDATE: "k",
    Answer.NOT_ASKED: "q",
}
"""The class of each answer in the style sheet; one letter, as there is one in each cell of a large table."""

MEANINGS = {
    Answer.APPLIES: "no textual conflict, which is not the same as correct",
    Answer.AFTER: "applies once so many earlier items are picked",
    Answer.OTHER_PICK: "conflicts, but its pick on another branch applies",
    Answer.CONFLICTS: "git finds a conflict that a person must resolve",
    Answer.EMPTY: "would change nothing there",
    Answer.UNTRIED: "git could not try it",
    Answer.DEFERRED: "put off by a person",
    Answer.WAITING: "asked to wait by its own tag",
    Answer.LANDED: "the branch has it",
    Answer.STAGED: "only the staging branch has it",
    Answer.DECLINED: "refused, with a reason",
    Answer.NOT_AFFECTED: "the branch does not have what it fixes",
    Answer.CANDIDATE: "the next scan puts it into the queue",
    Answer.NOT_ASKED: "nothing asks for it there",
}


def visible(value: object) -> object:
    """Return text with what would be obeyed shown as its code; anything else as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return value if value.isascii() and value.isprintable() else _UNSAFE.sub(_code, value)
    return value


def _code(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code & 0xFF:02x}" if code < 0x100 or 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


class _CompiledTemplates(FileSystemBytecodeCache):
    """Templates compiled once, kept where Python keeps the modules of this folder, and under the same conditions."""

    def __init__(self) -> None:
        super().__init__(str(Path(importlib.util.cache_from_source(__file__)).parent), f"template-{__version__}-%s.bin")

    def load_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                super().dump_bytecode(bucket)


@functools.cache
def environment() -> Environment:
    """Return the templates, ready to render."""
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        bytecode_cache=_CompiledTemplates(),  # saves 80 ms of a run
        autoescape=True,
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(day=_day, moment=_moment, percent=_percent, short=short, number=_number)
    found.globals.update(
        branch_path=branch_path,
        change_path=change_path,
        code_of=CODES.__getitem__,
        link=link,
        list_path=list_path,
        meanings=MEANINGS,
        person_path=person_path,
        reason=nomination_words,
        typed=typed,
        why=first_reason,
    )
    return found


def render(template: str, **values: object) -> bytes:
    """Return the template with these values, in UTF-8."""
    return environment().get_template(template).render(values).encode("utf-8", "replace")


@functools.cache
def asset(name: str) -> bytes:
    """Return a file that every report has."""
    return (_HERE / "assets" / name).read_bytes()


@functools.cache
def digest_of_program() -> str:
    """Return a digest of this version of the program and of all that lays pages out."""
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(
        path for path in _HERE.rglob("*") if path.suffix in (".py", ".html", ".xml", ".svg", ".css", ".js")
    ):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _day(moment: datetime | date) -> str:
    return (moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment).isoformat()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _number(count: float) -> str:
    return f"{count:,}"
