"""What this clone remembers of the topic branches that picks made, and adopting those that the queue was not told of.

A pick in a clone without a queue is made all the same. Once there is a queue, its items are in progress too: `sync`
adopts what the log of this clone has, `pick --adopt` what is found on a branch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from backportq.errors import RefError
from backportq.git.picking.publishing import branch_ref, find_branch
from backportq.git.picking.topics import note_topics, read_topics
from backportq.git.read.history import walk
from backportq.git.read.lookup import resolve_abbreviations
from backportq.git.refs import read_refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.queue import QueueState
from backportq.model.items.work import is_picked
from backportq.model.picks.record import FinishedPick
from backportq.model.picks.topic import TOPIC_FOLDER, MadeTopic
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.words import typed
from backportq.services.picks.queue_update import QueueUpdate, tell_begun
from backportq.services.picks.request import PickRequest, choose_commits
from backportq.services.picks.targets import choose_target
from backportq.services.project import Project
from backportq.services.scan.topics import readable_items


@dataclass(frozen=True, slots=True)
class Adoption:
    """A topic branch whose picks the queue learned of."""

    branch: BranchName
    topic: BranchName
    commits: tuple[Oid, ...]
    queue_update: QueueUpdate


def remember_topic(
    project: Project,
    branch: BranchName,
    topic: BranchName,
    *,
    onto: Oid,
    tip: Oid | None,
    picks: Iterable[FinishedPick],
    is_recorded: bool,
) -> None:
    """Remember a topic branch that was made or continued here. One that is continued keeps where it began."""
    before = read_topics(project.repository).get(topic)
    if before is not None and before.tip == onto:
        picks = (*before.picks, *picks)
        onto = before.onto or onto
    note_topics(project.repository, [MadeTopic(topic, branch, onto, tip, tuple(picks), is_recorded=is_recorded)])


def adopt_unrecorded(project: Project) -> tuple[Adoption, ...]:
    """Tell the queue of the picks made here that it knows nothing of: those of the log, and those on branches that are
    named as `pick` names them. Only open items that are not in progress are changed."""
    if project.store.tip() is None:
        return ()
    state = project.store.snapshot().state
    adopted = []
    items = list(readable_items(state, state.config.branches))
    waiting = {(name, item.commit) for name, item in items if not is_picked(item)}
    told = {item.topic for _, item in items}
    for made in _unrecorded(project.repository, state, told):
        commits = tuple(pick.upstream for pick in made.picks if (made.branch, pick.upstream) in waiting)
        if not commits:
            continue
        update = tell_begun(project, made.branch, made.topic, commits)
        if update.problem is None:
            note_topics(project.repository, [replace(made, is_recorded=True)])
        adopted.append(Adoption(made.branch, made.topic, commits, update))
    return tuple(adopted)


def adopt(project: Project, request: PickRequest) -> Adoption:
    """Tell the queue of picks of these commits that are on the topic branch of the request already.

    Raise `RefError` where there is no such branch, or it has no pick of one of them.
    """
    commits = choose_commits(project, request.commits, merges=request.merges)
    target = choose_target(project, replace(request, dry_run=True), commits[0])
    if target.topic_was is None:
        raise RefError(
            f"there is no branch '{target.topic}' to adopt picks from", hints=("--onto NAME names the branch",)
        )
    picks = picks_on(project.repository, target.state, target.topic_was, [target.tip])
    known = {pick.upstream: pick for pick in picks}
    lacking = [oid for oid in commits if oid not in known]
    if lacking:
        again = f"backportq pick {short(lacking[0])} --branch {typed(target.branch)} --onto {typed(target.topic)}"
        raise RefError(f"'{target.topic}' has no pick of '{short(lacking[0])}'", hints=(f"{again} --append",))
    update = tell_begun(project, target.branch, target.topic, commits)
    made = MadeTopic(target.topic, target.branch, None, target.topic_was, tuple(known[oid] for oid in commits))
    note_topics(project.repository, [made])
    return Adoption(target.branch, target.topic, commits, update)


def picks_on(
    repository: Repository, state: QueueState | None, tip: Oid, base: Sequence[Oid]
) -> tuple[FinishedPick, ...]:
    """Return what the commits of `tip` that `base` lacks say they are picks of, newest first."""
    dialects, trailers = ((), ()) if state is None else (state.config.dialects, state.config.trailers)
    grammar = grammar_of(dialects, trailers)
    found = []
    for commit in walk(repository, [tip], list(base)):
        named = [mark.hex for mark in read_picks(commit.message, grammar)]
        ids = resolve_abbreviations(repository, named)
        found += [FinishedPick(oid, commit.oid) for hex_ in named for oid in ids[hex_][:1]]
    return tuple(found)


def _unrecorded(repository: Repository, state: QueueState, told: Collection[str | None]) -> list[MadeTopic]:
    """Return the topic branches that exist, with their picks, of which the queue was not `told`."""
    log = read_topics(repository)
    names = {branch.name for branch in state.config.branches}
    # Without a queue, a pick for the staging branch is all that is known.
    stable_of = {branch.staging or branch.name: branch.name for branch in state.config.branches}
    found = [
        replace(made, branch=stable_of.get(made.branch, made.branch))
        for made in log.values()
        if not made.is_recorded
        and made.branch in {*names, *stable_of}
        and find_branch(repository, made.topic) is not None
    ]
    refs = read_refs(repository)
    for topic in refs.local_branches(f"{TOPIC_FOLDER}/"):
        name = topic.removeprefix(f"{TOPIC_FOLDER}/").rpartition("/")[0]
        if topic in log or topic in told or name not in names:
            continue
        tip = refs.oids[branch_ref(topic)]
        try:
            base = resolve_configured(refs, state.config, name).oid
        except RefError:  # the stable branch is gone
            continue
        picks = picks_on(repository, state, tip, [base])
        found.append(MadeTopic(topic, BranchName(name), None, tip, picks, is_recorded=False))
    return found
