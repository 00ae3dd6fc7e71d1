"""What a branch took since a release, as it is told to its users."""

from __future__ import annotations

import pytest

from backportq.model.ids import BranchName
from backportq.services.reports.release_notes import release_notes, remembered_notes
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue


def test_release_notes_leave_out_the_branch_that_stands_before_each_subject(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.checkout("stable/3.2.x", "master")
    repo.commit("[3.2.x] admin: quote names", {"file": "2\n"})
    repo.commit("[CI] docs: build them", {"docs": "1\n"})
    notes = release_notes(start_queue(repo, stable("stable/3.2.x", "3.2")), "stable/3.2.x")
    assert [(change.area, change.subject) for change in notes.changes] == [
        ("admin", "admin: quote names"),
        ("docs", "[CI] docs: build them"),
    ]


def test_remembered_notes_are_the_same_and_made_once(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-2")
    repo.checkout("stable-1", "master")
    repo.commit("admin: quote names (CVE-2026-0001)", {"file": "2\n"})
    project = start_queue(repo, stable("stable-1", "1"), stable("stable-2", "2"))
    first, second = BranchName("stable-1"), BranchName("stable-2")
    notes = release_notes(project, first)

    assert remembered_notes(project, first, "tips") == notes
    assert remembered_notes(project, second, "tips") is None  # nothing came after the last release
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backportq.services.reports.release_notes.release_notes", None)
        assert remembered_notes(project, first, "tips") == notes
        assert remembered_notes(project, second, "tips") is None
