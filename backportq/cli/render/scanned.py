"""What a scan found, as text: the branches with their counts, what changed, and what is odd.

Apart from the command because `init --baseline` scans as well.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.ids import Oid, short

if TYPE_CHECKING:
    from backportq.services.scan.report import ScanReport, ScanWarning

_FIRST_WARNINGS = 3
_NAMED_COMMITS = 5

_HEADINGS = {
    "proposed-pick": "probably a pick",
    "dangling-pick-line": "pick line that leads nowhere",
    "not-merged-up": "not merged up",
    "branch-gone": "branch that is gone",
    "topic-gone": "topic branch that is gone",
}
_STEPS = {
    "proposed-pick": (
        ("backportq link --all-proposed", "takes them all as picks"),
        ("backportq link COMMIT PICK", "takes one; decline COMMIT says no"),
    ),
    "dangling-pick-line": (
        ("git fetch REMOTE 'refs/pull/*/head:refs/pull/*/head'", "brings what was squashed, where the forge keeps it"),
        ("backportq link COMMIT PICK", "says which upstream commit it is"),
    ),
}


def print_branches(report: ScanReport, *, dry_run: bool) -> None:
    """Print a row for each branch, and what changed there."""
    if not report.branches:
        output.warn("no stable branch is configured", ("backportq init --branch NAME adds one",))
        return
    columns = (
        Column("branch"),
        Column("tip", style=Style.ID),
        Column("candidates", right=True),
        Column("pending", right=True),
        Column("landed", right=True),
        Column("new", right=True),
        Column("closed", right=True),
    )
    output.table(
        columns,
        [
            (
                branch.branch,
                short(branch.tip),
                str(branch.candidates),
                str(branch.pending),
                str(branch.landed),
                Cell(f"+{len(branch.added)}", Style.GOOD if branch.added else Style.DIM),
                Cell(str(len(branch.closed)), Style.PLAIN if branch.closed else Style.DIM),
            )
            for branch in report.branches
        ],
    )
    for branch in report.branches:
        landed = tuple(closing.commit for closing in branch.closed if closing.state == "landed")
        reverted = tuple(closing.commit for closing in branch.closed if closing.state != "landed")
        _print_commits(branch.branch, "landed since the last scan", landed)
        _print_commits(branch.branch, "reverted upstream since the last scan", reverted)
        _print_commits(branch.branch, "withdrawn, as nothing nominates them any more", branch.withdrawn)
        _print_commits(
            branch.branch, "pending again, as their pick is gone or upstream took them again", branch.reopened
        )
        for offer in branch.offered[:_NAMED_COMMITS]:
            output.say(f"{branch.branch}: {short(offer.commit)} was declined on {offer.declined_on}: {offer.reason}")
        if len(branch.offered) > _NAMED_COMMITS:
            more = len(branch.offered) - _NAMED_COMMITS
            output.say(f"{branch.branch}: {more} more were declined on a newer branch (scan --json lists them)")
    if dry_run:
        output.say("nothing was written (--dry-run)")


def _print_commits(branch: str, what: str, commits: tuple[Oid, ...]) -> None:
    if commits:
        named = " ".join(short(oid) for oid in commits[:_NAMED_COMMITS])
        more = f" and {len(commits) - _NAMED_COMMITS} more" if len(commits) > _NAMED_COMMITS else ""
        output.say(f"{branch}: {len(commits)} {what}: {named}{more}")


def print_warnings(warnings: tuple[ScanWarning, ...], *, every: bool) -> None:
    """Print the warnings by kind, the rarest kind first: what happens once is more likely to matter."""
    from backportq.services.scan.report import tag_lost

    if not warnings:
        return
    counts = Counter(warning.kind for warning in warnings)
    shown = 0
    output.blank()
    for kind, count in sorted(counts.items(), key=lambda pair: (pair[1], pair[0])):
        output.heading(f"{_HEADINGS.get(kind, kind)}: {count}")
        of_kind = [warning for warning in warnings if warning.kind == kind]
        for warning in of_kind if every else of_kind[:_FIRST_WARNINGS]:
            places = [text for text in (warning.commit and short(warning.commit), warning.branch) if text]
            output.say(f"  {' '.join(places)}: {warning.text}" if places else f"  {warning.text}")
        if kind == "branch-gone":
            output.next_step("backportq edit config", 'support = "end-of-life" retires it')
        for command, what in _STEPS.get(kind, ()):
            output.next_step(command, what)
        asking = tag_lost(of_kind)
        if asking is not None:
            output.next_step(asking, "asks for what nobody asked for there")
        shown += len(of_kind) if every else min(len(of_kind), _FIRST_WARNINGS)
    if shown < len(warnings):
        output.next_step("backportq scan --warnings", f"lists all {len(warnings)}")
