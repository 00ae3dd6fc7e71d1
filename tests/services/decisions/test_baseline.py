"""A baseline closes what a branch passed over, and nothing that a person asked for or decided about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from backportq.errors import UsageError
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.services.decisions import baseline, verbs
from backportq.services.decisions.baseline import Baseline, baseline_moment, baseline_plan
from backportq.services.decisions.decide import decide
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decided, project_of, stable, start_queue

BRANCH = BranchName("stable-1.0")


@pytest.fixture
def passed(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> tuple[Project, dict[str, str]]:
    """A branch that passed over four fixes, two of which somebody spoke for, and took three later commits."""
    monkeypatch.setattr(baseline, "PASSED_OVER", 3)
    repo.commit("start", {"start": "1\n"})
    begin = repo.id("HEAD")
    repo.git("branch", BRANCH)
    fixes = f'Fixes: {begin[:12]} ("start")\n'
    made = {name: repo.commit(f"{name}\n\n{fixes}", {name: "1\n"}) for name in ("old", "noted", "tagged")}
    made["asked"] = repo.commit(f"asked\n\n{fixes}Backport: 1.0\n", {"asked": "1\n"})
    later = [repo.commit(f"later {at}", {f"later{at}": "1\n"}) for at in range(3)]
    made["new"] = repo.commit(f"new\n\n{fixes}", {"new": "1\n"})
    repo.checkout(BRANCH)
    for each in later:
        repo.pick(each, "-x")
    repo.checkout("master")
    project = start_queue(repo, stable(BRANCH))
    scan(project)
    decided(project, verbs.note(project, "wanted by somebody"), [made["noted"]])
    return project, made


def close(project: Project, *branches: str) -> None:
    decide(project, baseline_plan(project, Baseline(baseline_moment(project, None), branches)))


def states(project: Project, made: dict[str, str]) -> dict[str, str]:
    queue = project.store.snapshot().state.queue_of(BRANCH)
    return {name: str(item.state) for name, oid in made.items() if (item := queue.find(Oid(oid))) is not None}


def test_baseline_closes_what_nobody_spoke_for(passed: tuple[Project, dict[str, str]]) -> None:
    project, made = passed
    close(project, BRANCH)
    assert states(project, made) == {
        "old": "passed-over",
        "noted": "pending",
        "tagged": "passed-over",
        "asked": "pending",
        "new": "pending",
    }
    item = project.store.snapshot().state.queue_of(BRANCH).find(Oid(made["old"]))
    assert item is not None
    assert (item.reason or "").startswith("passed over 3 times, first by Cora Committer on ")


def test_baseline_lasts_over_scans_until_it_is_asked_for_or_reopened(passed: tuple[Project, dict[str, str]]) -> None:
    project, made = passed
    close(project, BRANCH)
    scan(project)
    assert states(project, made)["old"] == "passed-over"
    decided(project, verbs.reopen(project), [], query="state:passed-over subject:old")
    scan(project)
    found = states(project, made)
    assert (found["old"], found["tagged"]) == ("pending", "passed-over")


def test_baseline_that_landed_after_all_is_landed(repo: TestRepo, passed: tuple[Project, dict[str, str]]) -> None:
    project, made = passed
    close(project, BRANCH)
    repo.checkout(BRANCH)
    repo.pick(made["old"], "-x")
    scan(project_of(Path(repo.path)))
    assert states(project, made)["old"] == State.LANDED


def test_baseline_without_branches_leaves_young_ones_alone(passed: tuple[Project, dict[str, str]]) -> None:
    project, made = passed
    parted = project.store.snapshot().state.queue_of(BRANCH).open[0].committed
    close(project)
    is_old = (project.clock() - parted) >= baseline.OLD
    assert (states(project, made)["old"] == "passed-over") is is_old


def test_baseline_moment_is_a_day_or_a_tag(repo: TestRepo, passed: tuple[Project, dict[str, str]]) -> None:
    project, _ = passed
    repo.git("tag", "v1", "HEAD")
    assert baseline_moment(project, "2020-01-31") == datetime(2020, 1, 31, tzinfo=UTC)
    assert baseline_moment(project, "v1") <= project.clock()
    with pytest.raises(UsageError, match="in the future"):
        baseline_moment(project, "2999-01-01")
    with pytest.raises(UsageError, match="no day and no tag"):
        baseline_moment(project, "never")
