"""Recording in the queue that somebody is at work: items in progress, their topic branch, and the results of checks.

This is best effort: a pick that was made is not taken back because the queue could not be written. `problem` then says
why, and what to type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from backportq.errors import BackportqError
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.items.records import Check
from backportq.model.items.work import begin, give_up, hand_in, with_check
from backportq.services.people.myself import MYSELF, find_myself, person_meant
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class QueueUpdate:
    """What was recorded.

    - `items`: the commits whose items changed, of the `open` items that the queue has of them.
    - `taken`: how many of these nobody had, and are now of the person who picked.
    - `joined`: the key by which that person is among the people from now on, where they were not before.
    - `others`: the keys of the people who have the rest, each with a number.
    - `problem`: why the queue could not be written, and what to type.
    - `has_queue`: whether there is a queue in this clone.
    """

    items: tuple[Oid, ...] = ()
    problem: str | None = None
    open: int = 0
    taken: int = 0
    joined: str | None = None
    others: tuple[tuple[str, int], ...] = ()
    has_queue: bool = True

    @property
    def is_told(self) -> bool:
        """Whether the queue knows of it; not where there is none, it could not be written, or it has no such items."""
        return self.has_queue and self.problem is None and self.open > 0


def tell_begun(project: Project, branch: BranchName, topic: str, commits: Sequence[Oid]) -> QueueUpdate:
    """Record that these commits are in progress on `topic`; commits without an item are passed over."""
    who, at = project.actor(), project.clock()
    return _change(
        project,
        branch,
        dict.fromkeys(commits),
        lambda item, mine: begin(item, topic, who, at, mine),
        command="pick",
        done=f"picked to '{topic}'",
    )


def tell_given_up(project: Project, branch: BranchName, topic: str, commits: Sequence[Oid]) -> QueueUpdate:
    """Record that these commits are not in progress on `topic` any more."""
    return _change(
        project,
        branch,
        dict.fromkeys(commits),
        lambda item, _: give_up(item, topic),
        command="pick --abort",
        done=f"not picked to '{topic}'",
    )


def tell_applied(project: Project, branch: BranchName, topic: str, picked: Mapping[Oid, Check | None]) -> QueueUpdate:
    """Record that these commits are on `topic`, with the check of each where one was run."""

    who, at = project.actor(), project.clock()

    def decide(item: Item, mine: str | None) -> Item:
        check = picked[item.commit]
        begun = begin(item, topic, who, at, mine)
        return begun if check is None else with_check(begun, check)

    return _change(project, branch, picked, decide, command="apply", done=f"applied to '{topic}'")


def tell_published(project: Project, branch: BranchName, topic: str, commits: Sequence[Oid], where: str) -> QueueUpdate:
    """Record where the picks on `topic` were handed in for review."""
    return _change(
        project,
        branch,
        dict.fromkeys(commits),
        lambda item, _: hand_in(item, topic, where),
        command="pick --push" if where != "patches" else "pick --format-patch",
        done=f"handed in from '{topic}'",
    )


def tell_checked(project: Project, branch: BranchName, checks: Mapping[Oid, Check]) -> QueueUpdate:
    """Record what checks gave for commits that are not on any branch because of it."""
    return _change(
        project,
        branch,
        checks,
        lambda item, _: with_check(item, checks[item.commit]),
        command="apply --exec",
        done="checked",
    )


def _change(
    project: Project,
    branch: BranchName,
    commits: Mapping[Oid, object],
    decide: Callable[[Item, str | None], Item],
    *,
    command: str,
    done: str,
) -> QueueUpdate:
    # `pick` works without a queue.
    if not commits or project.store.tip() is None:
        return QueueUpdate(has_queue=project.store.tip() is not None)
    meant: list[tuple[Item, Item]] = []
    mine: str | None = None
    joined: str | None = None

    def change(state: QueueState) -> QueueState:
        nonlocal mine, joined
        # Planned again where another writer won; the last plan is the one that is stored.
        meant.clear()
        people = state.people
        person = find_myself(project, people)
        if person is None and project.actor().mail:
            person, people = person_meant(project, people, MYSELF)
        mine, joined = (None if person is None else person.key), None
        queue = state.queue_of(branch)
        meant.extend((item, decide(item, mine)) for item in queue.open if item.commit in commits)
        new = {old.commit: changed for old, changed in meant if old != changed}
        if not new:
            return state
        # As with `take`: who begins on what nobody had is one of the people from then on.
        if people is not state.people and any(item.assignee == mine for item in new.values()):
            state, joined = replace(state, people=people), mine
        items = tuple(new.get(item.commit, item) for item in queue.open)
        queues = {**state.branches, branch: replace(queue, open=items)}
        return replace(state, branches=MappingProxyType(queues))

    first = next(iter(commits))
    what = short(first) if len(commits) == 1 else f"{len(commits)} commits"
    try:
        project.store.change(
            change, command=command, summary=f"{what} on {branch}: {done}", actor=project.actor(), at=project.clock()
        )
    except BackportqError as error:
        return QueueUpdate((), error.message + "".join(f" ({hint})" for hint in error.hints[:1]))
    others = Counter(old.assignee for old, _ in meant if old.assignee is not None and old.assignee != mine)
    return QueueUpdate(
        tuple(new.commit for old, new in meant if old != new),
        open=len(meant),
        taken=sum(old.assignee is None and new.assignee is not None for old, new in meant),
        joined=joined,
        others=tuple(sorted(others.items())),
    )
