"""Clones of one queue that meet in a bare remote: the start of every test of exchanging it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backportq.git.remote import choose_remote
from backportq.git.repository import discover
from backportq.model.commit import Identity
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.ordering import with_item, without_item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.queue.store import QueueStore
from backportq.queue.sync.sync import Manner, OnRewrite, Sync, SyncResult, SyncStep
from tests.driver import TestRepo

ADA = Identity("Ada Author", "ada@example.org")
BO = Identity("Bo Builder", "bo@example.org")
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
B1, B2 = BranchName("stable-1"), BranchName("release/2")
CONFIG = Config(BranchName("master"), (StableBranch(B1, "1"), StableBranch(B2, "2")))


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def item(number: int, **fields: object) -> Item:
    made = Item(Oid(f"{number:040x}"), f"fix {number}", ADA, datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=number))
    return replace(made, **fields)  # type: ignore[arg-type]


def setting(number: int, branch: BranchName = B1, **fields: object) -> Callable[[QueueState], QueueState]:
    """Return the decision that gives these fields to item `number`, adding it where it is not."""

    def decide(state: QueueState) -> QueueState:
        queue = state.queue_of(branch)
        was = queue.find(item(number).commit) or item(number)
        changed = with_item(queue, replace(was, **fields), {})  # type: ignore[arg-type]
        return replace(state, branches={**state.branches, branch: changed})

    return decide


def dropping(number: int, branch: BranchName = B1) -> Callable[[QueueState], QueueState]:
    def decide(state: QueueState) -> QueueState:
        changed = without_item(state.queue_of(branch), item(number).commit)
        return replace(state, branches={**state.branches, branch: changed})

    return decide


@dataclass
class Clone:
    """One person's clone."""

    repo: TestRepo
    who: Identity = ADA

    @property
    def store(self) -> QueueStore:
        return QueueStore(discover(self.repo.path))

    def create(self, *items: Item, config: Config = CONFIG) -> None:
        branches = {B1: BranchQueue(B1, tuple(items))} if items else {}
        self.store.create(QueueState(config, branches=branches), actor=self.who, at=START)

    def decide(self, decide: Callable[[QueueState], QueueState], minute: int = 1) -> None:
        change = self.store.change(decide, command="test", summary="test", actor=self.who, at=at(minute))
        assert change.commit is not None

    def write(self, path: str, text: str | None, minute: int = 1) -> None:
        content = None if text is None else text.encode()
        self.store.replace_files(
            lambda _: {path: content}, command="edit", summary="by hand", actor=self.who, at=at(minute)
        )

    def sync(self, *, push: bool = True, dry_run: bool = False, rewritten: OnRewrite = OnRewrite.REFUSE) -> SyncResult:
        store = self.store
        remote = choose_remote(store.repository)
        return Sync(store, remote, lambda: self.who, at(60), Manner(push, dry_run, rewritten)).run()

    def items(self, branch: BranchName = B1) -> list[Item]:
        queue = self.store.snapshot().state.queue_of(branch)
        return [*queue.open, *queue.closed]

    def find(self, number: int, branch: BranchName = B1) -> Item:
        found = self.store.snapshot().state.queue_of(branch).find(item(number).commit)
        assert found is not None
        return found

    def text(self, path: str) -> str:
        return self.repo.git("show", f"backportq:{path}") + "\n"


def shared(folder: Path, *items: Item, config: Config = CONFIG) -> tuple[TestRepo, Clone, Clone]:
    """Return a bare remote with a queue, and two clones that have it."""
    remote = TestRepo.create(folder / "remote.git", bare=True)
    ada, bo = (cloned(remote, name, who) for name, who in (("ada", ADA), ("bo", BO)))
    ada.create(*items, config=config)
    ada.sync()
    bo.sync()
    return remote, ada, bo


def cloned(remote: TestRepo, name: str, who: Identity = ADA) -> Clone:
    path = remote.path.parent / name
    remote.git("clone", "-q", str(remote.path), str(path))
    return Clone(TestRepo(path), who)


def counts(done: SyncResult) -> tuple[SyncStep, int, int, bool]:
    """Return what a sync did: the step, how many changes it took and gave, and whether it pushed."""
    return done.step, done.taken, done.given, done.pushed
