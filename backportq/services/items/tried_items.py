"""Whether the open items apply: the verdict of each onto the tip that a pick of it would go to.

Apart from the listing so that whoever only counts items runs no trial. This module must not look at items that have
landed; `pending` left them out before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from backportq.git.repository import Repository
from backportq.git.trials import TrialSession
from backportq.model.history.landed import PicksElsewhere
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.trials.verdict import Trial, TrialFailure, Verdict
from backportq.services.items.open_items import LATER, OpenItem
from backportq.services.trials.alternatives import Alternative, AlternativeSearch, list_alternatives
from backportq.services.trials.queue_order import InOrder, simulate


@dataclass(frozen=True, slots=True)
class TriedItem:
    """An open item with its trial. `in_order` is the verdict after the earlier items of the branch's queue that apply,
    `blocked_by` the commits without which it would conflict; both only where the trial could be made. `branch_items`
    are the open items of the branch."""

    entry: OpenItem
    outcome: Trial | TrialFailure
    in_order: Verdict | None
    blocked_by: tuple[Oid, ...] = ()
    alternative: Alternative | None = None
    branch_items: Mapping[Oid, Item] = field(default_factory=dict, repr=False, compare=False)

    @property
    def blockers(self) -> tuple[Item, ...]:
        """The items of `blocked_by`."""
        return tuple([self.branch_items[commit] for commit in self.blocked_by])

    @property
    def verdict(self) -> Verdict | None:
        """The verdict onto the tip as it is, or None where no trial could be made."""
        return self.outcome.verdict if isinstance(self.outcome, Trial) else None


def try_items(
    repository: Repository, entries: Sequence[OpenItem], elsewhere: PicksElsewhere | None = None
) -> list[TriedItem]:
    """Return `entries` with their trials, in the same order, and with alternatives if picks `elsewhere` are known.

    Give it all open items of a branch, whatever is shown of them: in order is meant of the branch's whole queue. What
    is deferred or waits is nothing to build upon, and is tried alone.
    """
    outcomes: dict[tuple[BranchName, Oid], InOrder] = {}
    mainlines = {entry.item.commit: entry.mainline for entry in entries if entry.mainline is not None}
    with TrialSession(repository, mainlines=mainlines) as session:
        for branch in dict.fromkeys(entry.branch for entry in entries):
            its = [entry for entry in entries if entry.branch == branch]
            due = [entry.item.commit for entry in its if entry.standing not in LATER]
            found = simulate(repository, its[0].onto, due, session=session)
            outcomes.update(((branch, commit), outcome) for commit, outcome in found.items())
        later = [entry for entry in entries if entry.standing in LATER]
        alone = session.run([(entry.item.commit, entry.onto) for entry in later])
        for entry, outcome in zip(later, alone, strict=True):
            verdict = outcome.verdict if isinstance(outcome, Trial) else None
            outcomes[entry.branch, entry.item.commit] = InOrder(outcome, verdict)
        items: dict[BranchName, dict[Oid, Item]] = {}
        for entry in entries:
            items.setdefault(entry.branch, {})[entry.item.commit] = entry.item
        tried = [_tried(entry, outcomes[entry.branch, entry.item.commit], items[entry.branch]) for entry in entries]
        return tried if elsewhere is None else _with_alternatives(repository, tried, elsewhere, session)


def _with_alternatives(
    repository: Repository, tried: Sequence[TriedItem], elsewhere: PicksElsewhere, session: TrialSession
) -> list[TriedItem]:
    """Return the same with the nearest alternative that applies, where the original conflicts."""
    wanted = {
        each.entry: AlternativeSearch(each.entry.item.commit, each.entry.branch, each.entry.onto)
        for each in tried
        if each.verdict is Verdict.CONFLICT
    }
    listed = list_alternatives(repository, elsewhere, list(wanted.values()), session=session)
    clean = {
        entry: next((one for one in listed[its] if one.verdict is Verdict.CLEAN), None) for entry, its in wanted.items()
    }
    return [replace(each, alternative=clean.get(each.entry)) for each in tried]


def _tried(entry: OpenItem, outcome: InOrder, items: Mapping[Oid, Item]) -> TriedItem:
    return TriedItem(entry, outcome.alone, outcome.in_order, outcome.blocked_by, branch_items=items)
