"""Upstream moved forward by commits that change nothing of what is known: they are added to the facts.

That is what happens every day, and finding everything out anew for it would take as long as a first scan. Commits are
added only where that gives what finding out anew would give:

- upstream has what it was on its own line, and all else that its facts depend on is the same;
- the commits say nothing of others but what they fix, or which commit they take back that nothing was said of before;
- nobody asked about them: no message names them, quotes their subject, title or number, or has an ordinary one's title;
- no commit of a branch that no message explains has their subject, an identity key of theirs, or their paths;
- none is so old that a branch may have taken it for a release that was merged back.

In all other cases the answer is None, and everything is found out anew. This module must not decide what a commit
means: it only tells when nothing has to be decided.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backportq.git.read.history import commits_of, start_walk
from backportq.git.read.touched_paths import touched_paths
from backportq.git.repository import Repository
from backportq.model.change_names import CommitNames, comparable_title, names_of
from backportq.model.commit import Commit
from backportq.model.config import Config
from backportq.model.history.subjects import normal_subject, normal_subject_of, without_branch_mark
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder
from backportq.model.titles import bare_subject
from backportq.model.trailers.dialects.grammar import Grammar
from backportq.model.trailers.identity_keys import KeyReader
from backportq.model.trailers.own_patterns import key_reader_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.project_grammar import project_grammar
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.unnamed_reverts import read_unnamed_revert
from backportq.model.trailers.values import NO_TAGS, CommitTrailers, RevertMark
from backportq.services.history.changes import find_changes
from backportq.services.history.evidence import BranchCommits
from backportq.services.history.facts import Facts
from backportq.services.history.fixes_targets import settle, title_of_malformed
from backportq.services.history.history_range import UPSTREAM_BIT
from backportq.services.history.identity_keys import change_id
from backportq.services.history.index import FACTS, Index
from backportq.services.history.older_commits import subject_key
from backportq.services.history.reverts import sounds_reverting
from backportq.services.history.stored_commits import FoundName, RecentCommits
from backportq.services.history.upstream import NamedCommits, Upstream

_MOST = 300
"""Beyond so many commits one of them surely changes something."""

OPEN_QUESTIONS = f"{FACTS}/open-questions"


@dataclass(frozen=True, slots=True)
class QuietCommit:
    """A commit of upstream to be added: what it is called and says, the commits that it takes back, and by what it
    names others, so that a later commit could be meant. What that means was `looked_up` for some, without the commits
    that come with it."""

    commit: Commit
    called: CommitNames
    trailers: CommitTrailers
    takes_back: tuple[Oid, ...]
    digits: tuple[str, ...]
    quoted: tuple[str, ...]
    looked_up: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """What a new upstream commit could be the answer to.

    - `digits`: the ids and abbreviations in messages that lead to no upstream commit.
    - `quoted`: checksums of the subjects, titles and numbers by which messages name others.
    - `unexplained`: checksums of the subjects of unexplained commits, with and without marks.
    - `keys`: checksums of their identity keys.
    - `paths`: what they touch, as text.
    - `since`: what is older may have been picked for a release that was merged back.
    - `is_tidy`: whether the order of the branches' commits, and where the branches part, cannot depend on new ones.
    """

    digits: tuple[str, ...]
    quoted: tuple[int, ...]
    unexplained: tuple[int, ...]
    keys: tuple[int, ...]
    paths: tuple[str, ...]
    since: int
    is_tidy: bool

    def with_those_of(self, new: Sequence[QuietCommit]) -> OpenQuestions:
        """Return these and the questions that the new commits put themselves."""
        digits = (hex_id for each in new for hex_id in each.digits)
        quoted = (subject_key(name) for each in new for name in each.quoted)
        return replace(
            self,
            digits=tuple(sorted({*self.digits, *digits})),
            quoted=tuple(sorted({*self.quoted, *quoted})),
        )

    def with_unexplained(self, commits: Iterable[Commit], keys: KeyReader) -> OpenQuestions:
        """Return these and what follows from commits that no message explains, but for their paths."""
        commits = list(commits)
        subjects = {key for commit in commits if not commit.is_merge for key in subjects_of(commit)}
        held = {key for commit in commits for key in _keys_of(commit, keys)}
        return replace(
            self,
            unexplained=tuple(sorted({*self.unexplained, *subjects})),
            keys=tuple(sorted({*self.keys, *held})),
        )


def subjects_of(commit: Commit) -> Iterator[int]:
    """Yield the checksums of the subjects by which a commit of a branch is compared with upstream's."""
    subject = normal_subject_of(commit)
    yield from map(subject_key, (subject, without_branch_mark(subject), comparable_title(commit)))


def quoted_by(trailers: CommitTrailers) -> Iterator[str]:
    """Yield the subjects, titles and numbers by which a message names others, as they are compared."""
    yield from (line.number for line in (*trailers.fixes, *trailers.numbered) if line.number is not None)
    quoted = [line.subject for line in trailers.fixes] + [line.subject for line in trailers.prerequisites]
    for subject in filter(None, (*quoted, *map(title_of_malformed, trailers.malformed))):
        yield from (normal_subject(subject), normal_subject(bare_subject(subject)))


def open_questions(
    repository: Repository,
    keys: KeyReader,
    digits: Iterable[str],
    quoted: Iterable[str],
    unexplained: Sequence[Commit],
    *,
    since: int,
    is_tidy: bool,
) -> OpenQuestions:
    """Return the questions that are open after the history was read."""
    paths = touched_paths(repository, [commit.oid for commit in unexplained if not commit.is_merge])
    return OpenQuestions(
        tuple(sorted(set(digits))),
        tuple(sorted(set(map(subject_key, quoted)))),
        (),
        (),
        tuple(sorted({json.dumps(each) for each in paths.values()})),
        since,
        is_tidy,
    ).with_unexplained(unexplained, keys)


def _keys_of(commit: Commit, keys: KeyReader) -> Iterator[int]:
    """Yield checksums of what may name a change on both sides."""
    if keys.may_hold_keys(commit.raw):
        yield from (subject_key(f"{key.kind}{key.value}") for key in keys.read(commit.message))
    digits = change_id(commit.raw)
    if digits is not None:
        yield zlib.crc32(digits)


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
    commits = {each.commit.oid: each.commit for each in new}
    places = {oid: place for place, oid in enumerate(commits, after)}
    tip = new[-1].commit.oid
    called: list[FoundName] = []
    for each in new:
        oid = each.commit.oid
        named = [(each.called.subject, True), *((name, False) for name in each.called.others)]
        called += [FoundName(subject_key(name), places[oid], oid, is_subject=is_subject) for name, is_subject in named]
    RecentCommits(index, tip).add([(oid, place, 1 << UPSTREAM_BIT) for oid, place in places.items()], called)
    changes = find_changes(tip, commits, places)
    reverted = {oid: each.commit.oid for each in new for oid in each.takes_back}
    sections: dict[str, Mapping[Oid, object]] = {
        "trailers": {each.commit.oid: each.trailers for each in new if each.trailers != NO_TAGS},
        "reverted": reverted,
        "members": changes.members,
        "merges": changes.merge_of,
    }
    for name, values in sections.items():
        following: dict[str, int] = {oid: place for place, oid in enumerate(values, after)}
        index.change_entries(f"{FACTS}/{name}", values.items(), place_of=following.__getitem__)
    questions: OpenQuestions = decoder(OpenQuestions)(index.entry(OPEN_QUESTIONS, ""))
    put_questions(index, questions.with_those_of(new))
    return [*places, *reverted]


def find_new_commits(
    repository: Repository, index: Index, config: Config, facts: Facts, old: Oid, new: Oid
) -> list[QuietCommit] | None:
    """Return the commits by which upstream moved from `old` to `new`, oldest first; None where they change anything.
    `facts` are those of the index."""
    kept = index.find_entry(OPEN_QUESTIONS, "")
    commits = on_top(repository, old, new) if kept is not None else None
    if not commits:
        return None
    questions: OpenQuestions = decoder(OpenQuestions)(kept)
    has_merges = any(commit.is_merge for commit in commits)
    is_merged_up = any(facts.upstream.name in entry.merged_into for entry in facts.branches)
    if has_merges and (not questions.is_tidy or config.more_upstreams or is_merged_up):
        return None
    grammar, keys = project_grammar(config), key_reader_of(config)
    names = NamedCommits(repository, facts.commits)
    found: list[QuietCommit] = []
    for commit in commits:
        each = _quiet(commit, grammar, facts, names, found)
        if each is None or commit.seconds < questions.since:
            return None
        found.append(each)
    looked_up = [subject_key(name) for each in found for name in each.looked_up]
    called = {subject_key(name) for each in found for name in (each.called.subject, *each.called.others)}
    titles = [subject_key(each.called.title) for each in found if not each.commit.is_merge]
    recent = RecentCommits(index, new)
    held = {key for each in found for key in _keys_of(each.commit, keys)}
    is_quiet = (
        len(set(titles)) == len(titles)
        and not any(recent.with_subject(title) or recent.with_name(title) for title in titles)
        and called.isdisjoint((*questions.quoted, *questions.unexplained, *looked_up))
        and held.isdisjoint(questions.keys)
        and not any(_is_known(each.commit.oid, questions, recent, facts) for each in found)
    )
    if not is_quiet:
        return None
    paths = touched_paths(repository, [commit.oid for commit in commits])
    return None if {json.dumps(each) for each in paths.values()} & set(questions.paths) else found


def _is_known(oid: Oid, questions: OpenQuestions, recent: RecentCommits, facts: Facts) -> bool:
    """Tell whether anything is known of a new commit: a message or a link names it, or a branch has it."""
    if oid.startswith(questions.digits) or recent.mask(oid) is not None:
        return True
    return any(oid in entry.by_upstream for entry in facts.branches)


def _quiet(
    commit: Commit, grammar: Grammar, facts: Facts, names: NamedCommits, before: Sequence[QuietCommit]
) -> QuietCommit | None:
    """Return what a new commit of upstream says, None where that changes what others are."""
    said = read_trailers(commit.message, grammar) if grammar.tag_hint.search(commit.raw) else NO_TAGS
    trailers = settle(said, facts.named)
    if trailers.reapplies or any(line.hex for line in trailers.opt_outs):
        return None
    if commit.is_merge and trailers.reverts:  # of what it brought, or by itself
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
    named = [line.hex for line in trailers.fixes] + [line.hex for line in trailers.prerequisites]
    named += [line.hex for line in trailers.reverts] + [mark.hex for mark in marks]
    quoted = tuple(quoted_by(said))
    looked_up = quoted if said.numbered or said.malformed else ()
    return QuietCommit(commit, names_of(commit), trailers, takes_back, tuple(filter(None, named)), quoted, looked_up)


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


def on_top(repository: Repository, old: Oid, new: Oid) -> list[Commit] | None:
    """Return the commits that `new` reaches and `old` does not, oldest first, if these are not too many, and `old` is
    on its line of first parents."""
    listing = start_walk(repository, (new,), (old,), "--header", "--topo-order", f"--max-count={_MOST + 1}")
    commits = {commit.oid: commit for commit in commits_of(listing)}
    oid: Oid | None = new
    while oid in commits:
        oid = commits[oid].first_parent
    return list(commits.values())[::-1] if oid == old and len(commits) <= _MOST else None
