"""`show`: everything known of one commit on every branch, with the evidence.

It answers "is this in 4.18, and if not, why not" for any commit a person has in hand, a pick on a stable branch
included. This module must not decide anything; every sentence repeats a fact or a decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.git.trials import run_trials
from backportq.model.commit import Commit
from backportq.model.config import Support
from backportq.model.history.landed import Evidence, EvidenceKind, LandedPick
from backportq.model.history.release_chores import is_chore_of_release
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination
from backportq.model.trailers.values import CommitTrailers
from backportq.model.trials.verdict import TrialOutcome, Verdict
from backportq.queue.log import LogEntry, read_log
from backportq.services.commits import find_commit
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.items.open_items import LATER, EffectiveState, OpenItem, effective_state, open_items, with_topic
from backportq.services.items.tried_items import TriedItem, try_items
from backportq.services.project import Project
from backportq.services.scan.regressions import find_missing_picks, missing_in_newer, still_lost
from backportq.services.scan.scan import read_history, today
from backportq.services.scan.stored_candidates import GatheredHistory
from backportq.services.scan.topics import TopicBranches, topic_branches
from backportq.services.trials.mainlines import default_mainlines, upstream_tips


class BranchState(StrEnum):
    """Where a commit stands on one branch."""

    LANDED = "landed"
    STAGED = "staged"
    PENDING = "pending"
    DECLINED = "declined"
    DEFERRED = "deferred"
    PASSED_OVER = "passed-over"
    NOT_AFFECTED = "not-affected"
    NOT_NOMINATED = "not-nominated"


@dataclass(frozen=True, slots=True)
class OnBranch:
    """One commit on one branch. `why` explains the place in sentences, `evidence` is what `landed` rests on.

    `item` is the queue's, None where it has none; `nominations` are its reasons or, without an item, those that the
    next scan will find. `picks` are all picks of it ever made there, reverted ones too.
    """

    branch: BranchName
    version: str
    onto: Oid
    place: BranchState
    why: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    picks: tuple[LandedPick, ...] = ()
    item: Item | None = None
    standing: EffectiveState | None = None
    nominations: tuple[Nomination, ...] = ()
    work: OpenItem | None = None


@dataclass(frozen=True, slots=True)
class CommitReport:
    """All of one commit. `lost` are the branches that lack it although an older one has it, and that nobody asks for it
    on. `asked` is what the person named; `commit` is the upstream commit that it is, or is a pick of;
    `other_originals` are further ones when the pick carries several. `fixes` are the commits that its tags name, as
    found; `fixed_by` the upstream commits that name it. `is_upstream` is False for a commit of a stable branch alone.
    `today` and the project's `policy` are what due dates and votes are measured by. It was all read from
    the `history`.
    """

    asked: Oid
    commit: Commit
    pick_on: BranchName | None
    other_originals: tuple[Oid, ...]
    is_upstream: bool
    reverted_by: Oid | None
    reverts: Oid | None
    tags: CommitTrailers | None
    fixes: tuple[Oid, ...]
    fixed_by: tuple[Oid, ...]
    warnings: tuple[str, ...]
    branches: tuple[OnBranch, ...]
    today: date
    policy: Mapping[str, object]
    lost: tuple[BranchName, ...] = ()
    history: HistoryOfQueue = field(kw_only=True, repr=False, compare=False)


def show(project: Project, text: str) -> CommitReport:
    """Return everything known of the commit that `text` names; raise `RefError` if it names none."""
    state = project.store.snapshot().state
    asked = find_commit(project.repository, state, text)
    history = read_history(project.repository, state, today(project))
    facts = history.facts
    pick_on, originals = _originals(facts, asked)
    oid = originals[0] if originals else asked
    commit = facts.commits.get(oid) or read_commits(project.repository, (oid,))[oid]
    entries = [entry for entry in facts.branches if entry.branch.name not in history.unreadable]
    items = {entry.branch.name: state.queue_of(entry.branch.name).find(oid) for entry in entries}
    now = project.clock()
    topics = topic_branches(project.repository, history.source.refs)
    branches = [state_on_branch(history, entry, commit, items[entry.branch.name], now, topics) for entry in entries]
    unasked = {entry.branch for entry in branches if entry.place is BranchState.NOT_NOMINATED}
    losses = {
        name: words for name, words in _losses(project.repository, history, items, oid).items() if name in unasked
    }
    targets = history.nominated.targets
    return CommitReport(
        asked=asked,
        commit=commit,
        pick_on=pick_on,
        other_originals=originals[1:],
        is_upstream=oid in facts.order or facts.is_upstream(oid),
        reverted_by=facts.reverted_by.get(oid),
        reverts=next((old for old, new in facts.reverted_by.items() if new == oid), None),
        tags=facts.tags.get(oid),
        fixes=_fixes(facts, oid),
        fixed_by=tuple(other for other, fixed in targets.items() if oid in fixed),
        warnings=tuple(each.text for each in history.nominated.warnings if each.commit == oid),
        branches=tuple(
            replace(entry, why=(*entry.why, losses[entry.branch])) if entry.branch in losses else entry
            for entry in branches
        ),
        today=today(project),
        policy=state.config.policy,
        lost=tuple(losses),
        history=history.source,
    )


def try_on_branches(project: Project, shown: CommitReport) -> dict[BranchName, TrialOutcome]:
    """Return whether the commit applies to each branch that it has not landed on."""
    wanted = [each for each in shown.branches if each.place not in (BranchState.LANDED, BranchState.STAGED)]
    pairs = [(shown.commit.oid, each.onto) for each in wanted]
    mainlines = None
    if len(shown.commit.parents) > 1:
        mainlines = default_mainlines(project.repository, upstream_tips(project), [shown.commit.oid])
    outcomes = run_trials(project.repository, pairs, mainlines=mainlines)
    return {each.branch: outcome for each, outcome in zip(wanted, outcomes, strict=True)}


def try_in_order(
    project: Project, shown: CommitReport, alone: Mapping[BranchName, TrialOutcome]
) -> dict[BranchName, TriedItem]:
    """Return what `pending` says of the commit on each branch where its item is to be done and conflicts alone."""
    wanted = [
        each.branch
        for each in shown.branches
        if each.standing is not None and each.standing not in LATER and alone[each.branch].verdict is Verdict.CONFLICT
    ]
    if not wanted:
        return {}
    found = open_items(project, branches=wanted, history=shown.history)
    tried = try_items(project.repository, found.items, found.elsewhere)
    return {each.entry.branch: each for each in tried if each.entry.item.commit == shown.commit.oid}


def decisions_on(project: Project, oid: Oid) -> tuple[LogEntry, ...]:
    """Return the changes of the queue that concern this commit, newest first."""
    return tuple(
        replace(entry, items=tuple(item for item in entry.items if item.commit == oid))
        for entry in read_log(project.store, about=oid)
        if any(item.commit == oid for item in entry.items)
    )


def _losses(
    repository: Repository, history: GatheredHistory, items: Mapping[BranchName, Item | None], oid: Oid
) -> dict[BranchName, str]:
    """Return the branches that upgrading to would lose the commit, with what says so."""
    known = {name: item for name, item in items.items() if item is not None}
    declined = {name: {oid} for name, item in known.items() if item.state is State.DECLINED}
    pending = {name: {oid} for name, item in known.items() if item.state.is_open}
    missing = find_missing_picks(history.facts, history.branches, history.nominated, only=oid)
    found = still_lost(repository, history.branches, missing_in_newer(missing, declined, pending))
    return {each.branch: each.text for each in found if each.commit == oid and each.is_loss and each.branch is not None}


def _originals(facts: Facts, asked: Oid) -> tuple[BranchName | None, tuple[Oid, ...]]:
    """Return the branch on which `asked` is a pick, and of which upstream commits."""
    if asked in facts.order:
        return None, ()
    for entry in facts.branches:
        found = tuple(dict.fromkeys(pick.upstream for pick in entry.picks if pick.commit == asked))
        if found:
            return entry.branch.name, found
    return None, ()


def _fixes(facts: Facts, oid: Oid) -> tuple[Oid, ...]:
    tags = facts.tags.get(oid)
    if tags is None:
        return ()
    return tuple(dict.fromkeys(target for tag in tags.fixes for target in facts.resolve(tag, oid).targets))


def state_on_branch(
    history: GatheredHistory,
    entry: BranchFacts,
    commit: Commit,
    item: Item | None,
    now: datetime,
    topics: TopicBranches | None = None,
) -> OnBranch:
    """Return where `commit` stands on the branch of `entry` at `now`; `item` is the queue's, if it has one. What became
    of its topic branch is told where `topics` are given."""
    oid = commit.oid
    picks = tuple(entry.by_upstream.get(oid, ()))
    original = history.facts.copies.get(oid, oid)
    landed = entry.landed(oid)
    name = entry.branch.name
    shown = OnBranch(name, entry.branch.version, entry.onto, BranchState.NOT_NOMINATED, picks=picks, item=item)
    if entry.has_ancestor(oid):
        evidence = Evidence(EvidenceKind.ANCESTOR, f"{name} reaches the commit itself")
        return _with(shown, BranchState.LANDED, evidence=(evidence,))
    if entry.has_ancestor(original):
        evidence = Evidence(EvidenceKind.ANCESTOR, f"{name} reaches {short(original)}, of which it is a pick")
        return _with(shown, BranchState.LANDED, evidence=(evidence,))
    if landed is not None:
        place = BranchState.STAGED if landed.staged else BranchState.LANDED
        return _with(shown, place, (f"picked as {short(landed.commit)}",), evidence=landed.evidence)
    candidate = history.nominated.branches.get(name, {}).get(oid)
    nominations = item.nominations if item is not None else candidate.nominations if candidate is not None else ()
    taken_back = tuple(
        f"picked as {short(pick.commit)} and reverted there by {short(pick.reverted_by)}"
        for pick in picks
        if pick.reverted_by is not None
    )
    if item is not None and item.state is State.DECLINED:
        why = (*taken_back, f"declined: {item.reason or 'no reason given'}")
        return _with(shown, BranchState.DECLINED, why, nominations=nominations)
    if item is not None and item.state is State.PASSED_OVER:
        why = (*taken_back, item.reason or "passed over", f"closed by a baseline of {(item.at or now).date()}")
        return _with(shown, BranchState.PASSED_OVER, why, nominations=nominations)
    if item is not None and item.state.is_open:
        opened = effective_state(item, name, entry.onto, now)
        work = opened if topics is None else with_topic(topics, opened, [entry.onto, entry.tip])
        standing = work.standing
        place = BranchState.DEFERRED if standing is EffectiveState.DEFERRED else BranchState.PENDING
        return replace(_with(shown, place, taken_back, nominations=nominations, standing=standing), work=work)
    if candidate is not None:
        why = (*taken_back, "a candidate; the next scan puts it into the queue")
        return _with(shown, BranchState.PENDING, why, nominations=nominations)
    place, why = _why_not(history, entry, oid)
    return _with(shown, place, (*taken_back, *why), nominations=nominations)


def _why_not(history: GatheredHistory, entry: BranchFacts, oid: Oid) -> tuple[BranchState, tuple[str, ...]]:
    """Return why a commit that the branch lacks isn't a candidate for it."""
    facts = history.facts
    name = entry.branch.name
    if oid in facts.reverted_by:
        return BranchState.NOT_NOMINATED, (f"upstream reverted it by {short(facts.reverted_by[oid])}",)
    if oid in facts.copies:
        return BranchState.NOT_NOMINATED, (
            f"the same change as {_named(facts, facts.copies[oid])}, which stands for it",
        )
    if entry.branch not in {each.branch for each in history.branches}:
        return BranchState.NOT_NOMINATED, (f"{name} is {Support.END_OF_LIFE.replace('-', ' ')}",)
    tags = facts.tags.get(oid)
    if tags is not None and tags.refuses(entry.branch):
        lines = (line.text for line in tags.opt_outs if line.hex is None)
        return BranchState.NOT_NOMINATED, ("its message opts out: " + "; ".join(lines),)
    refusal = entry.refused.get(oid)
    if refusal is not None:
        who = _named(facts, refusal.by) if refusal.by is not None else f"{refusal.path} of the branch"
        return BranchState.NOT_NOMINATED, (f"refused by {who}" + (f": {refusal.text}" if refusal.text else ""),)
    targets = history.nominated.targets.get(oid)
    if targets is not None and not any(entry.contains(target) for target in targets):
        missing = " and ".join(_named(facts, target) for target in targets)
        return BranchState.NOT_AFFECTED, (f"{name} doesn't have what it fixes: {missing}",)
    if tags is not None and tags.fixes:
        if targets is None and not _fixes(facts, oid):
            return BranchState.NOT_NOMINATED, (
                "what it fixes was not found: " + "; ".join(tag.text for tag in tags.fixes),
            )
        return BranchState.NOT_NOMINATED, (f"{name} takes security fixes only, and no rule calls it one",)
    if tags is not None and tags.requests:
        asked = "; ".join(request.text for request in tags.requests)
        return BranchState.NOT_NOMINATED, (f"its message asks for other branches: {asked}",)
    if oid in entry.by_upstream:
        return BranchState.NOT_NOMINATED, ("no tag, no rule, no person asks for it since",)
    return BranchState.NOT_NOMINATED, (_why_nobody_asks(history, oid),)


def _why_nobody_asks(history: GatheredHistory, oid: Oid) -> str:
    subject = history.facts.commits[oid].subject if oid in history.facts.commits else ""
    for other in history.branches:
        if other.contains(oid) and is_chore_of_release(subject, other.branch.version):
            return f"it was written for a release on {other.branch.name}"
    return "no tag, no rule, no person, no pick on the next newer branch nominates it"


def _named(facts: Facts, oid: Oid) -> str:
    commit = facts.commits.get(oid)
    return short(oid) if commit is None else f'{short(oid)} ("{commit.title}")'


def _with(
    shown: OnBranch,
    place: BranchState,
    why: Sequence[str] = (),
    *,
    evidence: tuple[Evidence, ...] = (),
    nominations: tuple[Nomination, ...] = (),
    standing: EffectiveState | None = None,
) -> OnBranch:
    return replace(shown, place=place, why=tuple(why), evidence=evidence, nominations=nominations, standing=standing)
