"""What a branch took since a release, as it is told to its users."""

from __future__ import annotations

from backportq.services.reports.release_notes import release_notes
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
