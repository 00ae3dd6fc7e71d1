"""Picks by Gerrit's Change-Id: commits on a branch that carry the one of an upstream commit.

Gerrit takes commits with one Change-Id on several branches for one change, whatever became of their messages and
patches. Apart from the lines of `backportq.services.history.pick_lines`, because it names no commit: who carries it has
to be looked up among upstream's. This module must not judge other evidence; it is asked for what no line explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backportq.model.commit import Commit
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.history.subjects import is_subject_of_pick, normal_subject_of
from backportq.model.ids import Oid, short
from backportq.services.history.pick_lines import Found

_KEY = b"\nChange-Id: I"
_DIGITS = frozenset(b"0123456789abcdef")
_LENGTH = 40


def find_same_changes(
    unexplained: Iterable[Oid], candidates: Iterable[Oid], commits: Mapping[Oid, Commit]
) -> dict[Oid, Found]:
    """Return the evidence for those of `unexplained` whose Change-Id one of `candidates` (of upstream) has, or of
    several the one with the same subject."""
    wanted = {oid: its for oid in unexplained if (its := _change_id(commits[oid].raw)) is not None}
    if not wanted:
        return {}
    having: dict[bytes, list[Oid]] = {change: [] for change in wanted.values()}
    for oid in candidates:
        its_own = _change_id(commits[oid].raw)
        if its_own in having:
            having[its_own].append(oid)
    found: dict[Oid, Found] = {}
    for oid, change in wanted.items():
        upstream = _choose(commits[oid], [commits[other] for other in having[change]])
        if upstream is not None:
            text = f"Change-Id: I{change.decode('ascii')}, as {short(upstream)} has"
            found[oid] = {upstream: (Evidence(EvidenceKind.TRAILER, text),)}
    return found


def _choose(commit: Commit, having: list[Commit]) -> Oid | None:
    if len(having) > 1:
        subject = normal_subject_of(commit)
        having = [other for other in having if is_subject_of_pick(subject, normal_subject_of(other))]
    return having[0].oid if len(having) == 1 else None


def _change_id(raw: bytes) -> bytes | None:
    """Return the digits of the last Change-Id of a message: that of the commit, where others are quoted."""
    start = raw.rfind(_KEY)
    if start == -1:
        return None
    start += len(_KEY)
    digits = raw[start : start + _LENGTH]
    is_whole = len(digits) == _LENGTH and raw[start + _LENGTH : start + _LENGTH + 1] in (b"", b"\n", b"\r", b" ")
    return digits if is_whole and _DIGITS.issuperset(digits) else None
