"""Evidence by Gerrit's Change-Id, for commits whose message names no original.

Gerrit takes commits with one Change-Id on several branches for one change, whatever became of their messages and
patches. Weaker than a line that names a commit, because who carries the Change-Id has to be looked up. This module must
not read other lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from backportq.model.commit import Commit
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.history.subjects import is_subject_of_pick, normal_subject_of
from backportq.model.ids import Oid, short
from backportq.services.history.evidence import BranchCommits, Explained, Found, on_each
from backportq.services.history.upstream import Upstream

_KEY = b"\nChange-Id: I"
_DIGITS = frozenset(b"0123456789abcdef")
_LENGTH = 40


class ChangeIdSource:
    """Commits with the Change-Id of one upstream commit, or of several and the subject of one of these."""

    kind = EvidenceKind.TRAILER
    is_explicit = False

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Match the Change-Ids of these commits with those of upstream's."""
        commits = self._upstream.commits
        asked = dict.fromkeys(oid for branch in branches for oid in branch.oids)
        wanted = {oid: change for oid in asked if (change := _change_id(commits[oid].raw)) is not None}
        if not wanted:
            return {}
        having: dict[bytes, list[Oid]] = {change: [] for change in wanted.values()}
        for oid in self._upstream.candidates:
            change = _change_id(commits[oid].raw)
            if change in having:
                having[change].append(oid)
        found: dict[Oid, Found] = {}
        for oid, change in wanted.items():
            original = _choose(commits[oid], [commits[other] for other in having[change]])
            if original is not None:
                text = f"Change-Id: I{change.decode('ascii')}, as {short(original)} has"
                found[oid] = {original: (Evidence(EvidenceKind.TRAILER, text),)}
        return on_each(branches, found)


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
