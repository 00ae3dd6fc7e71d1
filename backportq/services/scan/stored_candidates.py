"""Nominations out of the index, made anew when anything that they depend on has changed.

Besides the facts these are the support levels of the day and, for what waits for a release candidate, the tags. This
module must not nominate; it keeps what `nominate` gives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backportq.git.read.touched_paths import touched_paths
from backportq.model.config import Config, Rule
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder
from backportq.services.branches import GoneBranch, not_retired
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.index import Index, StoredMapping, StoredSequence
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.scan.nominate import Candidate, Candidates, Sources, maintained, nominate
from backportq.services.scan.release_candidates import candidate_dates
from backportq.services.scan.report import ScanWarning
from backportq.services.scan.urgent_follow_ups import LastReleases

_KEY = "candidates-key"
_RULES = 2  # counts up when the same history gives other candidates or priorities
_SECTION = "candidates"
_LATER = 1 << 40  # after all that were found at once


@dataclass(frozen=True, slots=True)
class GatheredHistory:
    """What the history says, ready to be reconciled with any state of the queue that has this configuration.

    `gone` are the branches that still take fixes and are not in this repository, `unreadable` those whose files in the
    queue say nothing. What is derived from the history is
    kept in the `index` under the `key`. `source` is what all of it was taken from.
    """

    config: Config
    facts: Facts
    nominated: Candidates
    branches: tuple[BranchFacts, ...]
    index: Index
    key: str
    source: HistoryOfQueue
    gone: tuple[GoneBranch, ...] = ()
    unreadable: frozenset[BranchName] = frozenset()


def with_candidates(history: HistoryOfQueue, day: date) -> GatheredHistory:
    """Return the facts with the candidates of `day`."""
    facts, config, index = history.facts, history.config, history.index
    levels = [branch.support_on(day) for branch in config.branches]
    tags = [(name, oid) for name, oid in sorted(history.refs.oids.items()) if name.startswith("refs/tags/")]
    said = json.dumps([_RULES, history.basis, levels, tags])
    basis = hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()
    key = f"{basis} {history.tip}"

    def nominated(only: Sequence[Oid] | None = None) -> Candidates:
        dates = candidate_dates(
            history.repository,
            {oid: facts.tags[oid] for oid in only if oid in facts.tags} if only is not None else facts.tags,
        )
        sources = Sources(lambda oids: touched_paths(history.repository, oids), dates, LastReleases(history.repository))
        return nominate(facts, config, sources, day=day, only=only)

    def find_out() -> Candidates:
        found = nominated()
        if not facts.warnings:
            with index.keeping():
                _store(index, key, found)
        return found

    def add_new(tip: Oid) -> Candidates | None:
        """Add the candidates among the commits by which upstream moved on from `tip`, if nothing else has changed."""
        line = history.line_since(tip)
        more = nominated(line) if line is not None else None
        if more is None or more.warnings:
            return None
        known = _stored(index, config)
        with index.keeping():
            _add(index, key, before, more, after=_LATER + facts.order[line[0]] if line else _LATER)
        return _joined(known, more)

    before = index.find_meta(_KEY) or ""
    kept, _, tip = before.partition(" ")
    found = None
    if kept == basis and tip == history.tip:
        index.restore_by(find_out)
        found = _stored(index, config)
    elif kept == basis:
        found = add_new(Oid(tip))
    return GatheredHistory(
        config,
        facts,
        found or find_out(),
        maintained(facts, day),
        index,
        key,
        history,
        not_retired(history.gone),
        frozenset(history.unreadable),
    )


def _joined(known: Candidates, more: Candidates) -> Candidates:
    branches = {name: {**by_commit, **more.branches[name]} for name, by_commit in known.branches.items()}
    return Candidates(
        branches,
        known.warnings,
        {**known.rules, **more.rules},
        {**known.needs, **more.needs},
        {**known.targets, **more.targets},
    )


def _add(index: Index, key: str, before: str, more: Candidates, *, after: int) -> None:
    if index.replace_meta(_KEY, before, key):
        _put(index, more, after=after)


def _store(index: Index, key: str, candidates: Candidates) -> None:
    index.clear_section(_SECTION)
    index.put_meta(_KEY, key)
    index.put_entries(f"{_SECTION}/branches", [("", tuple(candidates.branches))])
    index.put_entries(f"{_SECTION}/warnings", [("", candidates.warnings)])
    _put(index, candidates)


def _put(index: Index, candidates: Candidates, *, after: int = 0) -> None:
    for name, by_commit in candidates.branches.items():
        index.put_entries(f"{_SECTION}/branch/{name}", by_commit.items(), after=after)
    named = ((oid, [rule.name for rule in rules]) for oid, rules in candidates.rules.items())
    index.put_entries(f"{_SECTION}/rules", named, after=after)
    index.put_entries(f"{_SECTION}/needs", candidates.needs.items(), after=after)
    index.put_entries(f"{_SECTION}/targets", candidates.targets.items(), after=after)


def _stored(index: Index, config: Config) -> Candidates:
    rules = {rule.name: rule for rule in config.rules}

    def named(names: Iterable[str]) -> tuple[Rule, ...]:
        return tuple(rules[name] for name in names)

    branches: dict[BranchName, Mapping[Oid, Candidate]] = {
        name: StoredMapping(index, f"{_SECTION}/branch/{name}", decoder(Candidate))
        for name in index.entry(f"{_SECTION}/branches", "")
    }
    matched: StoredMapping[Any] = StoredMapping(index, f"{_SECTION}/rules", named)
    needs: StoredMapping[Any] = StoredMapping(index, f"{_SECTION}/needs", tuple)
    targets: StoredMapping[Any] = StoredMapping(index, f"{_SECTION}/targets", tuple)

    def prepare(commits: Sequence[Oid]) -> None:
        for mapping in (matched, needs, targets):
            mapping.prepare(commits)

    return Candidates(
        branches,
        StoredSequence(lambda: map(decoder(ScanWarning), index.entry(f"{_SECTION}/warnings", ""))),
        matched,
        needs,
        targets,
        prepare,
    )
