"""Short words for the tests of dialects: a message around tag lines, and what is read from it."""

from __future__ import annotations

from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.values import CommitTrailers

ID = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"


def tags_of(dialect: str, *lines: str) -> CommitTrailers:
    """Return what these lines say above the sign-off of a message."""
    message = "\n".join(["x86: fix the thing", "", "It was broken.", "", *lines, _SIGN_OFF, ""])
    grammar = grammar_of([dialect])
    tags = read_trailers(message, grammar)
    # The promise of the prefilter, checked wherever a tag is read at all.
    assert tags == CommitTrailers() or grammar.tag_hint.search(message.encode())
    return tags


def branches_of(dialect: str, line: str, versions: list[str]) -> list[str]:
    """Return which of `versions` the one request of `line` means."""
    tags = tags_of(dialect, line)
    assert tags.malformed == ()
    (request,) = tags.requests
    assert request.text == line
    return [version for version in versions if request.versions.includes(version)]


def picks_of(dialect: str, body: str) -> list[tuple[str, str]]:
    """Return text and id of each pick line in a message with this body."""
    message = f"x86: fix the thing\n\n{body}\n"
    grammar = grammar_of([dialect])
    picks = read_picks(message, grammar)
    assert not picks or grammar.pick_hint.search(message.encode())
    return [(mark.text, mark.hex) for mark in picks]


_SIGN_OFF = "Signed-off-by: Ada Author <ada@example.org>"
