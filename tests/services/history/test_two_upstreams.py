"""Two upstreams: a fix counts from wherever it lands first, and what is picked from one to the other is one change."""

from __future__ import annotations

from backportq.model.ids import BranchName, Oid
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import history_of, queue_of, stable, start_queue

_STABLE = "stable-1.0"


def test_fixes_of_both_upstreams_are_asked_for_once_and_found_where_they_landed(repo: TestRepo) -> None:
    base = repo.commit("base", {"a": "1\n", "b": "1\n", "c": "1\n"})
    repo.git("branch", _STABLE)
    fixes = f'\n\nFixes: {base[:12]} ("base")\n'
    repo.git("branch", "next")
    on_master = repo.commit(f"a: mend{fixes}", {"a": "2\n"})
    repo.checkout("next")
    on_next = repo.commit(f"b: mend{fixes}", {"b": "2\n"})
    on_both = repo.commit(f"c: mend{fixes}", {"c": "2\n"})
    repo.checkout("master")
    repo.pick(on_both, "-x")
    project = start_queue(repo, stable(_STABLE), more_upstreams=(BranchName("next"),))
    scan(project)
    assert {item.commit for item in queue_of(project, _STABLE).open} == {on_master, on_next, on_both}

    repo.checkout(_STABLE)
    repo.pick(on_next, "-x")
    scan(project)
    entry = history_of(project).facts.find_branch(BranchName(_STABLE))
    assert entry is not None
    assert entry.landed(Oid(on_next)) is not None
    assert {item.commit for item in queue_of(project, _STABLE).open} == {on_master, on_both}

    repo.checkout("next")
    later = repo.commit(f"a: mend more{fixes}", {"d": "1\n"})
    scan(project)  # that the second upstream has moved is noticed as well
    assert later in {item.commit for item in queue_of(project, _STABLE).open}
