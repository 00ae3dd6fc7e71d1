"""`explain`: why a commit conflicts on a branch, and what it is waiting for.

The places where it conflicts, which upstream commits that the branch lacks changed those very lines, and the smallest
set of them after which it applies, found by trial. What a search found that had time enough is remembered for the same
tips. This module must not record anything in the queue: `need` does.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from backportq.errors import ConfigError, RefError
from backportq.git.cache import Cache
from backportq.git.read.history import order_of
from backportq.git.read.line_history import commits_touching_lines, commits_touching_paths
from backportq.git.read.lookup import read_commits, resolve_commit
from backportq.git.refs import Refs
from backportq.git.repository import Repository
from backportq.git.trials import Application, ConflictHunk, RememberedVerdict, TrialSession
from backportq.git.trials.session import answers_of
from backportq.model.commit import Commit
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import as_json, decoder
from backportq.model.trials.verdict import Verdict
from backportq.services.branches import choose_branches, refuse_gone
from backportq.services.commits import find_commit, state_of
from backportq.services.history.facts import Facts
from backportq.services.history.index import program_digest
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.trials.alternatives import (
    Alternative,
    AlternativeSearch,
    list_alternatives,
    with_deviations,
)
from backportq.services.trials.conflict_text import Conflict, describe
from backportq.services.trials.mainlines import default_mainlines, upstream_tips
from backportq.services.trials.prerequisites import Bounds, PrerequisiteSet, Search
from backportq.services.trials.try_commits import hints_for

_TABLE = "explained_1"
_SHARE_FOR_LINES = 0.5  # of the time: following lines through history must leave some for the trials


@dataclass(frozen=True, slots=True)
class MissingCommit:
    """An upstream commit that the branch lacks. `is_queued`: it is an open item of the branch's queue."""

    commit: Oid
    subject: str
    is_queued: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why `commit` has this `verdict` on `branch` (whose picks go to `onto`).

    `culprits` touched the conflicting lines, oldest first. `prerequisites`, in upstream order, are commits after which
    it applies (`applies_after_all`); taking any one away brings the conflict back if `is_minimal`. `candidates` is how
    many were looked at, `bound` what ended the search early, in words. `alternatives` are picks of it on other
    branches, nearest first. `has_queue`: the branch is one of the queue's.
    """

    commit: Commit
    branch: str
    onto: Oid
    verdict: Verdict
    conflicts: tuple[Conflict, ...] = ()
    culprits: tuple[MissingCommit, ...] = ()
    prerequisites: tuple[MissingCommit, ...] = ()
    applies_after_all: bool = False
    is_minimal: bool = True
    candidates: int = 0
    bound: str | None = None
    alternatives: tuple[Alternative, ...] = ()
    has_queue: bool = False


@dataclass(frozen=True, slots=True)
class _Branch:
    """What is known of the branch: with a queue its facts, without one only the tip. `basis` stands for all that the
    search depends on besides the commit, the tip and the bounds."""

    name: str
    onto: Oid
    basis: str
    facts: Facts | None = None
    refs: Refs | None = None
    queued: frozenset[Oid] = field(default_factory=frozenset)

    @property
    def cancelled(self) -> frozenset[Oid]:
        """The commits that are missing here together with their reverts: the two change nothing, and are of no help."""
        reverted_by = self.facts.reverted_by if self.facts is not None else {}
        pairs = (pair for pair in reverted_by.items() if all(map(self.lacks, pair)))
        return frozenset(oid for pair in pairs for oid in pair)

    def lacks(self, oid: Oid) -> bool:
        """Whether the branch has no pick of this commit, which it does not reach."""
        if self.facts is None:
            return True
        return not self.facts.branch(self.name).contains(oid)


def explain(
    project: Project,
    commit: str,
    branch: str,
    *,
    bounds: Bounds,
    ticks: Callable[[], float] = time.monotonic,
) -> Explanation:
    """Return why the commit named `commit` conflicts on `branch`: a stable branch of the queue, or any revision.

    `bounds` limits the search for prerequisites. Raise `RefError` where a name does not resolve or the commit cannot
    be tried.
    """
    repository = project.repository
    oid = find_commit(repository, state_of(project), commit)
    here = _branch(project, branch)
    ends = ticks() + bounds.seconds
    mainlines = default_mainlines(repository, upstream_tips(project, here.refs), [oid])
    here = replace(here, basis=f"{here.basis} {mainlines.get(oid)}")
    with TrialSession(repository, mainlines=mainlines) as session:
        outcome = session.apply([Application(oid, here.onto)])[0]
        if isinstance(outcome, str):
            raise RefError(outcome, hints=hints_for(outcome) or ("git show COMMIT says what it is",))
        read = read_commits(repository, (oid,))[oid]
        if outcome.verdict is not Verdict.CONFLICT:
            return Explanation(read, here.name, here.onto, outcome.verdict, applies_after_all=True)
        return _Explaining(repository, session, read, here, bounds, ends, ticks).run(outcome)


class _Explaining:
    """One conflict being explained."""

    def __init__(
        self,
        repository: Repository,
        session: TrialSession,
        commit: Commit,
        branch: _Branch,
        bounds: Bounds,
        ends: float,
        ticks: Callable[[], float],
    ) -> None:
        self._repository = repository
        self._session = session
        self._commit = commit
        self._branch = branch
        self._bounds = bounds
        self._ends = ends
        self._ticks = ticks
        now = ticks()
        self._widening_ends = now + (ends - now) * _SHARE_FOR_LINES

    def run(self, outcome: RememberedVerdict) -> Explanation:
        oid, onto = self._commit.oid, self._branch.onto
        hunks = self._session.conflict_hunks(Application(oid, onto))
        conflicts = describe(self._session, outcome.conflicts, hunks, self._session.changes([oid])[oid], onto)
        culprits, found = self._remembered() or self._searched(hunks)
        subjects = read_commits(self._repository, (*culprits, *found.prerequisites))
        return Explanation(
            self._commit,
            self._branch.name,
            onto,
            outcome.verdict,
            conflicts,
            self._shown(culprits, subjects),
            self._shown(found.prerequisites, subjects),
            found.applies,
            found.is_minimal,
            found.candidates,
            found.bound,
            self._alternatives(),
            has_queue=self._branch.facts is not None,
        )

    def _searched(self, hunks: Mapping[str, tuple[ConflictHunk, ...]]) -> tuple[tuple[Oid, ...], PrerequisiteSet]:
        oid = self._commit.oid
        culprits = self._in_order(self._culprits_of(oid, hunks))
        touching = self._lacking(self._missing([change.path for change in self._session.changes([oid])[oid]]))
        search = Search(self._session, oid, self._branch.onto, self._bounds, self._ends, self._ticks)
        found = search.run(culprits, touching, self._widened)
        # Time cut nothing short, neither the search nor the following of lines; other bounds are part of the key.
        if self._ticks() < self._widening_ends:
            Cache.open(self._repository).put_many(_TABLE, {self._key(): as_json((culprits, found)).encode("ascii")})
        return culprits, found

    def _remembered(self) -> tuple[tuple[Oid, ...], PrerequisiteSet] | None:
        key = self._key()
        kept = Cache.open(self._repository).find_many(_TABLE, [key]).get(key)
        if kept is None:
            return None
        found: tuple[tuple[Oid, ...], PrerequisiteSet] = _STORED(json.loads(kept))
        return found

    def _key(self) -> str:
        parts = (self._commit.oid, self._branch.onto, str(self._bounds.limit), self._branch.basis, answers_of())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _parent(self) -> Oid | None:
        return self._commit.parents[0] if self._commit.parents else None

    def _missing(self, paths: Sequence[bytes]) -> tuple[Oid, ...]:
        parent = self._parent()
        return commits_touching_paths(self._repository, parent, self._branch.onto, paths) if parent is not None else ()

    def _lacking(self, oids: Sequence[Oid]) -> tuple[Oid, ...]:
        useless = self._branch.cancelled
        return tuple(oid for oid in oids if oid not in useless and self._branch.lacks(oid))

    def _widened(self, culprits: Sequence[Oid]) -> tuple[Oid, ...]:
        """Return these commits, what touched the lines that they conflict in themselves, and so on."""
        found = dict.fromkeys(culprits)
        left = list(culprits)
        while left and len(found) < self._bounds.limit and self._ticks() < self._widening_ends:
            commit = left.pop()
            hunks = self._session.conflict_hunks(Application(commit, self._branch.onto))
            new = [oid for oid in self._culprits_of(commit, hunks) if oid not in found]
            found.update(dict.fromkeys(new))
            left += new
        return self._in_order(tuple(found))

    def _culprits_of(self, commit: Oid, hunks: Mapping[str, tuple[ConflictHunk, ...]]) -> tuple[Oid, ...]:
        """Return the missing commits that touched the lines in which `commit` conflicts, or made or moved a file that
        the branch does not have."""
        parents = read_commits(self._repository, (commit,))[commit].parents
        if not parents:
            return ()
        found: dict[Oid, None] = {}
        changes = self._session.changes([commit])[commit]
        found.update(dict.fromkeys(self._makers([change.path for change in changes if change.old is not None])))
        for change in changes:
            name = change.path.decode("utf-8", "surrogateescape")
            if change.old is None or name not in hunks:
                continue
            blob = change.old[1].hex()
            ranges = lines_of(self._session.blobs([blob]).get(blob, b""), hunks[name])
            seconds = self._widening_ends - self._ticks()
            onto = self._branch.onto
            touched = commits_touching_lines(self._repository, parents[0], onto, change.path, ranges, seconds=seconds)
            found.update(dict.fromkeys(touched))
        return self._lacking(tuple(found))

    def _makers(self, paths: Sequence[bytes]) -> list[Oid]:
        """Return the missing commits that made or moved here those of these files that the branch does not have."""
        tree = self._session.tree_of(self._branch.onto)
        if tree is None:
            return []
        absent = {path for path, entry in self._session.entries(tree, paths).items() if entry is None}
        touching = self._missing(sorted(absent))[: self._bounds.limit]
        changes = self._session.changes(touching)
        return [oid for oid in touching if any(change.old is None and change.path in absent for change in changes[oid])]

    def _in_order(self, oids: Sequence[Oid]) -> tuple[Oid, ...]:
        parent = self._parent()
        if parent is None:
            return ()
        order = order_of(self._repository, parent, oids)
        return tuple(sorted((oid for oid in oids if oid in order), key=order.__getitem__))

    def _shown(self, oids: Sequence[Oid], commits: dict[Oid, Commit]) -> tuple[MissingCommit, ...]:
        return tuple(
            MissingCommit(oid, commits[oid].subject if oid in commits else "", oid in self._branch.queued)
            for oid in oids
        )

    def _alternatives(self) -> tuple[Alternative, ...]:
        if self._branch.facts is None:
            return ()
        wanted = AlternativeSearch(self._commit.oid, BranchName(self._branch.name), self._branch.onto)
        elsewhere = self._branch.facts.picks_elsewhere([self._commit.oid])
        listed = list_alternatives(self._repository, elsewhere, [wanted], session=self._session)[wanted]
        named = {AlternativeSearch(wanted.commit, each.branch, each.commit): each for each in listed}
        return tuple(with_deviations(self._repository, named).values())


_STORED = decoder(tuple[tuple[Oid, ...], PrerequisiteSet])


def lines_of(content: bytes, hunks: Sequence[ConflictHunk]) -> tuple[tuple[int, int], ...]:
    """Return the ranges of lines (from 1, both ends included) that the `base` parts of `hunks` have in `content`.

    A hunk that only inserts is found by the lines before it; the line on each side counts as touched, since git merges
    no neighbouring changes.
    """
    lines = content.split(b"\n")
    last = max(len(lines) - (1 if content.endswith(b"\n") else 0), 1)
    ranges: list[tuple[int, int]] = []
    start = 0
    for hunk in hunks:
        wanted = list(hunk.base) or list(hunk.before[-1:])
        if not wanted:
            continue
        at = next((at for at in range(start, len(lines)) if lines[at : at + len(wanted)] == wanted), None)
        if at is None:
            continue
        start = at + len(wanted)
        ranges.append((max(at, 1), min(at + len(wanted) + 1, last)))
    return tuple(ranges)


def _branch(project: Project, name: str) -> _Branch:
    """Return what is known of the branch that a person means; without a queue any revision will do."""
    try:
        state = project.store.snapshot().state
    except ConfigError:
        return _Branch(name, resolve_commit(project.repository, name), program_digest())
    chosen = choose_branches(state.config, [name])[0]
    history = HistoryOfQueue(project.repository, state)
    history.tell_left_out()
    refuse_gone(state.config, history.refs, [chosen.name])
    onto = history.facts.branch(chosen.name).onto
    queued = frozenset(item.commit for item in state.queue_of(chosen.name).open)
    return _Branch(chosen.name, onto, history.key, history.facts, history.refs, queued)


__all__ = ["Bounds", "Explanation", "MissingCommit", "explain", "lines_of"]
