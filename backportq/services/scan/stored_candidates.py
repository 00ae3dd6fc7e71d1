"""Nominations out of the index, made anew for what anything has changed that they depend on.

- Where the facts moved on, only commits of which another thing is known are looked at again, with what depends on them.
- The configuration, the support levels of the day and the tags concern all of them: releases, and what waits for a
  release candidate.

This module must not nominate; it keeps what `nominate` gives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backportq.git.read.touched_paths import touched_paths
from backportq.model.config import Config, Rule
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder, plain
from backportq.services.branches import GoneBranch, not_retired
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.index import Index, StoredMapping, StoredSequence
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.scan.nominate import Candidate, Candidates, Sources, maintained, nominate
from backportq.services.scan.release_candidates import candidate_dates
from backportq.services.scan.report import ScanWarning
from backportq.services.scan.urgent_follow_ups import LastReleases, takes_reverts

_KEY = "candidates-key"
_SECTION = "candidates"


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

    def changed_since(self, key: str, *, took_reverts: bool | None = None) -> Collection[Oid] | None:
        """Return the commits of which another thing is known, or that may be other candidates, than when this had
        another `key` and, where given, this answer to whether reverts are taken; None where that may be all."""
        settings, _, key_of_facts = key.partition(" ")
        changed = self.source.changed_since(key_of_facts) if settings == self.key.partition(" ")[0] else None
        takes_reverts = self.nominated.takes_reverts
        took = takes_reverts if took_reverts is None else took_reverts
        return changed and _concerned(self.facts, self.nominated.followers, changed, (took, takes_reverts))


def with_candidates(history: HistoryOfQueue, day: date) -> GatheredHistory:
    """Return the facts with the candidates of `day`."""
    facts, config, index = history.facts, history.config, history.index
    levels = [branch.support_on(day) for branch in config.branches]
    tags = [(name, oid) for name, oid in sorted(history.refs.oids.items()) if name.startswith("refs/tags/")]
    said = json.dumps([config, levels, tags], sort_keys=True, default=plain)
    settings = hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()
    key = f"{settings} {history.facts_key}"

    def nominated(took: bool, only: Collection[Oid] | None = None) -> Candidates:  # noqa: FBT001 - an answer
        said = facts.tags if only is None else {oid: facts.tags[oid] for oid in only if oid in facts.tags}
        dates = candidate_dates(history.repository, said)
        releases = LastReleases(history.repository)
        sources = Sources(lambda oids: touched_paths(history.repository, oids), dates, releases, took)
        return nominate(facts, config, sources, day=day, only=only)

    def find_out() -> Candidates:
        found = nominated(takes_reverts(facts))
        if not facts.warnings:
            with index.keeping():
                index.clear_section(_SECTION)
                index.put_meta(_KEY, key)
                for section, values in _sections(found):
                    index.put_entries(section, values, place_of=_place_of(facts))
        return found

    def move_on(changed: Collection[Oid]) -> Candidates | None:
        """Nominate anew what is concerned by what changed, if the index still has the rest."""
        known = _stored(index, config)
        reverted = facts.reverted_by
        is_asked = any(oid in reverted for oid in changed) or not set(reverted.values()).isdisjoint(changed)
        took = takes_reverts(facts) if is_asked else known.takes_reverts
        all_concerned = _concerned(facts, known.followers, changed, (known.takes_reverts, took))
        concerned = [oid for oid in all_concerned if oid in facts.order]
        more = nominated(took, concerned)
        is_kept = False
        with index.keeping():
            is_kept = index.replace_meta(_KEY, before, key)
            for section, values in _sections(more, known, concerned) if is_kept else ():
                index.change_entries(section, values, place_of=_place_of(facts))
        return _stored(index, config) if is_kept else None

    before = index.find_meta(_KEY) or ""
    kept, _, key_of_facts = before.partition(" ")
    changed = history.changed_since(key_of_facts) if kept == settings else None
    found = None
    if before == key:
        index.restore_by(find_out)
        found = _stored(index, config)
    elif changed is not None:
        index.restore_by(find_out)
        found = move_on(changed)
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


def _concerned(
    facts: Facts, followers: Mapping[Oid, Sequence[Oid]], changed: Iterable[Oid], took_reverts: tuple[bool, bool]
) -> dict[Oid, None]:
    """Return the commits about which something else may follow from what is known of those that `changed`: what fixes
    or reverts them, what is one change with them, and what they repeat."""
    copies = facts.copies
    repeating: dict[Oid, list[Oid]] = {}
    for copy, original in copies.items():
        repeating.setdefault(original, []).append(copy)

    def with_related(oids: Iterable[Oid]) -> dict[Oid, None]:
        found: dict[Oid, None] = {}
        for oid in oids:
            for each in facts.changes.together_with(oid):
                original = copies.get(each, each)
                found |= dict.fromkeys((each, original, *repeating.get(original, ())))
        return found

    itself = with_related(changed)
    after = [oid for each in itself for oid in (*followers.get(each, ()), facts.reverted_by.get(each)) if oid]
    if took_reverts[0] != took_reverts[1]:
        after += facts.reverted_by.values()
    return with_related((*itself, *after))


def _place_of(facts: Facts) -> Callable[[str], int]:
    return lambda oid: facts.order.get(Oid(oid), 0) if oid else 0


def _sections(
    found: Candidates, known: Candidates | None = None, of: Collection[Oid] = ()
) -> Iterator[tuple[str, Iterable[tuple[str, object]]]]:
    """Yield what the index keeps, by section; of candidates `of` some commits what they change of what is `known`."""
    warnings: dict[Oid, list[ScanWarning]] = {}
    for each in found.warnings:
        warnings.setdefault(each.commit or Oid(""), []).append(each)
    followers: Mapping[Oid, Sequence[Oid]] = found.followers
    if known is not None:
        followers = {
            oid: list(dict.fromkeys((*known.followers.get(oid, ()), *more))) for oid, more in followers.items()
        }
    rules = {oid: [rule.name for rule in rules] for oid, rules in found.rules.items()}
    yield f"{_SECTION}/branches", [("", tuple(found.branches))]
    yield f"{_SECTION}/takes-reverts", [("", found.takes_reverts)]
    yield f"{_SECTION}/followers", followers.items()
    sections: dict[str, Mapping[Any, object]] = {"warnings": warnings, "rules": rules}
    sections |= {"needs": found.needs, "targets": found.targets}
    sections |= {f"branch/{name}": by_commit for name, by_commit in found.branches.items()}
    for name, values in sections.items():
        changed: dict[str, object] = dict.fromkeys(of)
        changed.update(values)
        yield f"{_SECTION}/{name}", changed.items()


def _stored(index: Index, config: Config) -> Candidates:
    rules = {rule.name: rule for rule in config.rules}

    def named(names: Iterable[str]) -> tuple[Rule, ...]:
        return tuple(rules[name] for name in names)

    branches: dict[BranchName, StoredMapping[Candidate]] = {
        name: StoredMapping(index, f"{_SECTION}/branch/{name}", decoder(Candidate))
        for name in index.entry(f"{_SECTION}/branches", "")
    }
    warnings: StoredMapping[Any] = StoredMapping(index, f"{_SECTION}/warnings", decoder(tuple[ScanWarning, ...]))
    matched: StoredMapping[Any] = StoredMapping(index, f"{_SECTION}/rules", named)
    needs: StoredMapping[Any] = StoredMapping(index, f"{_SECTION}/needs", tuple)
    targets: StoredMapping[Any] = StoredMapping(index, f"{_SECTION}/targets", tuple)

    def prepare(commits: Sequence[Oid]) -> None:
        for mapping in (*branches.values(), matched, needs, targets):
            mapping.prepare(commits)

    def in_order() -> Iterator[ScanWarning]:
        """Yield what was found out about commits, then about what they are on each branch."""
        told = [each for of_commit in warnings.values() for each in of_commit]
        for name in (None, *branches):
            yield from (each for each in told if each.branch == name)

    return Candidates(
        branches,
        StoredSequence(in_order),
        matched,
        needs,
        targets,
        StoredMapping(index, f"{_SECTION}/followers", tuple),
        bool(index.entry(f"{_SECTION}/takes-reverts", "")),
        prepare,
    )
