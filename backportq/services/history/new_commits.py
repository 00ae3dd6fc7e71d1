"""Upstream moved forward by commits that change nothing of what is known: they are added to the facts.

That is what happens every day, and finding everything out anew for it would take as long as a first scan. Commits are
added only where that gives what finding out anew would give:

- upstream has moved in one line on top of what it was, and all else that its facts depend on is the same;
- the commits say nothing of others but what they fix, or which commit they take back that nothing was said of before;
- nobody asked about them: no message names them, no message quotes their subject, no commit has it;
- no commit of a branch that no message explains has their subject, Change-Id, or paths.

In all other cases the answer is None, and everything is found out anew. This module must not decide what a commit
means: it only tells when nothing has to be decided.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backportq.git.read.history import commits_of, start_walk
from backportq.git.read.lookup import read_commits
from backportq.git.read.touched_paths import touched_paths
from backportq.git.repository import Repository
from backportq.model.change_names import comparable_title, names_of
from backportq.model.commit import Commit
from backportq.model.config import Config
from backportq.model.history.subjects import normal_subject, normal_subject_of, without_branch_mark
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder
from backportq.model.trailers.dialects.grammar import Grammar
from backportq.model.trailers.own_patterns import key_reader_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.project_grammar import project_grammar
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.unnamed_reverts import read_unnamed_revert
from backportq.model.trailers.values import NO_TAGS, CommitTrailers, RevertMark
from backportq.services.history.evidence import BranchCommits
from backportq.services.history.facts import Facts
from backportq.services.history.history_range import UPSTREAM_BIT
from backportq.services.history.index import FACTS, Index
from backportq.services.history.older_commits import subject_key
from backportq.services.history.reverts import sounds_reverting
from backportq.services.history.stored_commits import FoundName, RecentCommits
from backportq.services.history.upstream import NamedCommits, Upstream

_MOST = 100
"""Beyond so many commits one of them surely changes something."""

OPEN_QUESTIONS = f"{FACTS}/open-questions"


@dataclass(frozen=True, slots=True)
class QuietCommit:
    """A commit of upstream to be added: what it says, the checksums of its subject and of what else it is called, the
    commits that it takes back, and the ids that it names and that a later commit could be meant by."""

    commit: Commit
    trailers: CommitTrailers
    subject: int
    names: tuple[int, ...]
    takes_back: tuple[Oid, ...] = ()
    digits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """What a new upstream commit could be the answer to.

    - `digits`: the ids and abbreviations in messages that lead to no upstream commit.
    - `quoted`: checksums of the subjects that messages quote.
    - `unexplained`: checksums of the subjects of unexplained commits, with and without marks.
    - `paths`: what unexplained commits touch, as text.
    - `change_ids`: whether any unexplained commit has a Change-Id.
    - `is_tidy`: whether the order of the branches' commits, and where the branches part, cannot depend on new ones.
    """

    digits: tuple[str, ...]
    quoted: tuple[int, ...]
    unexplained: tuple[int, ...]
    paths: tuple[str, ...]
    change_ids: bool
    is_tidy: bool

    def with_those_of(self, new: Sequence[QuietCommit]) -> OpenQuestions:
        """Return these and the questions that the new commits put themselves."""
        named = [pair for each in new for pair in named_by(each.trailers)]
        digits = [hex_id for hex_id, _ in named if hex_id is not None]
        digits += [hex_id for each in new for hex_id in each.digits]
        subjects = (subject_key(normal_subject(subject)) for _, subject in named if subject)
        return replace(
            self,
            digits=tuple(sorted({*self.digits, *digits})),
            quoted=tuple(sorted({*self.quoted, *subjects})),
        )


def named_by(trailers: CommitTrailers) -> Iterator[tuple[str | None, str | None]]:
    """Yield the ids and the subjects by which a message names what it fixes and what it needs."""
    yield from ((line.hex, line.subject) for line in trailers.fixes)
    yield from ((line.hex, line.subject) for line in trailers.prerequisites)


def open_questions(
    repository: Repository,
    digits: Iterable[str],
    quoted: Iterable[str],
    unexplained: Sequence[Commit],
    *,
    is_tidy: bool,
) -> OpenQuestions:
    """Return the questions that are open after the history was read; `quoted` are subjects."""
    subjects: set[int] = set()
    for commit in unexplained:
        subject = normal_subject_of(commit)
        subjects |= {subject_key(subject), subject_key(without_branch_mark(subject))}
        subjects.add(subject_key(comparable_title(commit)))
    paths = touched_paths(repository, [commit.oid for commit in unexplained])
    return OpenQuestions(
        tuple(sorted(set(digits))),
        tuple(sorted({subject_key(normal_subject(subject)) for subject in quoted})),
        tuple(sorted(subjects)),
        tuple(sorted({json.dumps(each) for each in paths.values()})),
        any(b"\nChange-Id: I" in commit.raw for commit in unexplained),
        is_tidy,
    )


def is_tidy(upstream: Upstream, branches: Sequence[BranchCommits], staged: Collection[BranchName]) -> bool:
    """Tell whether the order of the branches' own commits, and their merge bases, follow from their parents alone.

    So it is where the commits of each branch begin at one commit of upstream, and where none that lie side by side
    belong to two branches, or to one of those that have a staging branch (`staged`), which goes on in one line.
    """
    uses = Counter(oid for branch in branches for oid in branch.oids)
    for branch in branches:
        own = set(branch.oids)
        parents = {parent for oid in branch.oids for parent in upstream.commits[oid].parents} - own
        if len(parents) > 1:
            return False
        if any(uses[oid] > 1 for oid in own) and any(upstream.commits[oid].is_merge for oid in own):
            return False
        if branch.name in staged and any(upstream.commits[oid].parents != (old,) for old, oid in pairwise(branch.oids)):
            return False
    return True


def put_questions(index: Index, questions: OpenQuestions) -> None:
    """Keep the questions; only while the index is written."""
    index.put_entries(OPEN_QUESTIONS, [("", questions)])


def put_new_commits(index: Index, new: Sequence[QuietCommit], *, after: int) -> Iterable[Oid]:
    """Add commits to the `after` ones that upstream has in the index, and return the upstream commits that it knows
    more about; only while the index is written."""
    placed = [(each, each.commit.oid, place) for place, each in enumerate(new, after)]
    called = [FoundName(each.subject, place, oid, is_subject=True) for each, oid, place in placed]
    called += [FoundName(key, place, oid, is_subject=False) for each, oid, place in placed for key in each.names]
    added = [(oid, place, 1 << UPSTREAM_BIT) for _, oid, place in placed]
    RecentCommits(index, new[-1].commit.oid).add(added, called)
    said = [(each.commit.oid, each.trailers) for each in new if each.trailers != NO_TAGS]
    places: dict[str, int] = {oid: place for _, oid, place in placed}
    index.change_entries(f"{FACTS}/trailers", said, place_of=places.__getitem__)
    reverted = {oid: each.commit.oid for each in new for oid in each.takes_back}
    following: dict[str, int] = {oid: place for place, oid in enumerate(reverted, after)}
    index.change_entries(f"{FACTS}/reverted", reverted.items(), place_of=following.__getitem__)
    questions: OpenQuestions = decoder(OpenQuestions)(index.entry(OPEN_QUESTIONS, ""))
    put_questions(index, questions.with_those_of(new))
    return [*(oid for _, oid, _ in placed), *reverted]


def find_new_commits(
    repository: Repository, index: Index, config: Config, facts: Facts, old: Oid, new: Oid
) -> list[QuietCommit] | None:
    """Return the commits by which upstream moved from `old` to `new`, oldest first; None where they change anything.
    `facts` are those of the index."""
    grammar = project_grammar(config)
    keys = key_reader_of(config)
    kept = index.find_entry(OPEN_QUESTIONS, "")
    commits = one_line(repository, old, new) if kept is not None else None
    if not commits:
        return None
    questions: OpenQuestions = decoder(OpenQuestions)(kept)
    if any(b"\nChange-Id: I" in commit.raw for commit in commits) and questions.change_ids:
        return None
    if any(keys.may_hold_keys(commit.raw) for commit in commits):
        return None
    names = NamedCommits(repository, facts.commits)
    found: list[QuietCommit] = []
    for commit in commits:
        each = _quiet(commit, grammar, facts, names, found)
        if each is None:
            return None
        found.append(each)
    subjects = [key for each in found for key in (each.subject, *each.names)]
    questions = questions.with_those_of(found)
    is_quiet = (
        len(set(subjects)) == len(subjects)
        and not set(subjects) & {*questions.quoted, *questions.unexplained}
        and not any(_is_used(RecentCommits(index, new), each) for each in found)
        and not any(each.commit.oid.startswith(questions.digits) for each in found)
    )
    if not is_quiet:
        return None
    paths = touched_paths(repository, [commit.oid for commit in commits])
    if {json.dumps(each) for each in paths.values()} & set(questions.paths):
        return None
    return found


def _quiet(
    commit: Commit, grammar: Grammar, facts: Facts, names: NamedCommits, before: Sequence[QuietCommit]
) -> QuietCommit | None:
    """Return what a new commit of upstream says, None where that changes what others are."""
    trailers = read_trailers(commit.message, grammar) if grammar.tag_hint.search(commit.raw) else NO_TAGS
    if trailers.numbered or trailers.malformed:  # a number or a title, which may be a change's
        return None
    if trailers.reapplies or any(line.hex for line in trailers.opt_outs):
        return None
    if not trailers.reverts and sounds_reverting(commit) and read_unnamed_revert(commit.message) is not None:
        return None
    taken = [_taken_back(mark, facts, names) for mark in trailers.reverts]
    known = {oid for each in before for oid in each.takes_back}
    takes_back = tuple(oid for oid in taken if oid is not None)
    if len(takes_back) < len(taken) or known & set(takes_back):
        return None
    marks = read_picks(commit.message, grammar) if grammar.pick_hint.search(commit.raw) else ()
    if any(names.find(mark.hex) for mark in marks):
        return None
    called = names_of(commit)
    others = tuple(map(subject_key, called.others))
    digits = (*(line.hex for line in trailers.reverts), *(mark.hex for mark in marks))
    return QuietCommit(commit, trailers, subject_key(called.subject), others, takes_back, digits)


def _taken_back(mark: RevertMark, facts: Facts, names: NamedCommits) -> Oid | None:
    """Return the upstream commit that a revert names, None where more than that follows from it."""
    named = [oid for oid in names.find(mark.hex) if facts.is_upstream(oid)]
    if len(named) != 1 or named[0] not in facts.order:
        return None
    oid = named[0]
    trailers = facts.tags.get(oid)
    is_revert = trailers is not None and bool(trailers.reverts or trailers.reapplies)
    is_known = oid in facts.reverted_by or is_revert or facts.commits[oid].is_merge
    return None if is_known or is_repeated(oid, facts) else oid


def is_repeated(oid: Oid, facts: Facts) -> bool:
    """Tell whether upstream has a change twice, one of which is this commit."""
    return oid in facts.copies or oid in facts.copies.values()


def one_line(repository: Repository, old: Oid, new: Oid) -> list[Commit] | None:
    """Return the commits from `old` to `new`, oldest first, if each is the only child of the one before and none is
    older."""
    listing = start_walk(repository, (new,), (old,), "--header", "--topo-order", f"--max-count={_MOST + 1}")
    commits = list(commits_of(listing))[::-1]
    first = read_commits(repository, (old,)).get(old)
    if first is None:
        return None
    before, seconds = old, first.seconds
    for commit in commits:
        if commit.parents != (before,) or commit.seconds < seconds:
            return None
        before, seconds = commit.oid, commit.seconds
    return commits if before == new and len(commits) <= _MOST else None


def _is_used(recent: RecentCommits, each: QuietCommit) -> bool:
    """Tell whether upstream has the commit, or another with its subject or title."""
    if recent.mask(each.commit.oid) is not None:
        return True
    return any(recent.with_subject(key) or recent.with_name(key) for key in (each.subject, *each.names))
