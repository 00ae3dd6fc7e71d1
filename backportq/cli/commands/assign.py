"""`assign`: give items to a person, by hand or by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import BranchOption, DryRunOption, JsonOption, QueryOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell
from backportq.cli.terminal import output

if TYPE_CHECKING:
    from datetime import date

    from backportq.model.items.query import ItemQuery
    from backportq.services.decisions.decide import ItemDecision
    from backportq.services.project import Project


def run(
    commits: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMIT]...", help="commits: ids, abbreviations, refs, or ranges")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="PERSON", help="a key, name or mail; 'me' is you")] = None,
    auto: Annotated[bool, typer.Option("--auto", help="to whom the project's rules say, with the reason")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="say to whom and why, write nothing")] = False,
    query: QueryOption = None,
    branch: BranchOption = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="when it is wanted by")] = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give items to a person.

    With --to, the named commits, or all that --query admits; without --branch on every branch that has them open. With
    --auto, every item that nobody has (or those named) goes to whom the chain of [assign] in config.toml finds: who
    backported or wrote what is fixed, who wrote the fix, who knows the files, MAINTAINERS, the branch's maintainer, or
    who is next in turn; within capacity, absence and fairness. --propose shows also who was passed over.
    """
    from backportq.cli.arguments import parse_day
    from backportq.errors import UsageError
    from backportq.services.items.query import query_of

    if (to is not None) + auto + propose != 1:
        raise UsageError(
            "whom to assign to is not clear, wanted one of --to PERSON, --auto and --propose",
            hints=("backportq assign COMMIT --to PERSON", "backportq assign --auto --dry-run"),
        )
    if to is not None and not commits and query is None:
        raise UsageError("no commit given", hints=("backportq assign COMMIT --to PERSON, or --query 'unassigned'",))
    opened = project()
    day = parse_day(due, opened.clock().date()) if due is not None else None
    asked = query_of(opened, query or "")
    if to is None:
        _by_rule(opened, commits or [], branch or [], asked, day, detailed=propose, dry_run=dry_run, as_json=as_json)
        return
    from backportq.services.decisions.tasks import assign_items, assign_matching

    if query is None:
        outcome = assign_items(opened, commits or (), branch or (), to=to, due=day, dry_run=dry_run)
    else:
        outcome = assign_matching(opened, asked, commits or (), branch or (), to=to, due=day, dry_run=dry_run)
    tell(outcome, _assigned, as_json=as_json, dry_run=dry_run)


def _assigned(one: ItemDecision) -> str:
    before = f", before {one.before.assignee}" if one.before is not None and one.before.assignee else ""
    return f"assigned to {one.item.assignee}{before}"


def _by_rule(
    opened: Project,
    commits: list[str],
    branches: list[str],
    query: ItemQuery,
    due: date | None,
    *,
    detailed: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    from backportq.cli.render.proposals import proposals_document, show_proposals
    from backportq.services.assignment.propose import assign_proposed, propose_owners

    proposals = propose_owners(opened, commits, branches, query=query, due=due)
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
