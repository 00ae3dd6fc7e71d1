"""How far the work on an item is, in words: the same in `mine`, `pending` and `show`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backportq.model.commit import parse_identity
from backportq.model.ids import Oid, short
from backportq.model.items.item import Item
from backportq.model.items.task_words import since_words
from backportq.model.picks.topic import WorkStage
from backportq.model.words import typed
from backportq.services.items.open_items import OpenItem

_NAMED = 12


def stage_words(entry: OpenItem, today: date) -> str:
    """Return how far it is, for a person who has it: `asked 3 May`, `picked by Ada, not pushed`."""
    item, by = entry.item, _by(entry.item)
    match entry.stage:
        case WorkStage.RESOLVING:
            return f"conflict waits for {parse_identity(item.by).name}" if item.by else "conflict waits"
        case WorkStage.PICKED:
            return f"picked{by}, to be pushed"
        case WorkStage.IN_REVIEW:
            return f"picked{by}, in review"
        case WorkStage.TOPIC_GONE:
            return "to do again, its branch is gone"
        case _:
            return since_words(item, today)


def topic_lines(entry: OpenItem) -> tuple[str, ...]:
    """Return what is wrong with the topic branch of an item, with the command that mends it; nothing where all is
    well."""
    item, topic = entry.item, entry.item.topic
    if topic is None:
        return ()
    lines = []
    if entry.stage is WorkStage.TOPIC_GONE:
        lines.append(f"picked to {topic}{_by(item)}, and that branch is gone: to do again")
    if entry.is_rewound:
        lines.append(f"{topic} stands on what {entry.branch} no longer has; again: {redo(entry)}")
    return tuple(lines)


def topic_words(entry: OpenItem) -> str:
    """Return where an item was picked to, by whom, and what it waits for."""
    item = entry.item
    waits = {
        WorkStage.RESOLVING: ", where its conflict waits to be resolved",
        WorkStage.PICKED: ", waits to be pushed",
        WorkStage.IN_REVIEW: ", waits for review" + (f" ({item.published})" if item.published else ""),
        WorkStage.TOPIC_GONE: ", which is gone: to do again",
    }
    return f"picked to {item.topic}" + _by(item, full=True) + (waits.get(entry.stage, "") if entry.stage else "")


def redo(entry: OpenItem) -> str:
    """Return the command that makes the topic branch of an item anew, with all that was picked to it."""
    return redo_command(entry.item.topic or "", entry.branch, entry.redo or (entry.item.commit,))


def redo_command(topic: str, branch: str, commits: Sequence[Oid]) -> str:
    """Return the command that picks `commits` to a topic branch anew; of many, that which takes them from the queue."""
    onto = f"--onto {typed(topic)} --force"
    if len(commits) > _NAMED:
        return f"backportq apply {typed(branch)} {onto}"
    return f"backportq pick {' '.join(map(short, commits))} --branch {typed(branch)} {onto}"


def _by(item: Item, *, full: bool = False) -> str:
    if item.by is None:
        return ""
    return f" by {item.by if full else parse_identity(item.by).name}"
