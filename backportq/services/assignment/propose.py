"""Proposing who should do each open backport, and assigning it as proposed.

The facts are gathered once for all items: one walk of the history, one list of touched paths, one batch of trials, the
people's files of each branch. The choice itself is `backportq.model.assignment.proposal`. This module must not print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from backportq.git.read.touched_paths import touched_paths
from backportq.git.trials import run_trials
from backportq.model.assignment.policy import AssignStep, TaskPolicy, task_policy
from backportq.model.assignment.proposal import ItemToAssign, Proposal, propose
from backportq.model.ids import BranchName, Oid
from backportq.model.items.decisions import assign
from backportq.model.items.query import Facets, ItemQuery
from backportq.model.items.queue import QueueState
from backportq.model.people.people import People
from backportq.model.trials.verdict import Trial, TrialOutcome, Verdict
from backportq.services.assignment.candidates import CandidateFinder, Question, question_of
from backportq.services.assignment.file_experts import FileKnowledge
from backportq.services.decisions.decide import DecisionResult, ItemDecision, decider, write_plan
from backportq.services.decisions.select import Selection, choose, find_items
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import facts_of
from backportq.services.items.open_items import EffectiveState, OpenItem, open_items
from backportq.services.people.identities import Identities
from backportq.services.people.ownership import Ownership, read_ownership
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook

NO_QUERY = ItemQuery()


@dataclass(frozen=True, slots=True)
class ProposedAssignment:
    """One open item with its trial and the proposal for it; `due` is the day by which it would be wanted."""

    entry: OpenItem
    outcome: TrialOutcome
    proposal: Proposal
    due: date | None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of the trial, None where none could be made."""
        return self.outcome.verdict if isinstance(self.outcome, Trial) else None


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is proposed, in the order in which it was decided.

    - `unknown_people`: who was found by a step and is not among the people of the queue, with how often.
    - `problems`: what could not be read in MAINTAINERS or CODEOWNERS.
    """

    proposed: tuple[ProposedAssignment, ...]
    unknown_people: tuple[tuple[str, int], ...] = ()
    problems: tuple[str, ...] = ()


def propose_owners(
    project: Project,
    commits: Sequence[str] = (),
    branches: Sequence[str] = (),
    *,
    query: ItemQuery = NO_QUERY,
    due: date | None = None,
) -> Proposals:
    """Return who should do each open item that nobody has (and those of people who left the queue).

    With `commits`, only these, and whoever has them now. `due` overrides the day that the project's policy gives.
    """
    opened = open_items(project, branches=branches)
    state = project.store.snapshot().state
    policy = task_policy(state.config.assign)
    today = project.clock().astimezone(UTC).date()
    chosen = choose(project.repository, state, commits, branches) if commits else None
    for item in find_items(state, chosen, closed_too=False).values() if chosen is not None else ():
        assign(item, "")  # refuses what is closed, in the words of assigning
    wanted = [entry for entry in opened.items if _is_wanted(entry, chosen, state.people)]
    outcomes = dict(zip(wanted, _try(project, wanted), strict=True))
    wanted = filter_entries(project, wanted, query, today, outcomes)
    facts = facts_of(project.repository, state)
    facts.load(facts.order)
    finder = _finder(project, state, policy, facts)
    order, choices = _prepare(state, policy, finder, wanted, outcomes)
    loads = _loads(state, chosen)
    first = propose(choices, state.people, loads, policy, today)
    knowing = [order[one.commit, one.branch] for one in first if one.step is AssignStep.FILES]
    if knowing:
        # Only where knowing the files decides is it worth a git process for each file to know the lines.
        for entry in knowing:
            finder.knowledge.look_at_lines(entry.item.commit, _conflicts(outcomes[entry]))
        order, choices = _prepare(state, policy, finder, wanted, outcomes)
    day = due if due is not None else today + timedelta(days=policy.due_days) if policy.due_days else None
    made = propose(choices, state.people, loads, policy, today)
    proposed = tuple(
        ProposedAssignment(order[one.commit, one.branch], outcomes[order[one.commit, one.branch]], one, day)
        for one in made
    )
    return Proposals(proposed, _unknown_people(choices), _problems(facts, finder.ownership))


def assign_proposed(project: Project, proposals: Proposals, *, dry_run: bool = False) -> DecisionResult:
    """Assign every item as proposed, in one change; items that somebody took meanwhile are left alone."""
    by = decider(project)
    given = {
        (one.entry.branch, one.entry.item.commit): one for one in proposals.proposed if one.proposal.key is not None
    }
    chosen = Selection(tuple(dict.fromkeys(commit for _, commit in given)), (), is_named=False)

    def plan(state: QueueState) -> dict[tuple[BranchName, Oid], ItemDecision]:
        found = {}
        for (branch, commit), one in given.items():
            item = state.queue_of(branch).find(commit)
            if item is None or not item.state.is_open or item.assignee != one.entry.item.assignee:
                continue
            key = one.proposal.key or ""
            found[branch, commit] = ItemDecision(
                branch, commit, item, assign(item, key, due=one.due, by=by, why=one.proposal.why)
            )
        return found

    people = len({one.proposal.key for one in given.values()})
    done = f"assigned to {people} {'people' if people != 1 else 'person'} as proposed"
    return write_plan(project, chosen, plan, command="assign --auto", done=done, dry_run=dry_run)


def filter_entries(
    project: Project,
    entries: Sequence[OpenItem],
    query: ItemQuery,
    today: date,
    outcomes: Mapping[OpenItem, TrialOutcome] | None = None,
) -> list[OpenItem]:
    """Return the entries that `query` admits; paths are read and trials made only if it asks for them."""
    if not query.conditions:
        return list(entries)
    paths = touched_paths(project.repository, [one.item.commit for one in entries]) if query.needs_paths else {}
    if outcomes is None:
        outcomes = dict(zip(entries, _try(project, entries), strict=True)) if query.needs_verdicts else {}
    outlook = read_outlook(project, project.store.snapshot().state) if query.needs_likelihood else None
    found = []
    for entry in entries:
        outcome = outcomes.get(entry)
        verdict = str(outcome.verdict) if isinstance(outcome, Trial) else None
        likely = outlook.of(entry.item, entry.branch, project.clock()).likely if outlook is not None else None
        facets = Facets(entry.item, entry.branch, entry.standing, verdict, paths.get(entry.item.commit, ()), likely)
        if query.admits(facets, today):
            found.append(entry)
    return found


def _finder(project: Project, state: QueueState, policy: TaskPolicy, facts: Facts) -> CandidateFinder:
    """Return a finder of candidates over these facts, with what the branches' own files say."""
    return CandidateFinder(
        facts=facts,
        people=state.people,
        policy=policy,
        identities=Identities(project.repository, state.people),
        knowledge=FileKnowledge(project.repository, facts),
        ownership=read_ownership(project.repository, [one.tip for one in facts.branches]),
        now=project.clock(),
    )


def _prepare(
    state: QueueState,
    policy: TaskPolicy,
    finder: CandidateFinder,
    entries: Sequence[OpenItem],
    outcomes: Mapping[OpenItem, TrialOutcome],
) -> tuple[dict[tuple[Oid, BranchName], OpenItem], list[ItemToAssign]]:
    """Return the entries by commit and branch, and each with its candidates as `ItemToAssign`."""
    facts = finder.facts
    by_branch = {one.branch.name: one for one in facts.branches}
    questions: dict[OpenItem, Question] = {
        entry: question_of(entry.item, by_branch[entry.branch], _conflicts(outcomes[entry])) for entry in entries
    }
    finder.load(questions.values())
    newest_first = {name: -place for place, name in enumerate(by_branch)}
    wanted = [
        ItemToAssign(
            entry.item.commit,
            entry.branch,
            (
                entry.item.priority.rank,
                facts.order.get(entry.item.commit, -1),
                int(entry.item.commit[:8], 16),
                newest_first[entry.branch],
            ),
            bool(question.conflicts),
            finder.candidates(question),
            rotation_of(state.people, policy, by_branch[entry.branch]),
        )
        for entry, question in questions.items()
    ]
    return {(entry.item.commit, entry.branch): entry for entry in entries}, wanted


def rotation_of(people: People, policy: TaskPolicy, entry: BranchFacts) -> tuple[str, ...]:
    """Return the keys of those who take turns on a branch: those of the policy, else who looks after the branch, else
    everybody."""
    if policy.rotation:
        return policy.rotation
    keys = [one.key for one in people.people if entry.branch.name in one.branches]
    return tuple(keys or [one.key for one in people.people])


def _is_wanted(entry: OpenItem, chosen: Selection | None, people: People) -> bool:
    item = entry.item
    if chosen is not None:
        return item.commit in chosen.commits
    owner = item.assignee
    return entry.standing is EffectiveState.PENDING and (owner is None or people.find(owner) is None)


def _try(project: Project, entries: Sequence[OpenItem]) -> Sequence[TrialOutcome]:
    mainlines = {entry.item.commit: entry.mainline for entry in entries if entry.mainline is not None}
    return run_trials(project.repository, [(entry.item.commit, entry.onto) for entry in entries], mainlines=mainlines)


def _conflicts(outcome: TrialOutcome) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.path for one in outcome.conflicts)) if isinstance(outcome, Trial) else ()


def _loads(state: QueueState, chosen: Selection | None) -> dict[str, list[Oid]]:
    """Return the commits of the open items that each person has, without those that are given out anew."""
    loads: dict[str, list[Oid]] = {}
    for name in state.branches:
        for item in state.queue_of(name).open:
            if item.assignee is not None and (chosen is None or item.commit not in chosen.commits):
                loads.setdefault(item.assignee, []).append(item.commit)
    return loads


def _unknown_people(wanted: Sequence[ItemToAssign]) -> tuple[tuple[str, int], ...]:
    counts = Counter(
        candidate.name for one in wanted for candidate in one.candidates if candidate.key is None and candidate.name
    )
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _problems(facts: Facts, ownership: Mapping[Oid, Ownership]) -> tuple[str, ...]:
    return tuple(
        f"{path} of {entry.branch.name}, line {one.line}: {one.why}"
        for entry in facts.branches
        for path, one in (ownership[entry.tip].problems() if entry.tip in ownership else ())
    )
