"""A row of the board as styled text.

Signs are ASCII, and the verdict of each branch is one of them, so that six branches fit beside a subject in 80 columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backportq.cli.render.verdicts import STYLES
from backportq.cli.terminal.clean import clean
from backportq.cli.terminal.table import Style, shorten, width_of
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName
from backportq.model.items.queue import ItemKey
from backportq.model.priority import Priority
from backportq.model.trials.verdict import Prospect
from backportq.services.board.contents import BoardRow
from backportq.services.items.open_items import EffectiveState
from backportq.services.items.tried_items import TriedItem

Piece = tuple[str, Style]
"""Clean text and its style."""

_SHOWN = 10  # digits of a commit id
_WHO = 9
_SIGNS = {
    Prospect.APPLIES: "+",
    Prospect.AFTER: ">",
    Prospect.OTHER_PICK: "~",
    Prospect.CONFLICTS: "x",
    Prospect.EMPTY: "=",
    Prospect.UNTRIED: "?",
}


def verdict_sign(tried: TriedItem | None) -> Piece:
    """Return one character for a verdict."""
    return (".", Style.DIM) if tried is None else (_SIGNS[tried.prospect], STYLES[tried.prospect])


def verdict_word(tried: TriedItem | None) -> str:
    """Return the same in words."""
    if tried is None:
        return "being tried"
    more = {
        Prospect.AFTER: f"applies {tried.words}",
        Prospect.EMPTY: "changes nothing",
        Prospect.UNTRIED: "not tried",
    }
    return more.get(tried.prospect, tried.words)


def short_versions(branches: Sequence[StableBranch]) -> Mapping[BranchName, str]:
    """Return what tells the branches apart: their versions, without a first part that all of them share."""
    versions = {branch.name: clean(branch.version) for branch in branches}
    firsts = {version.partition(".")[0] for version in versions.values()}
    start = f"{firsts.pop()}." if len(firsts) == 1 and len(versions) > 1 else ""
    return {name: version.removeprefix(start) for name, version in versions.items()}


def row_pieces(
    row: BoardRow,
    versions: Mapping[BranchName, str],
    verdicts: Mapping[ItemKey, TriedItem],
    *,
    width: int,
    is_marked: bool = False,
) -> list[Piece]:
    """Return the pieces of one line, `width` columns in all, the subject cut where it is too long.

    `versions` are those of the branches that a row may name, so that columns stand below each other.
    """
    head: list[Piece] = [
        ("*" if is_marked else " ", Style.HEADING),
        (f"{_priority(row).mark:<2}", Style.BAD),
        (f"{row.likely:>4.0%} ", Style.GOOD if row.likely >= _LIKELY else Style.PLAIN),
        (f"{row.commit[:_SHOWN]} ", Style.ID),
    ]
    head += _places(row, versions, verdicts, is_roomy=width >= _ROOMY)
    who = _who(row)
    if width >= _WIDE or who:
        head.append((f"{shorten(who, _WHO):<{_WHO}} ", Style.PLAIN))
    left = width - sum(len(text) for text, _ in head)
    subject = shorten(clean(row.item.subject), max(left, 0)).replace("…", ">")  # as `less -S` does: no Unicode needed
    return [*head, (subject + " " * max(left - width_of(subject), 0), Style.PLAIN)]


_LIKELY = 0.2
_ROOMY = 60  # columns; below it only signs leave room for the subject
_WIDE = 100  # columns; from here on there is room for a column that is mostly empty


def _priority(row: BoardRow) -> Priority:
    return list(Priority)[row.rank]


def _who(row: BoardRow) -> str:
    begun = any(each.entry.standing is EffectiveState.IN_PROGRESS for each in row.items)
    people = [clean(person) for person in row.people]
    return (",".join(people) or "-" * begun) + "*" * begun


def _places(
    row: BoardRow, versions: Mapping[BranchName, str], verdicts: Mapping[ItemKey, TriedItem], *, is_roomy: bool
) -> list[Piece]:
    """Return version and verdict of each branch in columns, of a single branch the verdict in words; the signs alone
    where there is no room."""
    if len(versions) == 1 and is_roomy:
        tried = verdicts.get(row.items[0].key)
        return [(f"{verdict_word(tried)[:15]:<16}", verdict_sign(tried)[1])]
    items = {each.entry.branch: each for each in row.items}
    pieces: list[Piece] = []
    for name, version in versions.items():
        each = items.get(name)
        if each is None:
            pieces.append((" " * (len(version) + 2 if is_roomy else 1), Style.PLAIN))
        else:
            sign, style = verdict_sign(verdicts.get(each.key))
            pieces.append((f"{version}{sign} " if is_roomy else sign, style))
    return pieces if is_roomy else [*pieces, (" ", Style.PLAIN)]
