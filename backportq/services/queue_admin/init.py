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
from datetime import timedelta
from types import MappingProxyType

from backportq.errors import ConfigError, RefError
from backportq.git.read.history import merge_base, order_of, walk
from backportq.git.read.lookup import read_commits
from backportq.git.refs import BranchTip, Refs, current_branch, read_refs, resolve_branch
from backportq.git.repository import Repository
from backportq.model.branch_names import BranchProposal, branch_named, propose_branches
from backportq.model.config import Config, StableBranch, in_release_order
from backportq.model.ids import BranchName
from backportq.model.items.queue import QueueState
from backportq.model.trailers.dialects import DIALECTS, distinctive_grammar_of, grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers
from backportq.model.versions import parse_version
from backportq.model.words import typed
from backportq.services.project import Project

MAINTAINED = timedelta(days=548)
"""A stable branch without a commit for this long (18 months) before the project's last one is not proposed; naming it
configures it all the same."""

_RECENT = 3_000  # upstream commits whose tags tell the dialect
_NEWEST_BRANCHES = 3
_RECENT_PICKS = 500
_SPEAKING = 20
_FEWEST_SIGNS = 2  # one odd line is no habit
_FALLBACK_BRANCHES = 3  # in a dormant project the newest ones are proposed
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
    and left out as no longer maintained, by their last commit or their name; `signs` counts the commits of recent
    history that speak for each dialect. `doubt` is why the upstream branch may be the wrong one."""

    config: Config
    added: tuple[StableBranch, ...]
    dormant: tuple[StableBranch, ...]
    signs: Mapping[str, int]
    is_new: bool
    doubt: str | None = None


def initialise(project: Project, wanted: InitRequest, *, force: bool = False) -> InitResult:
    """Write the configuration of a new queue, or add `wanted.branches` to that of an existing one.

    With `force` the upstream, branches and dialects of an existing configuration are written anew; rules, people and
    items stay. Raise `RefError` for a branch that doesn't exist, `ConfigError` where there is a queue and nothing to
    add.
    """
    refs = read_refs(project.repository)
    exists = project.store.tip() is not None
    if exists and not force:
        return _add_branches(project, refs, wanted)
    found = propose(project, refs, wanted)
    actor, at = project.actor(), project.clock()
    if not exists:
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
    return replace(found, config=done.after.config, is_new=False)


def propose(project: Project, refs: Refs, wanted: InitRequest) -> InitResult:
    """Return the configuration for what is `wanted`, completed by what is found; writes nothing."""
    repository = project.repository
    found = propose_branches(refs.branch_names(wanted.remote))
    upstream = _upstream(project.repository, refs, found, wanted)
    dormant: tuple[StableBranch, ...] = ()
    if wanted.branches:
        branches = tuple(_named(refs, found, name, wanted.remote) for name in dict.fromkeys(wanted.branches))
    else:
        branches, dormant = _maintained(project, refs, found, upstream, wanted.remote)
        dormant += found.unmaintained
    branches = _in_order(project, refs, upstream, wanted.remote, [each for each in branches if each.name != upstream])
    dialects = wanted.dialects
    signs: Mapping[str, int] = MappingProxyType({})
    if dialects:
        grammar_of(dialects)  # raises for an unknown one, with near matches
    else:
        signs = count_signs(repository, refs, upstream, wanted.remote)
        dialects = tuple(name for name, count in signs.items() if count >= _FEWEST_SIGNS)
        if not dialects:
            signs = count_pick_signs(repository, refs, [branch.name for branch in branches], wanted.remote)
            dialects = tuple(signs)[:1] or _dialects_by_names(branches) or (_DEFAULT_DIALECT,)
    config = Config(BranchName(upstream), branches, dialects=dialects, remote=wanted.remote)
    return InitResult(config, branches, dormant, signs, is_new=True, doubt=_doubt(project, refs, config))


def count_signs(repository: Repository, refs: Refs, upstream: str, remote: str | None) -> dict[str, int]:
    """Return how many recent upstream commits carry a request, an opt-out or a wait in each dialect, most first.

    `Fixes:` is common to nearly all of them and so tells nothing. Everybody speaks of backports now and then: sentences
    tell of a habit only where one commit in twenty has one.
    """
    tip = resolve_branch(refs, upstream, remote).oid
    recent = list(itertools.islice(walk(repository, (tip,), topological=False), _RECENT))
    counts = {}
    for name in DIALECTS:
        grammar = grammar_of((name,))
        tags = (read_trailers(commit.message, grammar) for commit in recent if grammar.tag_hint.search(commit.raw))
        count = sum(bool(its.requests or its.opt_outs or its.prerequisites) for its in tags)
        counts[name] = count if not grammar.prose or count * _SPEAKING >= len(recent) else 0
    return dict(sorted(((name, count) for name, count in counts.items() if count), key=lambda pair: -pair[1]))


def count_pick_signs(
    repository: Repository, refs: Refs, branches: Sequence[BranchName], remote: str | None
) -> dict[str, int]:
    """Return how many recent commits of the newest stable branches name their original in a way that only some
    dialects know, most first; where nobody tags upstream, this still tells whose history it is."""
    tips = [resolve_branch(refs, name, remote).oid for name in branches[-_NEWEST_BRANCHES:]]
    recent = list(itertools.islice(walk(repository, tips, topological=False), _RECENT_PICKS)) if tips else []
    known = {name: distinctive_grammar_of(name) for name in DIALECTS if name != _DEFAULT_DIALECT}
    counts: Counter[str] = Counter()
    for commit in recent:
        counts.update(
            name
            for name, grammar in known.items()
            if grammar.pick_hint.search(commit.raw) and read_picks(commit.message, grammar)
        )
    return {name: count for name, count in counts.most_common() if count >= _FEWEST_SIGNS}


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
        ordered = _in_order(project, refs, state.config.upstream, state.config.remote, branches)
        return replace(state, config=replace(state.config, branches=ordered))

    done = project.store.change(
        decide,
        command="init",
        summary=f"add {', '.join(names)}",
        actor=project.actor(),
        at=project.clock(),
    )
    return InitResult(done.after.config, added, (), MappingProxyType({}), is_new=False)


def _upstream(repository: Repository, refs: Refs, found: BranchProposal, wanted: InitRequest) -> BranchName:
    if wanted.upstream is not None:
        return _short_name(resolve_branch(refs, wanted.upstream, wanted.remote))
    if found.upstream_candidates:
        return BranchName(found.upstream_candidates[0])
    names = refs.branch_names(wanted.remote)
    if len(names) == 1:
        return names[0]
    if not names:
        raise RefError(
            "the repository has no commit yet, so there is nothing to backport",
            hints=("make the first commits or 'git fetch' them, then run 'backportq init' again",),
        )
    current = current_branch(repository)
    stable = {name for branch in found.stable for name in (branch.name, branch.staging)}
    guess = current if current in names and current not in stable else "NAME"
    raise RefError(
        "cannot tell which branch is upstream: none is called master, main, trunk or the like",
        hints=(
            f"backportq init --upstream {typed(guess)}",
            "git branch --all lists what there is",
            "if upstream is another repository: git remote add -f upstream URL",
        ),
    )


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
    short_name = _short_name(resolve_branch(refs, name, remote))
    proposed = next((branch for branch in found.stable if branch.name == short_name), None)
    return proposed if proposed is not None else branch_named(short_name)


def _short_name(tip: BranchTip) -> BranchName:
    """Return the branch's name without the remote that a person may have typed before it."""
    if tip.ref.startswith("refs/remotes/"):
        return BranchName(tip.ref.split("/", 3)[3])
    return BranchName(tip.ref.removeprefix("refs/heads/"))


def _maintained(
    project: Project, refs: Refs, found: BranchProposal, upstream: str, remote: str | None
) -> tuple[tuple[StableBranch, ...], tuple[StableBranch, ...]]:
    """Return the proposed branches that had a commit lately, and the others.

    Lately is seen from the project's last commit and not from today: in a clone that nobody fetched for a year, the
    branches that were maintained then are still those that a person wants to see.
    """
    tips = {branch.name: resolve_branch(refs, branch.name, remote).oid for branch in found.stable}
    newest = resolve_branch(refs, upstream, remote).oid
    commits = read_commits(project.repository, {newest, *tips.values()})
    # A commit dated in the future moves nothing.
    now = min(project.clock(), max((commit.committed for commit in commits.values()), default=project.clock()))
    alive = tuple(
        branch
        for branch in found.stable
        if tips[branch.name] in commits and now - commits[tips[branch.name]].committed <= MAINTAINED
    )
    kept = alive or found.stable[-_FALLBACK_BRANCHES:]
    return kept, tuple(branch for branch in found.stable if branch not in kept)


def _with_settings(fresh: Sequence[StableBranch], before: Sequence[StableBranch]) -> tuple[StableBranch, ...]:
    """Return `fresh` with the support levels and maintainers that the same branches had before."""
    old = {branch.name: branch for branch in before}
    return tuple(
        replace(old[branch.name], version=branch.version, staging=branch.staging) if branch.name in old else branch
        for branch in fresh
    )


def _in_order(
    project: Project, refs: Refs, upstream: str, remote: str | None, branches: Sequence[StableBranch]
) -> tuple[StableBranch, ...]:
    """Return the branches oldest release first: by version, else by where they part from upstream."""
    if all(parse_version(branch.version) is not None for branch in branches):
        return in_release_order(branches)
    tip = resolve_branch(refs, upstream, remote).oid
    bases = {
        branch.name: merge_base(project.repository, tip, resolve_branch(refs, branch.name, remote).oid)
        for branch in branches
    }
    places = order_of(project.repository, tip, [base for base in bases.values() if base is not None])

    def place(branch: StableBranch) -> tuple[int, bool, tuple[int, ...], str]:
        base, version = bases[branch.name], parse_version(branch.version)
        at = places.get(base, -1) if base is not None else -1
        return (at, version is None, version.parts if version is not None else (), branch.name)

    return tuple(sorted(branches, key=place))
