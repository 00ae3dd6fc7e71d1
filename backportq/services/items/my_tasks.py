"""What one person has to do, across branches: what is theirs, and what of others has been left lying too long.

Apart from `pending` because it starts from a person. This module must not run trials; the caller adds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from backportq.errors import DecisionError
from backportq.git.read.tree_files import files_at
from backportq.model.assignment.policy import TaskPolicy, task_policy
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.tasks import is_overdue
from backportq.model.people.maintainers import parse_maintainers
from backportq.model.people.people import People, Person, resolve_person
from backportq.services.branches import set_gone_aside
from backportq.services.items.open_items import EffectiveState, OpenItem, OpenItems, open_items
from backportq.services.people.identities import Identities, mailmap_tip
from backportq.services.people.myself import find_myself, mailmap_of
from backportq.services.people.ownership import MAINTAINERS_FILE
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook


@dataclass(frozen=True, slots=True)
class Tasks:
    """The open items of one person, most urgent first: what is in progress, then what is overdue, then by priority, the
    day it is wanted by, and how likely the project takes it (`likely`, by branch and commit). `picked` are those that
    somebody has picked: nothing is left to do but to push them, or to wait for review. `escalated` are overdue items of
    others on branches that the person maintains; `branches` are all of the queue."""

    person: Person
    items: tuple[OpenItem, ...]
    picked: tuple[OpenItem, ...]
    escalated: tuple[OpenItem, ...]
    today: date
    likely: Mapping[tuple[BranchName, Oid], float]
    branches: tuple[StableBranch, ...] = ()


def tasks_of(project: Project, who: str | None = None, *, branches: Sequence[str] = ()) -> Tasks:
    """Return the tasks of the person that `who` means, or of the one whose git identity this is; only those on
    `branches`, if any are named.

    Raise `DecisionError` if that is nobody of the queue.
    """
    opened = open_items(project, branches=branches)
    people = opened.state.people
    if who is not None:
        person: Person | None = resolve_person(people, who, mailmap_of(project))
    else:
        person = find_myself(project, people)
    if person is None:
        raise DecisionError(
            f"'{project.actor()}' is not among the people of this queue",
            hints=(f"backportq people add '{project.actor()}'", "backportq mine PERSON shows somebody else's"),
        )
    today = project.clock().astimezone(UTC).date()
    mine = [entry for entry in opened.items if entry.item.assignee == person.key]
    policy = task_policy(opened.state.config.assign)
    late = [
        entry
        for entry in opened.items
        if entry.item.assignee not in {None, person.key} and is_to_escalate(entry, policy, today)
    ]
    maintainers = branch_maintainers(project, opened.state.config, people) if late else {}
    escalated = [entry for entry in late if person.key in maintainers.get(entry.branch, ())]
    likely = _likely(project, opened, [*mine, *escalated])
    # A commit stands where the likeliest of its items stands, so that its branches are done together.
    likeliest: dict[Oid, float] = {}
    for (_, oid), chance in likely.items():
        likeliest[oid] = max(chance, likeliest.get(oid, 0.0))
    mine.sort(key=lambda entry: _urgency(entry, today, likeliest))
    return Tasks(
        person,
        tuple(entry for entry in mine if not is_done(entry)),
        tuple(entry for entry in mine if is_done(entry)),
        tuple(sorted(escalated, key=lambda entry: _urgency(entry, today, likeliest))),
        today,
        likely,
        opened.state.config.branches,
    )


def is_done(entry: OpenItem) -> bool:
    """Tell whether an item is picked already, and waits to be pushed or reviewed."""
    return entry.stage is not None and entry.stage.is_done


def is_to_escalate(entry: OpenItem, policy: TaskPolicy, today: date) -> bool:
    """Tell whether an item has been overdue for so long that the branch's maintainer is to know."""
    due = entry.item.due
    return due is not None and entry.item.state.is_open and due + timedelta(days=policy.escalate_days) < today


def branch_maintainers(project: Project, config: Config, people: People) -> dict[BranchName, tuple[str, ...]]:
    """Return the keys of those who maintain each branch: by config.toml, else people.toml, else the branch's own
    MAINTAINERS."""
    found: dict[BranchName, tuple[str, ...]] = {}
    asked: list[BranchName] = []
    for branch in config.branches:
        keys = tuple(person.key for person in people.people if branch.name in person.branches)
        if branch.maintainer is not None:
            keys = (branch.maintainer,)
        found[branch.name] = keys
        if not keys:
            asked.append(branch.name)
    found.update(_named_in_files(project, config, people, asked))
    return found


def _named_in_files(
    project: Project, config: Config, people: People, branches: list[BranchName]
) -> dict[BranchName, tuple[str, ...]]:
    from backportq.git.refs import read_refs, resolve_configured

    if not branches:
        return {}
    refs = read_refs(project.repository)
    here = {branch.name for branch in set_gone_aside(config, refs)[0].branches}
    branches = [name for name in branches if name in here]
    tips = {name: resolve_configured(refs, config, name).oid for name in branches}
    files = files_at(project.repository, [(tip, MAINTAINERS_FILE) for tip in tips.values()])
    identities = Identities(project.repository, people, mailmap_tip(project.repository, config))
    found = {}
    for name, tip in tips.items():
        text = files.get((tip, MAINTAINERS_FILE), b"").decode("utf-8", "replace")
        contacts = [contact.identity for contact in parse_maintainers(text).contacts if contact.topic is None]
        keys = [identities.find(identity).key for identity in contacts]
        found[name] = tuple(key for key in keys if key is not None)
    return found


def _likely(project: Project, opened: OpenItems, entries: Sequence[OpenItem]) -> Mapping[tuple[BranchName, Oid], float]:
    if not entries:
        return {}
    outlook, now = read_outlook(project, opened.state, opened.history), project.clock()
    return {(entry.branch, entry.item.commit): outlook.of(entry.item, entry.branch, now).likely for entry in entries}


def _urgency(entry: OpenItem, today: date, likeliest: Mapping[Oid, float]) -> tuple[object, ...]:
    item = entry.item
    is_late = is_overdue(item, today)
    chance = 0.0 if is_done(entry) else likeliest[item.commit]  # of what is picked nobody asks any more
    is_begun = entry.standing is EffectiveState.IN_PROGRESS
    due = item.due or date.max
    return (not is_begun, not is_late, item.priority.rank, due, -chance, item.committed, entry.branch)
