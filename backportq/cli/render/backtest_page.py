"""The result of a backtest as a section of a page in Markdown, so that one command writes what a project's docs say.

This module must not measure anything, nor read or write files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backportq.model.likelihood.measures import PRECISION, Measures
from backportq.services.suggest.backtest import Backtest

DEPTH = 25
TOP = 10
HEADINGS = (
    "average precision",
    f"recall at {PRECISION:.0%}",
    f"before a session, {DEPTH}",
    f"{TOP} a week",
    "late in 14 days",
    "first ten rows",
    "lead, days",
)
"""What `row_of` has, in its order."""

_END = "<!-- end of what backtest wrote -->"


def row_of(measures: Measures) -> tuple[str, ...]:
    """Return what one list was worth, as text."""
    return (
        f"{measures.average_precision:.3f}",
        f"{measures.recall_at_precision:.1%}",
        f"{measures.before_session[DEPTH]:.1%}",
        f"{measures.weekly_top[TOP]:.1%}",
        f"{measures.late_in_14_days:.1%}",
        f"{measures.first_ten_rows:.1%}",
        f"{measures.lead_days:.0f}",
    )


def with_section(page: str, name: str, found: Backtest) -> str:
    """Return the page with the section of this name, at the end or in the place of what was written there before.

    What people wrote stays: only the lines from the heading to the mark that ends the figures are replaced.
    """
    heading = f"## {name}"
    lines = page.splitlines()
    made = [heading, "", *_section(found), _END]
    at = lines.index(heading) if heading in lines else None
    if at is None:
        return "\n".join([*lines, *([""] if lines and lines[-1] else []), *made]) + "\n"
    following = (place for place in range(at + 1, len(lines)) if lines[place].startswith("## ") or lines[place] == _END)
    end = next(following, None)
    is_ours = end is not None and lines[end] == _END
    rest = lines[end + 1 :] if end is not None and is_ours else lines[at + 1 :]
    return "\n".join([*lines[:at], *made, *rest]) + "\n"


def _section(found: Backtest) -> Iterator[str]:
    yield (
        f"{found.begin} to {found.end}: {found.landed} picks on {found.branches[0]} to {found.branches[-1]}, "
        f"ceiling {found.ceiling:.0%}."
    )
    yield ""
    yield from _table(("list", *HEADINGS), [(name, *row_of(each)) for name, each in found.lists.items()])
    yield ""
    hidden = found.lists["likely"].hidden_by_folding
    if hidden is not None:
        yield f"Folding in `pending` hid {hidden:.0%} of what landed later."
        yield ""
    yield "Of as many rows as the rules ever name on a branch, so many landed:"
    yield ""
    yield from _table(
        ("branch", "rows", "rules", "model"),
        [
            (each.branch, str(each.rows), str(each.rules), "-" if each.model is None else str(each.model))
            for each in found.by_branch
        ],
    )
    yield ""


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield f"| {' | '.join(row)} |"
