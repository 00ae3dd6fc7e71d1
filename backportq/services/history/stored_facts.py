"""Facts out of the index, brought up to date by whichever command comes first.

What the history says is found out once for a set of tips, a configuration, notes, links and a version of this program;
every command after that reads the few rows and messages that it shows. This module must not find anything out itself:
`gather` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backportq.git.background import Background
from backportq.git.index_file import IndexDamagedError
from backportq.git.refs import Refs, read_refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.branch_relations import in_release_order
from backportq.model.config import Config, StableBranch
from backportq.model.history.landed import LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import QueueState
from backportq.model.stored_values import decoder, plain
from backportq.services.branches import set_gone_aside, tell_gone, tell_unreadable
from backportq.services.history.changes import Changes, NamedChanges
from backportq.services.history.facts import BranchFacts, Facts, Refusal
from backportq.services.history.index import (
    FACTS,
    FACTS_KEY,
    Index,
    StoredMapping,
    StoredSequence,
    key_of_facts,
    program_digest,
)
from backportq.services.history.links import Links, read_links
from backportq.services.history.older_commits import OlderCommits, has_older, subject_key
from backportq.services.history.stored_commits import FoundName, RecentCommits, StoredCommits, StoredUpstream

if TYPE_CHECKING:  # what reads messages is loaded where one is read
    from backportq.model.trailers.values import CommitTrailers, FixesTag
    from backportq.services.history.fixes_targets import FixesTargets, TargetResolution
    from backportq.services.history.gather import Gathered
    from backportq.services.history.upstream import NamedCommits, Upstream

_MOVES = "facts-moves"
_MOST_MOVES = 30
_SETTINGS = "facts-settings"
_NOT_OF_FACTS = frozenset({"branches", "policy", "assign", "mail", "people", "publish", "rules", "extra"})
"""What the configuration says of other things than the history; of branches, their names and order are of it."""


class HistoryOfQueue:
    """The facts for one state of the queue, with the index that they come from.

    `key` tells all that they depend on and the rest of the configuration; what is derived from them can be kept in the
    index under it. `facts_key` is theirs alone.
    `has_moved_on` tells whether the commits by which upstream moved were added to what the index had.
    `gone` are the configured branches that they know nothing of, `unreadable` tells of
    those whose files in the queue say nothing.
    """

    def __init__(self, repository: Repository, state: QueueState) -> None:
        """Take the facts out of the index if they are those of now, else find them out and keep them.

        Raise what `gather` raises.
        """
        self.repository = repository
        self.state = state
        self.config = state.config
        self.refs = read_refs(repository)
        self._present, self.gone = set_gone_aside(self.config, self.refs)
        try:
            self._start(state, private=False)
        except IndexDamagedError:  # or it can't be written: everything works from memory
            self._start(state, private=True)

    def _start(self, state: QueueState, *, private: bool) -> None:
        self.index = Index(self.repository, private=private)
        self.links, self.unreadable = read_links(state, self.index)
        self._settings, self.basis = _basis(self.repository, self._present, self.refs, self.links)
        self.tip = resolve_configured(self.refs, self.config, self.config.upstream).oid
        self.facts_key = f"{self.basis} {self.tip}"
        self.key = f"{_digest(self.config)} {self.facts_key}"
        self.has_moved_on = not self._is_stored() and self._move_forward()
        if self.has_moved_on or self._is_stored():
            self.index.restore_by(self._find_out)
            self.facts, _ = _stored_facts(self.repository, self.index, self._present, self.refs)
        else:
            self.facts = self._find_out()

    def _is_stored(self) -> bool:
        floor = self.index.find_entry(f"{FACTS}/floor", "")
        return key_of_facts(self.index) == self.facts_key and has_older(self.index, floor)

    def _move_forward(self) -> bool:
        """Add the commits by which branches moved, if they change nothing else; tell whether the index has all now."""
        index, before = self.index, key_of_facts(self.index) or ""
        # Another process may be half way to the facts of other branches: then there is nothing to move on from.
        tips = [index.find_entry(f"{FACTS}/branch/{branch.name}/tips", "") for branch in self._present.branches]
        if index.find_meta(_SETTINGS) != self._settings or None in tips:
            return False
        basis, _, old = before.partition(" ")
        between = f"{basis} {self.tip}"  # what stable branches took today may be what upstream got today
        moved = old == self.tip or self._move_upstream(before, between, Oid(old))
        return moved and (basis == self.basis or self._move_branches(between)) and self._is_stored()

    def _move_upstream(self, before: str, after: str, old: Oid) -> bool:
        facts, _ = _stored_facts(self.repository, self.index, self._present, self.refs)
        if any(branch.reaches(old) for branch in facts.branches):
            return False
        # What reads messages takes 30 ms to load, which an index that is up to date can do without.
        from backportq.services.history.new_commits import find_new_commits, put_new_commits

        new = find_new_commits(self.repository, self.index, self.config, facts, old, self.tip)
        if new is None:
            return False
        place = len(facts.order)
        return self._write_move(before, after, lambda: put_new_commits(self.index, new, after=place))

    def _move_branches(self, before: str) -> bool:
        from backportq.model.trailers.own_patterns import key_reader_of
        from backportq.services.history.new_picks import find_new_picks, put_new_picks

        facts, upstream = _stored_facts(self.repository, self.index, self._present, self.refs)
        new = find_new_picks(self.repository, self.index, self._present, self.refs, facts, upstream, self.links)
        if new is None:
            return False
        keys = key_reader_of(self.config)
        return self._write_move(before, self.facts_key, lambda: put_new_picks(self.index, new, self.tip, keys))

    def _write_move(self, before: str, after: str, put: Callable[[], Iterable[Oid]]) -> bool:
        """Write how the facts went on, if the index still has them as they were; tell whether it has them now. What
        `put` returns is what another thing is known of."""
        index = self.index
        with index.keeping():
            if index.replace_meta(FACTS_KEY, before, after):
                moves = [*json.loads(index.find_meta(_MOVES) or "[]"), (after, list(put()))]
                index.put_meta(_MOVES, json.dumps(moves[-_MOST_MOVES:]))
        index.file.look_again()
        return key_of_facts(index) == after

    def changed_since(self, key: str) -> Collection[Oid] | None:
        """Return the upstream commits of which another thing is known than when the facts had this key: what came, was
        taken back, landed; and picks that have the subject of what no message explains. None where nobody knows."""
        moves = json.loads(self.index.find_meta(_MOVES) or "[]")
        keys = [after for after, _ in moves]
        if key not in keys or keys[-1] != self.facts_key:  # one that ends elsewhere is of older facts
            return None
        return dict.fromkeys(Oid(oid) for _, oids in moves[keys.index(key) + 1 :] for oid in oids)

    def refuse_unreadable(self, names: Iterable[BranchName]) -> None:
        """Raise `QueueFileError` where the files of one of these branches cannot be read."""
        for problem in (self.unreadable[name] for name in names if name in self.unreadable):
            raise problem

    def tell_left_out(self) -> None:
        """Say which branches are left out."""
        tell_gone(self.gone)
        for name, problem in self.unreadable.items():
            tell_unreadable(name, problem)

    def _find_out(self) -> Facts:
        # All that looks for evidence, which few commands have to do: it is loaded while git looks for the floor.
        from backportq.services.history.history_range import find_floor

        floor = Background(lambda: find_floor(self.repository, self._present, self.refs))
        from backportq.services.history.gather import gather_with
        from backportq.services.history.new_commits import put_questions

        found = gather_with(self.repository, self._present, self.refs, self.index, floor.result(), links=self.links)
        facts = found.facts
        # What could not be found out may be found out next time, with nothing else changed.
        if not facts.warnings or self.index.file.is_private:
            open_questions = found.questions()
            with self.index.keeping():
                _store(self.index, self.facts_key, found)
                put_questions(self.index, open_questions)
                self.index.put_meta(_SETTINGS, self._settings)
                self.index.put_meta(_MOVES, json.dumps([(self.facts_key, [])]))
        return facts


def facts_of(repository: Repository, state: QueueState, named: Iterable[BranchName] = ()) -> Facts:
    """Return what the history says about the branches that are configured; raise what `gather` raises, and
    `QueueFileError` where the files of a branch cannot be read that somebody `named`."""
    history = HistoryOfQueue(repository, state)
    history.refuse_unreadable(named)
    history.tell_left_out()
    return history.facts


def _basis(repository: Repository, config: Config, refs: Refs, links: Links) -> tuple[str, str]:
    """Return a digest of all that facts depend on besides tips, and one of the same with the tips of all branches but
    upstream: the program, what the configuration says of the history, notes, links, and where a shallow clone ends. (No
    process of ours obeys replacements and grafts.)"""
    names: list[BranchName] = []
    for branch in config.branches:
        names += [branch.name] if branch.staging is None else [branch.name, branch.staging]
    parts = [
        program_digest(),
        {each.name: getattr(config, each.name) for each in fields(config) if each.name not in _NOT_OF_FACTS},
        [(branch.name, branch.version, branch.staging) for branch in config.branches],
        [(name, resolve_configured(refs, config, name).oid) for name in config.more_upstreams],
        _tips_of_notes(config, refs),
        {name: sorted(by_commit.items()) for name, by_commit in links.items()},
        _content(repository.common_dir / "shallow"),
    ]
    settings = _digest(parts)
    return settings, _digest([settings, [(name, resolve_configured(refs, config, name).oid) for name in names]])


def _digest(parts: object) -> str:
    told = json.dumps(parts, sort_keys=True, default=plain)
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def _tips_of_notes(config: Config, refs: Refs) -> list[tuple[str, Oid | None]]:
    if not any(name.startswith("refs/notes/") for name in refs.oids):
        return []
    from backportq.git.read.notes import note_refs

    return [(name, refs.find(name)) for name in note_refs(config)]


def _notes(repository: Repository, config: Config, refs: Refs) -> Mapping[Oid, bytes]:
    if not any(tip is not None for _, tip in _tips_of_notes(config, refs)):
        return {}
    from backportq.git.read.notes import read_project_notes

    return read_project_notes(repository, config, refs)


def _trailers(stored: Any) -> CommitTrailers:
    from backportq.model.trailers.values import CommitTrailers

    made: CommitTrailers = decoder(CommitTrailers)(stored)
    return made


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="latin-1")
    except OSError:
        return ""


def _store(index: Index, key: str, found: Gathered) -> None:
    """Put the facts in place of those that the index holds."""
    facts, history, upstream = found.facts, found.history, found.upstream
    order = facts.order
    index.clear_section(FACTS)
    index.put_meta(FACTS_KEY, key)
    bits = 1 + sum(len(tracked.bits) for tracked in history.branches)
    RecentCommits(index, upstream.tip).fill(
        ((oid, order.get(oid), mask) for oid, mask in history.masks.items()), _found_names(upstream), bits
    )
    index.put_entries(f"{FACTS}/trailers", facts.tags.items())
    index.put_entries(f"{FACTS}/reverted", facts.reverted_by.items())
    index.put_entries(f"{FACTS}/copies", facts.copies.items())
    index.put_entries(f"{FACTS}/members", facts.changes.members.items())
    index.put_entries(f"{FACTS}/merges", facts.changes.merge_of.items())
    index.put_entries(f"{FACTS}/floor", [("", history.floor)])
    for tracked, branch in zip(history.branches, facts.branches, strict=True):
        section = f"{FACTS}/branch/{branch.branch.name}"
        mask = sum(1 << bit for bit in tracked.bits)
        tips = (
            branch.tip,
            branch.onto,
            branch.base,
            branch.staging_tip,
            f"{mask:x}",
            branch.landed_count,
            len(branch.picks),
            branch.merged_into,
        )
        index.put_entries(f"{section}/tips", [("", tips)])
        places = {id(pick): place for place, pick in enumerate(branch.picks)}
        index.put_entries(
            f"{section}/picks",
            ((oid, [(places[id(pick)], pick) for pick in picks]) for oid, picks in branch.by_upstream.items()),
        )
        index.put_entries(f"{section}/own", [("", branch.own)])
        index.put_entries(f"{section}/refused", branch.refused.items())
        index.put_entries(f"{section}/proposed", branch.proposed.items())
        index.put_entries(f"{section}/dangling", branch.dangling.items())


def _found_names(upstream: Upstream) -> Iterator[FoundName]:
    for oid, place in upstream.order.items():
        yield FoundName(subject_key(upstream.subject_of(oid)), place, oid, is_subject=True)
        for name in upstream.other_names_of(oid):
            yield FoundName(subject_key(name), place, oid, is_subject=False)


def _stored_facts(repository: Repository, index: Index, config: Config, refs: Refs) -> tuple[Facts, StoredUpstream]:
    """Return the facts that the index holds, to be read when they are asked, and upstream as they know it."""
    upstream_tip = resolve_configured(refs, config, config.upstream)
    recent = RecentCommits(index, upstream_tip.oid)
    commits = StoredCommits(repository, recent, lambda: _notes(repository, config, refs))
    older = OlderCommits(repository, index, index.find_entry(f"{FACTS}/floor", ""))
    upstream = StoredUpstream(upstream_tip.oid, recent, commits, older)
    copies = StoredMapping(index, f"{FACTS}/copies", Oid)
    members = StoredMapping(index, f"{FACTS}/members", decoder(tuple[Oid, ...]))
    merges = StoredMapping(index, f"{FACTS}/merges", Oid)
    reverted = StoredMapping(index, f"{FACTS}/reverted", Oid)
    changes = Changes(members, merges)
    named = NamedChanges(upstream, merges)
    prepared: list[StoredMapping[Any]] = [copies, members, merges, reverted]

    @cache
    def fixes() -> tuple[FixesTargets, NamedCommits]:
        from backportq.services.history.fixes_targets import FixesTargets
        from backportq.services.history.pick_lines import pick_lines_of
        from backportq.services.history.upstream import NamedCommits

        names = NamedCommits(repository, commits)
        lines = cache(lambda: pick_lines_of(repository, config, upstream, names, lambda: commits.notes))
        return FixesTargets(repository, upstream, names, named, lambda oid: lines().originals(oid)), names

    placed = decoder(tuple[tuple[int, LandedPick], ...])

    def branch_facts(branch: StableBranch) -> BranchFacts:
        section = f"{FACTS}/branch/{branch.name}"
        tip, onto, base, staging_tip, mask, landed_count, _, merged_into = index.entry(f"{section}/tips", "")
        by_upstream = StoredMapping(index, f"{section}/picks", lambda stored: [pick for _, pick in placed(stored)])
        prepared.append(by_upstream)
        wanted = int(mask, 16)

        def reaches(oid: Oid) -> bool:
            found = recent.mask(oid)
            return bool(found & wanted) if found is not None else upstream.contains(oid)

        def in_order() -> Iterator[LandedPick]:
            stored = index.entries(f"{section}/picks", is_there=True).values()
            for _, pick in sorted(chain.from_iterable(map(placed, stored)), key=itemgetter(0)):
                yield pick

        return BranchFacts(
            branch=branch,
            tip=tip,
            onto=onto,
            base=base,
            staging_tip=staging_tip,
            picks=StoredSequence(in_order),
            own=StoredSequence(lambda: index.entry(f"{section}/own", "")),
            reaches=reaches,
            refused=StoredMapping(index, f"{section}/refused", decoder(Refusal)),
            proposed=StoredMapping(index, f"{section}/proposed", Oid),
            dangling=StoredMapping(index, f"{section}/dangling", str),
            copies=copies,
            changes=changes,
            landed_count=landed_count,
            merged_into=tuple(merged_into),
            by_upstream=by_upstream,
        )

    def resolve(line: FixesTag, said_by: Oid | None) -> TargetResolution:
        return fixes()[0].resolve(line, said_by)

    def prepare_names(digits: Iterable[str]) -> None:
        names, wanted = fixes()[1], list(digits)
        names.prepare(wanted)
        commits.load(oid for each in wanted for oid in names.find(each))

    def prepare(oids: Iterable[Oid]) -> None:
        asked = list(oids)
        merges.prepare(asked)
        # A branch has what came by a merge if it has the merge.
        wanted = [*asked, *(merges[oid] for oid in asked if oid in merges)]
        recent.prepare(wanted)
        for mapping in prepared:
            mapping.prepare(wanted)

    facts = Facts(
        upstream=upstream_tip,
        order=recent,
        commits=commits,
        branches=tuple(map(branch_facts, in_release_order(config.branches))),
        reverted_by=reverted,
        copies=copies,
        changes=changes,
        tags=StoredMapping(index, f"{FACTS}/trailers", _trailers),
        resolver=resolve,
        named=named,
        is_upstream=upstream.contains,
        loader=commits.load,
        preparer=prepare,
        name_preparer=prepare_names,
    )
    return facts, upstream
