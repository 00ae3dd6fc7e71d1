"""`assign`: give items to a person, by hand or by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import (
    BranchOption,
    DryRunOption,
    ItemsArgument,
    JsonOption,
    QueryOption,
    YesOption,
    parse_day,
)
from backportq.cli.deciding import DecisionMode, asked_for, run_decision
from backportq.cli.invocation import project
from backportq.cli.terminal import output

if TYPE_CHECKING:
    from datetime import date

    from backportq.services.decisions.decide import ItemDecision
    from backportq.services.decisions.select import Asked
    from backportq.services.project import Project


def run(
    items: ItemsArgument = None,
    to: Annotated[str | None, typer.Option("--to", metavar="PERSON", help="a key, name or mail; 'me' is you")] = None,
    auto: Annotated[bool, typer.Option("--auto", help="to whom the project's rules say, with the reason")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="say to whom and why, write nothing")] = False,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="when it is wanted by")] = None,
    why: Annotated[
        str | None,
        typer.Option("--reason", "--note", "-m", metavar="TEXT", help="with --to: why this person; it is kept"),
    ] = None,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give items to a person.

    With --to, the named commits, or all that --query admits; without a branch on every branch that has them open. With
    --auto, every item that nobody has (or those named) goes to whom the chain of [assign] in config.toml finds: who
    backported or wrote what is fixed, who wrote the fix, who knows the files, MAINTAINERS, the branch's maintainer, or
    who is next in turn; within capacity, absence and fairness. --propose shows also who was passed over.
    """
    from backportq.errors import UsageError

    if (to is not None) + auto + propose != 1:
        raise UsageError(
            "whom to assign to is not clear, wanted one of --to PERSON, --auto and --propose",
            hints=("backportq assign COMMIT --to PERSON", "backportq assign --auto --dry-run"),
        )
    if to is not None and not items and query is None:
        raise UsageError("no commit given", hints=("backportq assign COMMIT --to PERSON, or --query 'unassigned'",))
    opened = project()
    day = parse_day(due, opened.clock().date()) if due is not None else None
    if to is None:
        from backportq.services.decisions.select import Asked

        asked = Asked(tuple(items or ()), tuple(branch or ()), query)
        _by_rule(opened, asked, day, detailed=propose, dry_run=dry_run, as_json=as_json)
        return
    from backportq.services.decisions.verbs import assign

    asked = asked_for(items, branch, query)
    run_decision(asked, assign(opened, to, due=day, why=why), _assigned, DecisionMode(yes, dry_run, as_json))


def _assigned(decision: ItemDecision) -> str:
    before = decision.before.assignee if decision.before is not None else None
    return f"assigned to {decision.item.assignee}" + (f", before {before}" if before else "")


def _by_rule(
    opened: Project,
    asked: Asked,
    due: date | None,
    *,
    detailed: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    from backportq.cli.render.proposals import proposals_document, show_proposals
    from backportq.services.assignment.propose import assign_proposed, propose_owners

    proposals = propose_owners(opened, asked, due=due)
    is_written = not (detailed or dry_run)
    made = assign_proposed(opened, proposals) if is_written and proposals.proposed else None
    if as_json:
        queue = made.commit if made is not None else None
        output.emit_json(proposals_document(proposals, queue=queue, dry_run=not is_written))
        return
    if not proposals.proposed:
        output.say("nothing to assign: every item that is due has a person")
        return
    show_proposals(proposals, detailed=detailed)
    if made is None:
        output.note("nothing was written" + (" (--dry-run)" if dry_run else ""))
        return
    given = sum(one.is_change for one in made.decided)
    if given:
        items = "1 item" if given == 1 else f"{given} items"
        output.note(f"{items} assigned, in one change; 'backportq undo' takes it back")
