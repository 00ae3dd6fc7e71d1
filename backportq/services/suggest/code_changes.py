"""What upstream's commits change in files, read once and kept in the index.

This module must not judge it.
"""

from __future__ import annotations

import base64
from array import array
from collections.abc import Callable, Mapping

from backportq.git.read.code_changes import read_code_changes
from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.model.likelihood.past import Past
from backportq.model.likelihood.traits import CodeChange, CommitProfile, FileChange, Traits, describe, traits_of
from backportq.services.history.index import Index

_SECTION = "code-changes"


def traits_of_past(
    repository: Repository, index: Index, past: Past
) -> tuple[Mapping[int, Traits], Callable[[int], CommitProfile]]:
    """Return the traits of all changes that are no merges, by place, and what describes one of them."""
    wanted = [change.commit.oid for change in past.changes if not change.is_merge]
    stored = index.entries(_SECTION)
    code = {Oid(oid): _loaded(body) for oid, body in stored.items()}
    new = dict(read_code_changes(repository, [oid for oid in wanted if oid not in code]))
    if new:
        code.update(new)
        with index.keeping():
            index.put_entries(_SECTION, ((oid, _stored(each)) for oid, each in new.items()), after=len(stored))
    described: dict[int, CommitProfile] = {}
    known: dict[str, str] = {}

    def description(place: int) -> CommitProfile:
        if place not in described:
            change = past.changes[place]
            made = describe(change.commit, code[change.commit.oid].files, change.entered)
            # The same words come in thousands of changes: one string is enough.
            words = tuple(known.setdefault(word, word) for word in made.words)
            described[place] = CommitProfile(words, made.measures)
        return described[place]

    traits = {
        change.place: traits_of(change.commit, code[change.commit.oid])
        for change in past.changes
        if not change.is_merge
    }
    return traits, description


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
