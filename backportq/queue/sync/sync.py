"""Exchanging the queue with a remote: fetch, merge what both sides did, push, and begin again when another push won.

Nothing is lost whoever writes when: the merge is a commit with both sides as parents, the remote takes it only if its
branch is still where it was fetched, and the local ref moves only by compare-and-swap, after the remote has it. Killed
at any instant, the queue here is the old one or the merged one. This module must not decide about items.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from backportq.errors import BackportqError, ConfigError, QueueBusyError, RepositoryError
from backportq.git.read.queue_files import StoredFiles
from backportq.git.remote import PushOutcome, RefusedPushError, fetch_branch, push_branch, shown_push_url
from backportq.git.write.branch_commits import NewCommit, find_lock, overlaid, swap_ref, write_commit
from backportq.git.write.queue_refs import ahead_and_behind, is_ancestor, merge_bases, set_ref, tip_of
from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items.changes import ChangeKind, ItemChange
from backportq.model.words import counted, typed
from backportq.queue.log_message import compose_message
from backportq.queue.store import QueueStore
from backportq.queue.sync.merge_files import MergedFiles, StoredSide, all_files, check_readable, merge_stored
from backportq.queue.sync.remotes import synced_ref, tracking_ref
from backportq.queue.sync.side_log import SideLog

_ATTEMPTS = 100
_STUCK = 12
"""Attempts that failed though neither side moved: it is not another writer then, but a lock that nobody removes."""
_LONGEST_PAUSE = 1.0  # seconds


class SyncStep(StrEnum):
    """What a sync came to: both had the same, one side had more, or both had something the other lacked."""

    NONE = "up-to-date"
    TOOK = "took"
    GAVE = "gave"
    MERGED = "merged"


class OnRewrite(StrEnum):
    """What to do where the remote's branch was deleted or lost commits that it had: refuse, `RESTORE` what was taken
    away, or `ACCEPT` it and keep only what was decided here since the last exchange."""

    REFUSE = "refuse"
    RESTORE = "restore"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class NewBranch:
    """A queue branch that a push would make: its `name`, and the remote by name and by what is shown of its URL."""

    name: str
    remote: str
    url: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How to sync: `push` False only takes; `dry_run` fetches, and writes and pushes nothing. `may_create` is asked,
    once, before a remote gets a queue branch that it did not have at any sync before."""

    push: bool = True
    dry_run: bool = False
    rewritten: OnRewrite = OnRewrite.REFUSE
    may_create: Callable[[NewBranch], bool] | None = None


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What was done. `taken` and `given` count the changes (commits) that each side got, `commit` is the queue now;
    `merged` tells what was overruled. `pushed`: the remote has it all. `created` is the branch that it got by this, if
    it had none."""

    remote: str
    step: SyncStep
    commit: Oid
    taken: int
    given: int
    pushed: bool
    merged: MergedFiles = field(default_factory=MergedFiles)
    created: str | None = None


class Sync:
    """One sync of a queue with one remote."""

    def __init__(
        self, store: QueueStore, remote: str, actor: Callable[[], Identity], at: datetime, manner: Manner
    ) -> None:
        self._store = store
        self._repository = store.repository
        self._remote = remote
        self._actor = actor
        self._at = at
        self._manner = manner
        self._tracking = tracking_ref(store, remote)
        self._synced = synced_ref(store, remote)
        self._may_create: bool | None = None

    def run(self) -> SyncResult:
        """Do it; raise `GitFailedError` where the remote cannot be reached, `ConfigError` where neither side has a
        queue, `RepositoryError` where the remote was rewritten or refuses, and what is wrong in a file."""
        seen, stuck = None, 0
        for attempt in range(_ATTEMPTS):
            theirs = fetch_branch(self._repository, self._remote, self._store.ref, self._tracking)
            ours = self._store.tip()
            self._refuse_rewritten(theirs)
            stuck = stuck + 1 if (ours, theirs) == seen else 0
            if stuck == _STUCK:
                raise self._locked()
            seen = (ours, theirs)
            done = self._exchange(ours, theirs)
            if done is not None:
                return done
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.01 * 2 ** min(attempt, 8))))  # noqa: S311 - jitter
        raise QueueBusyError(
            f"others kept pushing the queue to '{self._remote}'", hints=("repeat the command: backportq sync",)
        )

    def _exchange(self, ours: Oid | None, theirs: Oid | None) -> SyncResult | None:
        """Bring both sides to one commit; None where somebody else was first and all has to be looked at again."""
        if ours is None and theirs is None:
            raise ConfigError(
                f"there is no queue, neither here nor on '{self._remote}'",
                hints=("backportq init", "git config backportq.ref NAME, if the queue has another name"),
            )
        made = self._merged(ours, theirs)
        created = self._store.ref.removeprefix("refs/heads/") if theirs is None else None
        if self._manner.dry_run:
            return replace(made, created=created if self._manner.push else None)
        if made.commit != ours:
            self._store.refuse_checkout()
        refused: RefusedPushError | None = None
        pushed = made.commit == theirs
        if self._manner.push and not pushed and (created is None or self._is_free_to_create(created)):
            try:
                if (
                    push_branch(self._repository, self._remote, made.commit, self._store.ref, theirs)
                    is PushOutcome.BEATEN
                ):
                    return None
                pushed = True
            except RefusedPushError as error:
                refused = error
            except BackportqError:
                self._move(ours, made.commit)  # what was fetched is merged all the same
                raise
        if not self._move(ours, made.commit):
            return None
        if pushed:
            set_ref(self._repository, self._tracking, made.commit)
        if pushed or theirs is not None:
            set_ref(self._repository, self._synced, made.commit if pushed else theirs or made.commit)
        if refused is not None:
            raise self._refused(refused, made)
        return replace(made, pushed=pushed, created=created if pushed else None)

    def _is_free_to_create(self, name: str) -> bool:
        ask = self._manner.may_create
        if ask is None or tip_of(self._repository, self._synced) is not None:  # it was there once, and is put back
            return True
        if self._may_create is None:
            url = shown_push_url(self._repository, self._remote)
            self._may_create = ask(NewBranch(name, self._remote, url))
        return self._may_create

    def _move(self, ours: Oid | None, to: Oid) -> bool:
        if ours == to:
            return True
        return swap_ref(self._repository, self._store.ref, to, ours, f"backportq: sync with {self._remote}")

    def _merged(self, ours: Oid | None, theirs: Oid | None) -> SyncResult:
        """Return the commit that both sides are to have; only a merge is written for it."""
        if theirs is None or ours == theirs or ours is None:
            commit = ours or theirs
            assert commit is not None  # noqa: S101 - one of them is, as the caller has checked
            if ours is None:
                self._check(all_files(self._repository, commit), None)
            taken, given = ahead_and_behind(self._repository, theirs, ours)
            step = SyncStep.NONE if ours == theirs else SyncStep.TOOK if ours is None else SyncStep.GAVE
            return SyncResult(self._remote, step, commit, taken, given, pushed=False)
        taken, given = ahead_and_behind(self._repository, theirs, ours)
        since = self._accepted(theirs)
        if since is None and not taken:
            return SyncResult(self._remote, SyncStep.GAVE, ours, taken, given, pushed=False)
        mine, others = all_files(self._repository, ours), all_files(self._repository, theirs)
        self._check(others, mine)
        if since == ours or not given:
            return SyncResult(self._remote, SyncStep.TOOK, theirs, taken, 0, pushed=False)
        merged = self._merge(mine, others, (since,) if since is not None else None)
        commit = self._write(mine, others, merged, taken, given, is_accepting=since is not None)
        return SyncResult(self._remote, SyncStep.MERGED, commit, taken, given, pushed=False, merged=merged)

    def _accepted(self, theirs: Oid) -> Oid | None:
        """Return since when decisions made here are kept on top of a rewritten remote; None where it was not."""
        if self._manner.rewritten is not OnRewrite.ACCEPT:
            return None
        known = tip_of(self._repository, self._synced)
        return known if known is not None and not is_ancestor(self._repository, known, theirs) else None

    def _merge(self, mine: StoredFiles, others: StoredFiles, since: tuple[Oid, ...] | None) -> MergedFiles:
        bases = merge_bases(self._repository, mine.commit, others.commit) if since is None else since
        base = all_files(self._repository, bases[0]) if bases else None
        for other in bases[1:]:
            # Criss-cross history has several bases; as git does, they are merged into one that is not kept.
            if base is not None:
                more = self._merge(base, all_files(self._repository, other), None)
                base = overlaid(base, more.changes)
        return merge_stored(
            self._repository,
            base,
            StoredSide(mine, SideLog(self._store, mine.commit, bases)),
            StoredSide(others, SideLog(self._store, others.commit, bases)),
        )

    def _write(
        self, mine: StoredFiles, others: StoredFiles, merged: MergedFiles, taken: int, given: int, *, is_accepting: bool
    ) -> Oid:
        losers = len(merged.items) + len(merged.keys) + len(merged.files)
        summary = f"merge {counted(taken, 'change')} of '{self._remote}' with {counted(given, 'change')} made here"
        if losers:
            summary += f", {losers} overruled"
        items = dict.fromkeys(
            [ItemChange(item.branch, item.commit, ChangeKind.CHANGED, ("history",)) for item in merged.items]
            + [ItemChange(item.branch, item.commit, ChangeKind.ADDED) for item in merged.revived]
        )
        message = compose_message(summary, "sync", tuple(items))
        parents = (others.commit,) if is_accepting else (mine.commit, others.commit)
        if self._manner.dry_run:
            return mine.commit
        new = NewCommit(message, self._actor(), self._at, parents)
        commit = write_commit(self._repository, mine, merged.changes, new)
        assert commit is not None  # noqa: S101 - only a commit without parents of its own can be left out
        return commit

    def _check(self, files: StoredFiles, known: StoredFiles | None) -> None:
        try:
            check_readable(self._repository, files, known)
        except BackportqError as error:
            hints = [hint for hint in error.hints if not hint.startswith("backportq edit")]
            hints.append(f"git log -p {typed(self._tracking)}, to see who changed it; nothing was changed here")
            raise type(error)(f"the queue of '{self._remote}': {error.message}", hints=tuple(hints)) from error

    def _refuse_rewritten(self, theirs: Oid | None) -> None:
        known = tip_of(self._repository, self._synced)
        if known is None or self._manner.rewritten is OnRewrite.RESTORE:
            return
        name = self._store.ref.removeprefix("refs/heads/")
        restore = "backportq sync --restore puts back what was taken away"
        if theirs is None:
            raise RepositoryError(
                f"the queue branch '{name}' was deleted on '{self._remote}'",
                hints=(restore, f"git remote remove {typed(self._remote)}, if it is there no more"),
            )
        if self._manner.rewritten is OnRewrite.ACCEPT or is_ancestor(self._repository, known, theirs):
            return
        raise RepositoryError(
            f"the queue branch '{name}' was rewritten on '{self._remote}': it lacks changes that it had",
            hints=(restore, "backportq sync --accept takes it as it is now, with what was decided here since"),
        )

    def _locked(self) -> QueueBusyError:
        if find_lock(self._repository, self._store.ref) is not None:
            return self._store.busy()
        return QueueBusyError(
            f"'{self._remote}' does not take the queue, though nobody else pushes: its branch is locked",
            hints=(f"rm {typed(f'{self._store.ref}.lock')} in the remote repository, if no git is running there",),
        )

    def _refused(self, refused: RefusedPushError, made: SyncResult) -> RepositoryError:
        here = (
            "the queue here has what it had"
            if made.step in (SyncStep.TOOK, SyncStep.MERGED)
            else "nothing changed here"
        )
        return RepositoryError(
            f"'{self._remote}' refuses the queue; {here}: {refused.said}",
            hints=(
                "backportq sync --no-push only takes what is there",
                "git config backportq.repository PATH keeps the queue where you may push",
            ),
        )
