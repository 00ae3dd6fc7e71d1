"""Picks for a release that was merged back, where no line says so: the number, the moment or the lines tell."""

from __future__ import annotations

import pytest

from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.ids import Oid
from tests.driver import TestRepo
from tests.services.history.forked import facts_of
from tests.services.queued import reasons, stable, start_queue

_OLD, _NEW = "stable-1.0", "stable-1.1"
_LINES = "".join(f"line {number}\n" for number in range(20))
_ADDED = "".join(f"new {number}\n" for number in range(10))


def _picked(repo: TestRepo, way: str) -> tuple[str, str]:
    """Return a fix on master and its pick on the newer branch, which was merged back."""
    bug = repo.commit("bug", {"a": _LINES})
    repo.git("branch", _OLD)
    repo.commit("open 1.1", {"version": "1\n"})
    repo.git("branch", _NEW)
    fix = repo.commit(f'a: mend it (#7)\n\nFixes: {bug[:12]} ("bug")\n', {"a": _LINES + _ADDED})
    date = repo.git("log", "-1", "--format=%aI", fix)
    repo.checkout(_NEW)
    repo.write("a", _LINES + ("other\n" if way in ("number", "date") else _ADDED.replace("new 3\n", "other\n")))
    repo.tick += 5
    title = "[1.1] a: mend it (#7) (#9)" if way == "number" else "[1.1] a: mend it"
    dated = [f"--date={date}"] if way == "date" else []
    repo.git("commit", "-qam", title, *dated)
    pick = repo.id("HEAD")
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-X", "ours", "-m", "merge 1.1 back", _NEW)
    repo.commit("later", {"later": "1\n"})
    return fix, pick


@pytest.mark.parametrize(
    ("way", "kind", "same"),
    [
        ("number", EvidenceKind.KEY, "author, title and number"),
        ("date", EvidenceKind.SUBJECT, "author, title and date"),
        ("lines", EvidenceKind.SUBJECT, "author, title and most lines"),
    ],
)
@pytest.mark.parametrize("names", [(_NEW,), (_OLD, _NEW)])
def test_pick_that_was_merged_back_without_a_word_has_landed(
    repo: TestRepo, names: tuple[str, ...], way: str, kind: EvidenceKind, same: str
) -> None:
    fix, pick = _picked(repo, way)
    facts = facts_of(repo.path, *names)
    entry = facts.branches[-1]
    assert [(each.upstream, each.commit) for each in entry.picks] == [(fix, pick)]
    where = "merged back with a release" if len(names) == 1 else "merged there as well"
    assert entry.picks[0].evidence == (Evidence(kind, f"same {same} as {fix[:12]}, {where}"),)
    assert entry.contains(Oid(fix))


def test_change_is_asked_for_once(repo: TestRepo) -> None:
    fix, _ = _picked(repo, "number")
    assert reasons(start_queue(repo, stable(_OLD), stable(_NEW)))[_OLD] == {fix: ["fixes"]}


def test_what_is_called_the_same_and_differs_is_no_copy(repo: TestRepo) -> None:
    repo.commit("start", {"a": _LINES})
    repo.git("branch", _OLD)
    repo.checkout(_NEW, "master")
    repo.commit("update the words", {"a": _LINES.replace("line 3\n", "three\n")})
    repo.checkout("master")
    repo.commit("update the words", {"a": _LINES.replace("line 15\n", "fifteen\n")})
    repo.git("merge", "-q", "--no-ff", "-m", "merge 1.1 back", _NEW)
    facts = facts_of(repo.path, _OLD, _NEW)
    assert (facts.copies, [entry.picks for entry in facts.branches]) == ({}, [(), ()])
