"""What a `Fixes:` line means: by id, by abbreviation, and by the quoted subject where the id is no good.

Ids are looked up in bulk before the first question, so that a scan of thousands of lines costs one git process. This
module must not decide which branch a fix concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from backportq.git.background import Background
from backportq.git.read.lookup import read_commits, resolve_abbreviations
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid, is_oid, short
from backportq.model.trailers.reader import FixesTag
from backportq.services.history.subjects import Subjects

_SHOWN_SUBJECT = 72


class ResolvedBy(StrEnum):
    """How the target of a `Fixes:` line was found."""

    ID = "id"
    ABBREVIATION = "abbreviation"
    SUBJECT = "subject"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class TargetResolution:
    """The upstream commits that a line names, how they were found, and what a person should know about the line."""

    targets: tuple[Oid, ...]
    how: ResolvedBy
    warning: str | None = None


class FixesTargets:
    """Resolves `Fixes:` lines against one upstream history.

    `subjects` are upstream's, `commits` those after the branch points, `is_upstream` tells whether upstream reaches a
    commit. `upstream_of` gives the upstream commits of which a commit that upstream does not contain is a pick.
    """

    def __init__(
        self,
        repository: Repository,
        subjects: Subjects,
        *,
        commits: Mapping[Oid, Commit],
        is_upstream: Callable[[Oid], bool],
        upstream_of: Callable[[Oid], tuple[Oid, ...]],
    ) -> None:
        self._repository = repository
        self._subjects = subjects
        self._commits = commits
        self._is_upstream = is_upstream
        self._upstream_of = upstream_of
        self._known: dict[str, tuple[Oid, ...]] = {}
        self._asked: set[str] = set()
        self._looking: list[Background[dict[str, tuple[Oid, ...]]]] = []

    def prepare(self, digits: Iterable[str]) -> None:
        """Start looking these ids and abbreviations up, all at once; the first question waits for it."""
        wanted = {text.lower() for text in digits} - self._asked
        self._asked |= wanted
        # A full id among the commits that were read needs no question.
        known = {text: (Oid(text),) for text in wanted if is_oid(text) and text in self._commits}
        self._known |= known
        unknown = wanted - known.keys()
        if unknown:
            self._looking.append(Background(partial(resolve_abbreviations, self._repository, unknown)))

    def named(self, digits: str) -> tuple[Oid, ...]:
        """Return the commits, upstream or not, that an id or abbreviation may mean."""
        lowered = digits.lower()
        if lowered not in self._asked:
            self.prepare((lowered,))
        while self._looking:
            self._known |= self._looking.pop().result()
        return self._known.get(lowered, ())

    def resolve(self, fixes: FixesTag, said_by: Oid | None = None) -> TargetResolution:
        """Return what the line names. Nothing found is a resolution without targets and with a warning.

        A quoted subject never means `said_by`: who rewrites a commit may quote an earlier form of it.
        """
        if fixes.hex is None:
            return self._by_quoted_subject(fixes, "names no id", said_by)
        digits = fixes.hex.lower()
        candidates = self.named(digits)
        if len(candidates) > 1:
            return self._ambiguous(fixes, digits, candidates, said_by)
        if not candidates:
            return self._by_quoted_subject(fixes, f"names '{digits}', which is no commit of this repository", said_by)
        return self._of_commit(fixes, digits, candidates[0], said_by)

    def _of_commit(self, fixes: FixesTag, digits: str, oid: Oid, said_by: Oid | None) -> TargetResolution:
        how = ResolvedBy.ID if digits == oid else ResolvedBy.ABBREVIATION
        if self._is_upstream(oid):
            return self._checked_against_subject(fixes, oid, how, said_by)
        originals = self._upstream_of(oid)
        if originals:
            named = " and ".join(short(original) for original in originals)
            return TargetResolution(
                originals, how, f"'{_line(fixes)}' names a pick on a stable branch, taken as {named}"
            )
        return self._by_quoted_subject(fixes, f"names '{digits}', which upstream does not contain", said_by)

    def _checked_against_subject(
        self, fixes: FixesTag, oid: Oid, how: ResolvedBy, said_by: Oid | None
    ) -> TargetResolution:
        """Doubt an id only if its commit has another subject and the quoted one belongs to exactly one other."""
        if fixes.subject:
            meant = [one for one in self._subjects.among_read(fixes.subject) if one != said_by]
            if len(meant) == 1 and meant[0] != oid and self._subject(oid) != normal_subject(fixes.subject):
                warning = (
                    f"'{_line(fixes)}' names another commit than it quotes, taken as {short(meant[0])} by its subject"
                )
                return TargetResolution((meant[0],), ResolvedBy.SUBJECT, warning)
        return TargetResolution((oid,), how)

    def _ambiguous(
        self, fixes: FixesTag, digits: str, candidates: tuple[Oid, ...], said_by: Oid | None
    ) -> TargetResolution:
        upstream = [oid for oid in candidates if self._is_upstream(oid)]
        if fixes.subject:
            quoted = [oid for oid in upstream if self._subject(oid) == normal_subject(fixes.subject)]
            upstream = quoted or upstream
        if len(upstream) == 1:
            warning = f"'{_line(fixes)}' is ambiguous as an abbreviation, taken as {short(upstream[0])}"
            return TargetResolution(
                (upstream[0],), ResolvedBy.SUBJECT if fixes.subject else ResolvedBy.ABBREVIATION, warning
            )
        return self._by_quoted_subject(fixes, f"names '{digits}', which {len(candidates)} commits share", said_by)

    def _by_quoted_subject(self, fixes: FixesTag, why: str, said_by: Oid | None) -> TargetResolution:
        if fixes.subject:
            found = [one for one in self._subjects.newest(fixes.subject) if one != said_by]
            if len(found) == 1:
                warning = f"'{_line(fixes)}' {why}, taken as {short(found[0])} by its subject"
                return TargetResolution((found[0],), ResolvedBy.SUBJECT, warning)
            if found:
                why = f"{why}, and {len(found)} upstream commits have the subject it quotes"
        return TargetResolution((), ResolvedBy.UNRESOLVED, f"'{_line(fixes)}' {why}")

    def _subject(self, oid: Oid) -> str:
        commit = self._commits.get(oid) or read_commits(self._repository, (oid,)).get(oid)
        return normal_subject(commit.subject) if commit is not None else ""


def _line(fixes: FixesTag) -> str:
    text = " ".join(fixes.text.split())
    return text if len(text) <= _SHOWN_SUBJECT else f"{text[:_SHOWN_SUBJECT]}..."
