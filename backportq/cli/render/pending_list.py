"""`pending` as text: a list over all branches, one branch after the other, or the first screen of it.

Apart from the command, which only filters. Columns and cells are made in `pending_rows`. Rows are printed as soon as
the trials of their branches are made, newest branch first, so that a list begins to appear while old branches are still
tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backportq.cli.render.pending_rows import (
    PendingRow,
    PendingRows,
    is_begun,
    later_words,
)
from backportq.cli.render.verdicts import item_counts
from backportq.cli.terminal import output
from backportq.git.missing import speaks_of_missing
from backportq.model.ids import BranchName, short
from backportq.model.likelihood.outlook import LIKELY
from backportq.model.trials.verdict import Prospect, TrialFailure
from backportq.model.words import counted, name_run, short_names, typed
from backportq.services.items.grouping import JudgedItem, Order, PendingChange, in_order
from backportq.services.items.open_items import LATER, OpenItems
from backportq.services.items.tried_items import TrialsOnDemand, TriedItem

_BELOW = 9  # lines of the first screen that are no rows: what stands above and below them, and the prompt
_BELOW_NARROW = 12  # the same where these lines are folded
_NARROW = 60
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class View:
    """How a list is shown `today`: in which order, with what is folded away or without, and how many rows at most."""

    order: Order
    is_whole: bool
    limit: int | None
    today: date


@dataclass(slots=True)
class _Shown:
    """What was printed, for the words below it."""

    tried: list[TriedItem]
    has_passed: bool = False
    has_high: bool = False
    is_screen: bool = False


def print_list(found: OpenItems, judged: Sequence[JudgedItem], view: View, trials: TrialsOnDemand) -> None:
    """Print the items as `view` says, and below them what the words mean and what may be typed next."""
    if not judged:
        if not found.state.config.branches:
            output.warn("no stable branch is configured", ("backportq init --branch NAME adds one",))
        output.say("nothing is pending" if not found.items else "no open item is of that kind")
        return
    shown = _Shown([], is_screen=_room(view) is not None)
    if shown.is_screen:
        output.unpaged()
    if view.order is Order.BRANCH or len(found.branches) == 1:
        for branch in found.branches:
            there = [item for item in judged if item.entry.branch == branch.name]
            if there:
                _print_branch(found, there, view, trials, shown)
    else:
        _print_all(found, judged, view, trials, shown)
    _print_legend(shown)
    _print_lacking(found, shown.tried)
    is_brief = shown.is_screen and output.terminal_width() < _NARROW
    output.next_step("backportq show COMMIT", "" if is_brief else "why it is pending, branch by branch")
    output.next_step("backportq take COMMIT", "" if is_brief else "makes it yours; decline and defer say no and later")


def _print_all(
    found: OpenItems, judged: Sequence[JudgedItem], view: View, trials: TrialsOnDemand, shown: _Shown
) -> None:
    """Print one row for each change, whatever branches it is open on."""
    due = [item for item in judged if item.entry.standing not in LATER]
    later = in_order([item for item in judged if item.entry.standing in LATER], view.order)
    changes = in_order(due, view.order)
    names = short_names(branch.name for branch in found.branches)
    where = {item.entry.branch for item in judged}
    place = next(iter(where)) if len(where) == 1 else f"{len(where)} branches"
    words = f"{counted(len(changes), 'change')} pending on {place}"
    output.heading(words + (f", {len(later)} later" if later else ""))
    rest = _print_rows(found, changes, names, view, trials, shown)
    _print_rest(rest, later, view, names)


def _print_branch(
    found: OpenItems, items: Sequence[JudgedItem], view: View, trials: TrialsOnDemand, shown: _Shown
) -> None:
    """Print the items of one branch below a heading that counts their verdicts."""
    name = items[0].entry.branch
    due = [item for item in items if item.entry.standing not in LATER]
    later = in_order([item for item in items if item.entry.standing in LATER], view.order)
    counts = item_counts([trials.of(item.entry) for item in due])
    output.heading(f"{name}: {counts}" + (f", {len(later)} later" if later else ""))
    names: Mapping[BranchName, str] = {name: name}
    rest = _print_rows(found, in_order(due, view.order), names, view, trials, shown)
    _print_rest(rest, later, view, names)
    output.blank()


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is not shown: `beyond` the last row, and `folded` away because it was passed over `least` times or more."""

    beyond: int
    folded: int
    least: int


def _print_rows(
    found: OpenItems,
    changes: Sequence[PendingChange],
    names: Mapping[BranchName, str],
    view: View,
    trials: TrialsOnDemand,
    shown: _Shown,
) -> _Rest:
    """Print the changes that are to be shown, each as soon as it is known; return what is not shown."""
    kept = [part for change in changes if (part := change.unfolded(whole=view.is_whole)) is not None]
    least = min(
        (item.likelihood.passed_over for change in changes for item in change.items if item.likelihood.is_folded),
        default=0,
    )
    room = _room(view)
    candidates = kept[: view.limit or room] if room is None or view.limit is None else kept[: view.limit]
    width = output.terminal_width() if output.is_terminal() else None
    rows = PendingRows(candidates, found.state, names, width, by_author=view.order is Order.AUTHOR)
    # The first row stands on the screen as soon as its own branches are tried.
    trials.want(item.entry.branch for change in candidates for item in change.items)
    line = _last_likely(kept) if view.order is Order.LIKELY else None
    printed = used = height = 0
    for at, change in enumerate(candidates):
        tried = [trials.of(item.entry) for item in change.items]
        row = rows.row(change, {(each.entry.branch, change.commit): each for each in tried})
        if at == line:
            row = PendingRow(row.cells, (*row.remarks, f"less likely from here on: {len(kept) - at - 1}"))
        if room is not None and printed >= _FEWEST and used + max(height, 1) + len(row.remarks) > room:
            break
        lines = output.table(rows.columns, [rows.cells(row)], remarks=[row.remarks], goes_on=printed > 0)
        height = lines - len(row.remarks) if printed else height
        used += lines
        printed += 1
        shown.tried += tried
        shown.has_passed |= any(column.title == "passed" for column in rows.columns)
        shown.has_high |= change.priority.is_urgent
    return _Rest(len(kept) - printed, len(changes) - len(kept), least)


def _room(view: View) -> int | None:
    """Return how many lines the rows of a first screen may take; None where everything is shown."""
    if view.limit is not None or view.is_whole or view.order is Order.BRANCH or not output.is_terminal():
        return None
    below = _BELOW if output.terminal_width() >= _NARROW else _BELOW_NARROW
    return max(output.terminal_height() - below, _FEWEST)


def _last_likely(changes: Sequence[PendingChange]) -> int | None:
    """Return the row below which only less likely ones stand; None where all rows, or none, are likely."""
    likely = [at for at, change in enumerate(changes) if change.likeliest.likelihood.likely >= LIKELY]
    return likely[-1] if likely and likely[-1] < len(changes) - 1 else None


def _print_rest(rest: _Rest, later: Sequence[PendingChange], view: View, names: Mapping[BranchName, str]) -> None:
    """Print how much more there is, and what is put off."""
    if _room(view) is not None:
        parts = [f"{rest.beyond} more" if rest.beyond else ""]
        parts += [f"{rest.folded} passed over {rest.least} times or more" if rest.folded else ""]
        parts += [f"{len(later)} later" if later else ""]
        told = ", ".join(filter(None, parts))
        if told:
            output.say(f"{told}: --limit N shows more, --all all of it")
        return
    if rest.beyond:
        output.say(f"{rest.beyond} more beyond --limit")
    if rest.folded:
        output.say(f"{rest.folded} more, passed over {rest.least} times or more: --all shows them")
    for change in later:
        words: dict[str, list[BranchName]] = {}
        for item in change.items:
            words.setdefault(later_words(item.entry, view.today), []).append(item.entry.branch)
        for word, branches in words.items():
            where = f"{name_run(names, branches)} " if len(names) > 1 else ""
            output.say(f"{short(change.commit)}  {where}{word}: {change.items[0].entry.item.subject}")
    if view.order is not Order.BRANCH and len(names) > 1:
        output.blank()


def _print_legend(shown: _Shown) -> None:
    """Print what the words of the list mean, those that stand in it; on the first screen in a line or two."""
    prospects = {each.prospect for each in shown.tried}
    if shown.is_screen:
        told = ["applies: no textual conflict"]
        told += ["after N: once N earlier ones are picked"] if Prospect.AFTER in prospects else []
        told += ["other pick: that of another branch applies"] if Prospect.OTHER_PICK in prospects else []
        told += ["!: high, !!: security"] if shown.has_high else []
        output.say("; ".join(told))
        return
    told = ["applies: no textual conflict, which is not the same as correct"]
    if Prospect.AFTER in prospects:
        told.append("after N: applies once these N earlier items are picked")
    if Prospect.OTHER_PICK in prospects:
        told.append("other pick: it conflicts, but its pick on another branch applies (--json names it)")
    if Prospect.EMPTY in prospects:
        told.append("empty: it would change nothing there; whoever looked at it may decline it")
    if Prospect.UNTRIED in prospects and any(_lacks_contents(each) for each in shown.tried):
        told.append("untried: this partial clone lacks what it changes; --fetch gets that")
    elif Prospect.UNTRIED in prospects:
        told.append("untried: git could not try it, or a merge beside the upstream line; show says why")
    if shown.has_passed:
        told.append("passed: how many later commits were taken on the branch since; show says why it is likely or not")
    if any(each.entry.mainline is not None for each in shown.tried):
        told.append("merges are tried and picked against their first parent")
    if shown.has_high:
        told.append("!: high priority, !!: security")
    if any(is_begun(each.entry) for each in shown.tried):
        told.append("NAME*: in progress, taken or picked by somebody; show says where")
    for text in told:
        output.say(text)


def _print_lacking(found: OpenItems, tried: Sequence[TriedItem]) -> None:
    """Print how to ask for what items need and neither their branch nor its queue has."""
    branches: dict[str, list[str]] = {}
    for branch in found.branches:
        entries = [
            each.entry for each in tried if each.entry.branch == branch.name and each.entry.standing not in LATER
        ]
        lacking = dict.fromkeys(oid for entry in entries for oid in entry.lacking)
        declined = [item.commit for item in found.state.queue_of(branch.name).closed if item.commit in lacking]
        for verb, oids in (("tag", [oid for oid in lacking if oid not in declined]), ("reopen", declined)):
            if oids:
                branches.setdefault(" ".join([verb, *(short(oid) for oid in oids)]), []).append(branch.name)
    for command, names in branches.items():
        where = " ".join(f"-b {typed(name)}" for name in names)
        output.next_step(f"backportq {command} {where}", "what is needed, and not in the queue")


def _lacks_contents(tried: TriedItem) -> bool:
    outcome = tried.outcome
    return isinstance(outcome, TrialFailure) and speaks_of_missing(outcome.why)
