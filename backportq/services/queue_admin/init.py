"""`init`: find the branches of a project and write the first configuration, or add branches to it.

What it finds is proposed as data with the reasons, so that a person can check it before and after. This module must not
parse branch names or tags itself: `backportq.model.branch_names` and the dialects do.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from backportq.errors import ConfigError
from backportq.git.read.history import walk
from backportq.git.read.lookup import read_commits
from backportq.git.refs import Refs, read_refs, resolve_branch
from backportq.git.repository import Repository
from backportq.model.branch_families import BranchFamily, BranchProposal, propose_branches
from backportq.model.branch_life import MAINTAINED
from backportq.model.branch_names import branch_named
from backportq.model.commit import Commit
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName
from backportq.model.items.queue import QueueState
from backportq.model.trailers.dialects import DIALECTS, distinctive_grammar_of, grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers
from backportq.queue.sync.join import find_remote_queue, join
from backportq.services.project import Project
from backportq.services.queue_admin.advisory_rule import propose_advisory_rule
from backportq.services.queue_admin.dependency_bumps import DependencyBumps, find_dependency_bumps
from backportq.services.queue_admin.find_branches import (
    ANY_REMOTE,
    FoundBranches,
    RemoteChoice,
    choose_branches_remote,
    find_names,
    find_stable,
    find_upstream,
    in_order,
    refuse_nothing,
    short_name,
)

_RECENT = 3_000  # upstream commits whose tags tell the dialect
_NEWEST_BRANCHES = 3
_RECENT_PICKS = 500
_SPEAKING = 20
_FEWEST_SIGNS = 2  # one odd line is no habit
_HABIT = 5  # one pick in so many
_DEFAULT_DIALECT = "generic"


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What the person gave; what is empty is found."""

    upstream: str | None = None
    branches: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class InitResult:
    """The configuration that was written. `added` are the branches that are new in it; `dormant` those found in git
    and left out as no longer maintained, by their pace or their name, `point_releases` those cut from a stable branch;
    `also_possible` are other families of names. `signs` counts the commits of recent history that speak for each
    dialect. `doubt` is why the upstream branch may be the wrong one. `remote` is the remote that all branches are
    taken from and why, where there were several; `joined` the one whose queue was taken over.
    `advisories` counts the recent commits that mention those which the added rule is about; `bumps` are the dependency
    bumps that a person may want to refuse."""

    config: Config
    added: tuple[StableBranch, ...]
    dormant: tuple[StableBranch, ...]
    signs: Mapping[str, int]
    doubt: str | None = None
    point_releases: tuple[StableBranch, ...] = ()
    also_possible: tuple[BranchFamily, ...] = ()
    remote: RemoteChoice = ANY_REMOTE
    joined: str | None = None
    advisories: int = 0
    bumps: DependencyBumps | None = None


def initialise(project: Project, wanted: InitRequest, *, force: bool = False) -> InitResult:
    """Write the configuration of a new queue, or add `wanted.branches` to that of an existing one.

    With `force` the upstream, branches and dialects of an existing configuration are written anew; rules, people and
    items stay. Raise `RefError` for a branch that doesn't exist, `ConfigError` where there is a queue and nothing to
    add.
    """
    refs = read_refs(project.repository)
    joined = _join(project)
    if project.store.tip() is not None and not force:
        is_plain = not (wanted.branches or wanted.upstream or wanted.dialects)
        if joined is not None and is_plain:
            return InitResult(project.store.snapshot().state.config, (), (), MappingProxyType({}), joined=joined)
        return replace(_add_branches(project, refs, wanted), joined=joined)
    found = replace(propose(project, refs, wanted), joined=joined)
    actor, at = project.actor(), project.clock()
    if project.store.tip() is None:
        project.store.create(QueueState(found.config), actor=actor, at=at)
        return found

    def decide(state: QueueState) -> QueueState:
        fresh = found.config
        config = replace(
            state.config,
            upstream=fresh.upstream,
            branches=_with_settings(fresh.branches, state.config.branches),
            dialects=fresh.dialects,
            remote=fresh.remote,
        )
        return replace(state, config=config)

    done = project.store.change(decide, command="init", summary="write the configuration anew", actor=actor, at=at)
    return replace(found, config=done.after.config)


def propose(project: Project, refs: Refs, wanted: InitRequest) -> InitResult:
    """Return the configuration for what is `wanted`, completed by what is found; writes nothing."""
    repository = project.repository
    grammar_of(wanted.dialects)  # raises for an unknown one, with near matches
    remote = _remote_for(project, refs, wanted)
    names = find_names(refs, remote.name)
    proposal = propose_branches(names)
    if wanted.upstream is not None:
        upstream = short_name(resolve_branch(refs, wanted.upstream, remote.name))
    else:
        upstream = find_upstream(project, refs, names, proposal, remote.name)
    if wanted.branches:
        named = [_named(refs, proposal, name, remote.name) for name in dict.fromkeys(wanted.branches)]
        others = [branch for branch in named if branch.name != upstream]
        found = FoundBranches(in_order(project, refs, upstream, remote.name, others))
    else:
        found = find_stable(project, refs, proposal, upstream, remote.name)
        if not found.stable:
            raise refuse_nothing(names, upstream)
    branches = found.stable
    tip = resolve_branch(refs, upstream, remote.name).oid
    recent = list(itertools.islice(walk(repository, (tip,), topological=False), _RECENT))
    advisories = propose_advisory_rule(recent)
    dialects = wanted.dialects
    signs: Mapping[str, int] = MappingProxyType({})
    if not dialects:
        signs = count_signs(recent)
        dialects = tuple(name for name, count in signs.items() if count >= _FEWEST_SIGNS)
        if not dialects:
            signs = count_pick_signs(repository, refs, [branch.name for branch in branches], remote.name)
            dialects = tuple(signs)[:1] or _dialects_by_names(branches) or (_DEFAULT_DIALECT,)
    rules = () if advisories is None else (advisories.rule,)
    config = Config(BranchName(upstream), branches, dialects=dialects, remote=remote.name, rules=rules)
    return InitResult(
        config,
        branches,
        found.dormant,
        signs,
        doubt=_doubt(project, refs, config),
        point_releases=found.point_releases,
        also_possible=found.also_possible,
        remote=remote,
        advisories=0 if advisories is None else advisories.commits,
        bumps=find_dependency_bumps(recent),
    )


def _join(project: Project) -> str | None:
    """Begin with the queue that a remote has, if there is none here; return that remote."""
    if project.store.tip() is not None:
        return None
    there = find_remote_queue(project.store)
    if there is None:
        return None
    join(project.store, there)
    return there.remote


def _remote_for(project: Project, refs: Refs, wanted: InitRequest) -> RemoteChoice:
    """Return the remote for all branches; none in particular where those that a person names are on several."""
    choice = choose_branches_remote(project, refs, wanted.remote)
    if wanted.remote is None and choice.name is not None:
        there = refs.branches_of(choice.name)
        names = [name for name in (wanted.upstream, *wanted.branches) if name is not None]
        if any(name.removeprefix(f"{choice.name}/") not in there for name in names):
            return ANY_REMOTE
    return choice


def count_signs(recent: Sequence[Commit]) -> dict[str, int]:
    """Return how many of the recent upstream commits carry a request, an opt-out or a wait in each dialect, most first.

    `Fixes:` is common to nearly all of them and so tells nothing. Everybody speaks of backports now and then: sentences
    tell of a habit only where one commit in twenty has one.
    """
    counts = {}
    for name in DIALECTS:
        grammar = grammar_of((name,))
        tags = (read_trailers(commit.message, grammar) for commit in recent if grammar.tag_hint.search(commit.raw))
        count = sum(bool(trailers.requests or trailers.opt_outs or trailers.prerequisites) for trailers in tags)
        counts[name] = count if not grammar.prose or count * _SPEAKING >= len(recent) else 0
    return dict(sorted(((name, count) for name, count in counts.items() if count), key=lambda pair: -pair[1]))


def count_pick_signs(
    repository: Repository, refs: Refs, branches: Sequence[BranchName], remote: str | None
) -> dict[str, int]:
    """Return how many recent commits of the newest stable branches name their original in a way that only some
    dialects know, most first; where nobody tags upstream, this still tells whose history it is.

    Everybody writes a line in another way now and then: only what one pick in five has is a habit.
    (Of Xen's newest, whose security fixes name their original as git does, it is every second one.)"""
    tips = [resolve_branch(refs, name, remote).oid for name in branches[-_NEWEST_BRANCHES:]]
    recent = list(itertools.islice(walk(repository, tips, topological=False), _RECENT_PICKS)) if tips else []
    known = {name: distinctive_grammar_of(name) for name in DIALECTS if name != _DEFAULT_DIALECT}
    anyone = grammar_of((_DEFAULT_DIALECT,))
    counts: Counter[str] = Counter()
    picks = 0
    for commit in recent:
        picks += anyone.pick_hint.search(commit.raw) and bool(read_picks(commit.message, anyone))
        counts.update(
            name
            for name, grammar in known.items()
            if grammar.pick_hint.search(commit.raw) and read_picks(commit.message, grammar)
        )
    return {name: count for name, count in counts.most_common() if count >= max(_FEWEST_SIGNS, picks / _HABIT)}


def _dialects_by_names(branches: Sequence[StableBranch]) -> tuple[str, ...]:
    """Return the dialect of the one project that names all its stable branches like these."""
    return tuple(
        name
        for name, dialect in DIALECTS.items()
        if dialect.branches is not None
        and branches
        and all(re.fullmatch(dialect.branches, branch.name) for branch in branches)
    )[:1]


def _add_branches(project: Project, refs: Refs, wanted: InitRequest) -> InitResult:
    before = project.store.snapshot().state.config
    known = {branch.name for branch in before.branches}
    names = [name for name in dict.fromkeys(wanted.branches) if name not in known]
    if not names or wanted.upstream not in (None, before.upstream) or wanted.dialects:
        there = f"upstream '{before.upstream}', {len(before.branches)} stable branches"
        raise ConfigError(
            f"there is a queue already ({there})",
            hints=(
                "backportq init --branch NAME adds a branch to it",
                "backportq edit config changes anything else",
                "backportq init --force … writes upstream, branches and dialects anew; items are kept",
            ),
        )
    found = propose_branches(refs.branch_names(before.remote))
    added = tuple(_named(refs, found, name, before.remote) for name in names)

    def decide(state: QueueState) -> QueueState:
        there = {branch.name for branch in state.config.branches}
        branches = (*state.config.branches, *(branch for branch in added if branch.name not in there))
        ordered = in_order(project, refs, state.config.upstream, state.config.remote, branches)
        return replace(state, config=replace(state.config, branches=ordered))

    done = project.store.change(
        decide,
        command="init",
        summary=f"add {', '.join(names)}",
        actor=project.actor(),
        at=project.clock(),
    )
    return InitResult(done.after.config, added, (), MappingProxyType({}))


def _doubt(project: Project, refs: Refs, config: Config) -> str | None:
    """Say so where upstream sleeps and its stable branches don't: then fixes land elsewhere first."""
    names = (config.upstream, *(branch.name for branch in config.branches))
    oids = [resolve_branch(refs, name, config.remote).oid for name in names]
    commits = read_commits(project.repository, oids)
    upstream, *stable = (commits[oid].committed for oid in oids if oid in commits)
    if not stable or max(stable) - upstream <= MAINTAINED:
        return None
    last = f"{upstream.date()}, and of its stable branches {max(stable).date()}"
    return f"the last commit of '{config.upstream}' is of {last}: is upstream another branch or repository?"


def _named(refs: Refs, found: BranchProposal, name: str, remote: str | None) -> StableBranch:
    """Return the branch that a person named; its version and staging branch as the names of all branches suggest."""
    meant = short_name(resolve_branch(refs, name, remote))
    proposed = next((branch for branch in found.known if branch.name == meant), None)
    return proposed if proposed is not None else branch_named(meant)


def _with_settings(fresh: Sequence[StableBranch], before: Sequence[StableBranch]) -> tuple[StableBranch, ...]:
    """Return `fresh` with the support levels and maintainers that the same branches had before."""
    old = {branch.name: branch for branch in before}
    return tuple(
        replace(old[branch.name], version=branch.version, staging=branch.staging) if branch.name in old else branch
        for branch in fresh
    )
