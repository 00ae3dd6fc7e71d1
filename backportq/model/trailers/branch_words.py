"""Tags that name a branch as it is called: `Backport: reef`, `stable29`, `SLE-15-SP4`, `component-a/release-2.x`.

A name is one branch, while a version is every branch that has it. This module must not read messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backportq.model.branch_relations import BranchRelations
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName
from backportq.model.versions import VersionRange, parse_range, parse_version

_SEPARATORS = re.compile(r"\s*[,;&]\s*|\s+and\s+|\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BranchWord:
    """A word that means `branch`; with a plus after it, the `newer` ones as well."""

    word: str
    branch: BranchName
    newer: tuple[BranchName, ...]


def branch_words_of(branches: Sequence[StableBranch]) -> tuple[BranchWord, ...]:
    """Return what each branch is called: its name, that of its staging branch, and its version where that is a word."""
    relations = BranchRelations(branches)
    found = []
    for branch in branches:
        newer = relations.newer(branch.name)
        word = branch.version if parse_version(branch.version) is None else None
        called = filter(None, (branch.name, branch.staging, word))
        found += [BranchWord(name.casefold(), branch.name, newer) for name in called]
    return tuple(found)


def parse_named_range(text: str, words: Sequence[BranchWord], *, single_is_minimum: bool = False) -> VersionRange:
    """Return the range that the whole of `text` spells, where words may stand in the place of versions.

    Raise `ValueError` where it spells none.
    """
    known = {each.word: each for each in words}
    parts = [part for part in _SEPARATORS.split(text.strip()) if part]
    if not any(part.removesuffix("+").casefold() in known for part in parts):
        return parse_range(text, single_is_minimum=single_is_minimum)
    names: list[str] = []
    versions: list[str] = []
    for part in parts:
        word = known.get(part.removesuffix("+").casefold())
        if word is None:
            versions.append(part)
        else:
            names += [word.branch, *(word.newer if part.endswith("+") else ())]
    spans = parse_range(", ".join(versions)).spans if versions else ()
    return VersionRange(text, spans, tuple(dict.fromkeys(names)))
