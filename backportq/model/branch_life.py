"""Whether a stable branch is still maintained, by its own pace: how long it rests now, against how long it did before.

Pure. Days on which the same was committed to many branches at once (a bulk change of a script) say nothing of a branch.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backportq.model.ids import BranchName, Oid

MAINTAINED = timedelta(days=548)
"""A stable branch without a commit for this long (18 months) before the project's last one is maintained no more."""

_AT_LEAST = timedelta(days=61)  # nobody calls a branch dead before, however busy it was
_WITHOUT_RESTS = timedelta(days=183)  # where it rested too seldom for its rests to tell
_LONGER = 1.25  # times the longest rest of late
_LATELY = 12  # rests that tell the pace
_REST = timedelta(days=14)  # shorter pauses are within one stretch of work
_FEWEST_RESTS = 3
_FEWEST_DAYS = 10  # with a commit; fewer tell no pace
_MANY_BRANCHES = 5  # that get the same commit within a few days
_SAME_TIME = timedelta(days=2)
_COMPARED = 200  # characters of a subject


@dataclass(frozen=True, slots=True)
class LineCommit:
    """A commit on the first-parent line of a branch: its id, its day and its subject."""

    oid: Oid
    day: date
    subject: str


def living_branches(
    lines: Mapping[BranchName, Sequence[LineCommit]], last: Mapping[BranchName, date], now: date
) -> set[BranchName]:
    """Return the branches that are maintained on the day `now`.

    `lines` are the first-parent lines of the branches, newest first, as far back as anybody wants to look; `last` is
    the day of each branch's last commit.
    """
    bulk = _bulk_commits(lines)
    found = set()
    for branch, day in last.items():
        line = [commit for commit in lines.get(branch, ()) if commit.oid not in bulk]
        if lines.get(branch) and not line:
            continue
        newest = line[0].day if line else day
        if now - newest <= min(MAINTAINED, _patience(list(dict.fromkeys(commit.day for commit in line)))):
            found.add(branch)
    return found


def _patience(days: Sequence[date]) -> timedelta:
    """Return how long a branch with commits on these `days` (newest first) may rest and still be alive."""
    if len(days) < _FEWEST_DAYS:
        return MAINTAINED
    rests = [rest for rest in _rests(days) if rest > _REST][:_LATELY]
    at_least = _AT_LEAST if len(rests) >= _FEWEST_RESTS else _WITHOUT_RESTS
    return max([at_least, *(rest * _LONGER for rest in rests)])


def _rests(days: Sequence[date]) -> Iterator[timedelta]:
    for newer, older in itertools.pairwise(days):
        yield abs(newer - older)


def _bulk_commits(lines: Mapping[BranchName, Sequence[LineCommit]]) -> set[Oid]:
    """Return the commits that say, apart from numbers, the same as those on many other branches at about that time."""
    alike: dict[str, dict[Oid, date]] = {}
    for commits in lines.values():
        for commit in commits:
            alike.setdefault(re.sub(r"[0-9]+", "", commit.subject[:_COMPARED]), {})[commit.oid] = commit.day
    found: set[Oid] = set()
    for days in alike.values():
        if len(days) < _MANY_BRANCHES:
            continue
        ordered = sorted(days.items(), key=lambda pair: pair[1])
        start = 0
        for end, (_, day) in enumerate(ordered):
            while day - ordered[start][1] > _SAME_TIME:
                start += 1
            if end - start + 1 >= _MANY_BRANCHES:
                found.update(oid for oid, _ in ordered[start : end + 1])
    return found
