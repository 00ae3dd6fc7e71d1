"""Nominating commits after the fact.

Apart from the other decisions because it makes items: it has to know what landed, so that nobody is asked for what is
there already. This module must not look for candidates itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from backportq.errors import DecisionError
from backportq.git.read.lookup import read_commits
from backportq.git.refs import read_refs
from backportq.model.config import Support
from backportq.model.ids import Oid, short
from backportq.model.items.decisions import nominate, reopen, set_priority
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Via
from backportq.model.items.queue import QueueState
from backportq.model.items.records import Actor
from backportq.model.priority import Priority
from backportq.model.words import typed
from backportq.services.branches import problem_of, readable, refuse_gone
from backportq.services.decisions.decide import DecisionResult, ItemDecision, Planned, decide, decider
from backportq.services.decisions.select import Asked, Selection, select
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import facts_of
from backportq.services.project import Project


class LandedError(DecisionError):
    """A named branch has the commit already."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for besides commits and branches: the person's words, a priority, and whether to nominate even what
    has landed, was declined, or is not upstream. A request that came by mail has its id, who wrote it and when."""

    text: str | None = None
    priority: Priority | None = None
    force: bool = False
    via: Via = Via.PERSON
    message_id: str | None = None
    requester: Actor | None = None


def tag(
    project: Project,
    commits: Sequence[str],
    branches: Sequence[str],
    request: Request,
    *,
    dry_run: bool = False,
) -> DecisionResult:
    """Nominate commits for branches: those that are named, else all that still take fixes and lack the commit.

    Raise `DecisionError` for a commit that a named branch has already, that was declined there, that is not upstream,
    or that no branch is left for; `request.force` overrides all but the last.
    """
    return decide(project, tag_plan(project, Asked(tuple(commits), tuple(branches)), request), dry_run=dry_run)


def tag_plan(project: Project, asked: Asked, request: Request) -> Callable[[QueueState], Planned]:
    """Return the plan of `tag`; the history is looked at once, however often it is made."""
    tagging: _Tagging | None = None

    def plan(state: QueueState) -> Planned:
        nonlocal tagging
        if tagging is None:
            selection = select(project, state, asked)
            if selection.is_named:
                refuse_gone(state.config, read_refs(project.repository), selection.branches)
            facts = facts_of(project.repository, state, selection.branches if selection.is_named else ())
            tagging = _Tagging(project, selection, facts, request, decider(project))
        return tagging.plan(state)

    return plan


def obstacle_to(facts: Facts, state: QueueState, oid: Oid, entry: BranchFacts) -> str | None:
    """Return why this branch is not to be asked for a commit that a list or a mail wants, None where it may be."""
    if oid not in facts.order and not facts.is_upstream(oid):
        return f"can't take it: it is not on {facts.upstream.name}"
    if entry.contains(oid):
        pick = entry.landed(oid)
        return f"has it already{f' as {short(pick.commit)}' if pick is not None else ''}"
    queue = state.queue_of(entry.branch.name)
    problem = problem_of(queue)
    if problem is not None:
        return f"cannot say: {problem.message}"
    item = queue.find(oid)
    if item is not None and item.state is State.DECLINED:
        return f"declined it: {item.reason or 'no reason given'}"
    return None


class _Tagging:
    """One run; a class because the plan may be made again on a newer state, with the same facts."""

    def __init__(self, project: Project, chosen: Selection, facts: Facts, request: Request, by: Actor) -> None:
        self.project = project
        self.chosen = chosen
        self.facts = facts
        self.request = request
        self.by = by
        self.notes: list[str] = []
        self.meant = {oid: facts.copies.get(oid, oid) for oid in chosen.commits}
        self.commits = read_commits(project.repository, dict.fromkeys((*chosen.commits, *self.meant.values())))

    def plan(self, state: QueueState) -> Planned:
        self.notes.clear()
        decided: list[ItemDecision] = []
        meant = dict.fromkeys(self._meant(oid, state) for oid in self.chosen.commits)
        for oid in meant:
            made = list(self._for_commit(oid, state, is_alone=len(meant) == 1))
            if not made and not (self.chosen.is_named and len(meant) > 1):
                raise self._nothing_left(oid)
            decided += made
        if not decided:
            raise self._nothing_left(*meant)
        words = f": {self.request.text}" if self.request.text else ""
        commits = tuple(dict.fromkeys(each.commit for each in decided))
        return Planned("tag", f"nominated{words}", tuple(decided), commits, notes=tuple(self.notes))

    def _nothing_left(self, *oids: Oid) -> DecisionError:
        names = ", ".join(f"'{short(oid)}'" for oid in oids)
        return DecisionError(
            f"no branch is left to nominate {names} for: {'; '.join(self.notes)}",
            hints=(f"backportq show {short(oids[0])}",),
        )

    def _meant(self, oid: Oid, state: QueueState) -> Oid:
        """Return the commit whose item this is about: of a change that upstream has twice the one that stands for both,
        unless the other has an item."""
        self._check_upstream(oid)
        original = self.meant[oid]
        if original == oid or any(state.queue_of(name).find(oid) is not None for name in self.chosen.branches):
            return oid
        self.notes.append(f"'{short(oid)}' is the same change as '{short(original)}', which stands for both")
        return original

    def _for_commit(self, oid: Oid, state: QueueState, *, is_alone: bool) -> Iterator[ItemDecision]:
        for name in self.chosen.branches:
            entry = self.facts.find_branch(name)
            if entry is None or (not self.chosen.is_named and self._is_over(entry)):
                continue
            queue = state.queue_of(name)
            if not self.chosen.is_named and not list(readable([queue])):
                continue
            try:
                item = queue.find(oid)
                yield ItemDecision(name, oid, item, self._nominated(oid, entry, item))
            except DecisionError as refusal:
                # Of a range the rest is asked for, whatever of it has landed.
                if self.chosen.is_named and (is_alone or not isinstance(refusal, LandedError)):
                    raise
                self.notes.append(f"{name}: {refusal.message}")

    def _nominated(self, oid: Oid, entry: BranchFacts, item: Item | None) -> Item:
        if entry.contains(oid) and not self.request.force:
            raise self._landed(oid, entry)
        if item is None:
            commit = self.commits[oid]
            item = Item(oid, commit.title, commit.author, commit.committed)
        elif self.request.force and item.state is State.DECLINED:
            item = reopen(item)
        elif not item.state.is_open and item.state is not State.DECLINED:
            # What is in the queue's record and not in the branch was taken back there: asked for, it is pending again.
            item = replace(item, state=State.PENDING, pick=None, staged=False)
        asked = self.request
        item = nominate(item, asked.requester or self.by, asked.text, via=asked.via, message_id=asked.message_id)
        return item if self.request.priority is None else set_priority(item, self.request.priority, self.by)

    def _landed(self, oid: Oid, entry: BranchFacts) -> LandedError:
        branch, name = entry.branch.name, short(oid)
        pick = entry.landed(oid)
        if pick is None:
            how = "contains the commit itself"
        else:
            where = entry.branch.staging if pick.staged and entry.branch.staging else branch
            evidence = f" ({pick.evidence[0].kind}: {pick.evidence[0].text})" if pick.evidence else ""
            how = f"has '{name}' already: '{short(pick.commit)}' on '{where}'{evidence}"
        text = f"'{branch}' {how}" if pick is not None else f"'{branch}' {how} '{name}'"
        return LandedError(
            text, hints=(f"backportq tag --force --branch {typed(branch)} {name}, to ask for it all the same",)
        )

    def _check_upstream(self, oid: Oid) -> None:
        if oid in self.facts.order or self.request.force or self.facts.is_upstream(oid):
            return
        name, upstream = short(oid), self.facts.upstream.name
        for entry in self.facts.branches:
            origin = next((pick.upstream for pick in entry.picks if pick.commit == oid), None)
            if origin is not None:
                raise DecisionError(
                    f"'{name}' is the pick of '{short(origin)}' on '{entry.branch.name}'",
                    hints=(f"backportq tag {short(origin)}",),
                )
        raise DecisionError(
            f"'{name}' is not on '{upstream}', where fixes land first",
            hints=("git fetch, if it landed there lately", f"backportq tag --force {name}, if it never will"),
        )

    def _is_over(self, entry: BranchFacts) -> bool:
        return entry.branch.support_on(self.by.at.date()) is Support.END_OF_LIFE
