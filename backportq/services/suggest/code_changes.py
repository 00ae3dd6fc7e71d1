"""What upstream's commits change in files, read once and kept in the index.

This module must not judge it.
"""

from __future__ import annotations

import base64
from array import array
from collections.abc import Callable, Iterator, Mapping

from backportq.git.read.code_changes import read_code_changes
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.likelihood.past import Past
from backportq.model.likelihood.traits import CodeChange, CommitProfile, FileChange, Traits, describe, traits_of
from backportq.services.history.index import Index

_SECTION = "code-changes"


def traits_of_past(
    repository: Repository, index: Index, past: Past
) -> tuple[Mapping[int, Traits], Callable[[int], CommitProfile]]:
    """Return the traits of all changes that a branch could take, by place, and what describes one of them."""
    commits = dict(_commits_of(past))
    wanted = [commit.oid for commit in commits.values()]
    stored = index.entries(_SECTION)
    code = {Oid(oid): _loaded(body) for oid, body in stored.items()}
    new = dict(read_code_changes(repository, [oid for oid in wanted if oid not in code]))
    if new:
        code.update(new)
        with index.keeping():
            index.change_entries(_SECTION, ((oid, _stored(each)) for oid, each in new.items()), place_of=lambda _: 0)
    described: dict[int, CommitProfile] = {}
    known: dict[str, str] = {}

    def description(place: int) -> CommitProfile:
        if place not in described:
            change = past.changes[place]
            made = describe(commits[place], code[change.commit.oid].files, change.entered)
            # The same words come in thousands of changes: one string is enough.
            words = tuple(known.setdefault(word, word) for word in made.words)
            described[place] = CommitProfile(words, made.measures)
        return described[place]

    return {place: traits_of(commit, code[commit.oid]) for place, commit in commits.items()}, description


def _commits_of(past: Past) -> Iterator[tuple[int, Commit]]:
    """Yield what a branch could take, by place: all that is no merge, or where merges are taken, these and what came
    without one. A merge speaks with its title, and with author and message of the last commit that it brought."""
    takes_merges = past.takes_merges()
    commits = {change.commit.oid: change.commit for change in past.changes} if takes_merges else {}
    merged = {change.entered for change in past.changes if change.is_merge}
    for change in past.changes:
        commit = change.commit
        if not takes_merges:
            if not change.is_merge:
                yield change.place, commit
        elif change.is_merge:
            brought = commits.get(commit.parents[1])
            yield change.place, commit if brought is None else _titled(commit, brought)
        elif change.entered not in merged:
            yield change.place, commit


def _titled(merge: Commit, brought: Commit) -> Commit:
    head, _, message = brought.raw.partition(b"\n\n")
    return Commit(merge.oid, head + b"\n\n" + merge.title.encode("utf-8", "replace") + b"\n\n" + message)


def _stored(code: CodeChange) -> list[object]:
    files = [[each.path, each.status, each.added, each.deleted] for each in code.files]
    return [files, _packed(code.written), _packed(code.touched)]


def _loaded(body: list[list[list[str | int]] | str]) -> CodeChange:
    files, written, touched = body
    return CodeChange(tuple(FileChange(*each) for each in files), _unpacked(written), _unpacked(touched))  # type: ignore[arg-type]


def _packed(keys: tuple[int, ...]) -> str:
    return base64.b85encode(array("I", keys).tobytes()).decode("ascii")


def _unpacked(text: str) -> tuple[int, ...]:
    return tuple(array("I", base64.b85decode(text)))
