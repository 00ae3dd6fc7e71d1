"""A pick as the bytes of a commit object: exactly those that `git cherry-pick` would store.

Apart from the writing so that it is compared with git byte for byte. The author comes from the original unchanged,
which `git commit-tree` cannot do (it trims names). This module must not run git.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backportq.errors import GitFailedError
from backportq.model.commit import Commit
from backportq.model.encodings import find_codec
from backportq.model.ids import Oid, short

_UTF8 = "utf-8"
_ENCODING = re.compile(rb"\nencoding ([^\n]+)")
_AUTHOR = re.compile(rb"\nauthor ([^\n]*)\n")
# What git's verify_utf8 (commit.c) lets through: shortest forms, no surrogates, none of the non-characters.
_VALID = re.compile(
    rb"(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]"
    rb"|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xef(?:[\x80-\xb6\xb8-\xbe][\x80-\xbf]|\xb7(?:[\x80-\x8f\xb0-\xbf])|\xbf[\x80-\xbd])"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+"
)
_NON_CHARACTER = re.compile(rb"(?:\xf0[\x9f\xaf\xbf]|[\xf1-\xf3][\x8f\x9f\xaf\xbf]|\xf4\x8f)\xbf[\xbe\xbf]")


@dataclass(frozen=True, slots=True)
class OriginalText:
    """The author line and the message of a commit, in the encoding in which new commits are written.

    `author` is the raw `Name <mail> seconds zone`; undecodable bytes of `message` are surrogate escapes.
    """

    author: bytes
    message: str


def read_original(commit: Commit, encoding: str | None) -> OriginalText:
    """Return what a pick of `commit` takes over, re-encoded as git does (pretty.c, `repo_logmsg_reencode`).

    `encoding` is `i18n.commitEncoding`. Text that cannot be converted stays as it is, as in git.
    """
    headers, _, body = commit.raw.partition(b"\n\n")
    body = body.partition(b"\0")[0]  # for git the message is a C string
    declared = _ENCODING.search(headers)
    source = declared[1].decode("ascii", "replace") if declared else _UTF8
    author = _AUTHOR.search(headers + b"\n")
    if author is None:
        raise GitFailedError(f"commit '{short(commit.oid)}' names no author")
    target = encoding or _UTF8
    parts = [author[1], body]
    if not _is_same(source, target):
        try:
            parts = [part.decode(_codec(source)).encode(_codec(target)) for part in parts]
        except (LookupError, UnicodeError):
            parts = [author[1], body]
    return OriginalText(parts[0], parts[1].decode(find_codec(target) or _UTF8, "surrogateescape"))


def encode(message: str, encoding: str | None) -> bytes:
    """Return the bytes of a message in the encoding in which new commits are written."""
    target = (find_codec(encoding) if encoding is not None else None) or _UTF8
    try:
        return message.encode(target, "surrogateescape")
    except UnicodeError:
        return message.encode(_UTF8, "surrogateescape")


def commit_bytes(
    *, tree: Oid, parent: Oid, author: bytes, committer: bytes, message: bytes, encoding: str | None
) -> bytes:
    """Return the commit object (commit.c, `commit_tree_extended`): with an encoding header unless it is UTF-8, and in
    UTF-8 with every invalid byte taken for Latin-1."""
    headers = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n" % (tree.encode(), parent.encode(), author, committer)
    if encoding is not None and not _is_same(encoding, _UTF8):
        return headers + b"encoding %s\n\n%s" % (encoding.encode(), message)
    return as_utf8(headers + b"\n" + message)


def as_utf8(raw: bytes) -> bytes:
    """Return `raw` with each byte that is not part of valid UTF-8 converted from Latin-1 (commit.c, `verify_utf8`)."""
    if raw.isascii():
        return raw
    parts: list[bytes] = []
    at = 0
    while at < len(raw):
        valid = _VALID.match(raw, at)
        end = valid.end() if valid is not None else at
        odd = _NON_CHARACTER.search(raw, at, end)
        if odd is not None:
            end = odd.start()
        parts.append(raw[at:end])
        if end < len(raw):
            parts.append(raw[end : end + 1].decode("latin-1").encode())
        at = end + 1
    return b"".join(parts)


def _codec(encoding: str) -> str:
    codec = find_codec(encoding)
    if codec is None:
        raise LookupError(encoding)
    return codec


def _is_same(left: str, right: str) -> bool:
    """Whether two names mean one encoding (utf8.c, `same_encoding`)."""
    plain = [re.sub(r"\Autf-?", "utf", name.lower()) for name in (left, right)]
    return plain[0] == plain[1]
