"""What a letter says about one item: its verdict, what it needs first, and what may be taken in its place.

For letters that ask an author for help, the search for prerequisites runs too, within a bound for all letters.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from backportq.errors import BackportqError
from backportq.git.read.lookup import read_commits
from backportq.git.read.pick_target import branch_to_pick_onto
from backportq.git.refs import DEFAULT_REMOTE, read_refs
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.items.records import TaskWord
from backportq.model.items.task_words import task_words
from backportq.model.items.tasks import current_task, last_event
from backportq.model.mail.letter import LetterKind
from backportq.model.mail.letter_text import LetterItem
from backportq.model.picks.provenance import choose_style, provenance_words
from backportq.model.picks.topic import default_topic
from backportq.services.items.open_items import OpenItem
from backportq.services.items.tried_items import TriedItem
from backportq.services.project import Project
from backportq.services.trials.explain import explain
from backportq.services.trials.prerequisites import Bounds

_SEARCH_SECONDS = 60.0


@dataclass(slots=True)
class LetterItemWriter:
    """Describes items for letters of one kind.

    - `searched`: the seconds spent on searches for prerequisites so far.
    - `ontos`: the branches that picks for each branch go onto, as far as they were looked up.
    """

    project: Project
    state: QueueState
    kind: LetterKind
    today: date
    searched: float = 0.0
    ontos: dict[BranchName, BranchName] = field(default_factory=dict)

    def of(self, tried: TriedItem) -> LetterItem:
        """Return the item with its verdict, what it waits for, and since when and why somebody has it."""
        entry, item = tried.entry, tried.entry.item
        branch = next(branch for branch in self.state.config.branches if branch.name == entry.branch)
        asked = last_event(current_task(item), TaskWord.ASKED)
        alternative, first = tried.alternative, self._first(tried)
        return LetterItem(
            item=item,
            branch=entry.branch,
            onto=f"{self.state.config.remote or DEFAULT_REMOTE}/{self._onto(branch)}",
            topic=default_topic(entry.branch, first[0] if first else item.commit),
            provenance=self._provenance((*(self.state.queue_of(entry.branch).find(oid) for oid in first), item)),
            verdict=tried.verdict,
            conflicts=tuple((conflict.path, conflict.kind) for conflict in tried.outcome.conflicts),
            prerequisites=self._prerequisites(tried),
            first=first,
            applies_in_order=bool(tried.blocked_by),
            alternative=(alternative.commit, alternative.branch) if alternative is not None else None,
            # What the queue cures is picked as it is; the alternative was tried without those before it.
            source=alternative.commit if alternative is not None and not tried.blocked_by else None,
            why=asked.text if asked is not None else None,
            task=task_words(item, self.today),
        )

    def _provenance(self, items: Sequence[Item | None]) -> tuple[str, ...]:
        config = self.state.config
        style = choose_style(config)
        lines = [
            provenance_words(style, item.commit, item.committed, config.upstream) for item in items if item is not None
        ]
        return tuple(filter(None, lines))

    def _onto(self, branch: StableBranch) -> BranchName:
        if branch.name not in self.ontos:
            refs = read_refs(self.project.repository)
            tip = branch_to_pick_onto(self.project.repository, refs, self.state.config, branch)
            self.ontos[branch.name] = tip.name
        return self.ontos[branch.name]

    def _prerequisites(self, tried: TriedItem) -> tuple[tuple[Oid, str, bool], ...]:
        queue = self.state.queue_of(tried.entry.branch)
        wanted = dict.fromkeys((*tried.blocked_by, *tried.entry.item.needs))
        if self.kind is LetterKind.HELP:
            wanted.update(dict.fromkeys(self._missing_below(tried.entry)))
        prerequisites = []
        for oid in wanted:
            item = queue.find(oid)
            subject = item.subject if item is not None else self._subject_of(oid)
            prerequisites.append((oid, subject, item is not None and item.state.is_open))
        return tuple(prerequisites)

    def _first(self, tried: TriedItem) -> tuple[Oid, ...]:
        """Return the items of the queue to pick before this one, in queue order. Recorded needs keep the order in which
        the person gave them."""
        queue = self.state.queue_of(tried.entry.branch)
        place = {item.commit: at for at, item in enumerate(queue.open)}
        needs = [oid for oid in dict.fromkeys(tried.entry.item.needs) if oid in place]
        wanted = sorted({*tried.blocked_by, *needs}, key=place.__getitem__)
        recorded = iter(needs)
        return tuple(next(recorded) if oid in needs else oid for oid in wanted)

    def _missing_below(self, entry: OpenItem) -> Sequence[Oid]:
        """Return the missing commits that make the item apply, else those that touched the conflicting lines: what
        `explain` says. The search ends after a minute for all letters together."""
        if self.searched > _SEARCH_SECONDS:
            return ()
        started = time.monotonic()
        try:
            explanation = explain(self.project, entry.item.commit, entry.branch, bounds=Bounds())
        except BackportqError:
            return ()  # a hint that can't be had; the letter is of use without it
        finally:
            self.searched += time.monotonic() - started
        return [
            needed.commit
            for needed in (explanation.prerequisites if explanation.applies_after_all else explanation.culprits)
        ]

    def _subject_of(self, oid: Oid) -> str:
        commit = read_commits(self.project.repository, [oid]).get(oid)
        return commit.subject if commit is not None else "unknown here"
