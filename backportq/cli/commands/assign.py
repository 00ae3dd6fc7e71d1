"""`assign`: give items to a person, by hand or by rule."""

from __future__ import annotations

from dataclasses import dataclass
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
from backportq.cli.deciding import DecisionMode, asked_for, is_agreed, must_be_asked, run_decision
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.model.words import counted

if TYPE_CHECKING:
    from datetime import date

    from backportq.services.decisions.decide import ItemDecision
    from backportq.services.decisions.select import Asked
    from backportq.services.project import Project

_GIVEN_UNASKED = 20  # so many items are given out without a question


def run(
    items: ItemsArgument = None,
    to: Annotated[str | None, typer.Option("--to", metavar="PERSON", help="a key, name or mail; 'me' is you")] = None,
    auto: Annotated[bool, typer.Option("--auto", help="to whom the project's rules say, with the reason")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="say to whom and why, write nothing")] = False,
    capacity: Annotated[
        int | None,
        typer.Option("--capacity", min=0, metavar="N", help="with --auto: how many items a person has at most"),
    ] = None,
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
    who is next in turn; within capacity (10 items a person, unless --capacity, config.toml or people.toml say
    otherwise), absence and fairness. The most urgent and the likeliest are given out first; the rest stays as it is.
    Before more than 20 are given out it asks; --yes answers. --propose shows also who was passed over.
    """
    from backportq.errors import UsageError

    if (to is not None) + auto + propose != 1:
        raise UsageError(
            "whom to assign to is not clear, wanted one of --to PERSON, --auto and --propose",
            hints=("backportq assign COMMIT --to PERSON", "backportq assign --auto --dry-run"),
        )
    if capacity is not None and to is not None:
        raise UsageError("--capacity goes with --auto or --propose, and --to names the person")
    if to is not None and not items and query is None:
        raise UsageError("no commit given", hints=("backportq assign COMMIT --to PERSON, or --query 'unassigned'",))
    opened = project()
    day = parse_day(due, opened.clock().date()) if due is not None else None
    if to is None:
        from backportq.services.decisions.select import Asked

        asked = Asked(tuple(items or ()), tuple(branch or ()), query)
        mode = DecisionMode(yes, dry_run or propose, as_json)
        _by_rule(opened, asked, _Terms(day, capacity), mode, detailed=propose)
        return
    from backportq.services.decisions.verbs import assign

    asked = asked_for(items, branch, query)
    run_decision(asked, assign(opened, to, due=day, why=why), _assigned, DecisionMode(yes, dry_run, as_json))


def _assigned(decision: ItemDecision) -> str:
    before = decision.before.assignee if decision.before is not None else None
    return f"assigned to {decision.item.assignee}" + (f", before {before}" if before else "")


@dataclass(frozen=True, slots=True)
class _Terms:
    """The day by which items are wanted, and how many a person has at most; None for what the project says."""

    due: date | None
    capacity: int | None


def _by_rule(opened: Project, asked: Asked, terms: _Terms, mode: DecisionMode, *, detailed: bool) -> None:
    from backportq.cli.render.proposals import proposals_document, show_proposals
    from backportq.services.assignment.propose import assign_proposed, propose_owners

    proposals = propose_owners(opened, asked, due=terms.due, capacity=terms.capacity)
    given = sum(each.proposal.key is not None for each in proposals.proposed)
    is_question = given > _GIVEN_UNASKED and not (mode.yes or mode.dry_run)
    if is_question:
        must_be_asked(given, mode)
    if not mode.as_json:
        if not proposals.proposed:
            output.say("nothing to assign: every item that is due has a person")
            return
        show_proposals(proposals, detailed=detailed, is_preview=is_question)
    if is_question and not is_agreed("assign", given):
        output.note("nothing was changed")
        return
    made = assign_proposed(opened, proposals) if given and not mode.dry_run else None
    if mode.as_json:
        queue = made.commit if made is not None else None
        output.emit_json(proposals_document(proposals, queue=queue, dry_run=mode.dry_run))
        return
    if made is None:
        output.note("nothing was written" + (" (--dry-run)" if mode.dry_run and not detailed else ""))
        return
    changed = sum(decision.is_change for decision in made.decided)
    if changed:
        output.note(f"{counted(changed, 'item')} assigned, in one change; 'backportq undo' takes it back")
