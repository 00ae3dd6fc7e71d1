"""Nominations out of the index, made anew when anything that they depend on has changed.

Besides the facts these are the support levels of the day and, for what waits for a release candidate, the tags. This
module must not nominate; it keeps what `nominate` gives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from backportq.git.read.touched_paths import touched_paths
from backportq.model.config import Config, Rule
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.index import Index, StoredMapping, StoredSequence
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.scan.nominate import Candidate, Candidates, Sources, maintained, nominate
from backportq.services.scan.release_candidates import candidate_dates
from backportq.services.scan.report import ScanWarning

_KEY = "candidates-key"
_SECTION = "candidates"


@dataclass(frozen=True, slots=True)
class GatheredHistory:
    """What the history says, ready to be reconciled with any state of the queue that has this configuration.

    What is derived from it is kept in the `index` under the `key`.
    """

    config: Config
    facts: Facts
    nominated: Candidates
    branches: tuple[BranchFacts, ...]
    index: Index
    key: str


def with_candidates(history: HistoryOfQueue, day: date) -> GatheredHistory:
    """Return the facts with the candidates of `day`."""
    facts, config, index = history.facts, history.config, history.index
    levels = [branch.support_on(day) for branch in config.branches]
    tags = [(name, oid) for name, oid in sorted(history.refs.oids.items()) if name.startswith("refs/tags/")]
    key = hashlib.sha256(json.dumps([history.key, levels, tags]).encode("utf-8", "surrogateescape")).hexdigest()

    def nominated() -> Candidates:
        sources = Sources(
            lambda oids: touched_paths(history.repository, oids), candidate_dates(history.repository, facts.tags)
        )
        return nominate(facts, config, sources, day=day)

    def store(candidates: Candidates) -> None:
        with index.keeping():
            _store(index, key, candidates)

    if index.find_meta(_KEY) == key:
        index.restore_by(lambda: store(nominated()))
        found = _stored(index, config)
    else:
        found = nominated()
        if not facts.warnings:
            store(found)
    return GatheredHistory(config, facts, found, maintained(facts, day), index, key)


def _store(index: Index, key: str, candidates: Candidates) -> None:
    index.clear_section(_SECTION)
    index.put_meta(_KEY, key)
    for name, by_commit in candidates.branches.items():
        index.put_entries(f"{_SECTION}/branch/{name}", by_commit.items())
    index.put_entries(f"{_SECTION}/branches", [("", tuple(candidates.branches))])
    index.put_entries(f"{_SECTION}/warnings", [("", candidates.warnings)])
    index.put_entries(
        f"{_SECTION}/rules", ((oid, [rule.name for rule in rules]) for oid, rules in candidates.rules.items())
    )
    index.put_entries(f"{_SECTION}/needs", candidates.needs.items())
    index.put_entries(f"{_SECTION}/targets", candidates.targets.items())


def _stored(index: Index, config: Config) -> Candidates:
    rules = {rule.name: rule for rule in config.rules}

    def named(names: Iterable[str]) -> tuple[Rule, ...]:
        return tuple(rules[name] for name in names)

    branches: dict[BranchName, Mapping[Oid, Candidate]] = {
        name: StoredMapping(index, f"{_SECTION}/branch/{name}", decoder(Candidate))
        for name in index.find_entry(f"{_SECTION}/branches", "")
    }
    return Candidates(
        branches,
        StoredSequence(lambda: map(decoder(ScanWarning), index.find_entry(f"{_SECTION}/warnings", ""))),
        StoredMapping(index, f"{_SECTION}/rules", named),
        StoredMapping(index, f"{_SECTION}/needs", tuple),
        StoredMapping(index, f"{_SECTION}/targets", tuple),
    )
