"""`landed`: what was picked to one branch, from where, with all evidence for each pick.

Other commands stop at the strongest evidence. This one is for people who check, so it looks for all of it; what counts
as evidence is decided in `services/history/`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backportq.errors import ConfigError, RepositoryError
from backportq.git.read.lookup import read_commits
from backportq.git.read.patch_ids import patch_ids
from backportq.git.refs import read_refs, resolve_branch
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.config import Config, StableBranch
from backportq.model.history.landed import Evidence, EvidenceKind, LandedPick
from backportq.model.history.subjects import is_subject_of_pick, normal_subject_of
from backportq.model.ids import BranchName, Oid, short
from backportq.services.branches import choose_branches, refuse_gone
from backportq.services.history.facts import BranchFacts
from backportq.services.history.links import links_of
from backportq.services.history.stored_facts import facts_of
from backportq.services.history.upstream import has_same_author
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class LandedReport:
    """The picks of one branch, oldest first, with all their evidence, strongest first.

    - `commits` holds the upstream commits and the picks.
    - `unexplained`: the branch's other commits since `base` without merges, oldest first. They are its own, or picks
      without any evidence.
    - `warnings` say what could not be found out.
    """

    facts: BranchFacts
    picks: tuple[LandedPick, ...]
    commits: Mapping[Oid, Commit]
    unexplained: tuple[Oid, ...]
    warnings: tuple[str, ...] = ()


def landed(project: Project, name: str) -> LandedReport:
    """Return what landed on the branch `name`: a configured one, by name or version, or any other of the repository.

    Raise `ConfigError` where there is no queue or no such branch, or for the upstream branch; `RefError` for a
    configured branch that is gone.
    """
    state = project.store.snapshot().state
    branch = _branch(project.repository, state.config, name)
    if branch in state.config.branches:
        refuse_gone(state.config, read_refs(project.repository), [branch.name])
        gathered = facts_of(project.repository, state)
    else:
        # What looks for evidence takes 60 ms to load, which the index makes unnecessary for configured branches.
        from backportq.services.history.gather import gather

        gathered = gather(project.repository, replace(state.config, branches=(branch,)), links=links_of(state))
    facts = gathered.find_branch(branch.name)
    if facts is None:  # pragma: no cover - it was chosen out of these
        raise ConfigError(f"'{branch.name}' is not configured")
    named = {oid for pick in facts.picks for oid in (pick.upstream, pick.commit)} | set(facts.own)
    commits = read_commits(project.repository, named)
    picks, warnings = _all_evidence(project.repository, facts.picks, commits)
    explained = {pick.commit for pick in picks}
    others = (oid for oid in facts.own if oid not in explained and not commits[oid].is_merge)
    return LandedReport(facts, picks, commits, tuple(others), (*gathered.warnings, *warnings))


def _branch(repository: Repository, config: Config, name: str) -> StableBranch:
    try:
        return choose_branches(config, (name,))[0]
    except ConfigError:
        if name == config.upstream:
            stable = ", ".join(branch.name for branch in config.branches)
            raise ConfigError(
                f"'{name}' is the upstream branch, which fixes are picked from",
                hints=(f"the stable branches are {stable}",),
            ) from None
        if name not in read_refs(repository).branch_names(config.remote):
            raise
        resolve_branch(read_refs(repository), name, config.remote)
        return StableBranch(BranchName(name), name)


def _all_evidence(
    repository: Repository, picks: Sequence[LandedPick], commits: Mapping[Oid, Commit]
) -> tuple[tuple[LandedPick, ...], tuple[str, ...]]:
    """Add to each pick the evidence that was not needed to find it."""
    # Merges have no patch-id of their own.
    simple = [pick for pick in picks if all(len(_parents(commits, oid)) == 1 for oid in (pick.commit, pick.upstream))]
    warnings: tuple[str, ...] = ()
    patches: Mapping[Oid, str | None] = {}
    compared = {oid for pick in simple for oid in (pick.commit, pick.upstream)}
    try:
        patches = patch_ids(repository, compared)
    except RepositoryError as error:
        warnings = (f"patch-ids could not be compared: {error.message}",)
    else:
        lacking = len(compared - patches.keys())
        if lacking:
            from backportq.services.history.patch_matches import not_here

            warnings = (not_here(lacking),)
    return tuple(_with_all_evidence(pick, commits, patches) for pick in picks), warnings


def _with_all_evidence(
    pick: LandedPick, commits: Mapping[Oid, Commit], patches: Mapping[Oid, str | None]
) -> LandedPick:
    found = {evidence.kind for evidence in pick.evidence}
    more = list(pick.evidence)
    patch = patches.get(pick.commit)
    if EvidenceKind.PATCH_ID not in found and patch is not None and patch == patches.get(pick.upstream):
        more.append(Evidence(EvidenceKind.PATCH_ID, f"same patch-id as {short(pick.upstream)}"))
    if EvidenceKind.SUBJECT not in found and _is_same_subject(commits.get(pick.commit), commits.get(pick.upstream)):
        more.append(Evidence(EvidenceKind.SUBJECT, f"same author and subject as {short(pick.upstream)}"))
    return replace(pick, evidence=tuple(sorted(more, key=lambda evidence: evidence.kind.rank)))


def _is_same_subject(mine: Commit | None, original: Commit | None) -> bool:
    if mine is None or original is None:
        return False
    subject, originals = normal_subject_of(mine), normal_subject_of(original)
    return is_subject_of_pick(subject, originals) and has_same_author(mine, original)


def _parents(commits: Mapping[Oid, Commit], oid: Oid) -> tuple[Oid, ...]:
    commit = commits.get(oid)
    return commit.parents if commit is not None else ()
