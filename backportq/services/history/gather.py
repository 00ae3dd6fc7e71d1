"""Facts gathered from the history: the steps in order, from top to bottom.

1. The range in which upstream and the branches differ, with the notes that people attached.
2. What the messages say: the trailers of upstream's commits, and what a branch's commits say of others.
3. The evidence for what each branch took: a list of sources, strongest first.
4. What upstream has twice, and what it took back.
5. Each branch: its picks in order, what was reverted on it, what it refuses.

What the values mean is said in `backportq.services.history.facts`. This module must not hold rules about nominations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from types import MappingProxyType

from backportq.git.cache import Cache
from backportq.git.read.notes import read_project_notes
from backportq.git.refs import Refs, read_refs
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.config import Config
from backportq.model.history.landed import LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.model.trailers.dialects.grammar import Grammar, refusal_hint
from backportq.model.trailers.own_patterns import key_reader_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.project_grammar import project_grammar
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.values import NO_TAGS, CommitTrailers, RevertMark
from backportq.services.branches import set_gone_aside, tell_gone
from backportq.services.history.branch_picks import BranchPicks, apply_reverts
from backportq.services.history.changes import Changes, NamedChanges, find_changes
from backportq.services.history.commits_below_base import SharedCommits
from backportq.services.history.duplicates import find_merged_back, find_merged_twice, find_picks_below, share_reverts
from backportq.services.history.evidence import BranchCommits, EvidenceSource, find_evidence
from backportq.services.history.facts import BranchFacts, Facts, Refusal
from backportq.services.history.fixes_targets import FixesTargets, settle
from backportq.services.history.history_range import HistoryRange, TrackedBranch, find_floor, read_history_range
from backportq.services.history.identity_keys import ChangeIdSource, IdentityKeySource, MergeKeySource
from backportq.services.history.index import Index, key_of_facts
from backportq.services.history.links import NO_LINKS, Links, LinkSource
from backportq.services.history.new_commits import OpenQuestions, is_tidy, open_questions, quoted_by
from backportq.services.history.older_commits import OlderCommits, start_reading_older
from backportq.services.history.outline import find_upward_merges
from backportq.services.history.patch_matches import PatchSource, ask_ahead
from backportq.services.history.pick_lines import ForwardPorts, PickLines
from backportq.services.history.refusal_lists import Listed, read_listed_refusals
from backportq.services.history.reverts import RevertChain, UnnamedReverts, sounds_reverting
from backportq.services.history.subject_matches import SubjectSource, TitleSource
from backportq.services.history.upstream import NamedCommits, Upstream


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found out.

    - `history` is the range that was read, `upstream` its commits with their names.
    - `questions` says what a new upstream commit could be the answer to.
    """

    facts: Facts
    history: HistoryRange
    upstream: Upstream
    questions: Callable[[], OpenQuestions]


def gather(repository: Repository, config: Config, *, links: Links = NO_LINKS) -> Facts:
    """Return what the history says about the configured branches, found out anew.

    A branch that is gone is left out, with a word. Raise `RefError` if upstream is gone, or all branches are,
    `RepositoryError` for a shallow clone that does not reach back to where the branches part, or for missing objects.
    """
    refs = read_refs(repository)
    present, gone = set_gone_aside(config, refs)
    tell_gone(gone)
    floor = find_floor(repository, present, refs)
    return gather_with(repository, present, refs, Index(repository, private=True), floor, links=links).facts


def gather_with(
    repository: Repository, config: Config, refs: Refs, index: Index, floor: Oid | None, *, links: Links
) -> Gathered:
    """Return the same for these refs and the `floor` of their range, with what it was found in; `index` is asked for
    the older history."""
    cache = Cache.open(repository)
    grammar = project_grammar(config)

    reading = start_reading_older(repository, index, floor)
    history = read_history_range(repository, config, refs, floor)
    ahead = ask_ahead(repository, history) if key_of_facts(index) is None else None
    notes = read_project_notes(repository, config, refs)
    history.commits.annotate(notes)
    shared = SharedCommits(repository, history, notes=notes)
    older = OlderCommits(repository, index, floor, reading)
    order = {oid: place for place, oid in enumerate(history.upstream_order)}
    upstream = Upstream(history.upstream.oid, history.commits.readable(), order, older)
    branches = [_own_commits(history, upstream, entry) for entry in history.branches]
    changes = find_changes(upstream.tip, upstream.commits, upstream.order)
    titles = TitleSource(repository, upstream, changes)

    def says_much(commit: Commit) -> bool:
        return _tells_of_others(commit, grammar) or titles.knows_title_of(commit)

    below = {entry.branch.name: shared.since(entry.bits, says_much) for entry in history.branches}

    names = NamedCommits(repository, upstream.commits)
    lines = PickLines(repository, grammar, upstream, names, lambda: notes)
    ports: dict[Oid, list[Oid]] = {}

    def originals(oid: Oid) -> tuple[Oid, ...]:
        return lines.originals(oid) or tuple(ports.get(oid, ()))

    named = NamedChanges(upstream, changes.merge_of)
    fixes = FixesTargets(repository, upstream, names, named, originals)
    said = _read_messages(upstream, branches, below, grammar, changes, named)
    listed = read_listed_refusals(repository, config, history.branches)
    names.prepare(said.digits | {refusal.hex for refusals in listed.values() for _, refusal in refusals})
    lines.prepare(dict.fromkeys(commit.oid for commits in below.values() for commit in commits))

    forward_ports = ForwardPorts(said.picks, upstream, names)
    ports.update(forward_ports.of_commits)
    subjects = SubjectSource(upstream)
    patches = PatchSource(repository, cache, upstream, changes, subjects, ahead)
    keys = IdentityKeySource(repository, upstream, changes, key_reader_of(config))
    merge_keys = MergeKeySource(repository, upstream, changes, key_reader_of(config))
    sources = _sources(links, upstream, lines, forward_ports, keys, patches, subjects, titles, merge_keys)
    found = find_evidence(sources, branches)
    unexplained = [own.without(found[own.name]) for own in branches]
    proposed = titles.proposed(unexplained)

    reverted_by = _upstream_reverts(said.upstream, upstream, names)
    merged_back = find_merged_back(said.picks, upstream, names, reverted_by)
    asked = said.upstream.keys() | {original for oids in patches.undecided.values() for original in oids}
    asked |= {original for by_oid in found.values() for evidence in by_oid.values() for original in evidence}

    def is_asked(older: Oid, newer: Oid) -> bool:
        """Tell whether it matters if two upstream commits are one change: some branch has only one of them."""
        return not {older, newer}.isdisjoint(asked) or any(own.reaches(older) != own.reaches(newer) for own in branches)

    titled = ([oid for oid in group if oid not in merged_back] for group in titles.repeated())
    merged_twice = find_merged_twice(repository, upstream, titled, is_asked, reverted_by)
    decided = patches.decide(merged_twice.older)
    reverted_by = merged_twice.share_reverts(reverted_by)
    repeats = merged_twice.with_merged_back(merged_back)
    reverted_by = share_reverts(reverted_by, merged_back, repeats)

    refused_by_upstream = tuple(_refused(said.upstream, fixes))
    upward = find_upward_merges(repository, history)
    entries = []
    for entry, own, left in zip(history.branches, branches, unexplained, strict=True):
        name = entry.branch.name
        picks = BranchPicks(own, upstream, names, lines, said.branches, repeats)
        merged = find_picks_below(repository, upstream, titles, own, below[name])
        for commit in below[name]:
            picks.add_below(commit.oid, merged.get(commit.oid, {}))
        for pick in merged_twice.picks_in(own.reaches):
            picks.add(pick)
        staged_only = _only_staged(history, entry)
        for oid in own.oids:
            picks.add_own(oid, decided.get(oid) or found[name].get(oid, {}), is_staged=oid in staged_only)
        said_here = {oid: said.branches[oid] for oid in own.oids if oid in said.branches}
        refused = [*refused_by_upstream, *_listed_here(listed, name, fixes), *_refused(said_here, fixes)]
        in_order = picks.in_order()
        entries.append(
            BranchFacts(
                branch=entry.branch,
                tip=entry.tip.oid,
                onto=_onto(history, entry),
                base=history.merge_base(entry.tip_bit),
                staging_tip=entry.staging.oid if entry.staging is not None else None,
                picks=in_order,
                landed_count=len({pick.commit for pick in in_order if pick.reverted_by is None}),
                by_upstream=MappingProxyType(_by_upstream(in_order)),
                own=own.oids,
                reaches=own.reaches,
                refused=MappingProxyType(dict(refused)),
                copies=repeats,
                changes=changes,
                proposed=MappingProxyType(proposed[name]),
                dangling=MappingProxyType(
                    {oid: line for oid in left.oids if (line := lines.dangling(oid)) is not None}
                ),
                merged_into=tuple(pair.newer for pair in upward if pair.older == name),
            )
        )
    facts = Facts(
        upstream=history.upstream,
        order=MappingProxyType(upstream.order),
        commits=upstream.commits,
        branches=tuple(entries),
        reverted_by=MappingProxyType(reverted_by),
        copies=MappingProxyType(repeats),
        changes=changes,
        tags=MappingProxyType(merged_twice.share_tags(said.upstream)),
        resolver=fixes.resolve,
        named=named,
        is_upstream=upstream.contains,
        warnings=tuple(patches.warnings),
    )

    older.finish()

    def questions() -> OpenQuestions:
        explicit = find_evidence([source for source in sources if source.is_explicit], branches)
        unexplained = dict.fromkeys(oid for own in branches for oid in own.without(explicit[own.name]).oids)
        return open_questions(
            repository,
            key_reader_of(config),
            names.answerable(upstream.contains),
            said.quoted,
            [upstream.commits[oid] for oid in unexplained],
            since=shared.newest_moment(entry.bits for entry in history.branches),
            is_tidy=is_tidy(upstream, branches, {entry.branch.name for entry in history.branches if entry.staging}),
        )

    return Gathered(facts, history, upstream, questions)


def _sources(
    links: Links,
    upstream: Upstream,
    lines: PickLines,
    forward_ports: ForwardPorts,
    keys: IdentityKeySource,
    patches: PatchSource,
    subjects: SubjectSource,
    titles: TitleSource,
    merge_keys: MergeKeySource,
) -> Sequence[EvidenceSource]:
    """Return the sources of evidence, strongest first: each is given what those before it left unexplained."""
    return (
        LinkSource(links),
        lines,
        forward_ports,
        ChangeIdSource(upstream),
        keys,
        patches,
        subjects,
        titles,
        merge_keys,
    )


@dataclass(slots=True)
class _Messages:
    """What messages say.

    - `upstream`: the trailers of upstream's commits that have any.
    - `branches`: those of commits of the branches that speak of other commits.
    - `picks`: the upstream commits that say what they are picks of, with the ids that they name.
    - `digits`: all ids that anything names.
    - `quoted`: by what else upstream's commits name others.
    """

    upstream: dict[Oid, CommitTrailers] = field(default_factory=dict)
    branches: dict[Oid, CommitTrailers] = field(default_factory=dict)
    picks: dict[Oid, list[str]] = field(default_factory=dict)
    digits: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)


def _read_messages(
    upstream: Upstream,
    branches: Sequence[BranchCommits],
    below: Mapping[BranchName, Sequence[Commit]],
    grammar: Grammar,
    changes: Changes,
    named: NamedChanges,
) -> _Messages:
    said = _Messages()
    unnamed = UnnamedReverts(upstream, changes)
    has_trailer, has_pick = grammar.tag_hint.search, grammar.pick_hint.search
    for oid in upstream.order:
        commit = upstream.commits[oid]
        if has_pick(commit.raw):
            said.picks[oid] = [mark.hex for mark in read_picks(commit.message, grammar)]
            said.digits.update(said.picks[oid])
        is_revert = sounds_reverting(commit)
        if is_revert or has_trailer(commit.raw):
            raw = read_trailers(commit.message, grammar)
            said.quoted.update(quoted_by(raw))
            trailers = settle(raw, named)
            if is_revert:
                trailers = unnamed.on_upstream(commit, trailers)
            if trailers != NO_TAGS:
                said.upstream[oid] = trailers
                said.digits.update(tag.hex for tag in trailers.fixes if tag.hex is not None)
                said.digits.update(_others_named(trailers))
    has_refusal = refusal_hint(grammar)
    own = dict.fromkeys(oid for branch in branches for oid in branch.oids)
    for commit in chain(map(upstream.commits.__getitem__, own), chain.from_iterable(below.values())):
        if sounds_reverting(commit) or has_refusal(commit.raw):
            said.branches[commit.oid] = read_trailers(commit.message, grammar)
            said.digits.update(_others_named(said.branches[commit.oid]))
    for branch in branches:
        before: dict[str, Oid] = {}
        for oid in branch.oids:
            commit = upstream.commits[oid]
            if oid in said.branches and sounds_reverting(commit):
                said.branches[oid] = unnamed.on_branch(commit, said.branches[oid], before)
                said.digits.update(_others_named(said.branches[oid]))
            before[upstream.subject_of(oid)] = oid
    return said


def _others_named(trailers: CommitTrailers) -> Iterator[str]:
    """Yield the ids of the commits that are taken back, applied again or refused."""
    yield from (mark.hex for mark in (*trailers.reverts, *trailers.reapplies))
    yield from (line.hex for line in trailers.opt_outs if line.hex is not None)


def _tells_of_others(commit: Commit, grammar: Grammar) -> bool:
    """Tell whether a commit may say that it is a pick, or that it takes something back."""
    return bool(grammar.pick_hint.search(commit.raw)) or sounds_reverting(commit)


def _own_commits(history: HistoryRange, upstream: Upstream, entry: TrackedBranch) -> BranchCommits:
    wanted = sum(1 << bit for bit in entry.bits)

    def reaches(oid: Oid) -> bool:
        mask = history.masks.get(oid)
        return bool(mask & wanted) if mask is not None else upstream.contains(oid)

    return BranchCommits(entry.branch.name, tuple(history.only_in(entry.bits)), reaches)


def _by_upstream(picks: Sequence[LandedPick]) -> dict[Oid, list[LandedPick]]:
    found: dict[Oid, list[LandedPick]] = {}
    for pick in picks:
        found.setdefault(pick.upstream, []).append(pick)
    return found


def _only_staged(history: HistoryRange, entry: TrackedBranch) -> frozenset[Oid]:
    """Return the commits that the staging branch has and the branch itself lacks."""
    return frozenset() if entry.staging_bit is None else frozenset(history.only_in((entry.staging_bit,), entry.tip_bit))


def _onto(history: HistoryRange, entry: TrackedBranch) -> Oid:
    """Return where picks go, as `backportq.git.read.pick_target` tells of one branch without its history."""
    if entry.staging is None:
        return entry.tip.oid
    staging = entry.staging.oid
    # What was not read lies below the range, where every tip reaches everything.
    is_passed = staging not in history.commits or bool(history.masks[staging] & 1 << entry.tip_bit)
    return entry.tip.oid if is_passed else staging


def _upstream_reverts(
    trailers: Mapping[Oid, CommitTrailers], upstream: Upstream, names: NamedCommits
) -> dict[Oid, Oid]:
    def meant(mark: RevertMark) -> set[Oid]:
        return set(filter(upstream.contains, names.find(mark.hex)))

    commits = {oid: said for oid, said in trailers.items() if not upstream.commits[oid].is_merge}
    reverted = set(chain.from_iterable(meant(mark) for said in commits.values() for mark in said.reverts))
    reapplied = set(chain.from_iterable(meant(mark) for said in commits.values() for mark in said.reapplies))
    reverts = RevertChain()
    for oid, its_trailers in trailers.items():
        said = its_trailers
        if oid not in commits:
            # A merge that quotes what it brought takes nothing back by itself.
            said = replace(
                said,
                reverts=tuple(mark for mark in said.reverts if not meant(mark) & reverted),
                reapplies=tuple(mark for mark in said.reapplies if not meant(mark) & reapplied),
            )
        apply_reverts(reverts, oid, said, meant)
    return reverts.in_force()


def _refused(trailers: Mapping[Oid, CommitTrailers], fixes: FixesTargets) -> Iterator[tuple[Oid, Refusal]]:
    """Yield the upstream commits whose backport the messages of other commits refuse."""
    for oid, its_trailers in trailers.items():
        for line in its_trailers.opt_outs:
            for original in fixes.upstream_commits(line.hex) if line.hex is not None else ():
                yield original, Refusal(line.text, by=oid)


def _listed_here(listed: Listed, name: BranchName, fixes: FixesTargets) -> Iterator[tuple[Oid, Refusal]]:
    """Yield the upstream commits that a branch lists as not to be picked."""
    for path, refusal in listed.get(name, ()):
        for original in fixes.upstream_commits(refusal.hex):
            yield original, Refusal(refusal.why, path=path)
