"""Finding the branches of a project: on which remote they are, which is upstream, which are the stable ones.

What the names suggest comes from `backportq.model.branch_families`; here history decides among it. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from backportq.errors import RefError
from backportq.git.read.first_parent_lines import first_parent_lines
from backportq.git.read.history import merge_base, order_of
from backportq.git.read.lookup import read_commits
from backportq.git.read.tree_files import folders_at
from backportq.git.refs import BranchTip, Refs, current_branch, resolve_branch
from backportq.git.write.queue_refs import is_ancestor
from backportq.model.branch_families import (
    BranchFamily,
    BranchProposal,
    FamilyChoice,
    choose_families,
    folder_of,
    likeliest_names,
    propose_branches,
)
from backportq.model.branch_life import MAINTAINED, living_branches
from backportq.model.branch_names import UPSTREAM_NAMES, is_topic_name
from backportq.model.branch_relations import in_release_order
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.versions import parse_version
from backportq.model.words import typed
from backportq.services.project import Project

_LOOKED_BACK = MAINTAINED * 2  # the pace of a branch is told by this much of its line
_FALLBACK_BRANCHES = 3  # in a dormant project the newest ones are proposed
_LIKELIEST = 5
_USUAL_REMOTE = "upstream"  # what a contributor calls the project's own repository beside a fork


@dataclass(frozen=True, slots=True)
class RemoteChoice:
    """The remote whose branches are taken, None for whatever there is; `why` it was, where there were several."""

    name: str | None
    why: str = ""


ANY_REMOTE = RemoteChoice(None)


@dataclass(frozen=True, slots=True)
class FoundBranches:
    """The stable branches in release order, those that were left out as no longer maintained or as point releases, and
    the families of names that may be stable branches too."""

    stable: tuple[StableBranch, ...]
    dormant: tuple[StableBranch, ...] = ()
    point_releases: tuple[StableBranch, ...] = ()
    also_possible: tuple[BranchFamily, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """One of several remotes: its upstream branch, and that branch's last commit."""

    remote: str
    upstream: BranchName
    oid: Oid
    committed: datetime


def choose_branches_remote(project: Project, refs: Refs, wanted: str | None) -> RemoteChoice:
    """Return the remote to take all branches from: the one that is `wanted`, or whose upstream branch is the newest.

    A fork and the project itself is what every contributor has; branches of both are never mixed. Remotes without an
    upstream branch (a colleague's) don't count.
    """
    if wanted is not None:
        return RemoteChoice(wanted)
    sides = [side for remote in refs.remotes() if (side := _side(project, refs, remote)) is not None]
    if not sides:
        return ANY_REMOTE
    if len(sides) == 1:
        # Stable branches may be in repositories of their own, without upstream.
        own = propose_branches(refs.branches_of(sides[0].remote)).families
        return RemoteChoice(sides[0].remote) if own or len(refs.remotes()) == 1 else ANY_REMOTE
    followed = {refs.upstream_of[ref] for ref in refs.upstream_of}
    sides.sort(
        key=lambda side: (
            -side.committed.timestamp(),
            f"refs/remotes/{side.remote}/{side.upstream}" not in followed,
            side.remote != _USUAL_REMOTE,
        )
    )
    newest = sides[0]
    named = next((side for side in sides if side.remote == _USUAL_REMOTE), None)
    if named is not None and not is_ancestor(project.repository, named.oid, newest.oid):
        newest = named  # a fork that went on by itself is not newer
    others = [side for side in sides if side is not newest]
    return RemoteChoice(newest.remote, "; ".join(_compared(project, newest, other) for other in others))


def _side(project: Project, refs: Refs, remote: str) -> _Side | None:
    names = refs.branches_of(remote)
    default = refs.default_of.get(remote)
    upstream = default if default in names else next((name for name in UPSTREAM_NAMES if name in names), None)
    if upstream is None:
        return None
    oid = resolve_branch(refs, upstream, remote).oid
    commits = read_commits(project.repository, (oid,))
    return _Side(remote, BranchName(upstream), oid, commits[oid].committed) if oid in commits else None


def _compared(project: Project, taken: _Side, other: _Side) -> str:
    if other.oid == taken.oid:
        return f"'{other.remote}' is as new"
    if is_ancestor(project.repository, other.oid, taken.oid):
        return f"newer than '{other.remote}', which ends on {other.committed.date()}"
    return f"'{other.remote}' has gone its own way"


def find_names(refs: Refs, remote: str | None) -> tuple[BranchName, ...]:
    """Return the names of the branches to look among: those of the remote, and local ones only where it has none."""
    names = refs.branches_of(remote) if remote is not None else ()
    return names if propose_branches(names).families else refs.branch_names(remote)


def find_upstream(
    project: Project, refs: Refs, names: Sequence[BranchName], found: BranchProposal, remote: str | None
) -> BranchName:
    """Return the branch where fixes land first: what the remote's HEAD names, a usual name, or the newest of a family.

    HEAD decides unless it names a release branch that is not the newest one: many projects point it to what users want.
    """
    releases = {branch.name for branch in found.known} | {branch.staging for branch in found.known}
    default = _default_branch(project, refs, remote)
    usual = next((name for name in found.upstream_candidates if name in names), None)
    newest = {family.branches[-1].name for family in found.families if len(family.branches) > 1}

    def is_ahead(by: timedelta) -> bool:
        return usual is None or _last(project, refs, default or "", remote) - _last(project, refs, usual, remote) >= by

    if default is not None and default in names:
        if default == usual or (default not in releases and not is_topic_name(default) and is_ahead(timedelta(0))):
            return default
        if default in newest and is_ahead(MAINTAINED):
            return default
    if usual is not None:
        return BranchName(usual)
    surest = next((family.branches[-1].name for family in found.families if len(family.branches) > 1), None)
    if default is None and surest is not None:
        return surest
    if len(names) == 1:
        return names[0]
    if not names:
        raise RefError(
            "the repository has no commit yet, so there is nothing to backport",
            hints=("make the first commits or 'git fetch' them, then run 'backportq init' again",),
        )
    current = current_branch(project.repository)
    guess = current if current in names and current not in releases else "NAME"
    raise RefError(
        "cannot tell which branch is upstream: none is called master, main, trunk or the like",
        hints=(
            f"backportq init --upstream {typed(guess)}",
            "git branch --all lists what there is",
            "if upstream is another repository: git remote add -f upstream URL",
        ),
    )


def _default_branch(project: Project, refs: Refs, remote: str | None) -> BranchName | None:
    """Return what HEAD names, of the remote or of a repository that nobody works in."""
    remotes = refs.remotes()
    if remote is None and len(remotes) == 1:
        remote = remotes[0]
    if remote is not None:
        return refs.default_of.get(remote)
    return current_branch(project.repository) if project.repository.work_tree is None else None


def _last(project: Project, refs: Refs, name: str, remote: str | None) -> datetime:
    oid = resolve_branch(refs, name, remote).oid
    commits = read_commits(project.repository, (oid,))
    return commits[oid].committed if oid in commits else datetime.min.replace(tzinfo=UTC)


def find_stable(
    project: Project, refs: Refs, found: BranchProposal, upstream: BranchName, remote: str | None
) -> FoundBranches:
    """Return the stable branches that are maintained, and what else there is.

    Lately is seen from the project's last commit and not from today: in a clone that nobody fetched for a year, the
    branches that were maintained then are still those that a person wants to see.
    """
    families = [_without(family, upstream) for family in found.families]
    families = [family for family in families if family.branches]
    branches = [*(branch for each in families for branch in each.branches), *found.point_releases]
    tips = {branch.name: resolve_branch(refs, branch.name, remote).oid for branch in branches}
    tip = resolve_branch(refs, upstream, remote).oid
    alive = _alive(project, families, tips, tip)
    folders = folders_at(project.repository, tip, [each.folder for each in families if each.folder is not None])
    choice = choose_families(families, alive=alive, folders=folders)
    stable: list[StableBranch] = []
    dormant: list[StableBranch] = []
    for family in choice.chosen:
        kept = [branch for branch in family.branches if branch.name in alive]
        kept = kept or list(family.branches[-_FALLBACK_BRANCHES:])
        stable += kept
        dormant += (branch for branch in family.branches if branch not in kept)
    parted = [branch for branch in stable if merge_base(project.repository, tip, tips[branch.name]) is not None]
    stable = _with_paths(parted or stable, choice, folders)
    return FoundBranches(
        in_order(project, refs, upstream, remote, stable),
        (*dormant, *found.unmaintained),
        tuple(branch for branch in found.point_releases if branch.name in alive),
        tuple(family for family in choice.also_possible if any(branch.name in alive for branch in family.branches)),
    )


def refuse_nothing(names: Sequence[BranchName], upstream: BranchName) -> RefError:
    """Return the error for a project in which no stable branch was recognised, with the likeliest names."""
    likely = likeliest_names([name for name in names if name != upstream], at_most=_LIKELIEST)
    hints = [f"the likeliest of its names are {', '.join(likely)}"] if likely else []
    hints.append(f"backportq init --branch {typed(likely[0]) if likely else 'NAME'} begins with one")
    if not likely:
        hints.append("if stable branches are in another repository: git remote add -f stable URL")
    return RefError(
        f"no stable branch was found beside upstream '{upstream}', so no queue was made", hints=tuple(hints)
    )


def _without(family: BranchFamily, upstream: BranchName) -> BranchFamily:
    return replace(family, branches=tuple(branch for branch in family.branches if branch.name != upstream))


def _alive(
    project: Project, families: Sequence[BranchFamily], tips: dict[BranchName, Oid], upstream: Oid
) -> set[BranchName]:
    commits = read_commits(project.repository, {upstream, *tips.values()})
    # A commit dated in the future moves nothing.
    now = min(project.clock(), max((commit.committed for commit in commits.values()), default=project.clock())).date()
    alive: set[BranchName] = set()
    recent = {
        name: commits[oid].committed.date()
        for name, oid in tips.items()
        if oid in commits and now - commits[oid].committed.date() <= MAINTAINED
    }
    lines = (
        first_parent_lines(project.repository, {tips[name] for name in recent}, now - _LOOKED_BACK) if recent else {}
    )
    for family in families:
        last: dict[BranchName, date] = {each.name: recent[each.name] for each in family.branches if each.name in recent}
        alive |= living_branches({name: lines[tips[name]] for name in last}, last, now)
        if family.branches[-1].name in last:
            alive.add(family.branches[-1].name)  # the newest release may rest
    configured = {branch.name for family in families for branch in family.branches}
    return alive | (recent.keys() - configured)


def _with_paths(stable: Sequence[StableBranch], choice: FamilyChoice, folders: frozenset[str]) -> list[StableBranch]:
    """Return the branches with the folder that each is called after, where the project has several such components."""
    places = {
        branch.name: folder
        for family in choice.chosen
        if (folder := folder_of(family, folders)) is not None
        for branch in family.branches
    }
    if len(set(places.values())) < 2:
        return list(stable)
    return [
        replace(branch, paths=(f"{places[branch.name]}/",)) if branch.name in places else branch for branch in stable
    ]


def in_order(
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


def short_name(tip: BranchTip) -> BranchName:
    """Return the branch's name without the remote that a person may have typed before it."""
    if tip.ref.startswith("refs/remotes/"):
        return BranchName(tip.ref.split("/", 3)[3])
    return BranchName(tip.ref.removeprefix("refs/heads/"))
