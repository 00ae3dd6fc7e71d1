"""How every deciding command runs: what was typed is selected, what a query admits is shown and asked about, then it is
written and told.

Apart from the commands so that `--query`, `--yes`, `--dry-run` and `--json` mean the same in each. This module must not
decide anything.
"""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from backportq.cli import invocation
from backportq.cli.arguments import BranchOption, DryRunOption, ItemsArgument, JsonOption, QueryOption, YesOption
from backportq.cli.render.decided import preview, tell
from backportq.cli.terminal import output
from backportq.errors import UsageError
from backportq.model.words import counted

if TYPE_CHECKING:
    from backportq.services.decisions.decide import DecisionResult, ItemDecision, Plan, Planned, Verb
    from backportq.services.decisions.select import Asked

WordedVerb: TypeAlias = "tuple[Verb, Callable[[ItemDecision], str]]"
"""What is decided about each item, and the words in which that is told."""


@dataclass(frozen=True, slots=True)
class DecisionMode:
    """How a decision is to be made and told: `yes` without a question, `dry_run` without writing."""

    yes: bool = False
    dry_run: bool = False
    as_json: bool = False


def asked_for(
    words: Sequence[str] | None,
    branches: Sequence[str] | None,
    query: str | None,
    *,
    older: bool = False,
    merges: bool = False,
) -> Asked:
    """Return what was typed; raise `UsageError` if it is neither a commit nor a query."""
    from backportq.services.decisions.select import Asked

    if not words and query is None:
        command = invocation.current().verb
        raise UsageError(
            "no commit given", hints=(f"backportq {command} COMMIT", f"backportq {command} -q 'branch:B unassigned'")
        )
    return Asked(tuple(words or ()), tuple(branches or ()), query, older, merges)


def deciding(body: Callable[..., WordedVerb]) -> Callable[..., None]:
    """Make a command of what returns a decision and how it is told.

    Behind its own parameters it takes the items, `--branch`, `--query`, `--yes`, `--dry-run` and `--json`. What was
    typed of these is checked first.
    """

    def run(
        *,
        items: ItemsArgument = None,
        branch: BranchOption = None,
        query: QueryOption = None,
        yes: YesOption = False,
        dry_run: DryRunOption = False,
        as_json: JsonOption = False,
        **own: Any,
    ) -> None:
        asked = asked_for(items, branch, query)
        verb, words = body(**own)
        run_decision(asked, verb, words, DecisionMode(yes, dry_run, as_json))

    own, shared = (inspect.signature(each, eval_str=True).parameters.values() for each in (body, run))
    command = cast("Any", run)  # typer reads the parameters from the signature
    command.__signature__ = inspect.Signature([*own, *list(shared)[:-1]])
    command.__annotations__ = {}
    command.__doc__ = body.__doc__
    return run


def run_decision(
    asked: Asked, verb: Verb, words: Callable[[ItemDecision], str], mode: DecisionMode
) -> DecisionResult | None:
    """Apply `verb` to all that was asked for, tell it in `words`, and return what it did; None after a no."""
    from backportq.services.decisions.decide import item_plan

    opened = invocation.project()
    return run_plan(item_plan(opened, asked, verb), words, mode, is_asked=asked.query is not None)


def run_plan(
    plan: Plan, words: Callable[[ItemDecision], str], mode: DecisionMode, *, is_asked: bool = False
) -> DecisionResult | None:
    """Make the decision, ask about it if it `is_asked`, write and tell it; return None after a no."""
    from backportq.services.decisions.decide import DecisionResult, prepare, write

    opened = invocation.project()
    prepared = prepare(opened, plan)
    planned = prepared.planned
    is_question = is_asked and not (mode.yes or mode.dry_run) and any(each.is_change for each in planned.decided)
    if is_question and not _is_confirmed(planned, words, mode):
        output.note("nothing was changed")
        return None
    result = DecisionResult(planned, prepared.snapshot.state) if mode.dry_run else write(opened, prepared)
    tell(result, words, as_json=mode.as_json, dry_run=mode.dry_run, is_bulk=is_asked)
    return result


def _is_confirmed(planned: Planned, words: Callable[[ItemDecision], str], mode: DecisionMode) -> bool:
    """Show what would be decided and ask; raise `UsageError` with the command to type where nobody can be asked."""
    count = sum(each.is_change for each in planned.decided)
    must_be_asked(count, mode)
    preview(planned, words)
    return is_agreed(invocation.current().verb, count)


def must_be_asked(count: int, mode: DecisionMode) -> None:
    """Raise `UsageError` with the command to type where nobody can be asked about so many items."""
    if mode.as_json or sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            f"nothing was changed: {counted(count, 'item')} would be, and there is no terminal to ask on",
            hints=(_with_yes(), "--dry-run lists them"),
        )


def is_agreed(verb: str, count: int) -> bool:
    """Ask whether the items that were just shown are meant."""
    import typer  # loaded by now

    output.flush()
    return typer.confirm(f"{verb} {counted(count, 'item')}?", default=False)


def _with_yes() -> str:
    """Return the command that was typed, with `--yes`."""
    here = invocation.current()
    arguments = list(here.arguments)
    arguments.insert(arguments.index("--") if "--" in arguments else len(arguments), "--yes")
    return shlex.join([*here.program.split(" "), *arguments])
