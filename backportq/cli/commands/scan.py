"""`scan`: bring the queue up to date with the history, and say what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import BranchesArgument, JsonOption
from backportq.cli.baseline import baseline_of, close_passed_over, is_first, propose_baseline
from backportq.cli.deciding import DecisionMode
from backportq.cli.invocation import project
from backportq.cli.render.scanned import print_branches, print_warnings
from backportq.cli.terminal import output

if TYPE_CHECKING:
    from backportq.services.project import Project


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

    meant = baseline_of(opened, branches or ()) if baseline else None
    named = tuple(branches or ()) if meant is None else meant.branches
    report = scan(opened, branches=named, dry_run=dry_run)
    if as_json:
        from backportq.cli.render.json_documents import scan_document

        closed = close_passed_over(opened, meant, DecisionMode(yes, dry_run, as_json)) if meant is not None else {}
        output.emit_json({**scan_document(report), **({"passed_over": dict(closed)} if meant is not None else {})})
        return
    print_branches(report, dry_run=dry_run)
    print_warnings(report.warnings, every=warnings)
    if meant is not None:
        close_passed_over(opened, meant, DecisionMode(yes, dry_run, as_json))
    output.blank()
    output.say("next:")
    output.next_step("backportq pending", "what to do, and whether it applies")
    if meant is None and not dry_run and is_first(report) and output.is_terminal():
        output.flush()  # counting what the project took before takes as long as the scan; the answer stands already
        propose_baseline(opened, named)


def _fetch(opened: Project) -> None:
    from backportq.git.refs import read_refs
    from backportq.git.remote import fetch

    remote = opened.store.snapshot().state.config.remote
    # Whoever wrote the configuration may call the remote otherwise.
    fetch(opened.repository, remote if remote in read_refs(opened.repository).remotes() else None)
    if opened.store.verdicts_remote:
        from backportq.services.queue_admin.verdicts import take_verdicts

        take_verdicts(opened)
