"""How likely open items are: what a branch passed over, what the project did before, and never what came later."""

from __future__ import annotations

import pytest

from backportq.model.ids import Oid
from backportq.model.likelihood.counts import Kind
from backportq.model.likelihood.past import DAY, Past
from backportq.services.decisions import verbs
from backportq.services.decisions.decide import decide, item_plan
from backportq.services.decisions.nominate import Request, tag
from backportq.services.decisions.select import Asked
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from backportq.services.suggest.candidates import BranchWatch, count_past, last_moment
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.suggest.past import past_of
from tests.driver import TestRepo
from tests.services.queued import history_of, stable, start_queue

MINUTES_A_DAY = 24 * 60


@pytest.fixture
def fixes(repo: TestRepo) -> tuple[TestRepo, list[str]]:
    """master: a base, where stable-1 parts, and ten fixes of it, one a day."""
    base = repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    made = []
    for number in range(10):
        repo.tick += MINUTES_A_DAY
        made.append(repo.commit(f'fix {number}\n\nFixes: {base[:12]} ("base")\n', {f"file{number}": "1\n"}))
    return repo, made


def take(repo: TestRepo, *commits: str, branch: str = "stable-1") -> None:
    """Pick `commits` to `branch` a day later."""
    repo.tick += MINUTES_A_DAY
    repo.checkout(branch)
    for commit in commits:
        repo.pick(commit, "-x")
    repo.checkout("master")


def past(project: Project) -> Past:
    """Return the past as it is now."""
    return past_of(history_of(project).facts)


def test_passed_over_counts_the_later_commits_that_were_taken(fixes: tuple[TestRepo, list[str]]) -> None:
    repo, made = fixes
    take(repo, made[2], made[5], made[8])
    project = start_queue(repo, stable("stable-1"))
    scan(project)
    state = project.store.snapshot().state

    outlook = read_outlook(project, state)

    judged = {item.commit: outlook.of(item, state.config.branches[0].name, project.clock()) for item in _open(project)}
    passed = [judged[oid].passed_over for oid in made if oid in judged]
    assert passed == [3, 3, 2, 2, 1, 1, 0]
    assert judged[made[9]].likely > judged[made[0]].likely
    assert judged[made[9]].reasons[0] == "nothing newer was taken here since"
    assert "passed over 3 times" in judged[made[0]].reasons[0]


def test_outlook_is_remembered_until_something_moves(fixes: tuple[TestRepo, list[str]]) -> None:
    repo, made = fixes
    project = start_queue(repo, stable("stable-1"))
    scan(project)
    first = read_outlook(project, project.store.snapshot().state)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backportq.services.suggest.past.past_of", None)
        assert read_outlook(project, project.store.snapshot().state) == first

    take(repo, made[9])

    moved = read_outlook(project, project.store.snapshot().state)
    name = project.store.snapshot().state.config.branches[0].name
    assert moved.passed_over(_open(project)[0].commit, name) == 1
    assert first.passed_over(_open(project)[0].commit, name) == 0


def test_decision_is_no_reason_to_read_the_past_again(fixes: tuple[TestRepo, list[str]]) -> None:
    project = start_queue(fixes[0], stable("stable-1"))
    scan(project)
    first = read_outlook(project, project.store.snapshot().state)
    closed = _open(project)[0].commit
    decide(project, item_plan(project, Asked((closed,)), verbs.decline(project, "not wanted")))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backportq.services.suggest.past.past_of", None)
        assert read_outlook(project, project.store.snapshot().state) == first


def test_commit_that_nobody_asked_for_before_is_given_its_place(fixes: tuple[TestRepo, list[str]]) -> None:
    repo, _ = fixes
    other = repo.commit("no fix of anything")
    project = start_queue(repo, stable("stable-1"))
    scan(project)
    read_outlook(project, project.store.snapshot().state)
    tag(project, [other], ["stable-1"], Request())

    assert Oid(other) in read_outlook(project, project.store.snapshot().state).places


def test_damaged_memory_is_made_anew(fixes: tuple[TestRepo, list[str]]) -> None:
    project = start_queue(fixes[0], stable("stable-1"))
    scan(project)
    first = read_outlook(project, project.store.snapshot().state)
    (project.repository.cache_dir / "outlook-1").write_bytes(b"damaged")

    assert read_outlook(project, project.store.snapshot().state) == first


def test_counts_of_a_moment_know_nothing_that_came_later(fixes: tuple[TestRepo, list[str]]) -> None:
    repo, made = fixes
    repo.tick += 30 * MINUTES_A_DAY
    take(repo, made[2], made[8])
    repo.tick += 150 * MINUTES_A_DAY
    repo.commit("a quiet day")
    project = start_queue(repo, stable("stable-1"))
    cut_off = past(project)
    until = last_moment(cut_off)
    expected = count_past(cut_off, until)
    assert expected.row(Kind.FIXES, 0) != (0, 0)

    repo.tick += MINUTES_A_DAY
    take(repo, made[0], made[1], made[9])
    repo.commit(f"later\n\nFixes: {made[3]}\n", {"later": "1\n"})
    whole = past(project)

    assert last_moment(whole) > until
    assert count_past(whole, until + 1) == expected


def test_what_a_merge_brings_enters_with_the_merge(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    repo.checkout("topic", "master")
    member = repo.commit("member", {"topic": "1\n"})
    repo.checkout("master")
    repo.tick += 3 * MINUTES_A_DAY
    repo.commit("meanwhile", {"other": "1\n"})
    repo.tick += 1
    repo.git("merge", "-q", "--no-ff", "-m", "merge topic", "topic")
    project = start_queue(repo, stable("stable-1"))

    found = {change.commit.subject: change for change in past(project).changes}

    assert found["member"].entered == found["merge topic"].entered
    assert found["meanwhile"].place < found["member"].place < found["merge topic"].place
    assert found["member"].commit.oid == member


def test_release_that_was_merged_back_is_not_upstreams_line(repo: TestRepo) -> None:
    repo.commit("old", {"base": "0\n"})
    repo.git("branch", "stable-0")
    base = repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    repo.tick += MINUTES_A_DAY
    fix = repo.commit(f"fix\n\nFixes: {base[:12]}\n", {"fix": "1\n"})
    take(repo, fix)
    repo.tick += MINUTES_A_DAY
    more = repo.commit("more", {"more": "1\n"})
    repo.tick += MINUTES_A_DAY
    # The release's own side is the first parent, as where a release manager merges master into the release.
    repo.git("checkout", "-q", "-B", "master", "stable-1")
    repo.git("merge", "-q", "--no-ff", "-m", "release merged back", more)
    repo.tick += MINUTES_A_DAY
    repo.checkout("stable-1")
    repo.commit("release 1.1", {"version": "1\n"})
    repo.checkout("master")
    repo.commit("after", {"after": "1\n"})
    project = start_queue(repo, stable("stable-0"), stable("stable-1"))

    found = past(project)

    line = [change.commit.subject for change in found.changes]
    assert line.index("more") < line.index("release merged back")
    entered = {str(change.commit.oid): change.entered for change in found.changes}
    assert entered[more] < entered[repo.id("master~1")]


def test_watch_names_what_the_rules_named_at_that_moment(fixes: tuple[TestRepo, list[str]]) -> None:
    repo, made = fixes
    take(repo, made[2])
    repo.tick += MINUTES_A_DAY
    repo.commit(f"follow-up\n\nFixes: {made[2][:12]}\n", {"file2": "2\n"})
    project = start_queue(repo, stable("stable-1"))
    found = past(project)
    (branch,) = found.branches
    watch = BranchWatch(found, branch)

    early = branch.takings[0].moment - DAY // 2
    watch.advance(early)
    assert [change.commit.subject for change, _ in watch.named(early)] == [f"fix {number}" for number in range(10)]
    late = last_moment(found) + 1
    watch.advance(late)
    named = {change.commit.subject: kind for change, kind in watch.named(late)}
    assert "fix 2" not in named
    assert named["follow-up"] is Kind.FOLLOW_UP
    assert named["fix 9"] is Kind.FIXES


def _open(project: Project) -> list:  # type: ignore[type-arg]
    state = project.store.snapshot().state
    return [item for queue in state.branches.values() for item in queue.open]
