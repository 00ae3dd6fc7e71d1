"""Finding what a commit needs on a branch: the smallest set of missing commits after which it applies, by trial.

Single commits first, since nearly half of all conflicts are cured by one; then all that touch the same lines, the same
files, and the files of those, reduced to what is needed. Every step is bounded. This module must not read history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backportq.git.trials import Application, Outcome, RememberedVerdict, TrialSession, apply_in_order
from backportq.model.ids import Oid
from backportq.model.progress import advance
from backportq.model.trials.smallest_set import reduce_set
from backportq.model.trials.verdict import APPLIES, Verdict


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far to search: at most `limit` candidate commits, and about `seconds` of time."""

    limit: int = 100
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class PrerequisiteSet:
    """`prerequisites` in upstream order; `applies` whether the commit applies after them. `candidates` counts what was
    looked at; `bound` says which bound ended the search, None if it ran to its end."""

    prerequisites: tuple[Oid, ...]
    applies: bool
    is_minimal: bool
    candidates: int
    bound: str | None


class Search:
    """One search, for `commit` on top of `onto`; `ends` is when, on the clock `ticks`, time is up."""

    def __init__(
        self,
        session: TrialSession,
        commit: Oid,
        onto: Oid,
        bounds: Bounds,
        ends: float,
        ticks: Callable[[], float],
    ) -> None:
        self._session = session
        self._commit = commit
        self._onto = onto
        self._bounds = bounds
        self._ends = ends
        self._ticks = ticks
        self._tests = 0
        self._bound: str | None = None
        self._looked_at: set[Oid] = set()
        self._alone: dict[Oid, Outcome] = {}

    def run(
        self, culprits: Sequence[Oid], touching: Sequence[Oid], widen: Callable[[Sequence[Oid]], Sequence[Oid]]
    ) -> PrerequisiteSet:
        """Search among `culprits` (they touched the conflicting lines), what `widen` adds to these (what they conflict
        with themselves), then `touching` (the same files); all in upstream order."""
        found = self._single(culprits) or self._set(culprits)
        if found is None and culprits and self._has_time():
            found = self._set(widen(culprits))
        found = found or self._single(touching) or self._set(touching)
        if found is None:
            return PrerequisiteSet(
                (), applies=False, is_minimal=True, candidates=len(self._looked_at), bound=self._bound
            )
        prerequisites, is_minimal = found
        return PrerequisiteSet(
            prerequisites,
            applies=True,
            is_minimal=is_minimal,
            candidates=len(self._looked_at),
            bound=None if is_minimal else self._bound,
        )

    def _single(self, candidates: Sequence[Oid]) -> tuple[tuple[Oid, ...], bool] | None:
        """Return the one commit that cures alone, the latest if there are several."""
        tried = self._bounded(candidates)
        if not tried or not self._has_time():
            return None
        alone = self._session.apply([Application(oid, self._onto) for oid in tried], keep=True)
        self._alone.update(zip(tried, alone, strict=True))
        trees = [
            (oid, outcome.tree)
            for oid, outcome in zip(tried, alone, strict=True)
            if isinstance(outcome, RememberedVerdict) and outcome.verdict is Verdict.CLEAN and outcome.tree is not None
        ]
        outcomes = self._session.apply([Application(self._commit, tree) for _, tree in trees])
        cures = [oid for (oid, _), outcome in zip(trees, outcomes, strict=True) if _applies(outcome)]
        return ((cures[-1],), True) if cures else None

    def _set(self, candidates: Sequence[Oid]) -> tuple[tuple[Oid, ...], bool] | None:
        """Return the smallest set found among the candidates that apply one after the other."""
        tried = self._bounded(candidates)
        if len(tried) < 2 or not self._has_time():
            return None
        applied, works = self._test(tried)
        if not works:
            return None
        kept, is_minimal = reduce_set(applied, lambda some: self._test(some) == (some, True), self._has_time)
        return kept, is_minimal

    def _test(self, commits: tuple[Oid, ...]) -> tuple[tuple[Oid, ...], bool]:
        """Apply these in order; return those that apply, and whether our commit does after them."""
        self._tests += 1
        advance("looking for prerequisites", self._tests)
        unknown = [oid for oid in commits if oid not in self._alone]
        alone = self._session.apply([Application(oid, self._onto) for oid in unknown], keep=True)
        self._alone.update(zip(unknown, alone, strict=True))
        outcomes, tree = apply_in_order(self._session, self._onto, commits, self._alone)
        applied = tuple(oid for oid in commits if _is_clean(outcomes[oid]))
        return applied, _applies(self._session.apply([Application(self._commit, tree)])[0])

    def _bounded(self, candidates: Sequence[Oid]) -> tuple[Oid, ...]:
        """Return the latest candidates, as many as the limit allows."""
        unique = tuple(dict.fromkeys(candidates))
        kept = unique[-self._bounds.limit :]
        if len(kept) < len(unique):
            self._bound = f"only the latest {self._bounds.limit} of {len(unique)} candidates were tried (--limit)"
        self._looked_at.update(kept)
        return kept

    def _has_time(self) -> bool:
        if self._ticks() < self._ends:
            return True
        self._bound = f"the search was ended after {self._bounds.seconds:g} seconds (--seconds)"
        return False


def _applies(outcome: Outcome) -> bool:
    return isinstance(outcome, RememberedVerdict) and outcome.verdict in APPLIES


def _is_clean(outcome: Outcome) -> bool:
    return isinstance(outcome, RememberedVerdict) and outcome.verdict is Verdict.CLEAN
