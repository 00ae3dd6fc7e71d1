"""The past replayed up to a moment: what every branch has taken, and how often each author's, folder's and file's
changes are taken.

Nothing of what came after the moment is in it; that is what makes features honest. It only moves forward. This module
must not describe single candidates.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backportq.model.likelihood.past import DAY, SESSION_GAP, Past, PastBranch, PastChange
from backportq.model.likelihood.rates import FadingRate
from backportq.model.likelihood.traits import Traits
from backportq.services.suggest.candidates import BranchWatch

_YEAR = 365 * DAY
_QUARTER = 90 * DAY
_SUPPORTED = 4 * _YEAR
"""Branches that parted longer ago say little of what is taken today."""

_SERIES_SECONDS = 4 * 3_600
_SERIES_AHEAD = 25
_BEFORE = -1
_EXPECTED = 0.1  # of everything, before anything was seen

RATES = ("author", "committer", "prefix", "area", "folder", "file")
QUICK_RATES = ("author", "area")
SEEN = ("author", "prefix", "folder")


class BranchReplay:
    """What one branch has taken by the moment, with the takings by author and folder, and its push sessions."""

    def __init__(self, past: Past, branch: PastBranch, index: int) -> None:
        self.watch = BranchWatch(past, branch)
        self.index = index
        self.base, self.parted = branch.base, branch.parted
        self.has: dict[int, int] = self.watch.has
        self.places: list[int] = []
        self.moments: list[int] = []
        self.sessions: list[int] = []
        self.last: int | None = None
        self.by_author: defaultdict[str, list[int]] = defaultdict(list)
        self.by_folder: defaultdict[str, list[int]] = defaultdict(list)
        self.by_file: defaultdict[str, list[int]] = defaultdict(list)
        self.author_last: dict[str, int] = {}

    def take(self, place: int, moment: int, traits: Traits) -> None:
        """Take in that the branch took a change."""
        insort(self.places, place)
        self.moments.append(moment)
        insort(self.by_author[traits.author], place)
        for folder in traits.folders:
            insort(self.by_folder[folder], place)
        for path in traits.paths[:10]:
            insort(self.by_file[path], place)
        self.author_last[traits.author] = moment
        if self.last is None or moment - self.last >= SESSION_GAP:
            self.sessions.append(moment)
        self.last = moment


@dataclass(frozen=True, slots=True)
class _Event:
    """Upstream got a change, or a branch took it."""

    moment: int
    place: int
    branch: int | None


class Replay:
    """The state of everything at a moment. `traits` are those of all changes that a branch could take."""

    def __init__(self, past: Past, traits: Mapping[int, Traits]) -> None:
        self.past, self.traits = past, traits
        self.now = 0
        self.branches = tuple(BranchReplay(past, branch, index) for index, branch in enumerate(past.branches))
        self.live: tuple[BranchReplay, ...] = ()
        self.first_taken: dict[int, int] = {}
        self.fixed_by: defaultdict[int, list[int]] = defaultdict(list)
        self.mentioned_by: defaultdict[int, list[int]] = defaultdict(list)
        self.mentions = dict(self._mentions())
        self.series = _series(past, traits)
        self.path_places: defaultdict[str, list[int]] = defaultdict(list)
        self.births: defaultdict[str, list[int]] = defaultdict(list)
        for place in sorted(traits):
            for path in traits[place].paths:
                self.path_places[path].append(place)
            for path in traits[place].new_paths:
                self.births[path].append(place)
        self.origins = dict(_origins(traits))
        self.seen_paths: defaultdict[str, list[int]] = defaultdict(list)
        self.seen: dict[str, defaultdict[str, list[int]]] = {name: defaultdict(list) for name in SEEN}
        self._rates = {name: FadingRate(_YEAR) for name in (*RATES, "all")}
        self._quick = {name: FadingRate(_QUARTER) for name in QUICK_RATES}
        self._asked_rates: dict[tuple[str, str], tuple[float, float]] = {}
        self.expected = _EXPECTED
        self._events = sorted(
            self._all_events(), key=lambda event: (event.moment, event.branch is not None, event.place)
        )
        self._next = 0

    def advance(self, moment: int) -> None:
        """Take in everything that happened before `moment`."""
        while self._next < len(self._events) and self._events[self._next].moment < moment:
            event = self._events[self._next]
            self._next += 1
            if event.branch is None:
                self._enter(event.place, event.moment)
            else:
                self._take(event.place, event.moment, self.branches[event.branch])
        for branch in self.branches:
            branch.watch.advance(moment)
        self.now = moment
        self.live = tuple(each for each in self.branches if each.parted <= moment < each.parted + _SUPPORTED)
        self.expected = self._rates["all"].rate("", moment, _EXPECTED, 20)[0]
        self._asked_rates.clear()

    def open(self, branch: BranchReplay) -> list[PastChange]:
        """Return what the branch could take now."""
        return [change for change in branch.watch.open(self.now) if change.place in self.traits]

    def rate(self, name: str, key: str) -> tuple[float, float]:
        """Return how often such changes are taken, 0 to 1, and how many were seen."""
        found = self._asked_rates.get((name, key))
        if found is None:
            found = self._asked_rates[name, key] = self._rates[name].rate(key, self.now, self.expected, 8)
        return found

    def quick_rate(self, name: str, key: str) -> float:
        """Return how often such changes are taken of late."""
        return self._quick[name].rate(key, self.now, self.expected, 5)[0]

    def _all_events(self) -> Iterator[_Event]:
        for place in self.traits:
            yield _Event(self.past.changes[place].entered, place, None)
        for index, branch in enumerate(self.past.branches):
            for taking in branch.takings:
                if taking.place in self.traits:
                    yield _Event(taking.moment, taking.place, index)

    def _enter(self, place: int, moment: int) -> None:
        traits = self.traits[place]
        for name, key in _keys(traits):
            self._rates[name].see(key, moment)
        for name in QUICK_RATES:
            self._quick[name].see(getattr(traits, name), moment)
        for target in self.past.changes[place].targets:
            self.fixed_by[target].append(place)
        for mentioned in self.mentions.get(place, ()):
            self.mentioned_by[mentioned].append(place)
        for path in traits.paths[:10]:
            self.seen_paths[path].append(place)
        self.seen["author"][traits.author].append(place)
        self.seen["prefix"][traits.prefix].append(place)
        for folder in traits.folders:
            self.seen["folder"][folder].append(place)

    def _take(self, place: int, moment: int, branch: BranchReplay) -> None:
        traits = self.traits[place]
        branch.take(place, moment, traits)
        if place in self.first_taken:
            return
        self.first_taken[place] = moment
        for name, key in _keys(traits):
            self._rates[name].take(key, moment)
        for name in QUICK_RATES:
            self._quick[name].take(getattr(traits, name), moment)

    def _mentions(self) -> Iterator[tuple[int, list[int]]]:
        """Yield which earlier changes each message names, other than by `Fixes:`."""
        short = {change.commit.oid[:9]: change.place for change in self.past.changes if change.place in self.traits}
        for place, traits in self.traits.items():
            targets = self.past.changes[place].targets
            found = [
                at
                for text in traits.mentions
                if (at := short.get(text[:9])) is not None
                and at < place
                and at not in targets
                and self.past.changes[at].commit.oid.startswith(text)
            ]
            if found:
                yield place, found


def _keys(traits: Traits) -> Iterator[tuple[str, str]]:
    yield ("author", traits.author)
    yield ("committer", traits.committer)
    yield ("prefix", traits.prefix)
    yield ("area", traits.area)
    yield ("all", "")
    yield from (("folder", folder) for folder in traits.folders)
    yield from (("file", path) for path in traits.paths[:6])


def _series(past: Past, traits: Mapping[int, Traits]) -> Mapping[int, list[int]]:
    """Return the changes that came with each: of the same author, committed within four hours, close by."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    places = sorted(traits)
    seconds = {place: past.changes[place].commit.seconds for place in places}
    for at, place in enumerate(places):
        for other in places[at + 1 : at + _SERIES_AHEAD]:
            is_near = abs(seconds[other] - seconds[place]) < _SERIES_SECONDS
            if is_near and traits[other].author == traits[place].author:
                found[place].append(other)
                found[other].append(place)
    return found


def _origins(traits: Mapping[int, Traits]) -> Iterator[tuple[int, Counter[int]]]:
    """Yield which changes wrote the lines that each one touches, with how many of them; -1 stands for all before what
    was read."""
    writers: dict[int, int] = {}
    for place in sorted(traits):
        each = traits[place]
        if each.touched:
            yield place, Counter(writers.get(line, _BEFORE) for line in each.touched)
        writers.update(dict.fromkeys(each.written, place))


def count_after(places: list[int], place: int) -> int:
    """Return how many of sorted `places` come after `place`."""
    return len(places) - bisect_right(places, place)


def count_since(moments: list[int], moment: int) -> int:
    """Return how many of sorted `moments` are not before `moment`."""
    return len(moments) - bisect_left(moments, moment)
