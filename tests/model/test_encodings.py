"""Encodings of strangers: git's own and no other, whatever is in them, in linear time."""

from __future__ import annotations

import codecs
import time
from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.commit import Commit
from backportq.model.encodings import _KNOWN, decode_text, find_codec
from backportq.model.ids import Oid
from tests.driver import TestRepo

_HEADERS = "tree 1\nauthor {} <x@example.org> 1 +0000\ncommitter C <c@example.org> 1 +0000\nencoding {}\n\n"
_HOSTILE = (b"a" * 9 + b"-", b"\\x41", b"\x1b$B", b"+AGE-", b"\x80\xff", b"\xf0\x9f", b"&#x41;", b"\0")


def _commit(encoding: str, message: bytes, author: bytes = b"A") -> Commit:
    headers = _HEADERS.format("@", encoding).encode().replace(b"@", author, 1)
    return Commit(Oid("1" * 40), headers + message)


@pytest.mark.parametrize(
    "name",
    ["punycode", "idna", "unicode_escape", "raw-unicode-escape", "rot13", "base64", "undefined", "mbcs", "x" * 9999],
)
def test_codec_of_python_that_is_no_encoding_is_not_used(name: str) -> None:
    assert find_codec(name) is None
    commit = _commit(name, b"Fix \\x41\n\nBackport\\x3a 4.9\n" + b"a" * 2_000_000)
    start = time.process_time()
    assert commit.subject == "Fix \\x41"
    assert commit.message.startswith("Fix \\x41\n\nBackport\\x3a 4.9\n")
    assert time.process_time() - start < 1


@pytest.mark.parametrize("codec", sorted(_KNOWN))
def test_known_encoding_is_read_in_linear_time(codec: str) -> None:
    assert codecs.lookup(codec).name
    for hostile in _HOSTILE:
        decode_text(hostile, codec)
        times = []
        for count in (20_000, 80_000):
            raw = hostile * (count // len(hostile))
            best = float("inf")
            for _ in range(2):
                start = time.process_time()
                decode_text(raw, codec)
                best = min(best, time.process_time() - start)
            times.append(best)
        assert times[1] < 8 * times[0] + 0.02, hostile


@given(st.sampled_from([*aliases, *sorted(_KNOWN)]) | st.text(max_size=50), st.binary(max_size=200))
def test_any_encoding_and_bytes_are_read(name: str, raw: bytes) -> None:
    decode_text(raw, name)


@pytest.mark.parametrize(
    ("name", "text"),
    [("ISO-8859-1", "Jörg"), ("latin1", "é"), ("KOI8-R", "Пётр"), ("windows-1252", "€"), ("eucJP", "日本")],
)
def test_author_and_message_are_read_in_the_same_encoding(name: str, text: str) -> None:
    codec = find_codec(name)
    assert codec is not None
    raw = text.encode(codec)
    commit = _commit(name, raw + b"\n\nbody " + raw + b"\n", raw)
    assert (commit.author.name, commit.subject, commit.message) == (text, text, f"{text}\n\nbody {text}\n")


@pytest.mark.parametrize("name", ["ISO-8859-1", "punycode", "unicode_escape", "KOI8-R", "no-such", "utf-16", "UTF-7"])
def test_commit_is_read_as_git_shows_it(repo: TestRepo, name: str) -> None:
    tree = repo.git("mktree", stdin="")
    head = f"tree {tree}\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\nencoding {name}\n\n"
    message = "fix \\x41 größe-\n\nbody".encode()
    oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=head.encode() + message)
    shown = repo.git("log", "-1", "--format=%s", oid)
    assert Commit(Oid(oid), head.encode() + message).subject == shown
