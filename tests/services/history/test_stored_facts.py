"""The index: whatever the history went through, it says what would be found out anew; and nothing can spoil it."""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from backportq.git.cache import DATABASE
from backportq.git.repository import discover
from backportq.model.config import Config, Rule, RuleEffect
from backportq.model.history.landed import LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.model.items.queue import QueueState
from backportq.model.trailers.values import FixesTag
from backportq.services.history.facts import Facts
from backportq.services.history.gather import gather
from backportq.services.history.stored_facts import HistoryOfQueue, facts_of
from backportq.services.project import Project
from backportq.services.scan.scan import scan, scanned_state
from tests.driver import TestRepo
from tests.services.queued import decide, history_of, project_of, stable, start_queue

_STEPS = 14
_HISTORIES = 4


def config_of(*names: str) -> Config:
    """Return a configuration with these branches and two dialects."""
    return Config(BranchName("master"), tuple(stable(name) for name in names), dialects=("xen", "linux"))


def _listed(by_upstream: Mapping[Oid, Sequence[LandedPick]]) -> dict[Oid, list[LandedPick]]:
    return {oid: list(picks) for oid, picks in by_upstream.items()}


def values_of(facts: Facts, oids: list[Oid]) -> dict[str, object]:
    """Return all that the facts say, as plain values."""
    fixes = [tag for trailers in facts.tags.values() for tag in trailers.fixes]
    fixes += [FixesTag(f"Fixes: {oid[:9]}", oid[:9], None) for oid in oids[:3]]
    return {
        "upstream": facts.upstream,
        "order": list(facts.order.items()),
        "commits": {oid: commit.subject for oid, commit in facts.commits.items()},
        "reverted": dict(facts.reverted_by),
        "copies": dict(facts.copies),
        "trailers": dict(facts.tags),
        "resolved": [facts.resolve(tag) for tag in fixes],
        "is upstream": [facts.is_upstream(oid) for oid in oids],
        "branches": [
            (
                *(branch.branch.name, branch.tip, branch.onto, branch.base, branch.staging_tip, branch.landed_count),
                *(
                    tuple(branch.picks),
                    tuple(branch.own),
                    dict(branch.refused),
                    _listed(branch.by_upstream),
                ),
                *([branch.contains(oid) for oid in oids], [branch.landed(oid) for oid in oids]),
            )
            for branch in facts.branches
        ],
    }


class Story:
    """A history that goes on: upstream and two branches, one step after another."""

    def __init__(self, repo: TestRepo, seed: int) -> None:
        self.repo = repo
        self.choice = random.Random(seed)
        self.number = 0
        repo.commit("start", {"start": "1\n"})
        for name in ("stable-1", "stable-2"):
            self._on("master")
            self._commit("more")
            repo.git("branch", name)

    def step(self) -> None:
        """Do one thing that projects do."""
        steps: list[Callable[[], None]] = [self.fix, self.fix, self._pick, self._pick, self._revert, self._topic]
        steps += [self._merge_back, self._rewind, self._revert_on_branch, self.same_subject, self._merge_upstream]
        self.choice.choice(steps)()
        self.repo.checkout("master")

    def _on(self, name: str) -> None:
        self.repo.checkout(name)

    def _branch(self) -> str:
        return self.choice.choice(["stable-1", "stable-2"])

    def _some(self, name: str = "master") -> str:
        return self.choice.choice(self.repo.git("rev-list", "--no-merges", "--max-count=8", name).split())

    def _commit(self, subject: str, body: str = "") -> None:
        self.number += 1
        self.repo.commit(f"{subject}\n\n{body}", {f"file{self.number}": f"{self.number}\n"})

    def fix(self) -> None:
        """Fix one of the last commits."""
        self._on("master")
        self._commit(f"fix {self.number}", f'Fixes: {self._some()[:12]} ("whatever")\n')

    def same_subject(self) -> None:
        """Have the subject that others have."""
        self._on("master")
        self._commit("fix again")

    def quote(self) -> None:
        """Name no commit by its id, but one that may come by its subject."""
        self._on("master")
        self._commit(f"quote {self.number}", f'Fixes: 0123456789ab ("fix {self.number + 1}")\n')

    def plain(self) -> None:
        """Say nothing, or ask for a backport."""
        self._on("master")
        self._commit(f"plain {self.number}", "Cc: stable@vger.kernel.org # 1+\n" if self.number % 2 else "")

    def revert(self) -> None:
        """Take one of the last commits back, by its id or by its subject alone."""
        self._on("master")
        original = self._some()
        subject = self.repo.git("log", "-1", "--format=%s", original).strip()
        line = self.choice.choice([f"This reverts commit {original}.\n"] * 3 + [""])
        self._commit(f'Revert "{subject}"', line)

    def port(self) -> None:
        """Name as an original what is on a branch, upstream, or nowhere."""
        self._on("master")
        named = self.choice.choice([self._some(self._branch()), self._some(), "a" * 40, "b" * 40])
        self._commit(f"port {self.number}", f"(cherry picked from commit {named})\n")

    def pick(self) -> None:
        """Pick as most projects do: upstream's commit, another branch's pick, by a full id or an abbreviation."""
        original = self._some(self.choice.choice(["master", "master", "master", self._branch()]))
        self._on(self._branch())
        subject = self.repo.git("log", "-1", "--format=%s", original).strip()
        self._commit(
            subject, f"(cherry picked from commit {self.choice.choice([original, original, original[:12]])})\n"
        )

    def topic(self) -> None:
        """Merge a topic that began some commits ago, by a request or without one."""
        self.repo.git("checkout", "-q", "-B", "topic", f"master~{self.choice.choice([0, 1, 2])}")
        for _ in range(self.choice.choice([1, 1, 2])):
            self._commit(f"topic {self.number}", self.choice.choice(["", f"Fixes: {self._some()[:12]}\n"]))
        subject = self.repo.git("log", "-1", "--format=%s").strip()
        merge = self.choice.choice(["merge topic", f"Merge pull request #{self.number} from a/topic\n\n{subject}"])
        self._on("master")
        self.repo.git("merge", "-q", "--no-ff", "-m", merge, "topic")

    def numbered(self) -> None:
        """Have a number, and name another one, of a change or of an issue."""
        self._on("master")
        named = self.choice.choice([self.number - 1, self.number + 1, 10_000])
        self._commit(f"numbered (#{self.number})", f"Fixes: #{named}\n")

    def pick_by_request(self) -> None:
        """Merge picks, or what a branch made itself, from a topic that began some commits ago."""
        original, name = self._some(), self._branch()
        line = self.choice.choice([f"(cherry picked from commit {original})\n"] * 3 + [""])
        self.repo.git("checkout", "-q", "-B", "topic", f"{name}~{self.choice.choice([0, 0, 1])}")
        for _ in range(self.choice.choice([1, 2])):
            self._commit(f"topic {self.number}", line)
        self._on(name)
        self.repo.git("merge", "-q", "--no-ff", "-m", f"Merge pull request #{self.number} from a/topic", "topic")

    def day(self) -> None:
        """Have several things happen between two looks."""
        for _ in range(3):
            self.choice.choice([self.plain, self.pick, self.topic, self.pick_by_request])()

    def _pick(self) -> None:
        original = self._some()
        self._on(self._branch())
        subject = self.repo.git("log", "-1", "--format=%s", original).strip()
        line = self.choice.choice([f"(cherry picked from commit {original})\n", "", f"commit {original} upstream.\n"])
        self._commit(subject, line)

    def _revert(self) -> None:
        self._on("master")
        self._commit("Revert something", f"This reverts commit {self._some()}.\n")

    def _revert_on_branch(self) -> None:
        name = self._branch()
        self._on(name)
        self._commit("Revert something here", f"This reverts commit {self._some(name)}.\n")

    def _topic(self) -> None:
        self.repo.git("checkout", "-q", "-B", "topic", f"master~{self.choice.choice([0, 1])}")
        self._commit(f"topic {self.number}")
        self._on("master")
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge topic", "topic")

    def _merge_back(self) -> None:
        self._on("master")
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge release", self._branch())

    def _merge_upstream(self) -> None:
        self._on(self._branch())
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge upstream", "master~1")

    def _rewind(self) -> None:
        self._on(self._branch())
        self.repo.git("reset", "-q", "--hard", "HEAD~1")


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


def test_index_answers_without_reading_the_history(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    Story(repo, 0).fix()
    state = QueueState(config_of("stable-1"))
    repository = discover(repo.path)
    facts_of(repository, state)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("git was asked again")

    monkeypatch.setattr("backportq.git.read.history.Reading.__init__", refuse)
    assert len(facts_of(repository, state).order) == 2


def _damage(database: Path, how: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint")  # into the file itself
    connection.close()
    content = database.read_bytes()
    if how == "garbage":
        database.write_bytes(b"no database" * 1_000)
    elif how == "cut":
        database.write_bytes(content[: len(content) // 2])
    elif how == "holes":
        database.write_bytes(content[:4_096] + b"\xff" * (len(content) - 4_096))
    elif how == "values":
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE entries SET body = '[0,{}]' WHERE section LIKE 'facts/%'")
        connection.close()
    else:
        with sqlite3.connect(database) as connection:
            connection.execute("DROP TABLE pieces")
        connection.close()


@pytest.mark.parametrize("how", ["garbage", "cut", "holes", "values", "table"])
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_damaged_index_is_found_out_anew(repo: TestRepo, how: str, when: str) -> None:
    story = Story(repo, 1)
    for _ in range(4):
        story.step()
    repository, config = discover(repo.path), config_of("stable-1", "stable-2")
    state = QueueState(config)
    oids = [Oid(oid) for oid in repo.git("rev-list", "--all").split()]
    fresh = values_of(gather(repository, config), oids)
    facts_of(repository, state)
    facts = facts_of(repository, state) if when == "meanwhile" else None
    _damage(repository.cache_dir / DATABASE, how)
    if facts is not None:
        assert values_of(facts, oids) == fresh
    for _ in range(3):
        assert values_of(facts_of(repository, state), oids) == fresh


def test_index_in_a_folder_that_cannot_be_written_is_kept_in_memory(repo: TestRepo) -> None:
    Story(repo, 2).step()
    repository, config = discover(repo.path), config_of("stable-1")
    (repo.path / ".git" / "backportq").write_text("in the way")
    found = facts_of(repository, QueueState(config))
    assert values_of(found, []) == values_of(gather(repository, config), [])


def test_index_that_goes_away_meanwhile_is_made_again(repo: TestRepo) -> None:
    Story(repo, 3).step()
    repository, state = discover(repo.path), QueueState(config_of("stable-1"))
    facts_of(repository, state)
    found = facts_of(repository, state)
    shutil.rmtree(repository.cache_dir)
    assert len(found.order) == len(facts_of(repository, state).order) > 0


def test_reader_sees_one_state_while_another_writes(repo: TestRepo) -> None:
    story = Story(repo, 4)
    repository, state = discover(repo.path), QueueState(config_of("stable-1"))
    facts_of(repository, state)
    before = facts_of(repository, state)
    count = len(before.branches[0].own)
    story.fix()
    story._pick()
    after = facts_of(repository, state)
    assert (len(after.order), len(before.order)) == (len(before.order) + 1, len(before.order))
    assert len(before.branches[0].own) == count


def _ask(path: Path, names: tuple[str, ...]) -> None:
    repository = discover(path)
    for _ in range(4):
        facts = HistoryOfQueue(repository, QueueState(config_of(*names))).facts
        assert [branch.branch.name for branch in facts.branches] == list(names)
        assert all(facts.is_upstream(oid) for oid in facts.order)
        assert facts.branches[0].base is not None
        assert facts.is_upstream(facts.branches[0].base)


def test_processes_that_look_at_different_branches_do_not_mix(repo: TestRepo) -> None:
    story = Story(repo, 5)
    for _ in range(6):
        story.step()
    context = multiprocessing.get_context("spawn")
    asked = [("stable-1",), ("stable-2",), ("stable-1", "stable-2")]
    workers = [context.Process(target=_ask, args=(repo.path, names)) for names in asked]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
