"""Mesa's nominations, fact by fact."""

from __future__ import annotations

import pytest

from backportq.model.trailers.values import Malformed
from tests.model.trailers.reading import ID, branches_of, picks_of, tags_of

_BRANCHES = ["19.3", "20.0", "20.1", "24.1", "24.2", "25.1", "25.2", "25.3", "25.10"]


@pytest.mark.parametrize(
    ("line", "branches"),
    [
        ("Cc: mesa-stable", _BRANCHES),
        ("Cc: <mesa-stable@lists.freedesktop.org>", _BRANCHES),
        ("Cc: Ada Author <mesa-stable@lists.freedesktop.org>", _BRANCHES),
        ("Cc: 24.1 mesa-stable", ["24.1"]),
        ("cc: 24.1 24.2 <mesa-stable@lists.freedesktop.org>", ["24.1", "24.2"]),
        ('Cc: "20.0" "20.1" mesa-stable@lists.freedesktop.org', ["20.0", "20.1"]),
        ('CC: "20.0 20.1" <mesa-stable@lists.freedesktop.org>', ["20.0", "20.1"]),
        ("Cc: '20.0' mesa-stable", ["20.0"]),
        ("Cc: 20.0, 19.3 <mesa-stable>", ["19.3", "20.0"]),
        ("Cc: 19.3 20.0 24.1 mesa-stable", ["19.3", "20.0", "24.1"]),
        ("Cc: 24.1 <mesa-stable@lists.freedestkop.org>", ["24.1"]),
        ('Cc: "24.1.0" <mesa-stable@lists.freedesktop.org>', ["24.1"]),
        ('Cc: "24.1 24.2" <mesa-dev@lists.freedesktop.org>', ["24.1", "24.2"]),
        ("Cc: mesa-stable # 24.2+", ["24.2", "25.1", "25.2", "25.3", "25.10"]),
        ("Backport-to: 24.2", ["24.2"]),
        ("Backport-to: 25.10", ["25.10"]),
        ("Backport-to: 25.1", ["25.1"]),
        ("Backport-to: 25.1, 25.2", ["25.1", "25.2"]),
        ("Backport-to: 25.1 25.2 25.3", ["25.1", "25.2", "25.3"]),
        ("backport-to: *", _BRANCHES),
    ],
)
def test_nomination_gives_versions(line: str, branches: list[str]) -> None:
    assert branches_of("mesa", line, _BRANCHES) == branches


@pytest.mark.parametrize("line", ["Cc: mesa-dev@lists.freedesktop.org", "Cc: not-mesa-stable@example.org", "Cc: 24.1"])
def test_cc_other_list_nominates_nothing(line: str) -> None:
    tags = tags_of("mesa", line)
    assert (tags.requests, tags.malformed) == ((), ())


def test_backport_to_word_is_malformed() -> None:
    assert tags_of("mesa", "Backport-to: soon").malformed == (
        Malformed("Backport-to: soon", "wanted versions such as '4.9+' or '4.14, 4.15', found 'soon'"),
    )


def test_picks_are_git_cherry_pick_lines() -> None:
    line = f"(cherry picked from commit {ID})"
    assert picks_of("mesa", f"Text.\n\n{line}") == [(line, ID)]
