"""Refs: one reading of all branches and tags, and which ref a branch name means.

Where a remote-tracking branch exists it is the truth and not a local branch that somebody forgot, so every service
resolves names here and nowhere else. This module must not read commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from backportq.errors import RefError
from backportq.git.repository import Repository
from backportq.model.ids import BranchName, Oid, RefName
from backportq.model.near_words import near_words

if TYPE_CHECKING:
    from backportq.model.config import Config

_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
_TAGS = "refs/tags/"
_NOTES = "refs/notes/"
DEFAULT_REMOTE = "origin"
_NEAR = 3


@dataclass(frozen=True, slots=True)
class BranchTip:
    """A branch by its short `name`, the `ref` that was taken for it, and the commit it points to."""

    name: BranchName
    ref: RefName
    oid: Oid


@dataclass(frozen=True, slots=True)
class Refs:
    """All branches, remote-tracking branches, tags and notes of a repository at one moment.

    `oids` maps full ref names to what they point to (for an annotated tag the tag object). `upstream_of` maps local
    branches to the ref they are configured to follow, `default_of` remotes to the branch that their HEAD names.
    """

    oids: Mapping[RefName, Oid]
    upstream_of: Mapping[RefName, RefName]
    default_of: Mapping[str, BranchName] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, ref: str) -> Oid | None:
        """Return what the full ref name points to, or None."""
        return self.oids.get(RefName(ref))

    def remotes(self) -> tuple[str, ...]:
        """Return the remotes that have remote-tracking branches, `origin` first, then by name.

        A remote's name is taken to end at the first slash, as `git remote add` makes them by default.
        """
        found = {ref.removeprefix(_REMOTES).split("/", 1)[0] for ref in self.oids if ref.startswith(_REMOTES)}
        return tuple(sorted(found, key=lambda name: (name != DEFAULT_REMOTE, name)))

    def branch_names(self, remote: str | None = None) -> tuple[BranchName, ...]:
        """Return the short names of all branches that `resolve_branch` would find, sorted by name.

        With `remote`, remote-tracking branches of that remote only; local branches always.
        """
        return tuple(sorted(set(self._iter_branch_names(remote))))

    def branches_of(self, remote: str) -> tuple[BranchName, ...]:
        """Return the short names of a remote's branches, sorted by name, without the local ones."""
        start = f"{_REMOTES}{remote}/"
        return tuple(sorted(BranchName(ref.removeprefix(start)) for ref in self.oids if ref.startswith(start)))

    def local_branches(self, prefix: str) -> tuple[BranchName, ...]:
        """Return the local branches whose names begin so, sorted."""
        names = (ref.removeprefix(_HEADS) for ref in self.oids if ref.startswith(_HEADS + prefix))
        return tuple(sorted(BranchName(name) for name in names))

    def _iter_branch_names(self, remote: str | None) -> Iterator[BranchName]:
        for ref in self.oids:
            if ref.startswith(_HEADS):
                yield BranchName(ref.removeprefix(_HEADS))
            elif ref.startswith(_REMOTES):
                its_remote, slash, name = ref.removeprefix(_REMOTES).partition("/")
                if slash and name != "HEAD" and remote in (None, its_remote):
                    yield BranchName(name)


def read_refs(repository: Repository) -> Refs:
    """Return all branches, tags and notes refs of the repository, read by one git process."""
    # NUL cannot stand in a ref name and newline cannot either, but %(upstream) may be empty: fixed number of fields.
    listing = repository.git.run(
        "for-each-ref", "--format=%(objectname)%00%(refname)%00%(upstream)%00%(symref)", _HEADS, _REMOTES, _TAGS, _NOTES
    ).out.decode("utf-8", "surrogateescape")
    oids: dict[RefName, Oid] = {}
    upstream_of: dict[RefName, RefName] = {}
    default_of: dict[str, BranchName] = {}
    for line in listing.splitlines():
        oid, ref, upstream, symref = line.split("\0")
        if symref and ref.endswith("/HEAD"):
            remote = ref.removeprefix(_REMOTES).removesuffix("/HEAD")
            if symref.startswith(f"{_REMOTES}{remote}/"):
                default_of[remote] = BranchName(symref.removeprefix(f"{_REMOTES}{remote}/"))
            continue
        oids[RefName(ref)] = Oid(oid)
        if upstream:
            upstream_of[RefName(ref)] = RefName(upstream)
    return Refs(oids, upstream_of, default_of)


def current_branch(repository: Repository) -> BranchName | None:
    """Return the short name of the branch that HEAD names, whether or not it has a commit; None if detached."""
    done = repository.git.run("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    ref = done.out.decode("utf-8", "surrogateescape").strip()
    return BranchName(ref.removeprefix(_HEADS)) if ref.startswith(_HEADS) else None


def resolve_branch(refs: Refs, name: str, remote: str | None = None) -> BranchTip:
    """Return the tip that the branch `name` means.

    In this order: a full ref name as it is; the branch on `remote`; with no `remote` given, what the local branch
    follows if it has the same name there, then `origin`, then the only remote that has it; the local branch. Raise
    `RefError` with near matches where there is none, or where several remotes have it and none of this decides.
    """
    for ref in _candidates(refs, name, remote):
        oid = refs.find(ref)
        if oid is not None:
            return BranchTip(BranchName(name), RefName(ref), oid)
    having = [holder for holder in refs.remotes() if refs.find(f"{_REMOTES}{holder}/{name}") is not None]
    if remote is None and len(having) > 1:
        raise RefError(
            f"branch '{name}' exists on several remotes: {', '.join(having)}",
            hints=(f'set remote = "{having[0]}" in config.toml (backportq edit config)',),
        )
    raise _unknown(refs, name, remote)


def resolve_configured(refs: Refs, config: Config, name: str) -> BranchTip:
    """Return the tip of a branch that `config` names; raise `RefError` that says how its name is mended there.

    Whoever runs into it typed no name: it was stored by somebody else, or the branch went away since. That person's
    clone may know the remote by another name: where this one has none so called, it is as if none were given.
    """
    remote = config.remote
    if remote is not None and refs.find(f"{_REMOTES}{remote}/{name}") is None and remote not in refs.remotes():
        remote = None
    try:
        return resolve_branch(refs, name, remote)
    except RefError as error:
        mending = ["backportq edit config, if the name is wrong"]
        if refs.remotes():
            mending.insert(0, "git fetch, if the branch is newer than this clone")
        said = " ".join(error.hints)
        error.hints = (*error.hints, *(hint for hint in mending if hint.partition(",")[0] not in said))
        raise


def find_blocking(refs: Refs, ref: RefName) -> RefName | None:
    """Return a ref that keeps git from making `ref`, None if there is none: of `a` and `a/b` only one can exist."""
    for other in refs.oids:
        if ref.startswith(f"{other}/") or other.startswith(f"{ref}/"):
            return other
    return None


def near_names(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return up to three of `known` that somebody who typed `name` may have meant, likeliest first."""
    return near_words(name, known, at_most=_NEAR)


def _candidates(refs: Refs, name: str, remote: str | None) -> Iterator[str]:
    if name.startswith("refs/"):
        yield name
        return
    local = f"{_HEADS}{name}"
    if remote is not None:
        yield f"{_REMOTES}{remote}/{name}"
    else:
        followed = refs.upstream_of.get(RefName(local))
        if followed is not None and followed.startswith(_REMOTES) and followed.endswith(f"/{name}"):
            yield followed
        yield f"{_REMOTES}{DEFAULT_REMOTE}/{name}"
        having = [holder for holder in refs.remotes() if refs.find(f"{_REMOTES}{holder}/{name}") is not None]
        if len(having) == 1:
            yield f"{_REMOTES}{having[0]}/{name}"
    yield local
    if "/" in name:
        yield f"{_REMOTES}{name}"


def _unknown(refs: Refs, name: str, remote: str | None) -> RefError:
    if not refs.oids:
        return RefError(
            f"branch '{name}' does not exist: the repository has no branches at all",
            hints=("git fetch, or make a first commit",),
        )
    near = near_names(name, refs.branch_names(remote))
    where = f" on remote '{remote}' or locally" if remote is not None else ""
    if near:
        meant = " or ".join(f"'{other}'" for other in near)
        return RefError(f"branch '{name}' does not exist{where}", hints=(f"did you mean {meant}?",))
    return RefError(
        f"branch '{name}' does not exist{where}", hints=("git fetch", "git branch --all lists what there is")
    )
