"""Which commits are still taken back: reverts, reverts of reverts, and applying again.

A revert switches its target off, a revert of that revert switches it on again, to any depth. This pure module is apart
because upstream and every branch follow the same rule; it must not know where the targets come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backportq.model.ids import Oid


class RevertChain:
    """Reverts in the order in which they were made; ask it at any point what is taken back."""

    def __init__(self) -> None:
        """Start with nothing reverted."""
        self._targets: dict[Oid, tuple[Oid, ...]] = {}
        self._reverted_by: dict[Oid, Oid] = {}

    def add(self, revert: Oid, targets: Sequence[Oid]) -> None:
        """Record that `revert` takes back `targets`, each an earlier commit or an earlier revert."""
        self._targets[revert] = tuple(target for target in dict.fromkeys(targets) if target != revert)
        self._switch(((target, False) for target in self._targets[revert]), revert)

    def reapply(self, targets: Sequence[Oid], *, by: Oid) -> None:
        """Record that the commit `by` applies `targets` again without reverting their revert by name."""
        self._switch(((target, True) for target in targets if target != by), by)

    def reverted_by(self, commit: Oid) -> Oid | None:
        """Return the commit by which `commit` is taken back at this point, or None."""
        return self._reverted_by.get(commit)

    def in_force(self) -> dict[Oid, Oid]:
        """Return what is taken back, each with the commit that did it; reverts that were undone are among the keys."""
        return dict(self._reverted_by)

    def _switch(self, changes: Iterable[tuple[Oid, bool]], by: Oid) -> None:
        pending = list(changes)
        seen: set[Oid] = set()
        while pending:
            commit, is_on = pending.pop()
            if commit in seen:  # messages can claim anything, also circles
                continue
            seen.add(commit)
            if is_on:
                self._reverted_by.pop(commit, None)
            else:
                self._reverted_by[commit] = by
            pending += [(target, not is_on) for target in self._targets.get(commit, ())]
