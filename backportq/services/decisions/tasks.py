"""Giving items to people: assigning, taking, handing back.

A task has one person's key on it. Who that is, is found here from what was typed; what the transition means is in
`backportq.model.items.decisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from backportq.errors import DecisionError
from backportq.git.read.identities import canonical_identity
from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.decisions import assign, hand_back, take, unassign
from backportq.model.items.query import ItemQuery
from backportq.model.items.queue import QueueState
from backportq.model.people.people import Mapped, People, Person, find_person, proposed_key, resolve_person
from backportq.services.decisions.decide import DecisionResult, ItemDecision, decide, decider, write_plan
from backportq.services.decisions.select import choose, find_items
from backportq.services.project import Project

MYSELF = "me"


def mailmap_of(project: Project) -> Mapped:
    """Return what maps an identity through the project's `.mailmap`."""
    return lambda identity: canonical_identity(project.repository, identity)


def find_myself(project: Project, people: People) -> Person | None:
    """Return the person whose git identity this is, or None."""
    return find_person(people, str(project.actor()), mailmap_of(project))


def assign_items(
    project: Project,
    commits: Sequence[str],
    branches: Sequence[str],
    *,
    to: str,
    due: date | None = None,
    dry_run: bool = False,
) -> DecisionResult:
    """Give items to the person that `to` means (`me` is the one whose git identity this is)."""
    state = project.store.snapshot().state
    if to == MYSELF and state.people.find(MYSELF) is None:
        return _for_myself(project, commits, branches, begin=False, force=True, due=due, dry_run=dry_run)
    person = resolve_person(state.people, to, mailmap_of(project))
    by = decider(project)
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: assign(item, person.key, due=due, by=by),
        command="assign",
        done=f"assigned to '{person.key}'",
        dry_run=dry_run,
    )


def assign_matching(
    project: Project,
    query: ItemQuery,
    commits: Sequence[str],
    branches: Sequence[str],
    *,
    to: str,
    due: date | None = None,
    dry_run: bool = False,
) -> DecisionResult:
    """Give every open item that `query` admits to the person that `to` means."""
    from backportq.services.decisions.bulk import decide_matching, matching_items  # only a query needs trials and paths

    people = project.store.snapshot().state.people
    is_me = to == MYSELF and people.find(MYSELF) is None
    person = resolve_person(people, str(project.actor()) if is_me else to, mailmap_of(project))
    by = decider(project)
    return decide_matching(
        project,
        matching_items(project, query, commits, branches),
        lambda item, _branch: assign(item, person.key, due=due, by=by),
        command="assign",
        done=f"assigned to '{person.key}'",
        dry_run=dry_run,
    )


def unassign_items(
    project: Project, commits: Sequence[str], branches: Sequence[str], *, dry_run: bool = False
) -> DecisionResult:
    """Take items from their person."""
    by = decider(project)
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: unassign(item, by),
        command="unassign",
        done="assigned to nobody",
        relevant=lambda item: item.assignee is not None,
        dry_run=dry_run,
    )


def take_items(
    project: Project, commits: Sequence[str], branches: Sequence[str], *, force: bool = False, dry_run: bool = False
) -> DecisionResult:
    """Assign items to the person whose git identity this is, and start on them."""
    return _for_myself(project, commits, branches, begin=True, force=force, due=None, dry_run=dry_run)


def hand_back_items(
    project: Project, commits: Sequence[str], branches: Sequence[str], *, reason: str, dry_run: bool = False
) -> DecisionResult:
    """Give items back to nobody, with the reason; without branches named, those that have a person."""
    by = decider(project)
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: hand_back(item, by, reason),
        command="hand-back",
        done=f"handed back: {reason}",
        relevant=lambda item: item.assignee is not None,
        dry_run=dry_run,
    )


def _for_myself(
    project: Project,
    commits: Sequence[str],
    branches: Sequence[str],
    *,
    begin: bool,
    force: bool,
    due: date | None,
    dry_run: bool,
) -> DecisionResult:
    """Give items to oneself; whoever is not among the people yet is added in the same change."""
    by = decider(project)
    mapped = mailmap_of(project)
    chosen = choose(project.repository, project.store.snapshot().state, commits, branches)

    def myself(people: People) -> Person:
        found = find_person(people, str(by.who), mapped)
        return found if found is not None else new_person(people, by.who)

    def plan(state: QueueState) -> dict[tuple[BranchName, Oid], ItemDecision]:
        key = myself(state.people).key
        items = find_items(state, chosen, closed_too=False)
        return {
            where: ItemDecision(
                *where, item, take(item, key, by, force=force) if begin else assign(item, key, due=due, by=by)
            )
            for where, item in items.items()
        }

    def with_me(state: QueueState) -> QueueState:
        person = myself(state.people)
        if state.people.find(person.key) is not None:
            return state
        return replace(state, people=replace(state.people, people=(*state.people.people, person)))

    before = project.store.snapshot().state.people
    outcome = write_plan(
        project,
        chosen,
        plan,
        command="take" if begin else "assign",
        done=f"{'taken by' if begin else 'assigned to'} '{myself(before).key}'",
        dry_run=dry_run,
        also=with_me,
    )
    if find_person(before, str(by.who), mapped) is None:
        return replace(outcome, notes=(f"added '{myself(before).key}' ({by.who}) to the people of this queue",))
    return outcome


def new_person(people: People, identity: Identity, key: str | None = None) -> Person:
    """Return a new person of this identity; raise `DecisionError` if it has no mail to be known by."""
    if not identity.mail:
        raise DecisionError(
            f"'{identity.name}' has no mail address", hints=("backportq people add 'Name <mail@example.org>'",)
        )
    return Person(key or proposed_key(people, identity), identity.name or identity.mail, (identity.mail,))
