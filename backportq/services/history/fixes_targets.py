"""What a `Fixes:` line means: by id, by abbreviation, and by the quoted subject where the id is no good.

Ids are looked up by `NamedCommits`, in bulk where the caller has prepared them. This module must not decide which
branch a fix concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid, short
from backportq.services.history.changes import NamedChanges
from backportq.services.history.upstream import Upstream

if TYPE_CHECKING:  # every command that asks for facts loads this
    from backportq.model.trailers.values import CommitTrailers, FixesTag, Malformed
    from backportq.services.history.upstream import NamedCommits

_SHOWN_SUBJECT = 72


@dataclass(frozen=True, slots=True)
class TargetResolution:
    """The upstream commits that a line names, and what a person should know about the line."""

    targets: tuple[Oid, ...]
    warning: str | None = None


class FixesTargets:
    """Resolves `Fixes:` lines against one upstream history.

    `originals` gives the upstream commits of which a commit that upstream does not contain is a pick.
    """

    def __init__(
        self,
        repository: Repository,
        upstream: Upstream,
        names: NamedCommits,
        changes: NamedChanges,
        originals: Callable[[Oid], tuple[Oid, ...]],
    ) -> None:
        self._repository = repository
        self._upstream = upstream
        self._names = names
        self._changes = changes
        self._originals = originals

    def upstream_commits(self, digits: str) -> Iterator[Oid]:
        """Yield the upstream commits that an id names: itself, or what it is a pick of."""
        for named in self._names.find(digits):
            yield from (named,) if self._upstream.contains(named) else self._originals(named)

    def resolve(self, fixes: FixesTag, said_by: Oid | None = None) -> TargetResolution:
        """Return what the line names. Nothing found is a resolution without targets and with a warning.

        A quoted subject never means `said_by`: who rewrites a commit may quote an earlier form of it.
        """
        if fixes.number is not None:
            named = self._others(self._changes.with_number(fixes.number), said_by)
            if len(named) == 1:
                return TargetResolution((named[0],))
            return TargetResolution((), f"'{_line(fixes)}' names no single change")
        if fixes.hex is None:
            return self._by_quoted_subject(fixes, "names no id", said_by)
        digits = fixes.hex.lower()
        candidates = self._names.find(digits)
        if len(candidates) > 1:
            return self._ambiguous(fixes, digits, candidates, said_by)
        if not candidates:
            return self._by_quoted_subject(fixes, f"names '{digits}', which is no commit of this repository", said_by)
        return self._of_commit(fixes, digits, candidates[0], said_by)

    def _of_commit(self, fixes: FixesTag, digits: str, oid: Oid, said_by: Oid | None) -> TargetResolution:
        if self._upstream.contains(oid):
            return self._checked_against_subject(fixes, oid, said_by)
        originals = self._originals(oid)
        if originals:
            named = " and ".join(short(original) for original in originals)
            return TargetResolution(originals, f"'{_line(fixes)}' names a pick on a stable branch, taken as {named}")
        return self._by_quoted_subject(fixes, f"names '{digits}', which upstream does not contain", said_by)

    def _checked_against_subject(self, fixes: FixesTag, oid: Oid, said_by: Oid | None) -> TargetResolution:
        """Doubt an id only if its commit has another subject and the quoted one belongs to exactly one other."""
        if fixes.subject:
            meant = [oid for oid in self._upstream.with_subject(fixes.subject) if oid != said_by]
            if len(meant) == 1 and meant[0] != oid and self._subject(oid) != normal_subject(fixes.subject):
                warning = (
                    f"'{_line(fixes)}' names another commit than it quotes, taken as {short(meant[0])} by its subject"
                )
                return TargetResolution((meant[0],), warning)
        return TargetResolution((oid,))

    def _ambiguous(
        self, fixes: FixesTag, digits: str, candidates: tuple[Oid, ...], said_by: Oid | None
    ) -> TargetResolution:
        upstream = [oid for oid in candidates if self._upstream.contains(oid)]
        if fixes.subject:
            quoted = [oid for oid in upstream if self._subject(oid) == normal_subject(fixes.subject)]
            upstream = quoted or upstream
        if len(upstream) == 1:
            warning = f"'{_line(fixes)}' is ambiguous as an abbreviation, taken as {short(upstream[0])}"
            return TargetResolution((upstream[0],), warning)
        return self._by_quoted_subject(fixes, f"names '{digits}', which {len(candidates)} commits share", said_by)

    def _by_quoted_subject(self, fixes: FixesTag, why: str, said_by: Oid | None) -> TargetResolution:
        if fixes.subject:
            found = self._others(self._changes.with_title(fixes.subject), said_by)
            if len(found) == 1:
                warning = f"'{_line(fixes)}' {why}, taken as {short(found[0])} by its subject"
                return TargetResolution((found[0],), warning)
            if found:
                why = f"{why}, and {len(found)} upstream commits have the subject it quotes"
        return TargetResolution((), f"'{_line(fixes)}' {why}")

    def _others(self, oids: Sequence[Oid], said_by: Oid | None) -> list[Oid]:
        """Return these commits without the one that names them."""
        return [oid for oid in oids if oid != said_by]

    def _subject(self, oid: Oid) -> str:
        commit = self._upstream.commits.get(oid) or read_commits(self._repository, (oid,)).get(oid)
        return normal_subject(commit.subject) if commit is not None else ""


def settle(trailers: CommitTrailers, changes: NamedChanges) -> CommitTrailers:
    """Return what a message says, so that its `fixes` have what it names by number or by a plain title.

    A number that is no change's is that of an issue, and says nothing.
    """
    if not trailers.numbered and not trailers.malformed:
        return trailers
    from backportq.model.trailers.values import FixesTag

    fixes = [tag for tag in trailers.numbered if len(changes.with_number(tag.number or "")) == 1]
    malformed = []
    for bad in trailers.malformed:
        title = title_of_malformed(bad)
        if title is not None and len(changes.with_title(title)) == 1:
            fixes.append(FixesTag(bad.text, None, title.strip()))
        else:
            malformed.append(bad)
    return replace(trailers, fixes=(*trailers.fixes, *fixes), malformed=tuple(malformed), numbered=())


def title_of_malformed(bad: Malformed) -> str | None:
    """Return what may be the title of a change, in a line that says what is fixed and names no id."""
    key, _, title = bad.text.partition(":")
    return title if key.strip().lower() == "fixes" else None


def _line(fixes: FixesTag) -> str:
    text = " ".join(fixes.text.split())
    return text if len(text) <= _SHOWN_SUBJECT else f"{text[:_SHOWN_SUBJECT]}..."
