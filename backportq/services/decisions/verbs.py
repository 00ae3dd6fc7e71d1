"""The verbs that decide about items, each with its words for the log. Their rules are transitions of
`backportq.model.items.decisions`.

Each function takes what the person said and returns a `Verb`: the decision for whatever state of the queue it is then
applied to. This module must not select items or write.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backportq.model.ids import short
from backportq.model.items import decisions, votes
from backportq.model.items.item import Item, State
from backportq.model.items.queue import QueueState
from backportq.model.priority import Priority
from backportq.services.decisions.decide import Decision, Verb, decider
from backportq.services.decisions.select import choose, choose_one
from backportq.services.people.myself import MYSELF, person_meant
from backportq.services.project import Project


def assign(project: Project, to: str, *, due: date | None = None, why: str | None = None) -> Verb:
    """Give items to the person that `to` means (`me` is the one whose git identity this is)."""
    by = decider(project)

    def verb(state: QueueState) -> Decision:
        person, people = person_meant(project, state.people, to)
        return Decision(
            "assign",
            f"assigned to '{person.key}'" + (f": {why}" if why else ""),
            lambda item, _branch: decisions.assign(item, person.key, due=due, by=by, why=why),
            people=None if people is state.people else people,
            notes=() if people is state.people else (f"added '{person.key}' ({by.who}) to the people of this queue",),
        )

    return verb


def take(project: Project, *, force: bool = False) -> Verb:
    """Assign items to oneself and start on them; whoever is not among the people yet is added in the same change."""
    by = decider(project)

    def verb(state: QueueState) -> Decision:
        person, people = person_meant(project, state.people, MYSELF)
        return Decision(
            "take",
            f"taken by '{person.key}'",
            lambda item, _branch: decisions.take(item, person.key, by, force=force),
            people=None if people is state.people else people,
            notes=() if people is state.people else (f"added '{person.key}' ({by.who}) to the people of this queue",),
        )

    return verb


def unassign(project: Project) -> Verb:
    """Take items from their person."""
    by = decider(project)
    return _same(
        Decision(
            "unassign",
            "assigned to nobody",
            lambda item, _branch: decisions.unassign(item, by),
            relevant=_is_assigned,
        )
    )


def hand_back(project: Project, reason: str) -> Verb:
    """Give items back to nobody, with the reason; without branches named, those that have a person."""
    by = decider(project)
    return _same(
        Decision(
            "hand-back",
            f"handed back: {reason}",
            lambda item, _branch: decisions.hand_back(item, by, reason),
            relevant=_is_assigned,
        )
    )


def decline(project: Project, reason: str) -> Verb:
    """Refuse items with a reason."""
    by = decider(project)
    return _same(Decision("decline", f"declined: {reason}", lambda item, _branch: decisions.decline(item, by, reason)))


def defer(project: Project, *, until: date | None, reason: str | None) -> Verb:
    """Put items off until a day, or for a reason."""
    by = decider(project)
    when = f" until {until.isoformat()}" if until is not None else ""
    return _same(
        Decision(
            "defer",
            f"deferred{when}" + (f": {reason}" if reason else ""),
            lambda item, _branch: decisions.defer(item, by, until=until, reason=reason),
        )
    )


def reopen(_project: Project) -> Verb:
    """Make declined and deferred items pending again."""
    return _same(
        Decision(
            "reopen",
            "reopened",
            lambda item, _branch: decisions.reopen(item),
            relevant=lambda item: item.state in {State.DECLINED, State.DEFERRED, State.PASSED_OVER},
            closed_too=True,
        )
    )


def note(_project: Project, text: str, *, append: bool = False) -> Verb:
    """Write a note on items, open or closed; empty text removes it."""
    return _same(
        Decision(
            "note",
            f"note: {text}" if text.strip() else "note removed",
            lambda item, _branch: decisions.note(item, text, append=append),
            closed_too=True,
        )
    )


def need(project: Project, commit: str, needs: Sequence[str], *, remove: bool = False) -> Verb:
    """Record (or forget) that one commit needs others first, in pick order."""

    def verb(state: QueueState) -> Decision:
        choose_one(project.repository, state, commit)
        others = choose(project.repository, state, needs).commits
        names = ", ".join(short(oid) for oid in others)
        return Decision(
            "need",
            f"needs {names} no more" if remove else f"needs {names}",
            lambda item, _branch: decisions.need(item, () if remove else others, others if remove else ()),
        )

    return verb


def prioritise(project: Project, priority: Priority | None) -> Verb:
    """Set the priority of items against what the rules say; None gives it back to the rules."""
    by = decider(project)
    done = f"{priority} priority" if priority is not None else "priority as the rules say"
    return _same(Decision("priority", done, lambda item, _branch: decisions.set_priority(item, priority, by)))


def approve(project: Project) -> Verb:
    """Approve items; takes back one's own objection."""
    by = decider(project)
    return _same(Decision("approve", "approved", lambda item, _branch: votes.approve(item, by)))


def object_to(project: Project, reason: str) -> Verb:
    """Object to items, for a reason; takes back one's own approval."""
    by = decider(project)
    return _same(Decision("object", f"objected to: {reason}", lambda item, _branch: votes.object_to(item, by, reason)))


def untag(_project: Project) -> Verb:
    """Withdraw what people nominated; items that nothing else keeps leave the queue."""
    return _same(
        Decision(
            "untag",
            "nomination withdrawn",
            lambda item, _branch: decisions.withdraw(item),
            relevant=lambda item: any(nomination.is_decided for nomination in item.nominations),
        )
    )


def _same(decision: Decision) -> Verb:
    """Return the verb that decides the same whatever the queue is."""
    return lambda _state: decision


def _is_assigned(item: Item) -> bool:
    return item.assignee is not None
