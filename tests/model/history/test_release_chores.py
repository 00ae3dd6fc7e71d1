"""Subjects of what is written for one release alone."""

from __future__ import annotations

import pytest

from backportq.model.history.release_chores import is_chore_of_release


@pytest.mark.parametrize(
    "subject",
    [
        "docs: add release notes for 19.1.5",
        "docs: Add mesa 19.1.7 docs",
        "Docs: add 19.1.4 release notes",
        "docs/relnotes: Add sha256 sums for mesa 19.1.8",
        "Added stub release notes for 19.1.1.",
        "Added release date for v19.1.1",
        "NEWS: changelog of 19.1.0.1",
        "CHANGELOG: Set release date for 19.1",
        "changelog: add the release notes of v19.1.0",
    ],
)
def test_is_chore_of_release_notes_of_a_release_of_the_version_expected(subject: str) -> None:
    assert is_chore_of_release(subject, "19.1")


@pytest.mark.parametrize(
    "subject",
    [
        "docs: add release notes for 19.10.5",  # another branch
        "CHANGELOG: Set release date for 19.10",
        "docs: say what changed since 19.1",
        "docs: add release notes for 119.1.5",
        "docs: mention 19.1 in the release notes",  # no release but the whole series
        "zlib: update to 19.1.5",  # a fix all the same, of something that happens to have such a version
        "fix the crash that came with 19.1.5",
    ],
)
def test_is_chore_of_release_anything_else_is_none(subject: str) -> None:
    assert not is_chore_of_release(subject, "19.1")
