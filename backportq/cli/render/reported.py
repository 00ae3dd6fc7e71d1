"""The report of a queue as a document, as CSV and as markdown; `report` prints them.

Cells of a spreadsheet that would be formulas are marked as text, and markdown's signs are escaped: subjects come from
anybody. This module must not count anything.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from backportq.cli.render.markdown import escaped
from backportq.cli.terminal.clean import clean
from backportq.model.ids import short
from backportq.model.words import counted
from backportq.services.reports.overview import ChangeOnBranch, Overview, ReportedChange

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_document(overview: Overview) -> dict[str, object]:
    """Return the document of `--json`."""
    return {
        "day": overview.today.isoformat(),
        "queue": overview.queue,
        "branches": [
            {
                "branch": status.branch,
                "version": status.version,
                "support": str(status.support),
                "tip": overview.tips.get(status.branch),
                "open": status.open,
                "unassigned": status.unassigned,
                "landed": status.landed,
            }
            for status in overview.status.branches
        ],
        "people": [
            {
                "who": load.key,
                "name": load.name,
                "open": load.open,
                "in_progress": load.in_progress,
                "overdue": load.overdue,
            }
            for load in overview.status.people
        ],
        "changes": [_change_document(change) for change in overview.changes],
    }


def _change_document(change: ReportedChange) -> dict[str, object]:
    commit = change.commit
    return {
        "change": commit.oid,
        "subject": commit.title,
        "author": str(commit.author),
        "committed": commit.committed.isoformat(),
        "priority": str(change.priority),
        "likely": change.likely,
        "passed_over": change.passed_over,
        "folded": change.is_folded,
        "branches": [_place_document(name, on) for name, on in change.branches.items()],
    }


def _place_document(name: str, on: ChangeOnBranch) -> dict[str, object]:
    item = on.place.item
    return {
        "branch": name,
        "status": str(on.place.place),
        "answer": str(on.answer),
        "state": str(on.place.standing) if on.place.standing is not None else None,
        "verdict": str(on.tried.verdict) if on.tried is not None and on.tried.verdict is not None else None,
        "blocked_by": list(on.tried.blocked_by) if on.tried is not None else [],
        "assignee": item.assignee if item is not None else None,
        "why": list(on.place.why),
    }


def csv_of(overview: Overview) -> bytes:
    """Return one row for each change, with a column for each branch, as spreadsheets and RFC 4180 read it."""
    text = io.StringIO()
    import csv  # pages need not load it

    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["commit", "subject", "author", "committed", "priority", "likely", "assignees", *overview.branches])
    for change in overview.changes:
        commit = change.commit
        cells = [
            commit.oid,
            commit.title,
            str(commit.author),
            commit.committed.date().isoformat(),
            str(change.priority),
            f"{change.likely:.2f}",
            " ".join(change.assignees),
            *(change.branches[name].words for name in overview.branches),
        ]
        writer.writerow([_as_text(clean(cell)) for cell in cells])
    return text.getvalue().encode("utf-8")


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def markdown_lines(overview: Overview) -> Iterator[str]:
    """Yield the lines of a page: counts of each branch, and the changes that lists do not fold away."""
    yield f"# Backport queue, {overview.today.isoformat()}"
    yield ""
    yield "| branch | open | unassigned | landed |"
    yield "|---|---:|---:|---:|"
    for status in overview.status.branches:
        yield f"| {_cell(status.branch)} | {status.open} | {status.unassigned} | {status.landed} |"
    shown = [change for change in overview.changes if not change.is_folded]
    yield ""
    if not shown:
        yield "Nothing is pending."
        return
    yield f"| commit | change | likely | who | {' | '.join(map(_cell, overview.branches))} |"
    yield f"|---|---|---:|---|{'---|' * len(overview.branches)}"
    for change in shown:
        words = " | ".join(change.branches[name].words for name in overview.branches)
        who = _cell(", ".join(change.assignees))
        yield f"| `{short(change.commit.oid)}` | {_cell(change.commit.title)} | {change.likely:.0%} | {who} | {words} |"
    folded = len([change for change in overview.changes if change.open]) - len(shown)
    if folded > 0:
        yield ""
        yield f"{counted(folded, 'change')} more {'was' if folded == 1 else 'were'} passed over; --csv has all."


def _cell(text: str) -> str:
    return escaped(clean(text))
