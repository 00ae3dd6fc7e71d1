"""Merging single files in bulk: many of them as the entries of one synthetic tree, in one merge.

Where every touched path exists as a regular file on all sides and none is added, no rename can be involved, so each
file is merged for itself and the answer is git's for the whole commit. This module must not decide where that holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backportq.git.trials.answers import MergeAnswer
from backportq.git.trials.merge_tree import Merge, Merger, Ticket
from backportq.git.trials.quarantine import Quarantine
from backportq.git.trials.readers import Entry
from backportq.git.trials.remembered import FileMerge, FileMergeResult, TrialCache
from backportq.git.trials.trees import Trees

_FILES_IN_A_MERGE = 24
_ATTRIBUTES = b"u* merge=union\nb* -merge\n"
_PREFIX = {b"": b"t", b"union": b"u", b"unset": b"b", b"binary": b"b"}

FileOutcome = FileMergeResult | str
"""A merged file, or why it could not be merged."""


class FileMerges:
    """All file merges of a session: asked for with `ask`, started together with `start`, answered by `answer`."""

    def __init__(self, quarantine: Quarantine, merger: Merger, trees: Trees, remembered: TrialCache) -> None:
        self._quarantine = quarantine
        self._merger = merger
        self._trees = trees
        self._remembered = remembered
        self._answers: dict[str, FileOutcome] = {}
        self._running: dict[str, tuple[Ticket, Sequence[tuple[str, FileMerge]]]] = {}
        self._recipes: dict[bytes, FileMerge] = {}
        self._given: set[bytes] = set()
        self._written: set[bytes] = set()

    def start(self, merges: Iterable[FileMerge]) -> None:
        """Start those of `merges` whose answer is neither known nor on its way."""
        asked = {merge.key: merge for merge in merges}
        for merge in asked.values():
            sides = (merge.base, merge.ours, merge.theirs)
            self._given.update(side[1] for side in sides if side is not None and side[1] not in self._recipes)
        new = [key for key in asked if key not in self._answers and key not in self._running]
        for key, known in self._remembered.files(new).items():
            self._answers[key] = known
            self._note_recipe(known, asked[key])
        self._submit([(key, asked[key]) for key in new if key not in self._answers])

    def answer(self, merge: FileMerge) -> FileOutcome:
        """Return the answer to a merge that was started; waits for it."""
        key = merge.key
        if key not in self._answers:
            ticket, group = self._running[key]
            if ticket.outcome is None:
                self._merger.finish()
            self._collect(ticket, group)
        return self._answers[key]

    def forget_written(self) -> None:
        """Take note that the quarantine was emptied."""
        self._written.clear()

    def write(self, blobs: Iterable[bytes]) -> None:
        """Make sure that these blobs exist, merging again those whose merge is only remembered."""
        depth: dict[bytes, int] = {}
        for blob in dict.fromkeys(blobs):
            chain = []
            at = blob
            while at in self._recipes and at not in self._written and at not in depth:
                chain.append(at)
                at = self._recipes[at].ours[1]
            start = depth.get(at, 0) + 1
            depth.update((oid, start + above) for above, oid in enumerate(reversed(chain)))
        # A merged file may be merged from a merged file: first things first, and what is equally deep together.
        for level in range(1, max(depth.values(), default=0) + 1):
            again = [
                (merge.key, merge) for merge in (self._recipes[oid] for oid, deep in depth.items() if deep == level)
            ]
            for key, _ in again:
                self._answers.pop(key, None)
            self._submit(again)
            for _, merge in again:
                self.answer(merge)

    def _note_recipe(self, merged: FileMergeResult, merge: FileMerge) -> None:
        """Note how a blob is made, unless it is there anyway; what a recipe needs is always older than the recipe."""
        if merged.entry is not None and merged.entry[1] not in self._given:
            self._recipes.setdefault(merged.entry[1], merge)

    def _submit(self, new: Sequence[tuple[str, FileMerge]]) -> None:
        if not new:
            return
        self.write(merge.ours[1] for _, merge in new)
        share = -(-len(new) // self._merger.width)
        size = min(share, _FILES_IN_A_MERGE)
        groups = [new[start : start + size] for start in range(0, len(new), size)]
        for group in groups:
            ticket = self._merger.submit(self._merge_of([merge for _, merge in group]))
            for key, _ in group:
                self._running[key] = (ticket, group)

    def _collect(self, ticket: Ticket, group: Sequence[tuple[str, FileMerge]]) -> None:
        outcome = ticket.outcome
        if outcome is None:
            raise AssertionError(group)
        if isinstance(outcome, str) and len(group) > 1:
            # One of them cannot be merged (a missing blob, a time limit); each for itself tells which.
            tickets = [self._merger.submit(self._merge_of([merge])) for _, merge in group]
            self._merger.finish()
            for entry, alone in zip(group, tickets, strict=True):
                self._collect(alone, [entry])
            return
        if isinstance(outcome, str):
            found: list[FileOutcome] = [outcome]
        else:
            found = list(self._results(outcome, [merge for _, merge in group]))
        for (key, merge), answer in zip(group, found, strict=True):
            self._running.pop(key, None)
            self._answers[key] = answer
            if isinstance(answer, FileMergeResult):
                self._remembered.remember_files({key: answer})
                self._note_recipe(answer, merge)
                if answer.entry is not None:
                    self._written.add(answer.entry[1])

    def _merge_of(self, merges: Sequence[FileMerge]) -> Merge:
        sides: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
        for name, merge in sorted(zip(_names(merges), merges, strict=True)):
            for side, entry in zip(sides, (merge.base, merge.ours, merge.theirs), strict=True):
                if entry is not None:
                    side.append(b"%s %s\0%s" % (entry[0], name, entry[1]))
        base, ours, theirs = (self._quarantine.write_object(b"tree", b"".join(side)) for side in sides)
        worktree = self._quarantine.worktree({b".gitattributes": _ATTRIBUTES})
        return Merge(worktree, base, ours, theirs)

    def _results(self, outcome: MergeAnswer, merges: Sequence[FileMerge]) -> Iterable[FileMergeResult]:
        merged: dict[bytes, Entry] = self._trees.tree(outcome.tree)
        conflicts: dict[bytes, list[tuple[str, str]]] = {}
        for conflict in outcome.conflicts:
            conflicts.setdefault(conflict.path.encode(), []).append((conflict.kind, conflict.text))
        for name in _names(merges):
            if name in conflicts:
                shown = name.decode("ascii")
                yield FileMergeResult(None, tuple((kind, text.replace(shown, "\1")) for kind, text in conflicts[name]))
            else:
                yield FileMergeResult(merged.get(name))


def _names(merges: Sequence[FileMerge]) -> list[bytes]:
    return [b"%s%06d" % (_PREFIX[merge.driver], at) for at, merge in enumerate(merges)]
