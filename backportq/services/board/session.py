"""Decisions of one sitting: each is one change of the queue, and each can be taken back, the last one first.

This module must not know what a decision means: it is given the verbs of `backportq.services.decisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backportq.errors import UsageError
from backportq.model.ids import Oid
from backportq.services.board.contents import BoardRow
from backportq.services.decisions.decide import DecisionResult, Verb, decide, plan_items
from backportq.services.decisions.nominate import Request, tag
from backportq.services.decisions.select import Selection
from backportq.services.project import Project
from backportq.services.queue_admin.audit import UndoResult, undo


@dataclass(slots=True)
class Sitting:
    """What one person decides at a board. `made` are the changes of the queue that can still be taken back."""

    project: Project
    made: list[Oid] = field(default_factory=list)

    def decide(self, verb: Verb, rows: Sequence[BoardRow]) -> DecisionResult:
        """Apply `verb` to every item of `rows` in one change of the queue.

        What somebody else closed meanwhile is left out and named in the notes of the result. Raise what the verb
        raises.
        """
        keys = tuple(dict.fromkeys(each.key for row in rows for each in row.items))
        commits = tuple(dict.fromkeys(row.commit for row in rows))
        branches = tuple(dict.fromkeys(branch for branch, _ in keys))
        # Named item by item, not by commit and branch: of two rows each is meant on its own branches only.
        selection = Selection(commits, branches, is_named=False, matching=keys)
        return self._kept(decide(self.project, lambda state: plan_items(state, selection, verb(state))))

    def tag(self, rows: Sequence[BoardRow], branches: Sequence[str]) -> DecisionResult:
        """Nominate the commits of `rows` for more branches."""
        return self._kept(tag(self.project, [row.commit for row in rows], branches, Request()))

    def undo(self) -> UndoResult:
        """Take back the last decision of this sitting; raise `UsageError` where none is left."""
        if not self.made:
            raise UsageError("nothing was decided here that could be taken back", hints=("backportq undo",))
        undone = undo(self.project, self.made[-1])
        self.made.pop()
        return undone

    def _kept(self, result: DecisionResult) -> DecisionResult:
        if result.commit is not None:
            self.made.append(result.commit)
        return result
