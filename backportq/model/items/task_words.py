"""Tasks and votes in words, the same in `show`, `mine` and `pending`.

This module must not print, and must not look at more than the item.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from backportq.model.commit import parse_identity
from backportq.model.ids import Oid, short
from backportq.model.items.item import Item, State
from backportq.model.items.records import TaskWord
from backportq.model.items.tasks import asked_at, current_task, is_overdue, last_event, taken_at
from backportq.model.items.votes import VoteTally
from backportq.model.words import counted, short_day


def task_words(item: Item, today: date) -> str:
    """Return who has the item, since when, and by when it is wanted: `asked of ada on 2026-05-03, due 2026-05-20`."""
    if item.assignee is None:
        back = last_event(item.tasks, TaskWord.HANDED_BACK)
        if back is None:
            return "unassigned"
        return f"unassigned, handed back by {back.who} on {day(back.at)}: {back.text or 'no reason given'}"
    taken, asked = taken_at(item), asked_at(item)
    if taken is not None:
        words = f"taken by {item.assignee} on {day(taken)}"
    elif asked is not None:
        words = f"asked of {item.assignee} on {day(asked)}"
    else:
        words = f"assigned to {item.assignee}"
    return words + due_words(item, today)


def since_words(item: Item, today: date) -> str:
    """Return the same for a row of a table, where the person is known already: `taken 3 May, due 20 May`."""
    taken, asked = taken_at(item), asked_at(item)
    word, since = ("taken", taken) if taken is not None else ("asked", asked)
    began = f"{word} {short_day(since.astimezone(UTC).date(), today)}" if since is not None else "assigned"
    return began + due_words(item, today, is_short=True)


def blocker_words(items: Sequence[Item], most: int | None = None) -> tuple[str, ...]:
    """Return the items that another one has to wait for, one line each: `after 0f5a0f5a0f5a x86: fix the thing
    (assigned to ada)`, `and after …`; of more than `most` only so many, and how many more there are."""
    lines: list[str] = []
    shown = items if most is None or len(items) <= most else items[:most]
    for item in shown:
        who = f"assigned to {item.assignee}" if item.assignee is not None else str(item.state).replace("-", " ")
        lines.append(f"{'and ' if lines else ''}after {short(item.commit)} {item.subject} ({who})")
    if len(shown) < len(items):
        lines.append(f"and after {len(items) - len(shown)} more: 'backportq show' has them all")
    return tuple(lines)


def lacking_words(needs: Sequence[Oid], closed: Sequence[Item]) -> tuple[str, ...]:
    """Return the recorded needs that the branch and its queue lack, one line each; `closed` is the queue's record."""
    reasons = {item.commit: item.reason for item in closed if item.state is State.DECLINED}
    return tuple(
        f"needs {short(oid)}, which is not in the queue"
        + (f": it was declined ({reasons[oid]})" if oid in reasons else "")
        for oid in needs
    )


def due_words(item: Item, today: date, *, is_short: bool = False) -> str:
    """Return `, due 2026-05-20` with how late it is; nothing where there is no date."""
    if item.due is None:
        return ""
    late = (today - item.due).days
    due = short_day(item.due, today) if is_short else item.due
    return f", due {due}" + (f" ({counted(late, 'day')} overdue)" if is_overdue(item, today) else "")


def why_words(item: Item) -> str | None:
    """Return why this person was asked, where the rules chose them."""
    asked = last_event(current_task(item), TaskWord.ASKED)
    return asked.text if asked is not None else None


def vote_words(tally: VoteTally) -> tuple[str, ...]:
    """Return the votes, one sentence each, and what is missing; nothing where nobody voted and nobody has to."""
    lines = [f"approved by {parse_identity(vote.by).name} on {day(vote.at)}" for vote in tally.approvals]
    lines += [
        f"{parse_identity(vote.by).name} objects since {day(vote.at)}: {vote.reason or 'no reason given'}"
        for vote in tally.objections
    ]
    if tally.wanted and not tally.objections and not tally.is_approved:
        lines.append(f"{len(tally.approvals)} of {tally.wanted} approvals")
    return tuple(lines)


def day(moment: datetime) -> str:
    """Return the day of a moment, in UTC as everywhere in the queue."""
    return moment.astimezone(UTC).date().isoformat()
