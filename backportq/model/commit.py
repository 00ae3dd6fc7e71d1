"""A commit as git stores it, parsed only as far as it is asked.

A scan reads tens of thousands of commits and looks closely at a few hundred, so the raw object is kept and each
property is computed when wanted. This module must not look anything up: what a message refers to is for the services.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from backportq.model.encodings import decode_text
from backportq.model.ids import Oid
from backportq.model.titles import subject_of, title_of

_PERSON = re.compile(rb"(?P<name>[^\n]*?) ?<(?P<mail>[^\n>]*)> (?P<seconds>-?\d+) (?P<zone>[+-]\d{4,})")
_ENCODING = re.compile(rb"\nencoding ([^\n]+)")
_GIT_SPACE = b" \t\r\n"
_MAX_SECONDS = 253_402_300_799  # 9999-12-31T23:59:59Z, the last instant that datetime can express
_DIGITS = 9
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - one spelling with the fixed offsets below


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as git writes one: `name` and `mail`, either possibly empty."""

    name: str
    mail: str

    def __str__(self) -> str:
        return f"{self.name} <{self.mail}>"


def parse_identity(text: str) -> Identity:
    """Return the identity written as `Name <mail>`; text without a mail becomes the name."""
    name, bracket, rest = text.partition("<")
    if not bracket:
        return Identity(text.strip(), "")
    return Identity(name.strip(), rest.partition(">")[0].strip())


_FORGES = frozenset({"noreply@github.com"})
"""What stands in place of a person's mail where a button of the forge merged or edited."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its id, and its raw object (headers, an empty line, the message)."""

    oid: Oid
    raw: bytes

    def with_note_of(self, notes: Mapping[Oid, bytes]) -> Commit:
        """Return the commit as if its note, where it has one, ended its message, as `git log --format=%B%n%N` shows."""
        note = notes.get(self.oid)
        return self if note is None else Commit(self.oid, self.raw.rstrip(b"\n") + b"\n\n" + note)

    @property
    def tree(self) -> str:
        """Id of the tree."""
        return self.raw[5 : self.raw.find(b"\n")].decode("ascii", "replace")

    @property
    def parents(self) -> tuple[Oid, ...]:
        """Parent ids in order; none for a root commit."""
        # git writes the parents directly after the tree; lines of signatures and merged tags further down are indented.
        found = []
        position = self.raw.find(b"\n") + 1
        while self.raw.startswith(b"parent ", position):
            end = self.raw.find(b"\n", position)
            if end == -1:
                break  # cut off: no object that git wrote
            found.append(Oid(self.raw[position + 7 : end].decode("ascii", "replace")))
            position = end + 1
        return tuple(found)

    @property
    def first_parent(self) -> Oid | None:
        """Id of the first parent; None for a root commit."""
        start = self.raw.find(b"\n") + 1
        if not self.raw.startswith(b"parent ", start):
            return None
        return Oid(self.raw[start + 7 : self.raw.find(b"\n", start)].decode("ascii", "replace"))

    @property
    def is_root(self) -> bool:
        """Whether it has no parent."""
        return not self.raw.startswith(b"parent ", self.raw.find(b"\n") + 1)

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        # The line of a parent is longer than that of the tree by what "parent" is longer than "tree".
        return self.raw.startswith(b"parent ", 2 * self.raw.find(b"\n") + 4) and not self.is_root

    @property
    def author(self) -> Identity:
        """Who wrote the change."""
        return self._identity(b"\nauthor ")

    @property
    def committer(self) -> Identity:
        """Who put the change where it is."""
        return self._identity(b"\ncommitter ")

    @property
    def maker(self) -> Identity:
        """Who made this commit of a change: the committer, or the author where a forge committed it for somebody."""
        committer = self.committer
        return self.author if committer.mail.casefold() in _FORGES else committer

    @property
    def authored(self) -> datetime:
        """When the change was written, with the author's UTC offset."""
        return _moment(self._person(b"\nauthor "))

    @property
    def committed(self) -> datetime:
        """When the commit was made, with the committer's UTC offset."""
        return _moment(self._person(b"\ncommitter "))

    @property
    def seconds(self) -> int:
        """When the commit was made, in seconds since 1970, as git orders commits by; 0 where that can't be read."""
        start = self.raw.find(b"\ncommitter ") + 1
        words = self.raw[start : self.raw.find(b"\n", start)].rsplit(b" ", 2)
        return int(words[-2]) if len(words) > 2 and words[-2].isdigit() else 0

    @property
    def message(self) -> str:
        """The whole message; bytes that are not in the declared encoding are replaced, never an error."""
        headers, body = self._parts()
        return decode_text(body, _encoding(headers))

    @property
    def message_utf8(self) -> bytes:
        """The whole message as UTF-8, whatever its encoding is."""
        headers, body = self._parts()
        encoding = _encoding(headers)
        return body if encoding is None and body.isascii() else decode_text(body, encoding).encode("utf-8", "replace")

    @property
    def subject(self) -> str:
        """The subject as git shows it: the first paragraph, its lines joined by single spaces."""
        headers, body = self._parts()
        encoding = _encoding(headers)
        if encoding is not None:
            return subject_of(decode_text(body, encoding))
        # Decoding only the first paragraph halves the time, and a scan asks for the subject of every commit.
        first = body.lstrip(_GIT_SPACE).partition(b"\n\n")[0]
        return subject_of(decode_text(first, None)) or subject_of(decode_text(body, None))

    def _parts(self) -> tuple[bytes, bytes]:
        """Return the headers and the message, which for git is a C string: it ends at the first NUL."""
        headers, _, body = self.raw.partition(b"\n\n")
        return headers, body.partition(b"\0")[0]

    def _identity(self, key: bytes) -> Identity:
        match = self._person(key)
        if match is None:
            return Identity("", "")
        # Hardly any commit declares an encoding, and a project has few people: reports ask for thousands.
        encoding = _encoding(self.raw.partition(b"\n\n")[0]) if b"\nencoding " in self.raw else None
        return _decoded_identity(match["name"], match["mail"], encoding)

    @property
    def title(self) -> str:
        """What the change is called: the subject, or where that only says what was merged, the title of that. A request
        that was squashed or rebased may have a merge's subject, and one parent."""
        return title_of(self.message) if self.is_merge or self.subject.startswith("Merge ") else self.subject

    def _person(self, key: bytes) -> re.Match[bytes] | None:
        headers_end = self.raw.find(b"\n\n")
        start = self.raw.find(key, 0, headers_end if headers_end != -1 else len(self.raw))
        if start == -1:
            return None
        return _PERSON.match(self.raw, start + len(key))


@functools.lru_cache(maxsize=4096)
def _decoded_identity(name: bytes, mail: bytes, encoding: str | None) -> Identity:
    return Identity(decode_text(name, encoding).strip(), decode_text(mail, encoding).strip())


def _encoding(headers: bytes) -> str | None:
    match = _ENCODING.search(headers)
    return match[1].decode("ascii", "replace") if match is not None else None


def _moment(match: re.Match[bytes] | None) -> datetime:
    if match is None:
        return _EPOCH
    # Hostile or broken commits carry offsets and seconds beyond what exists; git shows something for them, so do we.
    # Numbers of thousands of digits are cut, since Python refuses to read them.
    sign = -1 if match["zone"].startswith(b"-") else 1
    hours, minutes = int(match["zone"][1:-2][:_DIGITS]), int(match["zone"][-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    zone = timezone(sign * offset) if offset < timedelta(hours=24) else timezone.utc  # noqa: UP017
    seconds = min(max(int(match["seconds"][: _DIGITS * 2]), 0), _MAX_SECONDS - 86_400)
    return (_EPOCH + timedelta(seconds=seconds)).astimezone(zone)
