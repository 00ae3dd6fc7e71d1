"""The index, whatever the history went through: it says what would be found out anew."""

from __future__ import annotations

import contextlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.model.config import Config, Rule, RuleEffect
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.model.items.queue import QueueState
from backportq.services.history.gather import gather
from backportq.services.history.stored_facts import HistoryOfQueue, facts_of
from backportq.services.project import Project
from backportq.services.scan.scan import scan, scanned_state
from tests.driver import TestRepo
from tests.services.history.stories import Story, config_of, values_of
from tests.services.queued import decide, history_of, project_of, stable, start_queue

_STEPS = 14
_HISTORIES = 4


@pytest.mark.parametrize("seed", range(_HISTORIES))
def test_index_kept_step_by_step_is_what_is_found_anew(repo: TestRepo, seed: int) -> None:
    story = Story(repo, seed)
    config = config_of("stable-1", "stable-2")
    for step in range(_STEPS):
        story.step()
        if step == _STEPS // 2:
            config = replace(config, dialects=("generic",))
        if step == _STEPS - 2:
            config = config_of("stable-2")
        repository = discover(repo.path)
        oids = [Oid(oid) for oid in repo.git("rev-list", "--all").split()]
        fresh = values_of(gather(repository, config), oids)
        for _ in range(2):
            assert values_of(facts_of(repository, QueueState(config)), oids) == fresh


@pytest.mark.parametrize("seed", range(_HISTORIES))
def test_index_that_branches_move_on_from_is_what_is_found_anew(repo: TestRepo, seed: int) -> None:
    story = Story(repo, seed)
    first, second = (stable(name) for name in ("stable-1", "stable-2"))
    if seed % 2:  # picks land on a staging branch first, which is never far ahead
        repo.git("branch", "released", "stable-1")
        first = replace(first, name=BranchName("released"), staging=first.name)
    start_queue(repo, first, second)
    moved = 0
    quiet = [story.fix, story.quote, story.plain, story.same_subject, story.revert, story.port]
    quiet += [story.topic, story.numbered, story.pick_by_request]
    for step in range(_STEPS):
        if step % 6 == 5:
            story.step()
        else:
            story.choice.choice([*quiet, story.pick, story.pick, story.pick, story.day])()
        if step % 5 == 4:
            repo.git("branch", "-f", "released", "stable-1")
        project = project_of(repo.path)
        _decide(project, story.choice)
        oids = [Oid(oid) for oid in repo.git("rev-list", "--all").split()]
        with _put_away(project.repository.cache_dir):
            fresh, queues = _all_of(project, oids), _items_of(scanned_state(project))
            report = scan(project, dry_run=True)
        history = HistoryOfQueue(project.repository, project.store.snapshot().state)
        moved += history.has_moved_on
        assert _all_of(project, oids) == fresh, (seed, step)
        assert scan(project) == report, (seed, step)
        assert _items_of(project.store.snapshot().state) == queues, (seed, step)
    assert moved


def test_index_keeps_no_commit_that_staging_threw_away_after_its_release(repo: TestRepo) -> None:
    story = Story(repo, 0)
    repo.git("branch", "released", "stable-1")
    first = replace(stable("stable-1"), name=BranchName("released"), staging=BranchName("stable-1"))
    config = Config(BranchName("master"), (first,), dialects=("linux",))
    repository = discover(repo.path)
    for moves in (["pick", "release", "rewind"], ["pick"], ["pick", "release"]):
        for move in moves:
            if move == "release":
                repo.git("branch", "-f", "released", "stable-1")
            elif move == "rewind":
                repo.checkout("stable-1")
                repo.git("reset", "-q", "--hard", "HEAD~1")
            else:
                story.fix()
                original = repo.id("HEAD")
                repo.checkout("stable-1")
                repo.commit(f"pick\n\n(cherry picked from commit {original})\n", {original: "1\n"})
        assert values_of(facts_of(repository, QueueState(config)), []) == values_of(gather(repository, config), [])


@contextlib.contextmanager
def _put_away(folder: Path) -> Iterator[None]:
    """Have no index for a while."""
    kept = folder.with_name("kept")
    if folder.exists():
        folder.rename(kept)
    yield
    shutil.rmtree(folder)
    if kept.exists():
        kept.rename(folder)


def _decide(project: Project, choice: random.Random) -> None:
    """Now and then have somebody decide something about an item, or change the rules."""
    state = project.store.snapshot().state
    items = [(name, item.commit) for name, queue in state.branches.items() for item in queue.open]
    if items and choice.random() < 0.4:
        name, commit = choice.choice(items)
        change = choice.choice([{"note": "seen"}, {"state": State.DECLINED, "reason": "no"}])
        decide(project, commit, name, **change)
    if choice.random() < 0.1:
        rules = [Rule("all", "plain"), Rule("none", "fix", effect=RuleEffect.NEVER, reason="no")]
        config = replace(state.config, rules=() if state.config.rules else (choice.choice(rules),))
        project.store.change(
            lambda state: replace(state, config=config),
            command="test",
            summary="change the rules",
            actor=project.actor(),
            at=project.clock(),
        )


def _items_of(state: QueueState) -> object:
    return {name: (queue.open, queue.closed) for name, queue in state.branches.items() if queue.open or queue.closed}


def _all_of(project: Project, oids: list[Oid]) -> object:
    """Return everything that the facts say, and everything that is nominated."""
    history = history_of(project)
    found = history.nominated
    branches = {name: list(by_commit.items()) for name, by_commit in found.branches.items()}
    followers = {oid: set(those) for oid, those in found.followers.items()}
    more = (dict(found.needs), dict(found.targets), dict(found.rules), followers, found.takes_reverts)
    return values_of(history.facts, oids), branches, list(found.warnings), more
