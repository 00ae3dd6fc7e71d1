"""How likely the open items are to be taken, with the reasons in words.

One `Outlook` holds what is needed to judge every open item of every branch, without looking at the history again. This
module must not read anything; `backportq.services.suggest.likelihood` fills and keeps it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.likelihood.counts import KIND_WORDS, NO_COUNTS, Counts, Kind, step_of
from backportq.model.priority import Priority
from backportq.model.words import counted

LIKELY = 0.2
"""From here on an item belongs to the first rows of a list: at least one in five of such items is taken."""

REASONS = 5
"""How many reasons are told of one item."""

_DAY = 86_400

_KINDS: Mapping[Via, Kind] = MappingProxyType(
    {
        Via.PERSON: Kind.ASKED,
        Via.MAIL: Kind.ASKED,
        Via.TRAILER: Kind.ASKED,
        Via.RULE: Kind.ASKED,
        Via.FOLLOW_UP: Kind.FOLLOW_UP,
        Via.FIXES: Kind.FIXES,
        Via.NEWER_BRANCH: Kind.NEWER_BRANCH,
        Via.REVERT: Kind.REVERT,
    }
)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """`likely`: the chance, 0 to 1, that this project takes the item on this branch. `reasons`: why, the weightiest
    first. `passed_over`: how many later upstream commits the branch has taken since. `age_days`: since upstream has it.
    `is_folded`: passed over so often, and decided by nobody, that lists show it only when asked."""

    likely: float
    reasons: tuple[str, ...]
    passed_over: int
    age_days: int
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class LearnedLikelihood:
    """What learned weights say of one item."""

    likely: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """`places` are those of the upstream commits in question, `taken` for each branch the sorted places of what it
    took, `counts` what the project did before on branches of that age. `learned` is what learned weights say, where
    there are any, and `problem` why those that there are can't be used. `left_out` tells of items that only the newer
    branch nominates when that one took them, in seconds since 1970."""

    places: Mapping[Oid, int]
    taken: Mapping[BranchName, Sequence[int]]
    counts: Mapping[BranchName, Counts]
    learned: Mapping[tuple[BranchName, Oid], LearnedLikelihood] = field(default_factory=lambda: MappingProxyType({}))
    problem: str | None = None
    left_out: Mapping[tuple[BranchName, Oid], int] = field(default_factory=lambda: MappingProxyType({}))
    _counted: dict[tuple[BranchName, Kind, int], tuple[float, tuple[str, ...]]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What was said of items of a branch, a kind and a number: queues have thousands that share these."""

    def of(self, item: Item, branch: BranchName, now: datetime) -> Likelihood:
        """Return how likely `item` is on `branch`; its age is that at `now`, all else is as the tips are."""
        passed_over = self.passed_over(item.commit, branch)
        counts = self.counts.get(branch, NO_COUNTS)
        kind = kind_of(item.nominations)
        learned = self.learned.get((branch, item.commit)) if self.learned else None
        if learned is not None:
            likely, reasons = learned.likely, learned.reasons
        else:
            key = (branch, kind, passed_over)
            if key not in self._counted:
                self._counted[key] = counts.chance(kind, passed_over), _reasons(counts, kind, passed_over)
            likely, reasons = self._counted[key]
        return Likelihood(
            round(likely, 3),
            (*self._left_out_words(item, branch, now), *reasons)[:REASONS],
            passed_over,
            max(0, (now - item.committed).days),
            passed_over > counts.folds_after and not is_decided(item),
        )

    def _left_out_words(self, item: Item, branch: BranchName, now: datetime) -> tuple[str, ...]:
        """Say that whoever picked it to the newer branch did not pick it here: days later that hardly ever changes."""
        moment = self.left_out.get((branch, item.commit))
        newer = next((each.branch for each in item.nominations if each.via is Via.NEWER_BRANCH), None)
        if moment is None or newer is None:
            return ()
        days = max(0, int(now.timestamp()) - moment) // _DAY
        when = "today" if days == 0 else f"{counted(days, 'day')} ago"
        return (f"left out here {when}, when {newer} took it",)

    def passed_over(self, commit: Oid, branch: BranchName) -> int:
        """Return how many later commits than this the branch took; 0 where it can't be told."""
        place = self.places.get(commit)
        taken = self.taken.get(branch, ())
        return 0 if place is None else len(taken) - bisect_right(taken, place)


def _reasons(counts: Counts, kind: Kind, passed_over: int) -> tuple[str, ...]:
    seen, taken = counts.row(kind, step_of(passed_over))
    told = f"{taken} of {seen} {KIND_WORDS[kind]} were taken later" if seen else ""
    return tuple(filter(None, (passed_over_words(passed_over), told)))


def passed_over_words(passed_over: int) -> str:
    """Return in words how often something was passed over."""
    if not passed_over:
        return "nothing newer was taken here since"
    if passed_over == 1:
        return "passed over once: a later commit was taken here since"
    return f"passed over {passed_over} times: so many later commits were taken here since"


def kind_of(nominations: Iterable[Nomination]) -> Kind:
    """Return the strongest kind of these reasons."""
    kinds = {_KINDS[nomination.via] for nomination in nominations}
    if len(kinds) == 1:
        return next(iter(kinds))
    return next((kind for kind in Kind if kind in kinds), Kind.ASKED)


def is_decided(item: Item) -> bool:
    """Tell whether a person did anything about an open item, so that it must not be folded away."""
    return (
        item.assignee is not None
        or item.state is not State.PENDING
        or item.priority is Priority.SECURITY
        or item.note is not None
        or any(nomination.is_decided for nomination in item.nominations)
    )
