"""Taking a change of the queue back by a new change.

What nobody touched since is restored byte for byte; items that share a file with later changes are restored field by
field, and where a later change decided the same thing, the undo is refused and says which. History is never rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from backportq.errors import DecisionError
from backportq.git.read.queue_files import StoredFiles, read_blobs
from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.changes import ChangeKind, ItemChange, item_changes, items_by_commit
from backportq.model.items.item import Item
from backportq.model.items.ordering import without_item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.items.records import LETTERS, TaskEvent
from backportq.queue.codec.changed_files import changed_files
from backportq.queue.codec.paths import branch_of, closed_path, open_path
from backportq.queue.codec.stored_state import StateReader
from backportq.queue.log import LogEntry, iter_log
from backportq.queue.store import QueueChange, QueueStore

_TASKS = "tasks"


def undo_change(store: QueueStore, commit: Oid | None, *, actor: Identity, at: datetime) -> QueueChange:
    """Take back what `commit` changed (the last change by default); undoing an undo does the thing again.

    Raise `DecisionError` where there is nothing before it, or where a later change touched the same thing.
    """
    changed = store.files(commit)
    if changed is None:
        store.snapshot()  # raises the error that says there is no queue
        raise DecisionError("there is nothing to undo")
    if len(changed.parents) != 1:
        what = "merged two queues" if changed.parents else "set the queue up"
        own = _last_change_of(store, actor) if changed.parents else None
        last = (
            () if own is None else (f"backportq undo {short(own.commit)} takes back your last change: {own.summary}",)
        )
        raise DecisionError(
            f"'{short(changed.commit)}' {what} and cannot be undone",
            hints=(*last, "backportq log shows what can be undone"),
        )
    before = store.files(changed.parents[0])
    if before is None:
        raise DecisionError(f"'{short(changed.parents[0])}', the state before the change, is missing")
    summary = _summary(store, changed.commit)
    return store.replace_files(
        lambda files: _Undo(store, before, changed, files).changes(),
        command=f"undo {short(changed.commit)}",
        summary=_turned(summary),
        actor=actor,
        at=at,
    )


def _last_change_of(store: QueueStore, actor: Identity) -> LogEntry | None:
    """Return the newest change that this person made, which a merge may have hidden."""
    mail = actor.mail.casefold()
    return next((each for each in iter_log(store) if not each.is_merge and each.who.mail.casefold() == mail), None)


def _turned(summary: str) -> str:
    for word, opposite in (("undo: ", "redo: "), ("redo: ", "undo: ")):
        if summary.startswith(word):
            return opposite + summary.removeprefix(word)
    return f"undo: {summary}"


def _summary(store: QueueStore, commit: Oid) -> str:
    for entry in iter_log(store):
        if entry.commit == commit:
            return entry.summary
    raise DecisionError(
        f"'{short(commit)}' is no change of this queue", hints=("backportq log lists the changes with their ids",)
    )


class _Undo:
    """The undo of the step `before` → `changed` on top of `now`."""

    def __init__(self, store: QueueStore, before: StoredFiles, changed: StoredFiles, now: StoredFiles) -> None:
        self._store = store
        self._before = before
        self._changed = changed
        self._now = now

    def changes(self) -> Mapping[str, bytes | None]:
        paths = dict.fromkeys((*self._before.paths(), *self._changed.paths()))
        touched = [path for path in paths if self._before.find(path) != self._changed.find(path)]
        branches = dict.fromkeys(ours[0] for ours in map(branch_of, touched) if ours is not None)
        restored = [path for path in touched if branch_of(path) is None]
        for path in restored:
            if self._now.find(path) != self._changed.find(path):
                raise self._refused(f"'{path}' was changed again since", ())
        mixed = []
        for branch in branches:
            both = (open_path(branch), closed_path(branch))
            is_latest = all(self._now.find(path) == self._changed.find(path) for path in both)
            if is_latest and not self._tells_letters(branch):
                restored += [path for path in both if path in touched]
            else:
                mixed.append(branch)
        # Files would be restored with all they said of letters: what went out stays known.
        changes = self._old_bytes(restored)
        if mixed:
            changes.update(self._item_by_item(mixed))
        return changes

    def _old_bytes(self, paths: list[str]) -> dict[str, bytes | None]:
        old = {path: self._before.find(path) for path in paths}
        blobs = read_blobs(self._store.repository, [entry.oid for entry in old.values() if entry is not None])
        return {path: None if entry is None else blobs[entry.oid] for path, entry in old.items()}

    def _item_by_item(self, branches: list[BranchName]) -> Mapping[str, bytes | None]:
        before, changed, now = (self._state(files) for files in (self._before, self._changed, self._now))
        wanted = {**now.branches}
        for branch in branches:
            was, became = before.queue_of(branch), changed.queue_of(branch)
            step = item_changes(
                QueueState(before.config, branches={branch: was}), QueueState(before.config, branches={branch: became})
            )
            wanted[branch] = self._reverted(now.queue_of(branch), was, became, step)
        return changed_files(self._now, now, replace(now, branches=wanted))

    def _reverted(
        self, now: BranchQueue, was: BranchQueue, became: BranchQueue, step: tuple[ItemChange, ...]
    ) -> BranchQueue:
        old, new, present = items_by_commit(was), items_by_commit(became), items_by_commit(now)
        for change in step:
            item = present.get(change.commit)
            if change.kind is ChangeKind.REMOVED:
                if item is not None:
                    raise self._refused("it is in the queue again", (change,))
                now = _with_item(now, old[change.commit], was)
            elif item is None:
                raise self._refused("it was removed since", (change,))
            elif change.kind is ChangeKind.ADDED:
                if item != new[change.commit]:
                    raise self._refused("it was changed since", (change,))
                now = without_item(now, change.commit)
            else:
                fields = [name for name in change.fields if name != _TASKS]
                again = [name for name in fields if getattr(item, name) != getattr(new[change.commit], name)]
                if again:
                    same = replace(change, fields=tuple(again))
                    raise self._refused(f"{', '.join(again)} changed again since", (same,))
                values: dict[str, Any] = {name: getattr(old[change.commit], name) for name in fields}
                if _TASKS in change.fields:
                    values[_TASKS] = _tasks_before(item, old[change.commit], new[change.commit])
                restored = replace(item, **values)
                now = _with_item(without_item(now, change.commit), restored, now if _same_file(item, restored) else was)
        return now

    def _tells_letters(self, branch: BranchName) -> bool:
        """Tell whether the change recorded that letters went out about items of the branch."""
        old, new = (items_by_commit(self._state(files).queue_of(branch)) for files in (self._before, self._changed))
        return any(
            event.what in LETTERS and (commit not in old or event not in old[commit].tasks)
            for commit, item in new.items()
            for event in item.tasks
        )

    def _state(self, files: StoredFiles) -> QueueState:
        return StateReader(self._store.repository, files).state()

    def _refused(self, why: str, about: tuple[ItemChange, ...]) -> DecisionError:
        undone = short(self._changed.commit)
        later = takewhile(lambda entry: entry.commit != self._changed.commit, iter_log(self._store))
        wanted = {(change.branch, change.commit): frozenset(change.fields) for change in about}
        culprit = next(
            (entry.commit for entry in later if not wanted or any(_is_about(item, wanted) for item in entry.items)),
            None,
        )
        what = "".join(f"item '{short(change.commit)}' on '{change.branch}': " for change in about)
        by = f", by '{short(culprit)}'" if culprit is not None else ""
        hints = (f"backportq undo {short(culprit)}, first",) if culprit is not None else ()
        return DecisionError(f"cannot undo '{undone}': {what}{why}{by}", hints=hints)


def _is_about(item: ItemChange, wanted: Mapping[tuple[BranchName, Oid], frozenset[str]]) -> bool:
    fields = wanted.get((item.branch, item.commit))
    return fields is not None and (not fields or not item.fields or not fields.isdisjoint(item.fields))


def _tasks_before(now: Item, old: Item, new: Item) -> tuple[TaskEvent, ...]:
    """Return the events of an item without those that the change added; letters went out all the same."""
    added = [event for event in new.tasks if event not in old.tasks and event.what not in LETTERS]
    lost = [event for event in old.tasks if event not in new.tasks and event not in now.tasks]
    return (*(event for event in now.tasks if event not in added), *lost)


def _same_file(left: Item, right: Item) -> bool:
    return left.state.is_open == right.state.is_open


def _with_item(queue: BranchQueue, item: Item, guide: BranchQueue) -> BranchQueue:
    """Return `queue` with `item` at the place it has in `guide`, which holds the branch's items in upstream order."""
    if item.state.is_open:
        return replace(queue, open=_placed(queue.open, item, guide.open))
    return replace(queue, closed=_placed(queue.closed, item, guide.closed))


def _placed(items: tuple[Item, ...], item: Item, guide: tuple[Item, ...]) -> tuple[Item, ...]:
    order = [entry.commit for entry in guide]
    after = set(order[order.index(item.commit) + 1 :]) if item.commit in order else set()
    place = next((index for index, entry in enumerate(items) if entry.commit in after), len(items))
    return (*items[:place], item, *items[place:])
