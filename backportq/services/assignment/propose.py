"""Proposing who should do each open backport, and assigning it as proposed.

The facts are gathered once for all items: one walk of the history, one list of touched paths, one batch of trials, the
people's files of each branch. The choice itself is `backportq.model.assignment.proposal`. This module must not print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta

from backportq.model.assignment.policy import AssignStep, TaskPolicy, task_policy
from backportq.model.assignment.proposal import ItemToAssign, Proposal, propose
from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.decisions import assign
from backportq.model.items.queue import QueueState
from backportq.model.likelihood.outlook import Likelihood
from backportq.model.people.people import People
from backportq.model.people.robots import Robots
from backportq.model.trials.verdict import TrialOutcome, Verdict
from backportq.model.words import counted
from backportq.services.assignment.candidates import CandidateFinder, Question, question_of
from backportq.services.assignment.file_experts import FileKnowledge
from backportq.services.branches import readable
from backportq.services.decisions.decide import DecisionResult, ItemDecision, Planned, decide, decider
from backportq.services.decisions.select import Asked, Selection, choose, find_items, split_words
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import facts_of
from backportq.services.items.grouping import JudgedItem, group, judge
from backportq.services.items.open_items import EffectiveState, OpenItem, open_items
from backportq.services.items.query import filter_entries, query_of, try_entries
from backportq.services.people.identities import identities_of
from backportq.services.people.ownership import Ownership, read_ownership
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook


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
        return self.outcome.verdict


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is proposed, in the order in which it was decided.

    - `unknown_people`: who was found by a step and is not among the people of the queue, with how often.
    - `problems`: what could not be read in MAINTAINERS or CODEOWNERS.
    - `folded`: how many items were not given out because they were passed over so often.
    """

    proposed: tuple[ProposedAssignment, ...]
    unknown_people: tuple[tuple[str, int], ...] = ()
    problems: tuple[str, ...] = ()
    folded: int = 0


EVERYTHING = Asked()


def propose_owners(
    project: Project, asked: Asked = EVERYTHING, *, due: date | None = None, capacity: int | None = None
) -> Proposals:
    """Return who should do each open item that nobody has (and those of people who left the queue).

    - The most urgent and the likeliest come first; what lists fold away is left alone unless a query asks for it.
    - With commits asked for, only these, and whoever has them now.
    - `due` and `capacity` override what the project's policy says.

    All of it is read from one snapshot of the queue.
    """
    state = project.store.snapshot().state
    commits, branches = split_words(state, asked)
    opened = open_items(project, branches=branches, state=state)
    policy = task_policy(state.config.assign)
    policy = policy if capacity is None else replace(policy, capacity=capacity)
    today = project.clock().astimezone(UTC).date()
    query = query_of(project, asked.query or "", state)
    chosen = choose(project.repository, state, commits, branches) if commits else None
    for item in find_items(state, chosen, closed_too=False).values() if chosen is not None else ():
        assign(item, "")  # refuses what is closed, in the words of assigning
    wanted = [entry for entry in opened.items if _is_wanted(entry, chosen, state.people)]
    outcomes = dict(zip(wanted, try_entries(project, wanted), strict=True))
    wanted = filter_entries(project, wanted, query, today, outcomes)
    outlook = read_outlook(project, state, opened.history)
    judged = {item.entry: item.likelihood for item in judge(wanted, outlook, project.clock())}
    is_narrow = chosen is not None or bool(query.conditions)
    given = [entry for entry in wanted if is_narrow or not judged[entry].is_folded]
    folded, wanted = len(wanted) - len(given), given
    facts = facts_of(project.repository, state)
    facts.load(facts.order)
    finder = _finder(project, state, policy, facts)
    order, choices = _prepare(state, policy, finder, wanted, outcomes, judged)
    loads = _loads(state, chosen)
    people = _without_robots(state.people, finder.identities.robots)
    first = propose(choices, people, loads, policy, today)
    knowing = [order[proposal.commit, proposal.branch] for proposal in first if proposal.step is AssignStep.FILES]
    if knowing:
        # Only where knowing the files decides is it worth a git process for each file to know the lines.
        for entry in knowing:
            finder.knowledge.look_at_lines(entry.item.commit, _conflicts(outcomes[entry]))
        order, choices = _prepare(state, policy, finder, wanted, outcomes, judged)
    day = due if due is not None else today + timedelta(days=policy.due_days) if policy.due_days else None
    made = propose(choices, people, loads, policy, today)
    proposed = tuple(
        ProposedAssignment(
            order[proposal.commit, proposal.branch], outcomes[order[proposal.commit, proposal.branch]], proposal, day
        )
        for proposal in made
    )
    return Proposals(proposed, _unknown_people(choices), _problems(facts, finder.ownership), folded)


def assign_proposed(project: Project, proposals: Proposals) -> DecisionResult:
    """Assign every item as proposed, in one change; items that somebody took meanwhile are left alone."""
    by = decider(project)
    given = {
        (each.entry.branch, each.entry.item.commit): each
        for each in proposals.proposed
        if each.proposal.key is not None
    }
    people = len({each.proposal.key for each in given.values()})
    done = f"assigned to {counted(people, 'person', 'people')} as proposed"

    def plan(state: QueueState) -> Planned:
        decided = []
        for (branch, commit), each in given.items():
            item = state.queue_of(branch).find(commit)
            if item is None or not item.state.is_open or item.assignee != each.entry.item.assignee:
                continue
            after = assign(item, each.proposal.key or "", due=each.due, by=by, why=each.proposal.why)
            decided.append(ItemDecision(branch, commit, item, after))
        commits = tuple(dict.fromkeys(commit for _, commit in given))
        return Planned("assign --auto", done, tuple(decided), commits)

    return decide(project, plan)


def _finder(project: Project, state: QueueState, policy: TaskPolicy, facts: Facts) -> CandidateFinder:
    """Return a finder of candidates over these facts, with what the branches' own files say."""
    return CandidateFinder(
        facts=facts,
        people=state.people,
        policy=policy,
        identities=identities_of(project.repository, state),
        knowledge=FileKnowledge(project.repository, facts),
        ownership=read_ownership(project.repository, [entry.tip for entry in facts.branches]),
        now=project.clock(),
    )


def _prepare(
    state: QueueState,
    policy: TaskPolicy,
    finder: CandidateFinder,
    entries: Sequence[OpenItem],
    outcomes: Mapping[OpenItem, TrialOutcome],
    judged: Mapping[OpenItem, Likelihood],
) -> tuple[dict[tuple[Oid, BranchName], OpenItem], list[ItemToAssign]]:
    """Return the entries by commit and branch, and each with its candidates as `ItemToAssign`."""
    facts = finder.facts
    by_branch = {entry.branch.name: entry for entry in facts.branches}
    questions: dict[OpenItem, Question] = {
        entry: question_of(entry.item, by_branch[entry.branch], _conflicts(outcomes[entry])) for entry in entries
    }
    finder.load(questions.values())
    newest_first = {name: -place for place, name in enumerate(by_branch)}
    # A commit stands where the most urgent and the likeliest of its items stands, so that one person gets all of them.
    changes = {change.commit: change for change in group([JudgedItem(entry, judged[entry]) for entry in entries])}
    wanted = [
        ItemToAssign(
            entry.item.commit,
            entry.branch,
            (
                changes[entry.item.commit].priority.rank,
                -round(1000 * changes[entry.item.commit].likeliest.likelihood.likely),
                -facts.order.get(entry.item.commit, -1),
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
    keys = [person.key for person in people.people if entry.branch.name in person.branches]
    return tuple(keys or [person.key for person in people.people])


def _is_wanted(entry: OpenItem, chosen: Selection | None, people: People) -> bool:
    item = entry.item
    if chosen is not None:
        return item.commit in chosen.commits
    owner = item.assignee
    return entry.standing is EffectiveState.PENDING and (owner is None or people.find(owner) is None)


def _conflicts(outcome: TrialOutcome) -> tuple[str, ...]:
    return tuple(dict.fromkeys(conflict.path for conflict in outcome.conflicts))


def _without_robots(people: People, robots: Robots) -> People:
    """Return the people so that robots among them take no tasks."""
    listed = (
        replace(person, no_tasks=True)
        if robots.has(Identity(person.name, person.mails[0] if person.mails else ""))
        else person
        for person in people.people
    )
    return replace(people, people=tuple(listed))


def _loads(state: QueueState, chosen: Selection | None) -> dict[str, list[Oid]]:
    """Return the commits of the open items that each person has, without those that are given out anew."""
    loads: dict[str, list[Oid]] = {}
    for queue in readable(state.branches.values(), closed_too=False):
        for item in queue.open:
            if item.assignee is not None and (chosen is None or item.commit not in chosen.commits):
                loads.setdefault(item.assignee, []).append(item.commit)
    return loads


def _unknown_people(wanted: Sequence[ItemToAssign]) -> tuple[tuple[str, int], ...]:
    counts = Counter(
        candidate.name for item in wanted for candidate in item.candidates if candidate.key is None and candidate.name
    )
    return tuple(sorted(counts.items(), key=lambda named: (-named[1], named[0])))


def _problems(facts: Facts, ownership: Mapping[Oid, Ownership]) -> tuple[str, ...]:
    return tuple(
        f"{path} of {entry.branch.name}, line {problem.line}: {problem.why}"
        for entry in facts.branches
        for path, problem in (ownership[entry.tip].problems() if entry.tip in ownership else ())
    )
