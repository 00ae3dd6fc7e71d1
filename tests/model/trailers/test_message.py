"""The trailer block, held against git itself: many generated messages, few git processes."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backportq.model.trailers.message import TagPlaces, Trailer, trailers_of
from tests.driver import TestRepo

_LINES = st.sampled_from(
    [
        "",
        "",
        "",
        " ",
        "\t",
        'Fixes: 0123456789ab ("x: y")',
        "Signed-off-by: Ada Author <ada@example.org>",
        "signed-off-by: Ada Author <ada@example.org>",
        "(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)",
        " (cherry picked from commit 0123456789abcdef0123456789abcdef01234567)",
        "Backport: 4.9+ # why",
        "MFC after: 2 weeks",
        "Key\t : value",
        "Key :value",
        "key-with-9:",
        ":no key",
        " folded part",
        "\tfolded  part ",
        "prose without a colon",
        "prose with: a colon",
        "x86/hvm: not a key",
        "Ключ: значение",
        "# a comment",
        "#",
        "---",
        "Conflicts:",
        "\tsome/path",
        "master commit: 0123456789ab",
        "Key: value\r",
        "\r",
        "[note: in brackets]",
        "Key: a\x0bb\x0c",
        "Key:\u00a0value\u00a0",
        "# ------------------------ >8 ------------------------",
    ]
)
_MESSAGES = st.builds(
    lambda subject, lines, end: "\n".join([subject, *lines]) + end,
    st.sampled_from(["subject", "x86: subject", "Fixes: 0123456789ab", "subject\nsecond line"]),
    st.one_of(st.lists(_LINES, max_size=14), st.lists(_LINES, max_size=8).map(lambda lines: ["", "body", "", *lines])),
    st.sampled_from(["", "\n", "\n\n"]),
)


def _generated(count: int) -> list[str]:
    """Return `count` messages, the same in every run."""
    found: list[str] = []

    @settings(max_examples=count, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(_MESSAGES)
    def collect(message: str) -> None:
        found.append(message)

    collect()
    return list(dict.fromkeys(found))


def _logged(repo: TestRepo, messages: list[str]) -> list[str]:
    """Return what `git log` says are the trailers of each message."""
    stream = []
    for message in messages:
        body = message.encode()
        stream.append(b"commit refs/heads/all\ncommitter C <c@example.org> 1700000000 +0000\n")
        stream.append(b"data %d\n%s\n" % (len(body), body))
    repo.git("fast-import", "--quiet", stdin=b"".join(stream))
    out = repo.git("log", "--reverse", "-z", "--format=%(trailers:only=true,unfold=true)", "all")
    return out.removesuffix("\0").split("\0")


def test_trailers_of_generated_messages_equal_git_log(repo: TestRepo) -> None:
    messages = _generated(1500)
    said = _logged(repo, messages)
    assert len(messages) > 1000
    ours = ["".join(f"{t.key}: {t.value}\n" for t in trailers_of(message)) for message in messages]
    different = [
        (message, theirs, mine) for message, theirs, mine in zip(messages, said, ours, strict=True) if theirs != mine
    ]
    assert different == []
    assert sum(1 for text in said if text) > 200


def test_trailers_of_messages_equal_git_interpret_trailers(repo: TestRepo) -> None:
    for message in _generated(400)[:30]:
        said = repo.git("interpret-trailers", "--parse", "--no-divider", stdin=message.encode())
        assert "\n".join(f"{t.key}: {t.value}" for t in trailers_of(message)) == said, message


def test_trailers_of_folded_value_joins_lines() -> None:
    assert trailers_of("s\n\nCc: one,\n\t two\nA:b\n") == (Trailer("Cc", "one, two"), Trailer("A", "b"))


def test_tag_places_prose_on_both_sides_is_not_a_place() -> None:
    lines = ["s", "", "The rules ask for", "Backport: 4.9+", "in the message.", "", "End.", ""]
    assert not TagPlaces(lines).holds(3)


def test_tag_places_run_at_an_edge_of_its_paragraph_is_a_place() -> None:
    lines = [
        "s",
        "",
        "prose",
        "Fixes: 0123456",
        "",
        "Fixes: 0123457",
        "prose",
        "",
        "A: b",
        "Fixes: 0123458",
        "",
        "end",
        "",
    ]
    places = TagPlaces(lines)
    assert [places.holds(index) for index in (3, 5, 9)] == [True, True, True]


def test_tag_places_trailer_block_with_prose_is_a_place() -> None:
    lines = ["s", "", "prose one", "Fixes: 0123456", "prose two", "Signed-off-by: A <a@example.org>", ""]
    assert TagPlaces(lines).holds(3)
    assert TagPlaces(lines).in_block(3)
