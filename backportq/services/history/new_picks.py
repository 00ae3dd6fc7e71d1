"""Stable branches moved forward by picks that change nothing of what is known: they are added to the facts.

The same as `backportq.services.history.new_commits` for the other side. Picks are added where

- a branch has what it was on its own line, and all else that facts depend on is the same;
- the commits say of which upstream commits they are picks, or merge such, and take nothing back;
- no message names them, and their originals are changes that upstream has once;
- the order of other commits, and where branches part, cannot depend on them.

In all other cases the answer is None, and everything is found out anew. This module must not decide what a commit is a
pick of: the source of evidence does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backportq.git.read.touched_paths import touched_paths
from backportq.git.refs import Refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.config import Config
from backportq.model.history.landed import LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder
from backportq.model.trailers.dialects.grammar import Grammar, refusal_hint
from backportq.model.trailers.identity_keys import KeyReader
from backportq.model.trailers.project_grammar import project_grammar
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.identity_keys import change_id
from backportq.services.history.index import FACTS, Index
from backportq.services.history.links import Links
from backportq.services.history.new_commits import (
    OPEN_QUESTIONS,
    OpenQuestions,
    is_repeated,
    on_top,
    put_questions,
    subjects_of,
)
from backportq.services.history.older_commits import subject_key
from backportq.services.history.pick_lines import PickLines
from backportq.services.history.refusal_lists import paths_of_lists
from backportq.services.history.reverts import sounds_reverting
from backportq.services.history.stored_commits import RecentCommits, StoredCommits, StoredUpstream
from backportq.services.history.upstream import NamedCommits


@dataclass(frozen=True, slots=True)
class QuietPicks:
    """How one branch moved, and what its new commits are picks of, oldest first; `digits` are ids that they name and
    that a later commit could be meant by, `unexplained` those that only merge picks."""

    branch: BranchName
    to: _Move
    picks: tuple[LandedPick, ...]
    digits: tuple[str, ...]
    unexplained: tuple[Commit, ...]


@dataclass(frozen=True, slots=True)
class _Move:
    """Where a branch and its staging branch are now, the `commits` on top of what they had, oldest first, and all that
    are on the staging branch alone. Picks go `onto` the staging branch, unless the other one has gone past it."""

    tip: Oid
    staging_tip: Oid | None
    onto: Oid
    commits: Sequence[Commit]
    staged: frozenset[Oid]


def find_new_picks(
    repository: Repository,
    index: Index,
    config: Config,
    refs: Refs,
    facts: Facts,
    upstream: StoredUpstream,
    links: Links,
) -> list[QuietPicks] | None:
    """Return the picks by which stable branches moved on from the `facts` of the index; None where anything else
    follows from them."""
    kept = index.find_entry(OPEN_QUESTIONS, "")
    questions: OpenQuestions | None = None if kept is None else decoder(OpenQuestions)(kept)
    if questions is None or not questions.is_tidy or upstream.recent.is_empty:
        return None
    if any(entry.merged_into for entry in facts.branches):
        return None
    grammar = project_grammar(config)
    commits = upstream.stored
    lines = PickLines(repository, grammar, upstream, NamedCommits(repository, commits), lambda: commits.notes)
    found: list[QuietPicks] = []
    for entry in facts.branches:
        moved = _moved(repository, refs, config, entry)
        if moved is None:
            return None
        if (moved.tip, moved.staging_tip) == (entry.tip, entry.staging_tip):
            continue
        is_silent = _is_silent(moved.commits, grammar, commits)
        picks = _picks(moved, lines, facts, upstream, questions) if is_silent else None
        if picks is None or any(commit.oid in links.get(entry.branch.name, ()) for commit in moved.commits):
            return None
        digits = lines.names.answerable(upstream.contains)
        merges = tuple(commit for commit in moved.commits if commit.is_merge)
        if merges and any(_has_shared(entry, other) for other in facts.branches if other is not entry):
            return None
        found.append(QuietPicks(entry.branch.name, moved, tuple(picks), tuple(digits), merges))
    listed = set(paths_of_lists(config))
    new_oids = [commit.oid for each in found for commit in each.to.commits]
    if len(set(new_oids)) < len(new_oids):
        return None
    if listed and any(not listed.isdisjoint(paths) for paths in touched_paths(repository, new_oids).values()):
        return None
    return found


def _moved(repository: Repository, refs: Refs, config: Config, entry: BranchFacts) -> _Move | None:
    """Return how a branch and its staging branch moved along the line of their own commits; None where they moved in
    another way."""
    branch = entry.branch
    tip = resolve_configured(refs, config, branch.name).oid
    staging_tip = None if branch.staging is None else resolve_configured(refs, config, branch.staging).oid
    if (tip, staging_tip) == (entry.tip, entry.staging_tip):
        return _Move(tip, staging_tip, entry.onto, (), frozenset())
    own = list(entry.own)
    before = {entry.tip, entry.staging_tip or entry.tip}
    if not own and len(before) > 1:
        return None
    head = own[-1] if own else entry.tip
    new = {tip, staging_tip or tip} - {head, *own}
    commits: Sequence[Commit] = ()
    if new - before:
        lines = (_own_line(repository, own or [head], end, is_single=staging_tip is not None) for end in new - before)
        found = next((line for line in lines if line and new - before <= {commit.oid for commit in line}), None)
        if found is None:
            return None
        commits = found
    # The place of each commit on the line, from which both branches start.
    place = {oid: at for at, oid in enumerate((*own, *(commit.oid for commit in commits)), 1)}
    if not own:
        place[head] = 0
    pairs = [(entry.tip, tip)] if staging_tip is None else [(entry.tip, tip), (entry.staging_tip, staging_tip)]
    if any(old != now and (old not in place or place[old] > place.get(now, -1)) for old, now in pairs):
        return None
    if staging_tip is None:
        return _Move(tip, None, tip, commits, frozenset())
    staged = frozenset(oid for oid, at in place.items() if place.get(tip, 0) < at <= place.get(staging_tip, 0))
    return _Move(tip, staging_tip, staging_tip if staged else tip, commits, staged)


def _own_line(repository: Repository, before: Sequence[Oid], end: Oid, *, is_single: bool) -> list[Commit] | None:
    """Return the commits up to `end` on top of the last of those `before`, oldest first, if they begin at these alone;
    with `is_single`, if none is a merge."""
    found = on_top(repository, before[-1], end)
    known = {*before, *(commit.oid for commit in found or ())}
    if found is None or any(not known.issuperset(commit.parents) for commit in found):
        return None
    return None if is_single and any(commit.is_merge for commit in found) else found


def _has_shared(entry: BranchFacts, other: BranchFacts) -> bool:
    """Tell whether two branches have commits in common that upstream lacks."""
    return not set(entry.own).isdisjoint(other.own)


def _is_silent(new: Sequence[Commit], grammar: Grammar, commits: StoredCommits) -> bool:
    """Tell whether new commits of a branch say no more than what they are picks of."""
    refuses = refusal_hint(grammar)
    noted = [commit.with_note_of(commits.notes) for commit in new]
    return not any(sounds_reverting(commit) or refuses(commit.raw) for commit in noted)


def _picks(
    moved: _Move,
    lines: PickLines,
    facts: Facts,
    upstream: StoredUpstream,
    questions: OpenQuestions,
) -> list[LandedPick] | None:
    """Return what new commits of a branch are picks of, None where one is of nothing, or more follows from it."""
    lines.prepare(commit.oid for commit in moved.commits)
    picks: list[LandedPick] = []
    explained: set[Oid] = set()
    for commit in moved.commits:
        oid = commit.oid
        originals = lines.find(oid)
        if upstream.recent.mask(oid) is not None or oid.startswith(questions.digits):
            return None
        if commit.is_merge:  # of picks, which answer for it
            says_more = originals or lines.dangling(oid) is not None or change_id(commit.raw) is not None
            if says_more or not explained.issuperset(commit.parents[1:]):
                return None
            continue
        if not originals:
            return None
        explained.add(oid)
        concerned = [each for original in originals for each in facts.changes.together_with(original)]
        if any(is_repeated(each, facts) for each in concerned):
            return None
        # Whether two commits of one title are one change is looked at where one of them was picked.
        if not all(_has_own_title(original, upstream, facts) for original in originals if original in upstream.order):
            return None
        in_order = sorted(originals, key=lambda original: upstream.order.get(original, -1))
        picks += [LandedPick(original, oid, originals[original], oid in moved.staged) for original in in_order]
    return picks


def _has_own_title(oid: Oid, upstream: StoredUpstream, facts: Facts) -> bool:
    """Tell whether no other commit of upstream has the title of this one, but for the merge that brought it."""
    key = subject_key(upstream.title_of(oid))
    return {*upstream.recent.with_subject(key), *upstream.recent.with_name(key)} <= {oid, facts.changes.of(oid)}


def put_new_picks(index: Index, new: Sequence[QuietPicks], tip: Oid, keys: KeyReader) -> Iterable[Oid]:
    """Add the picks to what the index has, in which upstream ends with `tip`, and return the upstream commits that it
    knows more about, and the picks that have the subject of what no message explains; only while the index is
    written."""
    added: list[tuple[Oid, int | None, int]] = []
    digits = {hex_id for each in new for hex_id in each.digits}
    placed = decoder(tuple[tuple[int, LandedPick], ...])
    known: dict[Oid, None] = {}
    for each in new:
        section = f"{FACTS}/branch/{each.branch}"
        _, _, base, staging_tip, mask, landed_count, pick_count, merged_into = index.entry(f"{section}/tips", "")
        # Of the bits of both tips one is as good as the other: from now on they are asked about together.
        oids = [commit.oid for commit in each.to.commits]
        added += [(oid, None, int(mask, 16)) for oid in oids]
        counts = (landed_count + len(oids) - len(each.unexplained), pick_count + len(each.picks))
        tips = (each.to.tip, each.to.onto, base, each.to.staging_tip, mask, *counts, merged_into)
        index.put_entries(f"{section}/tips", [("", tips)])
        picked = list(dict.fromkeys(pick.upstream for pick in each.picks))
        stored = index.entries(f"{section}/picks") if staging_tip else index.find_entries(f"{section}/picks", picked)
        changed: dict[Oid, list[tuple[int, LandedPick]]] = {oid: [] for oid in picked}
        for oid, picks in ((Oid(oid), placed(picks)) for oid, picks in stored.items()):
            if oid in changed or any(pick.staged and pick.commit not in each.to.staged for _, pick in picks):
                changed[oid] = [(at, replace(pick, staged=pick.commit in each.to.staged)) for at, pick in picks]
        for place, pick in enumerate(each.picks, pick_count):
            changed[pick.upstream].append((place, pick))
        index.change_entries(f"{section}/picks", changed.items(), place_of=lambda _: 0)
        index.put_entries(f"{section}/own", [("", [*index.entry(f"{section}/own", ""), *oids])])
        known |= dict.fromkeys(changed)
    RecentCommits(index, tip).add(added, ())
    questions: OpenQuestions = decoder(OpenQuestions)(index.entry(OPEN_QUESTIONS, ""))
    questions = replace(questions, digits=tuple(sorted({*questions.digits, *digits})))
    alike = frozenset(questions.unexplained)
    commits = [commit for each in new for commit in each.to.commits]
    known |= {commit.oid: None for commit in commits if not alike.isdisjoint(subjects_of(commit))}
    unexplained = (commit for each in new for commit in each.unexplained)
    put_questions(index, questions.with_unexplained(unexplained, keys))
    return known
