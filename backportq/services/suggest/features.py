"""A candidate as numbers to learn from: what was known of it on a branch at a moment, and no more.

`FEATURES` names the numbers; a model names those that it was learned from, so that one of another version is refused.
To add one: give it a name and a group there, compute it in the function of its group, and raise `VERSION`. This module
must not look beyond the moment of the replay that it is given.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from backportq.model.likelihood.counts import Kind
from backportq.model.likelihood.past import DAY, PastChange
from backportq.model.likelihood.traits import TRAIT_NAMES, CommitProfile, Traits
from backportq.model.likelihood.words import NO_WORDS, WordWeights
from backportq.services.suggest.replay import BranchReplay, Replay, count_after, count_since

VERSION = 2
"""To be raised whenever a feature means something else."""

_NEVER = -1.0
_MOST_LATER = 60
_MOST_RECENT = 12
_FAR = 999.0
_NAMED = {None: 0.0, Kind.NEWER_BRANCH: 1.0, Kind.FIXES: 2.0, Kind.FOLLOW_UP: 3.0, Kind.ASKED: 4.0, Kind.REVERT: 5.0}

_WAITING = (
    "age", "passed over", "taken since", "sessions since", "author passed over", "folder passed over",
    "days since taking", "taken in 60 days", "next taken", "previous taken", "taken close by", "days between sessions",
    "session due", "file passed over", "file taken", "days since author taken",
)  # fmt: skip
_BRANCH = ("branch age", "parted before", "newer branches", "older branches", "share taken of all")
_ELSEWHERE = (
    "newer have", "older have", "days since newer has", "newer passed over", "days since any has",
    "taken since any has",
)  # fmt: skip
_TARGETS = (
    "named", "target in base", "target picked", "target absent", "targets", "target unknown", "target age",
    "target before parting", "target by the author",
)  # fmt: skip
_NEIGHBOURS = (
    "series", "series taken here", "series taken", "series fixes", "fixed by", "mentioned by", "fixed by taken here",
    "mentioned by taken here", "mentions taken here",
)  # fmt: skip
_LINES = ("lines absent", "lines picked", "lines with an origin", "lines written before", "lines by the author")
_CODE = ("drift", "most drift", "files absent", "lines last changed", "last change here", "changed after",
         "changed after and taken")  # fmt: skip
_HABITS = (
    "author rate", "author seen", "committer rate", "prefix rate", "prefix seen", "area rate", "folder rate",
    "folder mean rate", "file rate", "author rate of late", "area rate of late",
)  # fmt: skip
_NEARBY = (
    "recent of author taken here", "recent of prefix taken here", "recent of folder taken here",
    "recent of files taken here", "recent of files", "author taken here in 60 days", "prefix taken here in 60 days",
    "passed over by less likely words", "words among the open", "newest branch age", "open of series",
)  # fmt: skip
_WORDS = ("words",)

GROUPS: Mapping[str, tuple[str, ...]] = {
    "waiting": _WAITING, "branch": _BRANCH, "elsewhere": _ELSEWHERE, "targets": _TARGETS, "neighbours": _NEIGHBOURS,
    "code": _CODE, "lines": _LINES, "habits": _HABITS, "nearby": _NEARBY, "words": _WORDS, "traits": TRAIT_NAMES,
}  # fmt: skip
"""The features by what they are about, in the order of a row."""

FEATURES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)
"""The names of the numbers of a row, in their order."""


@dataclass(frozen=True, slots=True)
class _Still:
    """What of a pair never changes: drift of the files, and the place of the newest change of any of them before."""

    drift: tuple[float, float, float, float]
    last_change: int


class Features:
    """Rows of one replay at its moment; `describe` gives the profile of a change by its place."""

    def __init__(self, replay: Replay, descriptions: Callable[[int], CommitProfile]) -> None:
        self.replay = replay
        self.describe = descriptions
        self._still: dict[tuple[int, int], _Still] = {}
        self._scores: dict[int, float] = {}
        self._words = NO_WORDS
        self._open_scores: dict[int, tuple[int, list[float]]] = {}

    def weigh(self, words: WordWeights) -> None:
        """Score words by `words` from now on."""
        if words is not self._words:
            self._words, self._scores = words, {}

    def row(self, change: PastChange, branch: BranchReplay) -> list[float]:
        """Return what is known of `change` on `branch` now, as `FEATURES` names it."""
        traits = self.replay.traits[change.place]
        return [
            *self._waiting(change, branch, traits),
            *self._branch(change, branch),
            *self._elsewhere(change, branch),
            *self._targets(change, branch, traits),
            *self._neighbours(change, branch),
            *self._code(change, branch, traits),
            *self._lines(change, branch, traits),
            *self._habits(traits),
            *self._nearby(change, branch, traits),
            self._score(change.place),
            *self.describe(change.place).measures,
        ]

    def _score(self, place: int) -> float:
        score = self._scores.get(place)
        if score is None:
            score = self._scores[place] = self._words.score(self.describe(place).words)
        return score

    def _waiting(self, change: PastChange, branch: BranchReplay, traits: Traits) -> tuple[float, ...]:
        now, place, taken = self.replay.now, change.place, branch.places
        at = bisect_right(taken, place)
        sessions = branch.sessions
        rhythm = (sessions[-1] - sessions[-6]) / DAY / 5 if len(sessions) > 5 else 14.0
        since_last = (now - branch.last) / DAY if branch.last is not None else _FAR
        by_file = [branch.by_file.get(path, []) for path in traits.paths[:10]]
        by_folder = (branch.by_folder.get(folder, []) for folder in traits.folders)
        return (
            (now - change.entered) / DAY,
            float(len(taken) - at),
            float(count_since(branch.moments, change.entered)),
            float(count_since(sessions, change.entered)),
            float(count_after(branch.by_author.get(traits.author, []), place)),
            float(max((count_after(each, place) for each in by_folder), default=0)),
            since_last,
            float(count_since(branch.moments, now - 60 * DAY)),
            float(taken[at] - place) if at < len(taken) else _FAR,
            float(place - taken[at - 1]) if at else _FAR,
            float(bisect_right(taken, place + 30) - bisect_left(taken, place - 30)),
            rhythm,
            since_last / (rhythm + 1),
            float(max((count_after(each, place) for each in by_file), default=0)),
            float(max((len(each) for each in by_file), default=0)),
            (now - branch.author_last[traits.author]) / DAY if traits.author in branch.author_last else _FAR,
        )

    def _branch(self, change: PastChange, branch: BranchReplay) -> tuple[float, ...]:
        replay = self.replay
        return (
            (replay.now - branch.parted) / DAY,
            (change.entered - branch.parted) / DAY,
            float(sum(branch.base < other.base < change.place for other in replay.live)),
            float(sum(other.base < branch.base for other in replay.live)),
            replay.expected,
        )

    def _elsewhere(self, change: PastChange, branch: BranchReplay) -> tuple[float, ...]:
        now, place, base = self.replay.now, change.place, branch.base
        newer = [other for other in self.replay.live if base < other.base < place]
        newer_have = [other.has[place] for other in newer if place in other.has]
        older_have = [other.has[place] for other in self.replay.live if other.base < base and place in other.has]
        next_newer = min(newer, key=lambda other: other.base, default=None)
        first = min((*newer_have, *older_have), default=None)
        return (
            float(len(newer_have)),
            float(len(older_have)),
            (now - next_newer.has[place]) / DAY if next_newer is not None and place in next_newer.has else _NEVER,
            float(count_after(next_newer.places, place)) if next_newer is not None else _NEVER,
            (now - first) / DAY if first is not None else _NEVER,
            float(count_since(branch.moments, first)) if first is not None else _NEVER,
        )

    def _targets(self, change: PastChange, branch: BranchReplay, traits: Traits) -> tuple[float, ...]:
        changes, targets, has, base = self.replay.past.changes, change.targets, branch.has, branch.base
        entered = [changes[target].entered for target in targets]
        absent = sum(target > base and target not in has for target in targets)
        return (
            _NAMED[branch.watch.kind(change)],
            float(any(target <= base for target in targets)),
            float(any(target > base and target in has for target in targets)),
            float(absent > 0),
            float(traits.fixes),
            float(change.is_older_fix or traits.fixes > len(targets)),
            min((change.entered - each for each in entered), default=-DAY) / DAY,
            min((branch.parted - each for each in entered), default=-_FAR * DAY) / DAY,
            float(any(self._is_by(target, traits.author) for target in targets)),
        )

    def _is_by(self, place: int, author: str) -> bool:
        traits = self.replay.traits.get(place)
        return traits is not None and traits.author == author

    def _neighbours(self, change: PastChange, branch: BranchReplay) -> tuple[float, ...]:
        replay, has = self.replay, branch.has
        known = [place for place in replay.series.get(change.place, ()) if self._is_known(place)]
        fixed_by, mentioned_by = replay.fixed_by.get(change.place, ()), replay.mentioned_by.get(change.place, ())
        return (
            float(len(known)),
            float(sum(place in has for place in known)),
            float(sum(place in replay.first_taken for place in known)),
            float(sum(replay.traits[place].is_fix for place in known)),
            float(len(fixed_by)),
            float(len(mentioned_by)),
            float(sum(place in has for place in fixed_by)),
            float(sum(place in has for place in mentioned_by)),
            float(sum(place in has for place in replay.mentions.get(change.place, ()))),
        )

    def _is_known(self, place: int) -> bool:
        return self.replay.past.changes[place].entered < self.replay.now

    def _code(self, change: PastChange, branch: BranchReplay, traits: Traits) -> tuple[float, ...]:
        still = self._still.get((change.place, branch.index))
        if still is None:
            still = self._still[change.place, branch.index] = self._compare_code(change, branch, traits)
        after = after_and_taken = 0
        for path in traits.paths[:10]:
            seen = self.replay.seen_paths.get(path, [])
            at = bisect_right(seen, change.place)
            after = max(after, len(seen) - at)
            after_and_taken = max(after_and_taken, sum(place in branch.has for place in seen[at : at + 30]))
        is_in_base = still.last_change <= branch.base
        last = 1.0 if is_in_base else (2.0 if still.last_change in branch.has else 0.0)
        return (*still.drift, last, float(after), float(after_and_taken))

    def _lines(self, change: PastChange, branch: BranchReplay, traits: Traits) -> tuple[float, ...]:
        """Whether the branch has the lines that the change touches, by which change wrote them."""
        origins = self.replay.origins.get(change.place)
        if not origins:
            return (_NEVER, _NEVER, 0.0, _NEVER, _NEVER)
        base, has, changes = branch.base, branch.has, self.replay.past.changes
        total = sum(origins.values())
        picked = sum(lines for place, lines in origins.items() if place > base and place in has)
        absent = sum(lines for place, lines in origins.items() if place > base and place not in has)
        mine = sum(lines for place, lines in origins.items() if self._is_by(place, traits.author))
        newest = max(origins)
        age = (change.entered - changes[newest].entered) / DAY if newest >= 0 else 3_650.0
        return (absent / total, picked / total, float(total), age, mine / total)

    def _nearby(self, change: PastChange, branch: BranchReplay, traits: Traits) -> tuple[float, ...]:
        """What became here of the changes around: those before it, and those that this branch took of late."""
        replay, place, has = self.replay, change.place, branch.has
        since = replay.now - 60 * DAY
        own = self._score(place)
        later = branch.places[bisect_right(branch.places, place) :][:_MOST_LATER]
        files: set[int] = set()
        for path in traits.paths[:5]:
            files.update(_recent(replay.seen_paths.get(path, []), place, branch.base))
        folders: set[int] = set()
        for folder in traits.folders[:3]:
            folders.update(_recent(replay.seen["folder"].get(folder, []), place, branch.base))
        by_author = replay.seen["author"].get(traits.author, [])
        by_prefix = replay.seen["prefix"].get(traits.prefix, [])
        series = replay.series.get(place, ())
        scores = self._scores_of_open(branch)
        return (
            _share_in(_recent(by_author, place, branch.base), has),
            _share_in(_recent(by_prefix, place, branch.base), has),
            _share_in(folders, has),
            _share_in(files, has),
            float(len(files)),
            float(sum(has.get(each, 0) >= since for each in by_author[-_MOST_RECENT * 4 :])),
            float(sum(has.get(each, 0) >= since for each in by_prefix[-_MOST_RECENT * 4 :])),
            float(sum(self._score(each) < own for each in later)),
            bisect_left(scores, own) / (len(scores) or 1),
            (replay.now - max((each.parted for each in replay.live), default=0)) / DAY,
            float(sum(each not in has and self._is_known(each) for each in series)),
        )

    def _scores_of_open(self, branch: BranchReplay) -> list[float]:
        """Return what words say of all that is open and no older than two months, in order."""
        now = self.replay.now
        kept = self._open_scores.get(branch.index)
        if kept is None or kept[0] != now:
            young = [each.place for each in self.replay.open(branch) if each.entered > now - 60 * DAY]
            kept = self._open_scores[branch.index] = (now, sorted(self._score(place) for place in young))
        return kept[1]

    def _compare_code(self, change: PastChange, branch: BranchReplay, traits: Traits) -> _Still:
        replay, base = self.replay, branch.base
        total = most = absent = 0
        age = 3_650.0
        last_change = -1
        for path in traits.paths:
            places = replay.path_places[path]
            before = bisect_left(places, change.place)
            changes = before - bisect_right(places, base)
            total, most = total + max(0, changes), max(most, changes)
            births = replay.births.get(path, [])
            absent += bisect_left(births, change.place + 1) > bisect_right(births, base)
            if before:
                last_change = max(last_change, places[before - 1])
                age = min(age, (change.entered - replay.past.changes[places[before - 1]].entered) / DAY)
        count = len(traits.paths) or 1
        return _Still((total / count, float(most), absent / count, age), last_change)

    def _habits(self, traits: Traits) -> tuple[float, ...]:
        replay, rate = self.replay, self.replay.rate
        folders = [rate("folder", folder)[0] for folder in traits.folders] or [replay.expected]
        files = [rate("file", path)[0] for path in traits.paths[:6]]
        return (
            *rate("author", traits.author),
            rate("committer", traits.committer)[0],
            *rate("prefix", traits.prefix),
            rate("area", traits.area)[0],
            max(folders),
            sum(folders) / len(folders),
            max(files, default=replay.expected),
            replay.quick_rate("author", traits.author),
            replay.quick_rate("area", traits.area),
        )


def _recent(places: list[int], place: int, base: int) -> list[int]:
    """Return the last of sorted `places` before `place` that are after `base`."""
    at = bisect_left(places, place)
    return [each for each in places[max(0, at - _MOST_RECENT) : at] if each > base]


def _share_in(places: Collection[int], has: Mapping[int, int]) -> float:
    """Return the share that the branch has, leaning on a tenth."""
    return (sum(each in has for each in places) + 0.2) / (len(places) + 2)
