"""The steps by which facts are gathered from git, in the order that lets git work while Python does.

The reading of all that lies below the branches, the slowest part of a first scan, starts as soon as it is known where
that begins, and is waited for last. This module must not hold rules about nominations; what the values mean is said in
`backportq.services.history.facts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from types import MappingProxyType

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.cache import Cache
from backportq.git.read.notes import read_notes
from backportq.git.read.touched_paths import TouchedPaths
from backportq.git.read.upstream_index import UpstreamIndex
from backportq.git.refs import read_refs
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.config import Config
from backportq.model.history.landed import Evidence, EvidenceKind, LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.model.trailers.dialects import grammar_of, notes_of
from backportq.model.trailers.dialects.grammar import refusal_hint
from backportq.model.trailers.reader import NO_TAGS, CommitTrailers, RevertMark, read_trailers
from backportq.services.history.change_ids import find_same_changes
from backportq.services.history.commits_below_base import SharedCommits
from backportq.services.history.facts import BranchFacts, Facts, Links, Refusal
from backportq.services.history.fixes_targets import FixesTargets
from backportq.services.history.merged_back import Copies
from backportq.services.history.merged_twice import Twins, find_twins
from backportq.services.history.patch_matches import Similarity, Unexplained, is_ordinary, look_early
from backportq.services.history.pick_lines import Found, PickLines
from backportq.services.history.presumption import PresumedIndex
from backportq.services.history.range_reading import UPSTREAM_BIT, RangeReading, TrackedBranch
from backportq.services.history.refusal_lists import read_listed_refusals
from backportq.services.history.reverts import RevertChain
from backportq.services.history.subjects import Subjects

_SOUNDS_REVERTING = (b"evert", b"EVERT", b"eapp", b"acked out")
"""What the message of every revert or re-application contains; plain searches, because branches are long."""


class Gathering:
    """One gathering of facts; a class because every step reads what the steps before it found."""

    def __init__(
        self, repository: Repository, config: Config, links: Links, reading: RangeReading | None = None
    ) -> None:
        """Start the reading of the range, unless the caller has done so."""
        self._repository = repository
        self._links = links
        self._cache = Cache.open(repository)
        self._reading = reading or RangeReading(repository, self._cache, config, read_refs(repository))
        self._upstream = self._reading.upstream
        self._branches = self._reading.branches
        self._grammar = grammar_of(config.dialects, config.trailers)

    def presume(self) -> Facts:
        """Return the facts as they will be if what lies below the branches is as one would think; see `confirm`."""
        history = self._history = self._reading.finish()
        # What lies below is the slowest to read, and what is asked of it last.
        self._index = UpstreamIndex(self._repository, self._cache, history.floor)
        self._older = PresumedIndex(self._index)
        commits, upstream_bit = history.commits.readable(), 1 << UPSTREAM_BIT
        newest_first = [oid for oid in commits if history.masks[oid] & upstream_bit]
        self._candidates = [oid for oid in newest_first if is_ordinary(commits[oid])]
        early = look_early(self._repository, self._cache, self._candidates, commits)
        notes = self._read_notes()
        history.commits.annotate(notes)
        shared = SharedCommits(self._repository, history, UPSTREAM_BIT, notes=notes, says_much=self._tells_of_others)
        self._commits = history.commits.readable() if notes else commits
        self._order = {oid: place for place, oid in enumerate(reversed(newest_first))}
        self._lines = PickLines(self._repository, self._grammar, self._commits, self._is_surely_upstream, notes)
        self._subjects = Subjects(self._commits, self._order, self._older)
        self._fixes = FixesTargets(
            self._repository,
            self._subjects,
            commits=self._commits,
            is_upstream=self.is_upstream,
            upstream_of=self._originals,
        )
        own = {entry.branch.name: history.only_in(entry.bits, UPSTREAM_BIT) for entry in self._branches}
        self._own = own
        self._lines.prepare(dict.fromkeys(oid for oids in own.values() for oid in oids))
        self._found_by_lines = self._follow_lines(own)
        self._found_by_lines |= self._find_changes(own)
        self._shared = {entry.branch.name: shared.since(entry.bits) for entry in self._branches}
        self._lines.prepare(dict.fromkeys(commit.oid for commits in self._shared.values() for commit in commits))
        self._similarity = self._start_similarity(early)
        self._copies = Copies(self._commits, self._order, self._grammar)
        self._tags = self._read_tags()
        self._own_tags = self._read_own_tags(own)
        self._listed = read_listed_refusals(self._repository, self._reading.config, self._branches)
        self._fixes.prepare({refusal.hex for its in self._listed.values() for _, refusal in its})
        return self._put_together()

    def confirm(self, presumed: Facts) -> Facts:
        """Wait for what lies below the branches; return the facts that were `presumed`, the same object if all of them
        were right."""
        return presumed if self._older.was_right() else self._put_together()

    def _put_together(self) -> Facts:
        found = self._found_by_lines | self._similarity.find()
        reverted_by = self._upstream_reverts(self._tags)
        copies = self._copies.find(self._fixes.named, reverted_by)
        twins = self._find_twins(found, copies, reverted_by)
        found |= self._picks_of_twins(twins)
        reverted_by, copies = twins.share_reverts(reverted_by), twins.with_copies(copies)
        upstream_refuses = list(self._refusals(self._tags))
        branches = []
        for entry in self._branches:
            own = self._own[entry.branch.name]
            said_here = {oid: self._own_tags[oid] for oid in own if oid in self._own_tags}
            refused = [*upstream_refuses, *self._listed_here(entry), *self._refusals(said_here)]
            branches.append(replace(self._of_branch(entry, own, found, copies, twins), refused=dict(refused)))
        return Facts(
            upstream=self._upstream,
            order=MappingProxyType(self._order),
            commits=self._commits,
            branches=tuple(branches),
            reverted_by=MappingProxyType(reverted_by),
            copies=MappingProxyType(copies),
            tags=MappingProxyType(twins.share_tags(self._tags)),
            resolver=self._fixes.resolve,
            is_upstream=self.is_upstream,
            warnings=tuple(self._similarity.warnings),
        )

    def _find_twins(
        self, found: Mapping[Oid, Found], copies: Mapping[Oid, Oid], reverted_by: Mapping[Oid, Oid]
    ) -> Twins:
        """Look for commits that upstream has twice, and do not say so, among those that say anything or were picked."""
        asked = self._tags.keys() | {upstream for evidence in found.values() for upstream in evidence}
        asked |= {upstream for several in self._similarity.undecided.values() for upstream in several}
        try:
            repeated = ([oid for oid in oids if oid not in copies] for oids in self._subjects.repeated())
            return find_twins(self._repository, repeated, self._commits, self._order, asked, reverted_by)
        except (RepositoryError, GitFailedError):
            return Twins()  # contents are missing, of which the comparison of picks warns

    def _picks_of_twins(self, twins: Twins) -> dict[Oid, Found]:
        """Return the evidence for commits with the patch of several upstream commits, one of which stands for all."""
        decided = {}
        for oid, several in self._similarity.undecided.items():
            standing = {twins.older.get(upstream, upstream) for upstream in several}
            if len(standing) == 1:
                decided[oid] = self._similarity.decide(oid, *standing)
        return decided

    def _read_notes(self) -> dict[Oid, bytes]:
        """Read what people wrote to commits afterwards, where the project keeps such notes and this clone has them."""
        config, refs = self._reading.config, self._reading.refs
        names = notes_of(config.dialects) if config.notes is None else config.notes
        tips = [tip for tip in map(refs.find, names) if tip is not None]
        return read_notes(self._repository, tips) if tips else {}

    def is_upstream(self, oid: Oid) -> bool:
        """Tell whether upstream reaches this commit, however old it is; presumed until `confirm`."""
        return oid in self._order or (oid not in self._commits and self._older.contains(oid))

    def _is_surely_upstream(self, oid: Oid) -> bool:
        # A commit that a pick names and no tip reaches is often one of another branch: not worth presuming.
        return oid in self._order or (oid not in self._commits and self._index.contains(oid))

    def _read_tags(self) -> dict[Oid, CommitTrailers]:
        """Read the tags of upstream, and look up in one go every id that a `Fixes:` or a revert names."""
        hint = self._grammar.tag_hint.search
        found = {}
        digits = self._copies.digits
        for oid in self._order:
            commit = self._commits[oid]
            if not hint(commit.raw):
                continue
            tags = read_trailers(commit.message, self._grammar)
            if tags != NO_TAGS:
                found[oid] = tags
                digits.update(fixes.hex for fixes in tags.fixes if fixes.hex is not None)
                digits.update(mark.hex for mark in (*tags.reverts, *tags.reapplies))
                digits.update(line.hex for line in tags.opt_outs if line.hex is not None)
        self._fixes.prepare(digits)
        return found

    def _tells_of_others(self, commit: Commit) -> bool:
        """Tell whether a commit may say that it is a pick, or that it takes something back."""
        return bool(self._grammar.pick_hint.search(commit.raw)) or any(
            sound in commit.raw for sound in _SOUNDS_REVERTING
        )

    def _read_own_tags(self, own: Mapping[BranchName, list[Oid]]) -> dict[Oid, CommitTrailers]:
        """Read what commits of the branches say about other commits: reverts, and refusals of a backport."""
        refuses = refusal_hint(self._grammar)
        found = {}
        its_own = dict.fromkeys(oid for oids in own.values() for oid in oids)
        shared = (commit for commits in self._shared.values() for commit in commits)
        for commit in chain(map(self._commits.__getitem__, its_own), shared):
            if any(sound in commit.raw for sound in _SOUNDS_REVERTING) or refuses(commit.raw):
                found[commit.oid] = read_trailers(commit.message, self._grammar)
        refused = (line.hex for tags in found.values() for line in tags.opt_outs)
        reverted = (mark.hex for tags in found.values() for mark in (*tags.reverts, *tags.reapplies))
        self._fixes.prepare({digits for digits in (*refused, *reverted) if digits is not None})
        return found

    def _refusals(self, tags: Mapping[Oid, CommitTrailers]) -> Iterator[tuple[Oid, Refusal]]:
        """Yield the upstream commits whose backport the messages of other commits refuse."""
        for oid, its in tags.items():
            for line in its.opt_outs:
                for original in self._upstream_of(line.hex) if line.hex is not None else ():
                    yield original, Refusal(line.text, by=oid)

    def _listed_here(self, entry: TrackedBranch) -> Iterator[tuple[Oid, Refusal]]:
        """Yield the upstream commits that the branch lists as not to be picked."""
        for path, refusal in self._listed.get(entry.branch.name, ()):
            for original in self._upstream_of(refusal.hex):
                yield original, Refusal(refusal.why, path=path)

    def _upstream_of(self, digits: str) -> Iterator[Oid]:
        """Yield the upstream commits that an id names: itself, or what it is a pick of."""
        for named in self._fixes.named(digits):
            yield from (named,) if self.is_upstream(named) else self._originals(named)

    def _upstream_reverts(self, tags: Mapping[Oid, CommitTrailers]) -> dict[Oid, Oid]:
        reverts = RevertChain()
        for oid, its in tags.items():
            _apply_reverts(reverts, oid, its, lambda mark: filter(self.is_upstream, self._fixes.named(mark.hex)))
        return reverts.in_force()

    def _originals(self, oid: Oid) -> tuple[Oid, ...]:
        """Return the upstream commits of which a commit outside upstream says it is a pick."""
        self._lines.prepare((oid,))
        return tuple(self._lines.find(oid))

    def _follow_lines(self, own: Mapping[BranchName, list[Oid]]) -> dict[Oid, Found]:
        """Return what the lines of the commits of all branches prove."""
        found = {oid: self._lines.find(oid) for oids in own.values() for oid in oids}
        return {oid: evidence for oid, evidence in found.items() if evidence}

    def _find_changes(self, own: Mapping[BranchName, list[Oid]]) -> dict[Oid, Found]:
        """Return what the Change-Ids of the commits prove whose lines prove nothing."""
        unexplained = dict.fromkeys(oid for oids in own.values() for oid in oids if oid not in self._found_by_lines)
        return find_same_changes(unexplained, self._candidates, self._commits)

    def _start_similarity(self, early: TouchedPaths | None) -> Similarity:
        """Start comparing the commits that no line and no person explains with upstream's."""
        groups = []
        for entry in self._branches:
            linked = self._links.get(entry.branch.name, {})
            unexplained = (
                oid for oid in self._own[entry.branch.name] if oid not in self._found_by_lines and oid not in linked
            )
            oids = tuple(oid for oid in unexplained if not self._commits[oid].is_merge)
            groups.append(Unexplained(oids, self._reaches(entry)))
        return Similarity(
            self._repository,
            self._cache,
            self._subjects,
            groups,
            commits=self._commits,
            candidates=self._candidates,
            tip=self._upstream.oid,
            early=early,
        )

    def _reaches(self, entry: TrackedBranch) -> Callable[[Oid], bool]:
        wanted = sum(1 << bit for bit in entry.bits)
        masks = self._history.masks
        is_shared = self._older.contains

        def reaches(oid: Oid) -> bool:
            mask = masks.get(oid)
            return bool(mask & wanted) if mask is not None else is_shared(oid)

        return reaches

    def _of_branch(
        self,
        entry: TrackedBranch,
        own: list[Oid],
        found: Mapping[Oid, Found],
        copies: Mapping[Oid, Oid],
        twins: Twins,
    ) -> BranchFacts:
        history = self._history
        linked = self._links.get(entry.branch.name, {})
        tip_mask = 1 << entry.tip_bit
        reaches = self._reaches(entry)
        reverts = RevertChain()
        picks: list[LandedPick] = []
        picked: dict[Oid, list[Oid]] = {}
        for commit in self._shared[entry.branch.name]:
            if commit.oid in self._own_tags:
                its = self._own_tags[commit.oid]
                _apply_reverts(reverts, commit.oid, its, lambda mark: self._taken_back(mark, picked, reaches))
            for upstream, evidence in self._lines.find(commit.oid).items():
                if not reaches(upstream):
                    picks.append(LandedPick(upstream, commit.oid, evidence))
                    picked.setdefault(upstream, []).append(commit.oid)
        for pick in twins.picks_in(reaches):
            picks.append(pick)
            picked.setdefault(pick.upstream, []).append(pick.commit)
        for oid in own:
            evidence_of = dict(found.get(oid, {}))
            for upstream in tuple(evidence_of):
                if upstream in copies and not reaches(copies[upstream]):
                    evidence_of.setdefault(copies[upstream], evidence_of[upstream])
            if oid in linked:
                link = Evidence(EvidenceKind.LINK, "linked by a person")
                evidence_of[linked[oid]] = (link, *evidence_of.get(linked[oid], ()))
            tags = self._own_tags.get(oid)
            if tags is not None:
                _apply_reverts(reverts, oid, tags, lambda mark: self._taken_back(mark, picked, reaches))
            is_staged = not history.masks[oid] & tip_mask
            for upstream in sorted(evidence_of, key=lambda found_oid: self._order.get(found_oid, -1)):
                picks.append(LandedPick(upstream, oid, evidence_of[upstream], is_staged))
                picked.setdefault(upstream, []).append(oid)
        reverted = reverts.in_force()
        return BranchFacts(
            branch=entry.branch,
            tip=entry.tip.oid,
            onto=self._onto(entry),
            base=history.merge_base(UPSTREAM_BIT, entry.tip_bit),
            staging_tip=entry.staging.oid if entry.staging is not None else None,
            picks=tuple(replace(pick, reverted_by=reverted.get(pick.commit)) for pick in picks),
            own=tuple(own),
            reaches=reaches,
            copies=copies,
        )

    def _onto(self, entry: TrackedBranch) -> Oid:
        """Return where picks go, as `backportq.git.read.pick_target` tells of one branch without its history."""
        if entry.staging is None:
            return entry.tip.oid
        staging = entry.staging.oid
        # What was not read lies below the range, where every tip reaches everything.
        is_passed = staging not in self._history.commits or bool(self._history.masks[staging] & 1 << entry.tip_bit)
        return entry.tip.oid if is_passed else staging

    def _taken_back(
        self, mark: RevertMark, picked: Mapping[Oid, list[Oid]], reaches: Callable[[Oid], bool]
    ) -> Iterator[Oid]:
        """Yield the commits of a branch that a revert on it means: named themselves, or by what they are picks of."""
        for named in self._fixes.named(mark.hex):
            if named in picked:
                yield picked[named][-1]
            elif reaches(named):
                yield named
            elif not self.is_upstream(named):
                yield from (picked[upstream][-1] for upstream in self._originals(named) if upstream in picked)


def _apply_reverts(
    reverts: RevertChain, oid: Oid, tags: CommitTrailers, targets_of: Callable[[RevertMark], Iterable[Oid]]
) -> None:
    if tags.reverts:
        reverts.add(oid, [target for mark in tags.reverts for target in targets_of(mark)])
    if tags.reapplies:
        reverts.reapply([target for mark in tags.reapplies for target in targets_of(mark)], by=oid)
