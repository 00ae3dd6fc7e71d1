"""Where picks go: onto which branch, on which topic branch, and in which words.

Everything that can be refused of it is refused here, before anything is written: unknown branches, a topic branch that
is in use, a branch that would be overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass

from backportq.errors import RefError
from backportq.git.picking.committing import Committer
from backportq.git.picking.publishing import branch_ref, check_name, find_branch, refuse_checked_out
from backportq.git.read.pick_target import branch_to_pick_onto
from backportq.git.refs import (
    BranchTip,
    Refs,
    find_blocking,
    read_refs,
    resolve_branch,
    resolve_configured,
)
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.queue import QueueState
from backportq.model.picks.provenance import (
    Original,
    ProvenanceStyle,
    Wording,
    choose_style,
    compose,
    signs_off,
)
from backportq.model.picks.record import PickRecord
from backportq.model.picks.topic import TOPIC_FOLDER, default_topic
from backportq.model.words import typed
from backportq.services.branches import choose_branches
from backportq.services.picks.request import PickRequest
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class Target:
    """Where picks go.

    - `landing`: the branch that picks are to land on, the stable branch or its staging branch; `tip` is its commit.
    - `start`: where the picks begin: `tip`, or the topic branch where it is continued.
    - `topic_was`: where the topic branch stands; None if there is none.
    - `upstream_branch`: what the provenance calls upstream.
    - `state` and `stable` are None where there is no queue.
    """

    branch: BranchName
    landing: BranchName
    tip: Oid
    start: Oid
    topic: BranchName
    topic_was: Oid | None
    upstream_branch: str
    style: ProvenanceStyle
    sign_off: bool
    state: QueueState | None = None
    stable: StableBranch | None = None

    @property
    def config(self) -> Config | None:
        """The project's configuration, None where there is no queue."""
        return self.state.config if self.state is not None else None


def choose_target(project: Project, request: PickRequest, first: Oid | None) -> Target:
    """Return where the picks of `request` go; the topic branch is named after the commit `first`, or else after the
    queue.

    Raise `ConfigError` or `RefError` for a branch that does not exist, or a topic branch that cannot be made.
    """
    repository = project.repository
    state = project.store.snapshot().state if project.store.tip() is not None else None
    refs = read_refs(repository)
    stable, tip = _branch(repository, refs, state, request.branch)
    topic = check_name(repository, request.onto or default_topic(tip.name if stable is None else stable.name, first))
    # A default name that is free is no branch of the project; any other name may be.
    if request.onto is not None or find_branch(repository, topic) is not None:
        refuse_protected(state, topic, project)
    was = find_branch(repository, topic)
    blocking = find_blocking(refs, branch_ref(topic)) if was is None else None
    if blocking is not None:
        other = blocking.removeprefix("refs/heads/")
        raise RefError(
            f"branch '{topic}' cannot be made: there is a branch '{other}', and git keeps only one",
            hints=(f"--onto {typed(topic.replace('/', '-'))}", f"git branch -m {typed(other)} NAME renames the other"),
        )
    if was is not None and not (request.append or request.force or request.dry_run):
        raise RefError(
            f"branch '{topic}' exists already, at '{short(was)}'",
            hints=(
                *_adopting(request),
                "--append picks on top of it",
                "--force makes it anew",
                "--onto NAME makes another",
            ),
        )
    if was is None and request.append and request.onto is None:
        raise RefError(f"there is no branch '{topic}' to append to", hints=("--onto NAME names the branch",))
    if not request.dry_run:
        refuse_checked_out(repository, topic)
    config = state.config if state is not None else None
    return Target(
        branch=stable.name if stable is not None else tip.name,
        landing=tip.name,
        tip=tip.oid,
        # Picks go onto the staging branch where there is one; `tip` is that already.
        start=was if was is not None and request.append else tip.oid,
        topic=topic,
        topic_was=was,
        upstream_branch=config.upstream if config is not None else "master",
        style=choose_style(config, request.style),
        sign_off=signs_off(config) if request.sign_off is None else request.sign_off,
        state=state,
        stable=stable,
    )


def resumed_target(project: Project, record: PickRecord) -> Target:
    """Return where the pick of `record` goes, as it was when it began."""
    state = project.store.snapshot().state if project.store.tip() is not None else None
    configured = state.config.branches if state is not None else ()
    stable = next((branch for branch in configured if branch.name == record.branch), None)
    landing = record.branch
    if state is not None and stable is not None:
        landing = branch_to_pick_onto(project.repository, read_refs(project.repository), state.config, stable).name
    return Target(
        branch=record.branch,
        landing=landing,
        tip=record.onto,
        start=record.onto,
        topic=record.topic,
        topic_was=record.topic_was,
        upstream_branch=record.upstream_branch,
        style=record.style,
        sign_off=record.sign_off,
        state=state,
        stable=stable,
    )


def tips_now(project: Project, target: Target) -> list[Oid]:
    """Return the commits that a topic branch of `target` may stand on: the tips of its branch and of its staging
    branch, without those that are gone."""
    refs = read_refs(project.repository)
    tips = []
    for name in dict.fromkeys((target.landing, target.branch)):
        try:
            tip = resolve_branch(refs, name) if target.config is None else resolve_configured(refs, target.config, name)
        except RefError:
            continue
        tips.append(tip.oid)
    return tips


def _adopting(request: PickRequest) -> tuple[str, ...]:
    """Return the command that tells the queue of the picks which the branch has already."""
    if not request.commits:
        return ()
    onto = f" --onto {typed(request.onto)}" if request.onto is not None else ""
    commits = " ".join(map(typed, request.commits))
    return (f"backportq pick {commits} --branch {typed(request.branch)}{onto} --adopt, if it has these picks already",)


def word_pick(
    message: str,
    *,
    target: Target,
    upstream: Commit,
    picked: Oid,
    committer: Committer,
    adaptation: str | None = None,
) -> str:
    """Return the message of a pick of `picked`, which has `message`; see `model/picks/provenance.compose`."""
    wording = Wording(
        target.style,
        target.upstream_branch,
        target.branch,
        committer.who,
        sign_off=target.sign_off,
        adaptation=adaptation,
        cleanup=committer.cleanup,
    )
    return compose(message, Original(upstream.oid, upstream.committed, picked), wording)


def _branch(
    repository: Repository, refs: Refs, state: QueueState | None, name: str
) -> tuple[StableBranch | None, BranchTip]:
    if state is None:
        return None, resolve_branch(refs, name)
    stable = choose_branches(state.config, [name])[0]
    return stable, branch_to_pick_onto(repository, refs, state.config, stable)


def refuse_protected(state: QueueState | None, topic: BranchName, project: Project) -> None:
    """Raise `RefError` for a topic branch that is one of the project's own."""
    names = {project.store.ref.removeprefix("refs/heads/")}
    if state is not None:
        names.add(state.config.upstream)
        for branch in state.config.branches:
            names |= {branch.name, branch.staging or branch.name}
    if topic in names:
        raise RefError(
            f"'{topic}' is a branch of the project, and picks go to a branch of their own",
            hints=(
                f"--onto {typed(f'{TOPIC_FOLDER}/{topic}/NAME')}",
                f"git push . {typed(f'NAME:{topic}')} moves it once you are content",
            ),
        )
