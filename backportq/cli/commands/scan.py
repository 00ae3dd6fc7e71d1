"""`scan`: bring the queue up to date with the history, and say what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import BranchesArgument, JsonOption
from backportq.cli.deciding import DecisionMode, is_agreed, must_be_asked
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.errors import UsageError
from backportq.model.words import counted

if TYPE_CHECKING:
    from backportq.model.ids import BranchName
    from backportq.services.decisions.baseline import Baseline
    from backportq.services.project import Project
    from backportq.services.scan.report import ScanReport, ScanWarning

_SHOWN = 12  # digits of a commit id in text
_FIRST_WARNINGS = 3
_NAMED_COMMITS = 5


def run(
    branches: BranchesArgument = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="fetch the remote first, with your own git")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="say what would change; write nothing")] = False,
    warnings: Annotated[bool, typer.Option("--warnings", help="list every warning")] = False,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="close what was passed over until now, or until the DATE or TAG given")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="with --baseline: do not ask")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the queue up to date with the history.

    New candidates are added, items whose commit has landed or was reverted are closed, and nominations that no longer
    hold are withdrawn. What people decided is kept. Running it again changes nothing.

    --baseline is a beginning for branches that were maintained without a queue: what upstream had before, and what
    was passed over 20 times or more (so many later commits were taken there), is closed in one change, as passed over,
    with who did that first and when; on the branches named, or else on those that parted 18 months ago
    or before. What a person asked for or decided about stays, and what is urgent. A day or tag
    may stand among the branches: 'backportq scan --baseline 2026-01-31 4.17'. It asks first. 'backportq reopen -q
    state:passed-over' takes items up again.
    """
    opened = project()
    if fetch:
        _fetch(opened)
    from backportq.services.scan.scan import scan

    meant = _baseline_of(opened, branches or ()) if baseline else None
    named = tuple(branches or ()) if meant is None else meant.branches
    report = scan(opened, branches=named, dry_run=dry_run)
    if as_json:
        from backportq.cli.render.json_documents import scan_document

        closed = _close(opened, meant, DecisionMode(yes, dry_run, as_json)) if meant is not None else {}
        output.emit_json({**scan_document(report), **({"passed_over": dict(closed)} if meant is not None else {})})
        return
    _print_branches(report, dry_run=dry_run)
    _print_warnings(report.warnings, every=warnings)
    if meant is not None:
        _close(opened, meant, DecisionMode(yes, dry_run, as_json))
    output.blank()
    output.say("next:")
    output.next_step("backportq pending", "what to do, and whether it applies")
    if meant is None and not dry_run and _is_first(report) and output.is_terminal():
        output.flush()  # counting what the project took before takes as long as the scan; the answer stands already
        _propose_baseline(opened, named)


def _baseline_of(opened: Project, words: Sequence[str]) -> Baseline:
    """Return the baseline that is meant: of the words, what is no branch is a day or a tag."""
    from backportq.services.branches import is_branch_word
    from backportq.services.decisions.baseline import Baseline, baseline_moment

    config = opened.store.snapshot().state.config
    others = [word for word in words if not is_branch_word(config, word)]
    if len(others) > 1:
        raise UsageError(f"a baseline is one day or tag, found '{others[0]}' and '{others[1]}'")
    moment = baseline_moment(opened, others[0] if others else None)
    return Baseline(moment, tuple(word for word in words if word not in others))


def _close(opened: Project, baseline: Baseline, mode: DecisionMode) -> Mapping[BranchName, int]:
    """Close what was passed over before the baseline, after a question, and return how many items of each branch."""
    from backportq.services.decisions.baseline import baseline_plan, counts_of
    from backportq.services.decisions.decide import prepare, write

    prepared = prepare(opened, baseline_plan(opened, baseline))
    counts = counts_of(prepared.planned)
    total = sum(counts.values())
    if not mode.as_json:
        output.blank()
        output.heading(f"passed over before {baseline.moment.date()}: {total}")
        if counts:
            rows = [(name, str(count)) for name, count in counts.items()]
            output.table((Column("branch"), Column("to close", right=True)), rows)
    if not total or mode.dry_run:
        return counts
    if not mode.yes:
        must_be_asked(total, mode)
        if not is_agreed("close", total):
            output.note("nothing was closed")
            return {}
    write(opened, prepared)
    if not mode.as_json:
        output.note(f"{counted(total, 'item')} closed in one change; 'backportq undo' takes it back")
    return counts


def _is_first(report: ScanReport) -> bool:
    """Tell whether everything that is open was found by this scan."""
    return all(len(branch.added) == branch.pending for branch in report.branches) and any(
        branch.added for branch in report.branches
    )


def _propose_baseline(opened: Project, branches: Sequence[str]) -> None:
    """Say how much of what a first scan found was passed over long ago, and how to close it."""
    from backportq.services.decisions.baseline import Baseline, baseline_moment, baseline_plan, counts_of
    from backportq.services.decisions.decide import prepare

    baseline = Baseline(baseline_moment(opened, None), tuple(branches))
    counts = counts_of(prepare(opened, baseline_plan(opened, baseline)).planned)
    if counts:
        output.blank()
        told = ", ".join(f"{count} on {name}" for name, count in counts.items())
        output.say(f"passed over 20 times or more: {told}")
        output.next_step("backportq scan --baseline", "closes them as passed over, after a question")


def _fetch(opened: Project) -> None:
    from backportq.git.refs import read_refs
    from backportq.git.remote import fetch

    remote = opened.store.snapshot().state.config.remote
    # Whoever wrote the configuration may call the remote otherwise.
    fetch(opened.repository, remote if remote in read_refs(opened.repository).remotes() else None)
    if opened.store.verdicts_remote:
        from backportq.services.queue_admin.verdicts import take_verdicts

        take_verdicts(opened)


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


def _print_branches(report: ScanReport, *, dry_run: bool) -> None:
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
                branch.tip[:_SHOWN],
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
            output.say(f"{branch.branch}: {offer.commit[:_SHOWN]} was declined on {offer.declined_on}: {offer.reason}")
        if len(branch.offered) > _NAMED_COMMITS:
            more = len(branch.offered) - _NAMED_COMMITS
            output.say(f"{branch.branch}: {more} more were declined on a newer branch (scan --json lists them)")
    if dry_run:
        output.say("nothing was written (--dry-run)")


def _print_commits(branch: str, what: str, commits: tuple[str, ...]) -> None:
    if commits:
        named = " ".join(oid[:_SHOWN] for oid in commits[:_NAMED_COMMITS])
        more = f" and {len(commits) - _NAMED_COMMITS} more" if len(commits) > _NAMED_COMMITS else ""
        output.say(f"{branch}: {len(commits)} {what}: {named}{more}")


def _print_warnings(warnings: tuple[ScanWarning, ...], *, every: bool) -> None:
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
            places = [text for text in (warning.commit and warning.commit[:_SHOWN], warning.branch) if text]
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
