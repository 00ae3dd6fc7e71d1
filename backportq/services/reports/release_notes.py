"""`release-notes`: what a branch took since its last release, grouped so that a person can publish it.

Advisories come first, then the areas. What was taken and reverted again stands apart, because users do not get it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass

from backportq.errors import RefError
from backportq.git.cache import Cache
from backportq.git.read.history import merge_base, walk
from backportq.git.read.lookup import resolve_abbreviations, resolve_commit
from backportq.git.read.release_tags import is_candidate, nearest_tag
from backportq.git.refs import read_refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.config import StableBranch
from backportq.model.history.subjects import without_branch_mark
from backportq.model.ids import BranchName, Oid, short
from backportq.model.stored_values import as_json, decoder
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.dialects.grammar import Grammar
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers
from backportq.services.branches import choose_branches
from backportq.services.project import Project

_SECURITY = re.compile(r"\b(?:XSA-\d{1,5}|CVE-\d{4}-\d{4,7}|GHSA(?:-[0-9a-z]{4}){3})\b", re.ASCII)
_AREA = re.compile(r"(?:\[[^\]]{1,20}\] )?(?P<area>[\w./+,@{}*-]{1,40}(?: [\w./+-]{1,20})?): ")
OTHER = "other"
_TABLE = "release_notes_1"  # the program is a part of the key: no new number for notes that hold something else
_NONE = b"null"


@dataclass(frozen=True, slots=True)
class ReleaseNote:
    """One commit of the branch.

    - `upstream`: the commit that it is a pick of, by its message.
    - `security`: the advisories that it names.
    - `area`: the prefix of its subject.
    """

    commit: Oid
    subject: str
    author: str
    area: str
    security: tuple[str, ...] = ()
    upstream: Oid | None = None
    is_fix: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseNotes:
    """The changes of `branch` after `since` (a tag, a revision, or where the branch began), oldest first.

    `undone` are changes that were reverted within them; the reverts are left out. `people` counts changes by author.
    """

    branch: BranchName
    version: str
    since: str
    tip: Oid
    changes: tuple[ReleaseNote, ...]
    undone: tuple[ReleaseNote, ...]
    people: tuple[tuple[str, int], ...]

    @property
    def security(self) -> tuple[ReleaseNote, ...]:
        """The changes that name an advisory."""
        return tuple(change for change in self.changes if change.security)

    @property
    def areas(self) -> tuple[tuple[str, tuple[ReleaseNote, ...]], ...]:
        """All other changes by area, in alphabetical order; those without an area come last."""
        groups: dict[str, list[ReleaseNote]] = {}
        for change in self.changes:
            if not change.security:
                groups.setdefault(change.area, []).append(change)
        ordered = sorted(groups, key=lambda area: (area == OTHER, area.lower()))
        return tuple((area, tuple(groups[area])) for area in ordered)


def release_notes(project: Project, name: str, since: str | None = None) -> ReleaseNotes:
    """Return what the branch took since `since`, by default since its last release (see `_last_release`).

    Raise `ConfigError` for an unknown branch, `RefError` for a revision that does not exist.
    """
    repository = project.repository
    config = project.store.snapshot().state.config
    branch = choose_branches(config, [name])[0]
    refs = read_refs(repository)
    tip = resolve_configured(refs, config, branch.name).oid
    base = merge_base(repository, tip, resolve_configured(refs, config, config.upstream).oid)
    start = since or _last_release(repository, tip, base)
    if start is not None:
        base = resolve_commit(repository, start)
    else:
        start = f"it left {config.upstream}"
    if base == tip:
        raise RefError(f"branch '{branch.name}' has nothing after '{start}'", hints=("--since names an older release",))
    return _notes_between(project, branch, start, base, tip)


def remembered_notes(project: Project, name: BranchName, basis: str) -> ReleaseNotes | None:
    """Return the notes since the last release, None where nothing came after it. They are kept for as long as `basis`,
    which names all tips and tags, is the same."""
    key = f"{name} {basis}"
    cache = Cache.open(project.repository)
    kept = cache.find_many(_TABLE, [key]).get(key)
    if kept is not None:
        found: ReleaseNotes | None = decoder(ReleaseNotes)(json.loads(kept)) if kept != _NONE else None
        return found
    try:
        made = release_notes(project, name)
    except RefError:
        made = None
    text = _NONE if made is None else as_json(made).encode("utf-8", "surrogateescape")
    cache.put_many(_TABLE, {key: text})
    cache.close()
    return made


def topic_notes(project: Project, name: BranchName, base: Oid, tip: Oid) -> ReleaseNotes:
    """Return the same for what a topic branch of the stable branch `name` brings between `base` and `tip`."""
    branch = choose_branches(project.store.snapshot().state.config, [name])[0]
    return _notes_between(project, branch, short(base), base, tip)


def _notes_between(project: Project, branch: StableBranch, start: str, base: Oid | None, tip: Oid) -> ReleaseNotes:
    config = project.store.snapshot().state.config
    grammar = grammar_of(config.dialects, config.trailers)
    commits = [
        commit
        for commit in walk(project.repository, [tip], [base] if base is not None else [])
        if not commit.is_merge  # a merge brings nothing of its own
    ][::-1]
    undone, reverts = _reverted(project, commits, grammar)
    upstreams = _upstreams(project, commits, grammar)
    changes = [_change(commit, grammar, upstreams.get(commit.oid)) for commit in commits if commit.oid not in reverts]
    people = Counter(change.author for change in changes if change.commit not in undone)
    return ReleaseNotes(
        branch.name,
        branch.version,
        start,
        tip,
        tuple(change for change in changes if change.commit not in undone),
        tuple(change for change in changes if change.commit in undone),
        tuple(sorted(people.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _last_release(repository: Repository, tip: Oid, base: Oid | None) -> str | None:
    """Return the nearest tag before the tip that names a release; None where the branch had none since `base`.

    A tag of the tip itself names the release that the notes are for, so it does not count.
    """
    nearest = nearest_tag(repository, tip)
    if nearest is None or not is_candidate(nearest):
        return nearest
    release = nearest_tag(repository, tip, only_releases=True)
    # Before a branch has a release of its own, the next tag is some old one of upstream, with all that came since.
    if release is None or (
        base is not None and merge_base(repository, resolve_commit(repository, release), base) != base
    ):
        return None
    return release


def _change(commit: Commit, grammar: Grammar, upstream: Oid | None) -> ReleaseNote:
    message = commit.message
    subject = without_branch_mark(commit.title)  # the notes are of one branch anyway
    area = _AREA.match(subject)
    return ReleaseNote(
        commit=commit.oid,
        subject=subject,
        author=commit.author.name or commit.author.mail,
        area=area["area"] if area is not None else OTHER,
        security=tuple(dict.fromkeys(_SECURITY.findall(message))),
        upstream=upstream,
        is_fix=bool(read_trailers(message, grammar).fixes),
    )


def _reverted(project: Project, commits: list[Commit], grammar: Grammar) -> tuple[set[Oid], set[Oid]]:
    """Return the commits that were reverted among these, and the reverts. A reverted revert leaves its commit in."""
    named = {commit.oid: [mark.hex for mark in read_trailers(commit.message, grammar).reverts] for commit in commits}
    ids = resolve_abbreviations(project.repository, {hex_ for some in named.values() for hex_ in some})
    here = {commit.oid for commit in commits}
    undone: set[Oid] = set()
    reverts: set[Oid] = set()
    for commit in commits:
        for oid in (oid for hex_ in named[commit.oid] for oid in ids[hex_] if oid in here):
            # Oldest first, so that a later revert of a revert puts the change back in.
            reverts.add(commit.oid)
            if oid in reverts:
                undone -= {other for other in undone for hex_ in named[oid] if other in ids[hex_]}
            else:
                undone.add(oid)
    return undone, reverts


def _upstreams(project: Project, commits: list[Commit], grammar: Grammar) -> dict[Oid, Oid]:
    named = {commit.oid: marks[0].hex for commit in commits if (marks := read_picks(commit.message, grammar))}
    ids = resolve_abbreviations(project.repository, named.values())
    return {oid: ids[hex_][0] for oid, hex_ in named.items() if len(ids[hex_]) == 1}
