"""Mails as files: one mail or a whole mbox, read in bounded memory, with the plain text taken out of whatever is sent.

Mails without a charset, in HTML only, or cut off in the middle are read as far as they go; only nesting without end is
refused. This module must not know what is asked for in a mail.
"""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import IO

from backportq.model.commit import Identity
from backportq.model.encodings import find_codec
from backportq.model.mail.letter import is_message_id, one_line
from backportq.model.people.maintainers import parse_address

MAX_MAIL = 1 << 20
"""Bytes of one mail that are kept; what follows (attachments) is passed over."""

_MAX_LINE = 1 << 16
_SEPARATOR = re.compile(rb"From \S")
_MAX_PARTS = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: who wrote it when (None where the date is none), its subject and its text, and its id if it has a
    usable one."""

    sender: Identity
    subject: str
    text: str
    date: datetime | None
    message_id: str | None


class MalformedMailError(Exception):
    """A mail that cannot be read: its parts are nested too deeply."""


def iter_mails(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the raw mails of `file`: those of an mbox, or the one mail that it is."""
    kept: list[bytes] = []
    size = 0
    previous = b"\n"
    is_mbox = False
    is_first = True
    while line := file.readline(_MAX_LINE):
        if _SEPARATOR.match(line) and (is_first or (is_mbox and previous in {b"\n", b"\r\n"})):
            if kept:
                yield b"".join(kept)
            kept, size, is_mbox = [], 0, True
        elif size < MAX_MAIL:
            kept.append(line[1:] if is_mbox and re.match(rb">+From ", line) else line)
            size += len(line)
        previous = line
        is_first = False
    if kept:
        yield b"".join(kept)


def read_mail(raw: bytes) -> Mail:
    """Return what a raw mail says, whatever the bytes are; raise `MalformedMailError` where it is nested too deeply."""
    try:
        return _read(BytesParser(policy=email.policy.compat32).parsebytes(raw))
    except RecursionError as error:
        raise MalformedMailError("its parts are nested too deeply") from error


def _read(message: Message) -> Mail:
    identity = parse_address(_header(message, "From"))
    found_id = _header(message, "Message-ID").strip()
    return Mail(
        sender=identity or Identity(one_line(_header(message, "From"), 100) or "somebody", ""),
        subject=one_line(_header(message, "Subject"), 500),
        text=_text(message),
        date=_date(_header(message, "Date")),
        message_id=found_id if is_message_id(found_id) else None,
    )


def _header(message: Message, name: str) -> str:
    """Return a header decoded and unfolded; what can't be decoded is replaced."""
    from email.header import decode_header

    value = message.get(name, "")
    try:
        parts = decode_header(str(value))
    except (ValueError, LookupError, UnicodeError):
        return " ".join(str(value).split())
    decoded = "".join(part if isinstance(part, str) else _decoded(part, charset) for part, charset in parts)
    return " ".join(decoded.encode("utf-8", "replace").decode("utf-8", "replace").split())


def _text(message: Message) -> str:
    plain: list[str] = []
    html: list[str] = []
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            break
        if part.is_multipart() or _is_file(part):
            continue
        kind = part.get_content_type()
        if kind == "text/html":
            html.append(_without_markup(_content(part)))
        elif kind.startswith("text/"):
            plain.append(_content(part))
    return "\n".join(plain) if any(text.strip() for text in plain) else "\n".join(html)


def _is_file(part: Message) -> bool:
    # Not get_filename(): it decodes the name with whatever codec the mail names.
    named = part.get_param("filename", header="content-disposition"), part.get_param("name")
    return any(name is not None for name in named)


def _charset(part: Message) -> str | None:
    # Not get_content_charset(), for the same reason.
    value = part.get_param("charset")
    text = value[2] if isinstance(value, tuple) else value
    return str(text) if text else None


def _content(part: Message) -> str:
    charset = _charset(part)
    part.del_param("charset")  # the library would decode with any codec of that name
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, UnicodeError, AssertionError):
        payload = None
    if not isinstance(payload, bytes):
        return str(part.get_payload())
    return _decoded(payload, charset)


def _decoded(data: bytes, charset: str | None) -> str:
    """Return text in the charset that is said, else UTF-8, else Latin-1, which takes everything."""
    for codec in (find_codec(charset) if charset else None, "utf_8"):
        if codec is not None:
            try:
                return data.decode(codec)
            except UnicodeError:
                continue
    return data.decode("latin_1")


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


class _Plain(HTMLParser):
    """Keeps the text of a page, a line for each block."""

    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "pre", "blockquote"})
    _HIDDEN = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0
        self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - overridden
        """Begin a line at a block; text in a quotation is marked as in plain mails."""
        self.hidden += tag in self._HIDDEN
        self.quoted += tag == "blockquote"
        if tag in self._BLOCKS:
            self.parts.append("\n" + "> " * min(self.quoted, 5))

    def handle_endtag(self, tag: str) -> None:
        """End what `handle_starttag` began."""
        self.hidden = max(self.hidden - (tag in self._HIDDEN), 0)
        self.quoted = max(self.quoted - (tag == "blockquote"), 0)
        if tag in self._BLOCKS:
            self.parts.append("\n" + "> " * min(self.quoted, 5))

    def handle_data(self, data: str) -> None:
        """Keep text that is shown."""
        if not self.hidden:
            self.parts.append(data)


def _without_markup(html: str) -> str:
    parser = _Plain()
    try:
        parser.feed(html[:MAX_MAIL])
        parser.close()
    except (AssertionError, ValueError):  # html.parser gives up on some malformed declarations
        return re.sub(r"<[^<>]{0,1000}>", " ", html)
    return "".join(parser.parts)
