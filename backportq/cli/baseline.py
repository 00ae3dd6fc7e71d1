"""A beginning for old branches on the command line: what was passed over long ago is counted, asked about and closed.

Apart from the commands because `init` and `scan` both begin with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backportq.cli.deciding import DecisionMode, is_agreed, must_be_asked
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column
from backportq.errors import UsageError
from backportq.model.words import counted, short_names

if TYPE_CHECKING:
    from backportq.model.ids import BranchName
    from backportq.services.decisions.baseline import Baseline
    from backportq.services.project import Project
    from backportq.services.scan.report import ScanReport


def baseline_of(opened: Project, words: Sequence[str]) -> Baseline:
    """Return the baseline that is meant: of the words, what is no branch is a day or a tag."""
    from backportq.services.branches import is_branch_word
    from backportq.services.decisions.baseline import Baseline, baseline_moment

    config = opened.store.snapshot().state.config
    others = [word for word in words if not is_branch_word(config, word)]
    if len(others) > 1:
        raise UsageError(f"a baseline is one day or tag, found '{others[0]}' and '{others[1]}'")
    moment = baseline_moment(opened, others[0] if others else None)
    return Baseline(moment, tuple(word for word in words if word not in others))


def close_passed_over(opened: Project, baseline: Baseline, mode: DecisionMode) -> Mapping[BranchName, int]:
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


def is_first(report: ScanReport) -> bool:
    """Tell whether everything that is open was found by this scan."""
    return all(len(branch.added) == branch.pending for branch in report.branches) and any(
        branch.added for branch in report.branches
    )


def propose_baseline(opened: Project, branches: Sequence[str]) -> None:
    """Say how much of what a first scan found was passed over long ago, and how to close it."""
    from backportq.services.decisions.baseline import Baseline, baseline_moment, baseline_plan, counts_of
    from backportq.services.decisions.decide import prepare

    baseline = Baseline(baseline_moment(opened, None), tuple(branches))
    counts = counts_of(prepare(opened, baseline_plan(opened, baseline)).planned)
    if counts:
        output.blank()
        output.say(passed_over_words(counts))
        output.next_step("backportq scan --baseline", "closes them as passed over, after a question")


def passed_over_words(counts: Mapping[BranchName, int]) -> str:
    """Return how much was passed over on which branch."""
    names = short_names(counts)
    return "passed over 20 times or more: " + ", ".join(f"{count} on {names[name]}" for name, count in counts.items())
