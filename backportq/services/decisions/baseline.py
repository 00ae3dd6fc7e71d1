"""A beginning for old branches: what the branch passed over long ago is closed at once, and stays on record.

Who adopts the queue on a branch of several years would else see hundreds of fixes that its maintainers have long looked
past. This module must not close what a person asked for or decided about, nor what is urgent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from backportq.errors import BackportqError, UsageError
from backportq.git.read.lookup import read_commits, resolve_commit
from backportq.model.ids import BranchName, Oid
from backportq.model.items.decisions import pass_over
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.likelihood.counts import Kind
from backportq.model.likelihood.outlook import Outlook, is_decided, kind_of
from backportq.services.branches import choose_branches, problem_of
from backportq.services.decisions.decide import ItemDecision, Plan, Planned, decider
from backportq.services.history.facts import BranchFacts
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook

PASSED_OVER = 20
"""So many later commits must have been taken. Replayed on Xen's 4.17 and 4.18 at three days, 1.1 % of what that closes
was taken after all (docs/nominations.md)."""

OLD = timedelta(days=548)
"""A branch that parted so long ago is old; the replay was made with such branches and with younger ones."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is meant by a baseline: upstream commits of before `moment`, on these branches (none: on all old ones)."""

    moment: datetime
    branches: tuple[str, ...] = ()


def baseline_moment(project: Project, text: str | None) -> datetime:
    """Return the moment that a day or the name of a tag stands for; now, if there is none.

    Raise `UsageError` for what is neither, or for a day to come.
    """
    now = project.clock().astimezone(UTC)
    if text is None:
        return now
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            oid = resolve_commit(project.repository, text)
        except BackportqError as error:
            raise UsageError(
                f"'{text}' is no day and no tag",
                hints=("backportq scan --baseline 2026-01-31", "git tag --list lists the tags"),
            ) from error
        return read_commits(project.repository, [oid])[oid].committed
    if day > now.date():
        raise UsageError(f"the baseline '{text}' is in the future", hints=("backportq scan --baseline, for today",))
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def baseline_plan(project: Project, baseline: Baseline) -> Plan:
    """Return the plan that closes what was passed over, with by whom and when that happened first."""
    by = decider(project)

    def plan(state: QueueState) -> Planned:
        history = HistoryOfQueue(project.repository, state)
        outlook = read_outlook(project, state, history)
        decided = []
        old = _bases_of_old(project, history)
        for branch in choose_branches(state.config, baseline.branches):
            entry = history.facts.find_branch(branch.name)
            if entry is None or not (baseline.branches or entry.base in old):
                continue
            queue = state.queue_of(branch.name)
            if problem_of(queue) is not None:
                continue  # the scan before says so
            items = [item for item in queue.open if _is_passed_over(item, branch.name, outlook, baseline)]
            first = _first_later(history, entry, items)
            for item in items:
                times = outlook.passed_over(item.commit, branch.name)
                after = pass_over(item, by, f"passed over {times} times{first(item.commit)}")
                decided.append(ItemDecision(branch.name, item.commit, item, after))
        done = f"closed what was passed over before {baseline.moment.date()}"
        return Planned("scan --baseline", done, tuple(decided))

    return plan


def _bases_of_old(project: Project, history: HistoryOfQueue) -> frozenset[Oid]:
    """Return where the branches parted that did so long ago: on a young branch much is still taken late."""
    bases = [entry.base for entry in history.facts.branches if entry.base is not None]
    commits = read_commits(project.repository, bases)
    return frozenset(oid for oid, commit in commits.items() if project.clock() - commit.committed >= OLD)


def count_passed_over(project: Project, state: QueueState) -> Mapping[BranchName, int]:
    """Return how many items of each old branch a baseline of now would close; nothing is closed."""
    return counts_of(baseline_plan(project, Baseline(baseline_moment(project, None)))(state))


def counts_of(planned: Planned) -> Mapping[BranchName, int]:
    """Return how many items of each branch a baseline closes."""
    return Counter(each.branch for each in planned.decided)


def _is_passed_over(item: Item, branch: BranchName, outlook: Outlook, baseline: Baseline) -> bool:
    return (
        item.committed < baseline.moment
        and not item.priority.is_urgent
        and not is_decided(item)
        and kind_of(item.nominations) is not Kind.ASKED
        and outlook.passed_over(item.commit, branch) >= PASSED_OVER
    )


def _first_later(history: HistoryOfQueue, entry: BranchFacts, items: Sequence[Item]) -> Callable[[Oid], str]:
    """Return what tells who took the first later commit on the branch, and when: `, first by Ada on 2026-01-31`."""
    if not items:
        return lambda _: ""
    order = history.facts.order
    # The oldest pick of a later commit: of picks that come later on the branch only those of still later ones matter.
    picks: list[tuple[int, Oid]] = []
    for pick in entry.picks:
        place = order.get(pick.upstream, -1)
        if not picks or place > picks[-1][0]:
            picks.append((place, pick.commit))
    places = [place for place, _ in picks]
    found: dict[Oid, Oid] = {}
    for item in items:
        at = bisect_right(places, order.get(item.commit, -1))
        if at < len(picks):
            found[item.commit] = picks[at][1]
    commits = read_commits(history.repository, dict.fromkeys(found.values()))

    def words(commit: Oid) -> str:
        pick = commits.get(found.get(commit, Oid("")))
        return f", first by {pick.committer.name} on {pick.committed.date()}" if pick is not None else ""

    return words
