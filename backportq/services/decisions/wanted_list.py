"""A list of wanted backports that somebody kept elsewhere: matched with the history, shown, nominated in one change.

What an entry means is found by id, by the number of a request, by a revision of Subversion, by title, in this order,
and never guessed: what is unknown or ambiguous is told. This module must not parse files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from backportq.git.read.lookup import read_commits, resolve_abbreviations
from backportq.git.refs import read_refs
from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid
from backportq.model.items.decisions import nominate, set_priority
from backportq.model.items.item import Item, State
from backportq.model.items.queue import QueueState
from backportq.model.items.wanted_list import WantedEntry, WantedList
from backportq.model.priority import Priority
from backportq.services.branches import choose_branches, refuse_gone
from backportq.services.decisions.decide import DecisionResult, ItemDecision, Planned, decide, decider
from backportq.services.decisions.nominate import obstacle_to
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import facts_of
from backportq.services.project import Project

_REVISION = re.compile(r"(?:git-svn-id: \S+@|\brevision=)(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class EntryMatch:
    """One entry with the commits that it means and how they were found. `branches` are those to nominate them for,
    `left_out` says of others why not; `problem` is why the entry means nothing."""

    entry: WantedEntry
    commits: tuple[Oid, ...] = ()
    subject: str = ""
    how: str = ""
    branches: tuple[BranchName, ...] = ()
    left_out: tuple[str, ...] = ()
    problem: str | None = None


def branch_words(state: QueueState) -> list[str]:
    """Return the words by which lists may name a stable branch."""
    return [word for branch in state.config.branches for word in (branch.name, branch.version, branch.staging) if word]


def match_wanted(project: Project, wanted: WantedList, branches: Sequence[str] = ()) -> tuple[EntryMatch, ...]:
    """Return what each entry means. `branches` hold for entries that name none; without them these are meant for all
    that still take fixes. Raise `ConfigError` for an unknown branch."""
    state = project.store.snapshot().state
    chosen = tuple(branch.name for branch in choose_branches(state.config, branches)) if branches else ()
    if chosen:
        refuse_gone(state.config, read_refs(project.repository), chosen)
    matching = _WantedMatching(project, state, facts_of(project.repository, state), chosen)
    return matching.match(wanted.entries)


def nominate_wanted(project: Project, matches: Sequence[EntryMatch], source: str) -> DecisionResult:
    """Nominate what was matched, in one change of the queue."""
    by = decider(project)
    commits = read_commits(project.repository, [oid for match in matches for oid in match.commits])

    def plan(state: QueueState) -> Planned:
        made: dict[tuple[BranchName, Oid], ItemDecision] = {}
        for match in matches:
            for name in match.branches:
                for oid in match.commits:
                    before = state.queue_of(name).find(oid)
                    known = made.get((name, oid))
                    commit = commits[oid]
                    item = known.after if known is not None and known.after is not None else before
                    if item is None:
                        item = Item(oid, commit.title, commit.author, commit.committed)
                    elif not item.state.is_open and item.state is not State.DECLINED:
                        # In the record and not in the branch: it was taken back there.
                        item = replace(item, state=State.PENDING, pick=None, staged=False)
                    words = match.entry.note or f"listed in {source}"
                    if any(each.is_decided and each.text == words for each in item.nominations):
                        continue  # the same list a second time
                    item = nominate(item, by, words)
                    if match.entry.priority in list(Priority):
                        item = set_priority(item, Priority(match.entry.priority), by)
                    made[name, oid] = ItemDecision(name, oid, before, item)
        changed = tuple(dict.fromkeys(oid for _, oid in made))
        return Planned("tag", f"nominated from {source}", tuple(made.values()), changed)

    return decide(project, plan)


class _WantedMatching:
    """One run over a list."""

    def __init__(self, project: Project, state: QueueState, facts: Facts, chosen: tuple[BranchName, ...]) -> None:
        self._project = project
        self._state = state
        self._facts = facts
        self._chosen = chosen
        self._resolved: Mapping[str, Sequence[Oid]] = {}

    def match(self, entries: Sequence[WantedEntry]) -> tuple[EntryMatch, ...]:
        ids = [text for entry in entries for text in entry.ids]
        self._resolved = resolve_abbreviations(self._project.repository, ids)
        return tuple(self._match(entry) for entry in entries)

    def _match(self, entry: WantedEntry) -> EntryMatch:
        if entry.skipped is not None:
            return EntryMatch(entry, problem=entry.skipped)
        commits, how, problem = self._commits(entry)
        if problem is not None:
            return EntryMatch(entry, problem=problem)
        meant, unknown = self._meant(entry)
        kept, left_out = [], [f"{word} is no stable branch here" for word in unknown]
        for branch in meant:
            found = [obstacle_to(self._facts, self._state, oid, branch) for oid in commits]
            obstacles = [why for why in found if why is not None]
            if obstacles:
                left_out.append(f"{branch.branch.name} {obstacles[0]}")
            else:
                kept.append(branch.branch.name)
        first = self._facts.commits.get(commits[0])
        return EntryMatch(entry, commits, first.title if first is not None else "", how, tuple(kept), tuple(left_out))

    def _commits(self, entry: WantedEntry) -> tuple[tuple[Oid, ...], str, str | None]:
        for text in entry.ids:
            found = self._resolved.get(text, ())
            if len(found) == 1:
                return (self._facts.original_of(found[0]),), "id", None
            if found:
                return (), "", f"{text} is ambiguous"
        if entry.number is not None:
            changes = self._facts.named.with_number(entry.number)
            if len(changes) == 1:
                return (changes[0],), "number", None
        known = [self._revisions[revision] for revision in entry.revisions if revision in self._revisions]
        if known and len(known) == len(entry.revisions):
            return tuple(dict.fromkeys(known)), "revision", None
        if entry.title is not None:
            titled = [oid for oid in self._facts.named.with_title(entry.title) if oid in self._facts.order]
            if len(titled) == 1:
                return (titled[0],), "title", None
            if titled:
                return (), "", f"{len(titled)} commits have this title"
        named = [*entry.ids, *([entry.number] if entry.number else []), *(f"r{each}" for each in entry.revisions)]
        return (), "", f"{', '.join(named) or repr(entry.title)} is no commit here"

    @cached_property
    def _revisions(self) -> Mapping[str, Oid]:
        """The revisions of Subversion that upstream's messages name."""
        self._facts.load(self._facts.order)
        return {
            match[1]: oid
            for oid in self._facts.order
            if (commit := self._facts.commits.get(oid)) is not None
            for match in _REVISION.finditer(commit.message)
        }

    def _meant(self, entry: WantedEntry) -> tuple[list[BranchFacts], list[str]]:
        config, names, unknown = self._state.config, set[str](), []
        for word in entry.branches:
            found = {branch.name for branch in config.branches if word in (branch.name, branch.version, branch.staging)}
            names |= found
            unknown += [] if found else [word]
        if entry.branches:
            return [each for each in self._facts.branches if each.branch.name in names], unknown
        if self._chosen:
            return [each for each in self._facts.branches if each.branch.name in self._chosen], []
        day = self._project.clock().date()
        return [each for each in self._facts.branches if each.branch.support_on(day) is not Support.END_OF_LIFE], []
