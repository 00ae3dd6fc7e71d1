"""Resolvers: what they are given, what of theirs is accepted, and that nobody takes it unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backportq.errors import ConfigError
from backportq.git.repository import discover
from backportq.model.ids import BranchName
from backportq.model.picks.record import PickRecord
from backportq.services.items.show import show
from backportq.services.picks.pick import pick
from backportq.services.picks.pick_comparison import resolver_notes
from backportq.services.picks.request import PickRequest
from backportq.services.picks.resolver import ProposedResolution, propose, try_resolver
from backportq.services.picks.resume import continue_pick, list_picks
from backportq.services.project import Project, project_in
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue

BRANCH = BranchName("stable-4.18")
LINES = "".join(f"line {number}\n" for number in range(1, 21))
GOOD = "sed -i -e '/^[<=>|]/d' -e '/^ours/d' file"


class World:
    """A conflict of line 5 of `file`, and a resolver that a test names."""

    def __init__(self, repo: TestRepo) -> None:
        self.repo = repo
        start = repo.commit("start", {"file": LINES, "other": "1\n"})
        self.rework = repo.commit("rework", {"file": LINES.replace("line 5\n", "reworked\n")})
        self.fix = repo.commit("fix", {"file": LINES.replace("line 5\n", "fixed\n")})
        repo.checkout(BRANCH, start)
        repo.commit("own", {"file": LINES.replace("line 5\n", "ours\n")})
        repo.git("checkout", "-q", "master")
        decide(start_queue(repo, stable(BRANCH), dialects=("generic",)), self.fix)

    def project(self) -> Project:
        return project_in(discover(self.repo.path))

    def proposal(self, resolver: str, check: str | None = None) -> tuple[PickRecord, ProposedResolution | None]:
        self.repo.git("config", "backportq.resolver", resolver)
        report = pick(self.project(), PickRequest((self.fix,), BRANCH, onto="topic"))
        assert report.waiting is not None
        return report.waiting, propose(self.project(), report.waiting, check, None)


@pytest.fixture
def world(repo: TestRepo) -> World:
    return World(repo)


def test_resolver_is_told_the_conflict_and_its_result_waits_for_a_yes(world: World, tmp_path: Path) -> None:
    asks = f"cat > {tmp_path}/asked; cmp {tmp_path}/asked $BACKPORTQ_CONFLICT"
    record, proposal = world.proposal(f"{asks} && {GOOD}", "true")
    assert proposal is not None
    assert proposal.refused is None
    asked = json.loads((tmp_path / "asked").read_text())
    assert (asked["commit"], asked["branch"], asked["worktree"]) == (world.fix, BRANCH, str(record.worktree))
    assert asked["conflicts"] == [{"path": "file", "kind": "content"}]
    assert [culprit["commit"] for culprit in asked["culprits"]] == [world.rework]
    assert "-reworked" in proposal.difference
    assert world.repo.git("branch", "--list", "topic") == ""
    (waiting,) = list_picks(world.project())
    assert waiting.resolution is not None
    assert not waiting.resolution.unmerged
    done = continue_pick(world.project(), None, Path("/"), adaptation="as asked").report
    message = world.repo.git("log", "-1", "--format=%B", done.tip)
    words = f"conflict in file resolved by 'cat', deviation: {proposal.deviation}"
    assert f"[Cora Committer: as asked; {words}]" in message
    assert resolver_notes(world.project(), show(world.project(), world.fix)) == {BRANCH: words}


@pytest.mark.parametrize(
    ("resolver", "why"),
    [
        ("true", "it left 'file' with conflicts"),
        ("exit 3", "it ended with status 3"),
        (f"{GOOD}; echo 2 > other", "it changed 'other', which has no conflict"),
        (f"{GOOD}; echo 2 > other; git add other", "it changed 'other', which has no conflict"),
        (f"{GOOD}; git rm -q --cached other", "it changed 'other', which has no conflict"),
        (f"{GOOD}; echo 2 > new", "it changed 'new', which has no conflict"),
        (f"{GOOD}; git commit -q -a -m mine", "it ended the pick itself"),
    ],
)
def test_resolver_that_goes_too_far_is_refused_and_the_conflict_stands_as_before(
    world: World, resolver: str, why: str
) -> None:
    record, proposal = world.proposal(resolver)
    assert proposal is not None
    assert proposal.refused == why
    (waiting,) = list_picks(world.project())
    assert waiting.resolution is not None
    assert waiting.resolution.unmerged == ("file",)
    assert (waiting.resolution.unstaged, waiting.resolution.untracked) == ((), ())
    assert "<<<<<<<" in (record.worktree / "file").read_text()


def test_resolver_whose_result_fails_the_check_is_refused(world: World) -> None:
    _, proposal = world.proposal(GOOD, "! grep -q fixed file")
    assert proposal is not None
    assert proposal.refused is not None
    assert "'! grep -q fixed file' failed on it" in proposal.refused


def test_resolver_only_keeps_nothing(world: World) -> None:
    request = PickRequest((world.fix,), BRANCH, onto="topic")
    with pytest.raises(ConfigError, match="no resolver is configured"):
        try_resolver(world.project(), request, None, None)
    world.repo.git("config", "backportq.resolver", GOOD)
    before = (world.repo.git("for-each-ref"), world.repo.git("worktree", "list"))
    (proposal,) = try_resolver(world.project(), request, "grep -q fixed file", None)
    assert proposal.refused is None
    assert (world.repo.git("for-each-ref"), world.repo.git("worktree", "list")) == before
    assert not (world.repo.path / ".git/backportq-picks").exists()
