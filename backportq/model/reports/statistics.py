"""Counting backports: who made how many, where and when, and how long they took."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.items.records import TaskWord
from backportq.model.items.tasks import in_time


@dataclass(frozen=True, slots=True)
class Backport:
    """One pick on a stable branch.

    `who` made it, `author` wrote the original. `made` and `upstream` are the committer dates of pick and original.
    """

    commit: Oid
    branch: BranchName
    who: str
    author: str
    made: datetime
    upstream: datetime

    @property
    def year(self) -> int:
        """The year in which it was made, in UTC."""
        return self.made.astimezone(UTC).year

    @property
    def days(self) -> float:
        """Days from upstream to the branch; 0 where clocks disagree."""
        return max((self.made - self.upstream).total_seconds() / 86_400, 0.0)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of all backports one person made."""

    who: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Lag:
    """Days from upstream to the branch: the median, and the days within which 90 and 99 in a hundred were made."""

    median: float
    p90: float
    p99: float


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one group of backports (a branch, a year); `by_author` counts those that the original's author
    made."""

    name: str
    count: int
    people: tuple[Share, ...]
    lag: Lag | None
    by_author: int

    def share_of_first(self, number: int) -> float:
        """Return the share of the `number` people who made most."""
        return sum(person.share for person in self.people[:number])


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What became of one person's tasks, in numbers.

    `done` counts items that landed while they were this person's. `median_days` is from asking to landing.
    """

    who: str
    asked: int = 0
    taken: int = 0
    handed_back: int = 0
    withdrawn: int = 0
    reminded: int = 0
    done: int = 0
    open: int = 0
    median_days: float | None = None


def summarise(name: str, backports: Sequence[Backport]) -> Row:
    """Return the figures of one group."""
    counts = Counter(backport.who for backport in backports)
    people = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    total = len(backports)
    return Row(
        name,
        total,
        tuple(Share(who, count, count / total) for who, count in people),
        lag_of([backport.days for backport in backports]),
        sum(backport.who == backport.author for backport in backports),
    )


def lag_of(days: Sequence[float]) -> Lag | None:
    """Return the percentiles of some days by the nearest rank, None of none."""
    if not days:
        return None
    return Lag(percentile(days, 50), percentile(days, 90), percentile(days, 99))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of a hundred values do not exceed (nearest rank)."""
    # Nearest rank and no interpolation: the figure is a lag that somebody can find in the history.
    ordered = sorted(values)
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


def summarise_tasks(items: Iterable[tuple[Item, datetime | None]]) -> tuple[TaskRow, ...]:
    """Return what became of each person's tasks. Each item comes with the moment when it landed, None if it has not."""
    counts: dict[str, Counter[str]] = {}
    days: dict[str, list[float]] = {}
    for item, landed in items:
        events = in_time(item.tasks)
        for event in events:
            counts.setdefault(event.who, Counter())[event.what] += 1
        owner = item.assignee
        if owner is None:
            continue
        if item.state.is_open:
            counts.setdefault(owner, Counter())["open"] += 1
        elif item.state is State.LANDED:
            counts.setdefault(owner, Counter())["done"] += 1
            asked = next(
                (event.at for event in events if event.who == owner and event.what in {TaskWord.ASKED, TaskWord.TAKEN}),
                None,
            )
            if asked is not None and landed is not None:
                days.setdefault(owner, []).append(max((landed - asked).total_seconds() / 86_400, 0.0))
    rows = [
        TaskRow(
            who,
            count[TaskWord.ASKED],
            count[TaskWord.TAKEN],
            count[TaskWord.HANDED_BACK],
            count[TaskWord.WITHDRAWN],
            count[TaskWord.REMINDED],
            count["done"],
            count["open"],
            percentile(days[who], 50) if who in days else None,
        )
        for who, count in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.done, -row.asked, -row.taken, row.who)))
