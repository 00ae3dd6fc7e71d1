"""`backtest`: what each list would have been worth in this project's own past, with nothing used of what came later.

It replays every Monday and every push session: which changes were open on each young branch, how each list would have
ranked them, and what landed. This module must not make a ranking of its own; it asks those that the lists use.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from backportq.errors import UsageError
from backportq.model.ids import BranchName
from backportq.model.items.harm_words import is_cosmetic, says_harm
from backportq.model.likelihood.counts import Counts, Kind
from backportq.model.likelihood.measures import Landing, ListJudge, Measures, Pair
from backportq.model.likelihood.outlook import LIKELY
from backportq.model.likelihood.past import DAY, Past, PastChange
from backportq.services.branches import choose_branches
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.boosting import Booster, can_learn
from backportq.services.suggest.candidates import YOUNG, BranchWatch, count_past, last_moment
from backportq.services.suggest.learn import A_MONDAY, WEEK, Teacher
from backportq.services.suggest.past import past_of

_COUNTED_ANEW = 182 * DAY
_ALL_ABOVE = float("-inf")
_AGES = 1e12  # seconds; longer than any age by so much that no likelihood is outweighed

LISTS = ("fixes", "newer-branch", "rules", "newest", "likely", "model")
"""The lists that are compared, in the order in which they are shown."""

_PENDING = ("likely", "model")
"""Lists that `pending` shows, without and with what was learned: its first screen is judged as it is printed."""

_FIXING = frozenset({Kind.FIXES, Kind.FOLLOW_UP})


@dataclass(frozen=True, slots=True)
class BranchScore:
    """On one branch: how many changes the rules named before these landed, how many of them landed, and how many of as
    many best rows of the model; None where there is no model."""

    branch: BranchName
    rows: int
    rules: int
    model: int | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """`begin` and `end` of the window, the branches that were young in it, how many picks landed on these then, the
    share of them that was upstream before its push session began, what each list was worth, and what rules and model
    were worth on each branch at the length of the rules' list."""

    begin: date
    end: date
    branches: tuple[BranchName, ...]
    landed: int
    ceiling: float
    lists: Mapping[str, Measures]
    by_branch: tuple[BranchScore, ...] = ()


def backtest(
    project: Project,
    *,
    begin: date | None = None,
    end: date | None = None,
    threads: int = 1,
    branches: Sequence[str] = (),
) -> Backtest:
    """Replay the past between two days, by default from two years after the first branch parted to the last commit.

    Only what landed on `branches` is judged, if any are named; the lists learn from all.

    Where LightGBM is missing there is no list of what is learned.

    Raise `UsageError` where nothing landed in between.
    """
    from backportq.services.suggest.code_changes import traits_of_past

    state = project.store.snapshot().state
    history = HistoryOfQueue(project.repository, state)
    only = frozenset(branch.name for branch in choose_branches(state.config, branches))
    past = past_of(history.facts)
    last = last_moment(past)
    parted = min((branch.parted for branch in past.branches), default=last)
    first = _seconds(begin) if begin is not None else min(parted + 2 * 365 * DAY, max(parted, last - 365 * DAY))
    until = min(_seconds(end + timedelta(days=1)) if end is not None else last + 1, last + 1)
    if first >= until or not can_learn():  # there is nothing to learn for in an empty window
        return replay(past, first, until, only=only)
    traits, descriptions = traits_of_past(project.repository, history.index, past)
    teacher = Teacher(past, traits, descriptions, until=until, since=first, threads=threads)
    return replay(past, first, until, teacher, only=only)


def replay(
    past: Past,
    begin: int,
    end: int,
    teacher: Teacher | None = None,
    *,
    only: frozenset[BranchName] | None = None,
    anew: int = _COUNTED_ANEW,
) -> Backtest:
    """Replay the past between two moments, with a list of what `teacher` learns `anew` every so many seconds.

    Raise `UsageError` where nothing landed in between.
    """
    return _Replay(past, begin, end, teacher, only, anew).run()


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


class _Replay:
    """One replay; a class because every moment needs the watches, the counts and the judges."""

    def __init__(
        self,
        past: Past,
        begin: int,
        end: int,
        teacher: Teacher | None,
        only: frozenset[BranchName] | None,
        anew: int,
    ) -> None:
        self._judged = frozenset(
            index for index, branch in enumerate(past.branches) if only is None or branch.name in only
        )
        self._past, self._begin, self._end, self._teacher, self._anew = past, begin, end, teacher, anew
        self._sessions = past.sessions()
        self._starts = [start for start, _ in self._sessions]
        self._watches = [BranchWatch(past, branch) for branch in past.branches]
        self._landings = dict(self._landed())
        self._by_session: dict[tuple[int, int], set[int]] = {}
        for (branch, place), landing in self._landings.items():
            self._by_session.setdefault((landing.session, branch), set()).add(place)
        lists = LISTS if teacher is not None else LISTS[:-1]
        self._judges = {name: ListJudge(self._landings) for name in lists}
        self._counts: dict[int, Counts] = {}
        self._boosters: dict[int, Booster | None] = {}

    def run(self) -> Backtest:
        if not self._landings:
            raise UsageError(
                f"nothing landed on a branch of less than 18 months from {_day(self._begin)} to {_day(self._end - 1)}",
                hints=("backportq backtest --from DAY", "backportq init --branch NAME adds older branches"),
            )
        for moment, is_session in self._moments():
            if self._teacher is not None:
                self._teacher.go_on(moment)
            for index, watch in enumerate(self._watches):
                if index in self._judged and watch.branch.parted <= moment < watch.branch.parted + YOUNG:
                    watch.advance(moment)
                    self._see(moment, index, watch, is_session=is_session)
        entered = [self._past.changes[place].entered for _, place in self._landings]
        known = sum(when < each.session for when, each in zip(entered, self._landings.values(), strict=True))
        young = {branch for branch, _ in self._landings}
        return Backtest(
            _day(self._begin),
            _day(self._end - 1),
            tuple(branch.name for at, branch in enumerate(self._past.branches) if at in young),
            len(self._landings),
            known / len(self._landings),
            {name: judge.finish(folds=name == "likely") for name, judge in self._judges.items()},
            tuple(self._on_branch(index) for index in sorted(young)),
        )

    def _on_branch(self, index: int) -> BranchScore:
        rules, model = self._judges["rules"], self._judges.get("model")
        rows = rules.named_on(index)
        right = None if model is None else model.right_on(index, rows)
        return BranchScore(self._past.branches[index].name, rows, rules.right_on(index, rows), right)

    def _landed(self) -> Iterator[tuple[Pair, Landing]]:
        """Yield what landed in the window on branches that were young then."""
        for index in sorted(self._judged):
            branch = self._past.branches[index]
            for taking in branch.takings:
                if self._begin <= taking.moment < min(self._end, branch.parted + YOUNG):
                    session = self._starts[bisect_right(self._starts, taking.moment) - 1]
                    yield (index, taking.place), Landing(taking.moment, session)

    def _moments(self) -> list[tuple[int, bool]]:
        """Return every Monday and every beginning of a push session in the window, in order."""
        monday = self._begin + (A_MONDAY - self._begin) % WEEK
        weeks = [(moment, False) for moment in range(monday, self._end, WEEK)]
        sessions = [(start, True) for start in self._starts if self._begin <= start < self._end]
        return sorted([*weeks, *sessions])

    def _see(self, moment: int, index: int, watch: BranchWatch, *, is_session: bool) -> None:
        opened = [(change, watch.kind(change)) for change in watch.open(moment)]
        counts = self._counts_at(moment)
        places = {change.place for change, _ in opened}
        knowable = self._by_session.get((moment, index), set()) & places
        named = [(change, kind) for change, kind in opened if kind is not None]
        named_places = {change.place for change, _ in named}
        urgent = {change.place for change, kind in named if _is_urgent(change, kind, moment, watch)}
        folded = [each.place for each, _ in named if watch.passed_over(each.place) > counts.folds_after]
        for name, judge in self._judges.items():
            if name == "model" and self._teacher is not None:
                scored = self._by_model(moment, index, self._teacher)
            else:
                scored = _scored(name, moment, opened, named, watch, counts)
            listed = {place for _, place in scored}
            rest = [(_freshness(each, moment) - 1.0, each.place) for each, _ in opened if each.place not in listed]
            judge.see(moment, index, [*scored, *rest])
            if is_session:
                judge.see_session([*scored, *rest], knowable)
                continue
            judge.see_open(moment, index, list(places))
            if name in _PENDING:  # shows what the rules name, and no more
                screen = [_printed(each, urgent) for each in scored if each[1] in named_places]
                judge.see_week(moment, index, scored, screen=screen, line=LIKELY, folded=folded)
            else:
                judge.see_week(moment, index, scored, screen=scored, line=_ALL_ABOVE, folded=())

    def _by_model(self, moment: int, index: int, teacher: Teacher) -> list[tuple[float, int]]:
        """Return everything that is open with what was learned by the last turn says of it."""
        turn = self._turn(moment)
        if turn not in self._boosters:
            self._boosters = {turn: teacher.learn(turn)}
        booster = self._boosters[turn]
        if booster is None:
            return []
        rows = teacher.rows(teacher.replay.branches[index])
        likely = booster.likely([row for _, row in rows])
        return [(chance, change.place) for chance, (change, _) in zip(likely, rows, strict=True)]

    def _turn(self, moment: int) -> int:
        return self._begin + (moment - self._begin) // self._anew * self._anew

    def _counts_at(self, moment: int) -> Counts:
        """Return the counts as they were at the last turn."""
        turn = self._turn(moment)
        if turn not in self._counts:
            self._counts = {turn: count_past(self._past, turn)}
        return self._counts[turn]


def _scored(
    name: str,
    moment: int,
    opened: Sequence[tuple[PastChange, Kind | None]],
    named: Sequence[tuple[PastChange, Kind]],
    watch: BranchWatch,
    counts: Counts,
) -> list[tuple[float, int]]:
    """Return what the list of this name shows, each with a score; newest first where the list has no order of its
    own."""
    if name == "newest":
        return [(_freshness(change, moment), change.place) for change, _ in opened]
    if name == "likely":
        return [
            (counts.chance(kind, watch.passed_over(change.place)) + _freshness(change, moment), change.place)
            for change, kind in named
        ]
    wanted = {"fixes": _FIXING, "newer-branch": frozenset({Kind.NEWER_BRANCH})}.get(name, frozenset(Kind))
    return [(1.0 + _freshness(change, moment), change.place) for change, kind in named if kind in wanted]


def _printed(scored: tuple[float, int], urgent: AbstractSet[int]) -> tuple[float, int]:
    """Return a row with a score by which it stands where `pending` prints it: what is urgent and likely comes first."""
    score, place = scored
    return (score + (place in urgent and score >= LIKELY), place)


def _is_urgent(change: PastChange, kind: Kind, moment: int, watch: BranchWatch) -> bool:
    """Tell whether `scan` called it high then, as far as the past tells: releases are no part of it, half a year is."""
    if kind is not Kind.FOLLOW_UP or is_cosmetic(change.commit.subject):
        return False
    lately = any(watch.has.get(target, 0) >= moment - _COUNTED_ANEW for target in change.targets)
    return lately or says_harm(change.commit.message)


def _freshness(change: PastChange, moment: int) -> float:
    """Return a small number that is larger for what upstream got later, to order what is equal otherwise."""
    return (change.entered - moment) / _AGES


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment, UTC).date()
