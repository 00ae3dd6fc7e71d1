"""What can be seen of one change before it is decided: its message and diff, where it conflicts, who decided what.

This module must not search for prerequisites, which `explain` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backportq.errors import RepositoryError
from backportq.git.read.lookup import read_commits
from backportq.git.read.patch_text import patch_text
from backportq.git.trials import Application, RememberedVerdict, TrialSession
from backportq.model.ids import BranchName, Oid, short
from backportq.model.trials.verdict import Verdict
from backportq.queue.log import LogEntry, read_log
from backportq.services.board.contents import BoardRow
from backportq.services.project import Project
from backportq.services.trials.conflict_text import Conflict, describe

_MOST_LINES = 2_000  # of a diff; whoever wants more has git


@dataclass(frozen=True, slots=True)
class ChangeEvidence:
    """What is read of one change: its `message`, the lines of its `diff`, the `conflicts` on each branch that has some,
    the `decisions` about it, newest first. `more_lines` is how many lines of the diff were left out."""

    commit: Oid
    message: str
    diff: tuple[str, ...]
    more_lines: int
    conflicts: Mapping[BranchName, Sequence[Conflict]]
    decisions: tuple[LogEntry, ...]


class EvidenceReader:
    """Reads the evidence of one row after the other; the log is read again only when the queue has moved."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._log_tip: Oid | None = None
        self._log: Mapping[Oid, Sequence[LogEntry]] = {}

    def read(self, row: BoardRow) -> ChangeEvidence:
        """Return the evidence of `row`; raise `RepositoryError` where its objects cannot be read."""
        repository = self.project.repository
        commit = read_commits(repository, (row.commit,)).get(row.commit)
        if commit is None:
            raise RepositoryError(f"commit '{short(row.commit)}' cannot be read", hints=("git fsck",))
        lines = patch_text(repository, commit, row.items[0].entry.mainline).split("\n")
        return ChangeEvidence(
            row.commit,
            commit.message,
            tuple(lines[:_MOST_LINES]),
            max(0, len(lines) - _MOST_LINES),
            self._conflicts(row),
            tuple(self._decisions(row.commit)),
        )

    def _conflicts(self, row: BoardRow) -> Mapping[BranchName, Sequence[Conflict]]:
        mainline = row.items[0].entry.mainline
        mainlines = {row.commit: mainline} if mainline is not None else {}
        applications = [Application(row.commit, each.entry.onto) for each in row.items]
        found: dict[BranchName, Sequence[Conflict]] = {}
        with TrialSession(self.project.repository, mainlines=mainlines) as session:
            for each, application, outcome in zip(row.items, applications, session.apply(applications), strict=True):
                if isinstance(outcome, RememberedVerdict) and outcome.verdict is Verdict.CONFLICT:
                    hunks = session.conflict_hunks(application)
                    changes = session.changes([row.commit])[row.commit]
                    found[each.entry.branch] = describe(session, outcome.conflicts, hunks, changes, application.onto)
        return found

    def _decisions(self, commit: Oid) -> Sequence[LogEntry]:
        tip = self.project.store.tip()
        if self._log_tip != tip:
            about: dict[Oid, list[LogEntry]] = {}
            for entry in read_log(self.project.store):
                for oid in dict.fromkeys(item.commit for item in entry.items):
                    about.setdefault(oid, []).append(entry)
            self._log_tip, self._log = tip, about
        return self._log.get(commit, ())
