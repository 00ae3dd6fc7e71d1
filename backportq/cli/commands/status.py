"""`status`: the matrix of branches and counts, and the load of each person."""

from __future__ import annotations

from collections.abc import Mapping

from backportq.cli.arguments import BranchesArgument, JsonOption
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.ids import BranchName
from backportq.model.words import short_names
from backportq.queue.sync.remote_distance import RemoteDistance
from backportq.services.items.status import BranchStatus, Load, Status, status
from backportq.services.queue_admin.sync import remote_distance, unsynced_note


def run(branches: BranchesArgument = None, as_json: JsonOption = False) -> None:
    """Count the open items of each branch: how they stand, how urgent and how old they are, and who has them.

    `urgent` are items of priority security or high; `oldest` is how long the oldest open one has been upstream.
    """
    opened = project()
    counts = status(opened, branches=tuple(branches or ()))
    if as_json:
        output.emit_json({**_document(counts), "remote": _standing_document(remote_distance(opened, counts.refs))})
        return
    _print(counts)
    waiting = unsynced_note(opened, counts.refs)
    if waiting is not None:
        output.note(waiting)


def _document(counts: Status) -> dict[str, object]:
    return {
        "branches": [_branch_document(branch) for branch in counts.branches],
        "people": [
            {
                "key": load.key,
                "name": load.name,
                "open": load.open,
                "in_progress": load.in_progress,
                "picked": load.picked,
                "overdue": load.overdue,
                "branches": dict(load.branches),
            }
            for load in counts.people
        ],
        "moved": list(counts.moved),
    }


def _standing_document(standing: RemoteDistance | None) -> dict[str, object] | None:
    if standing is None:
        return None
    return {"name": standing.remote, "ahead": standing.ahead, "behind": standing.behind}


def _branch_document(branch: BranchStatus) -> dict[str, object]:
    return {
        "branch": branch.branch,
        "version": branch.version,
        "support": str(branch.support),
        "open": branch.open,
        **{str(standing).replace("-", "_"): count for standing, count in branch.standings.items()},
        "work": {str(stage).replace("-", "_"): count for stage, count in branch.stages.items()},
        "unassigned": branch.unassigned,
        "priorities": {str(priority): count for priority, count in branch.priorities.items()},
        "landed": branch.landed,
        "not_merged_up": branch.not_merged_up,
        "oldest": None if branch.oldest is None else {"commit": branch.oldest, "days": branch.oldest_days},
    }


def _print(counts: Status) -> None:
    if not counts.branches:
        output.warn("no stable branch is configured", ("backportq init --branch NAME adds one",))
        return
    columns = (
        Column("branch"),
        *(
            Column(title, right=True)
            for title in ("pending", "work", "picked", "later", "free", "urgent", "oldest", "landed")
        ),
        Column("support"),
    )
    output.table(columns, [_row(branch) for branch in counts.branches])
    waiting = [f"{branch.not_merged_up} from {branch.branch}" for branch in counts.branches if branch.not_merged_up]
    if waiting:
        output.blank()
        output.say(f"not merged up: {', '.join(waiting)}")
    if counts.people:
        output.blank()
        output.table(
            (
                Column("person", flexible=True),
                *(Column(title, right=True) for title in ("open", "work", "picked", "overdue")),
                Column("on", flexible=True),
            ),
            [_load_row(load, short_names(branch.branch for branch in counts.branches)) for load in counts.people],
        )
    output.blank()
    output.say("work: in progress; picked: waits to be pushed or reviewed; later: deferred or waiting; free: nobody's")
    if counts.moved:
        output.note(f"{', '.join(counts.moved)} moved since the last scan; run 'backportq scan'")
    output.next_step("backportq pending", "lists what is open")


def _row(branch: BranchStatus) -> list[Cell | str]:
    counts = {str(standing): count for standing, count in branch.standings.items()}
    urgent = sum(count for priority, count in branch.priorities.items() if priority.is_urgent)
    picked = sum(count for stage, count in branch.stages.items() if stage.is_done)
    return [
        branch.branch,
        str(counts["pending"]),
        str(counts["in-progress"] - picked),
        str(picked),
        str(counts["deferred"] + counts["waiting"]),
        str(branch.unassigned),
        Cell(str(urgent), Style.BAD if urgent else Style.PLAIN),
        "-" if branch.oldest_days is None else f"{branch.oldest_days}d",
        str(branch.landed),
        str(branch.support),
    ]


def _load_row(load: Load, names: Mapping[BranchName, str]) -> list[Cell | str]:
    return [
        load.name,
        str(load.open),
        str(load.in_progress - load.picked),
        str(load.picked),
        Cell(str(load.overdue), Style.BAD if load.overdue else Style.PLAIN),
        ", ".join(f"{names.get(branch, branch)} {count}" for branch, count in load.branches.items()),
    ]
