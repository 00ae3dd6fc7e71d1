"""A commit and what is known of it on each branch, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backportq.cli.render.work import redo, topic_words
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.items.nomination_words import nomination_words
from backportq.model.items.task_words import blocker_words, task_words, vote_words, why_words
from backportq.model.items.votes import tally
from backportq.model.likelihood.outlook import Likelihood
from backportq.model.trials.deviation import Deviation
from backportq.model.trials.verdict import SENTENCES, Trial, TrialOutcome
from backportq.model.words import typed
from backportq.queue.log import LogEntry
from backportq.services.items.open_items import OpenItem
from backportq.services.items.show import CommitReport, OnBranch
from backportq.services.items.tried_items import TriedItem
from backportq.services.picks.pick_comparison import Comparison


def print_report(
    shown: CommitReport,
    trials: Mapping[BranchName, TrialOutcome],
    in_order: Mapping[BranchName, TriedItem],
    history: Sequence[LogEntry],
    deviations: Mapping[Oid, Deviation],
    likelihoods: Mapping[BranchName, Likelihood],
) -> None:
    """Print everything known of a commit, each branch below the other."""
    _print_commit(shown)
    blocks: list[tuple[list[BranchName], list[tuple[str, Style]]]] = []
    for each in shown.branches:
        with output.keeping() as lines:
            _print_branch(each, shown, deviations, likelihoods.get(each.branch))
            if str(each.place) != "not-affected":  # there, that it would apply says nothing
                _print_trial(trials.get(each.branch), in_order.get(each.branch))
        # What holds of several branches is said once.
        same = next((names for names, others in blocks if _without_name(others) == _without_name(lines)), None)
        if same is not None:
            same.append(each.branch)
        else:
            blocks.append(([each.branch], lines))
    shared = _shared_by_all([lines for _, lines in blocks])
    for text, style in shared:
        output.say(text, style)
    for names, lines in blocks:
        output.blank()
        heading, style = lines[0]
        output.say(f"{', '.join(names)}: {heading.rpartition(': ')[2]}", style)
        for text, style in (line for line in lines[1:] if line not in shared):
            output.say(text, style)
    if shown.lost:
        output.blank()
        branches = " ".join(f"-b {typed(name)}" for name in shown.lost)
        output.next_step(f"backportq tag {short(shown.commit.oid)} {branches}", "asks for it there")
    if history:
        _print_decisions(history)


def print_comparisons(comparisons: Sequence[Comparison]) -> None:
    """Print picks against their original."""
    for comparison in comparisons:
        output.blank()
        output.heading(f"{comparison.where}: {short(comparison.pick)} against the original")
        output.paragraph(comparison.text)
    if not comparisons:
        output.blank()
        output.say("there is no pick of it to compare")


def tag_lines(shown: CommitReport) -> tuple[str, ...]:
    """Return the lines of the message that say where it is to go."""
    tags = shown.tags
    if tags is None:
        return ()
    return (
        *(tag.text for tag in tags.fixes),
        *(request.text for request in tags.requests),
        *(line.text for line in tags.opt_outs),
    )


def _without_name(lines: Sequence[tuple[str, Style]]) -> list[tuple[str, Style]]:
    """Return what is said of a branch without its name, which its first line begins with."""
    (heading, style), *others = lines
    return [(heading.rpartition(": ")[2], style), *others]


def _shared_by_all(blocks: Sequence[Sequence[tuple[str, Style]]]) -> list[tuple[str, Style]]:
    """Return why it is here, where all of several blocks give the same reasons."""
    if len(blocks) < 2:
        return []
    return [
        line for line in blocks[0] if line[0].startswith("  nominated: ") and all(line in other for other in blocks)
    ]


def _print_commit(shown: CommitReport) -> None:
    commit = shown.commit
    output.say(f"commit {commit.oid}", Style.ID)
    if shown.pick_on is not None:
        output.say(f"'{short(shown.asked)}' on {shown.pick_on} is a pick of it")
    for other in shown.other_originals:
        output.say(f"the pick carries {short(other)} as well")
    output.say(f"{commit.title}", Style.HEADING)
    output.say(f"{commit.author}, {commit.committed.date().isoformat()}")
    if not shown.is_upstream:
        output.say("not upstream, and no pick of an upstream commit is known by this id")
    if shown.reverts is not None:
        output.say(f"reverts {short(shown.reverts)}")
    if shown.reverted_by is not None:
        output.say(f"reverted upstream by {short(shown.reverted_by)}")
    for line in tag_lines(shown):
        output.say(f"  {line}")
    for fix in shown.fixed_by:
        output.say(f"fixed upstream by {short(fix)}")
    for text in shown.warnings:
        output.warn(text)


def _print_decisions(history: Sequence[LogEntry]) -> None:
    output.blank()
    output.heading("decisions")
    for entry in history:
        where = ", ".join(item.branch for item in entry.items)
        output.say(f"  {entry.at.date().isoformat()} {entry.who.name}: {entry.summary} ({where})")


def _print_branch(
    each: OnBranch, shown: CommitReport, deviations: Mapping[Oid, Deviation], likelihood: Likelihood | None
) -> None:
    place = str(each.standing) if each.standing is not None else str(each.place)
    output.say(f"{each.branch}: {place.replace('-', ' ')}", _STYLES.get(str(each.place), Style.HEADING))
    for reason in each.why:
        output.say(f"  {reason}")
    for evidence in each.evidence:
        output.say(f"  {evidence.kind}: {evidence.text}")
    for pick in each.picks:
        if pick.commit in deviations:
            output.say(f"  {short(pick.commit)} against the original: {deviations[pick.commit]}")
    for nomination in each.nominations:
        output.say(f"  nominated: {nomination_words(nomination)}")
    if each.item is not None and each.item.state.is_open:
        _print_item(each.item, each.work, shown)
    if likelihood is not None:
        output.say(f"  {likelihood.likely:.0%} likely to be taken, as this project goes:")
        for reason in likelihood.reasons:
            output.say(f"    {reason}")


def _print_trial(outcome: TrialOutcome | None, tried: TriedItem | None) -> None:
    """Print whether it applies, or what it has to wait for, in the words of letters."""
    if tried is not None and tried.blockers:
        first, *others = blocker_words(tried.blockers)
        output.say(f"  applies {first}")
        for other in others:
            output.say(f"    {other}")
    elif isinstance(outcome, Trial):
        conflicts = ", ".join(f"{conflict.path} ({conflict.kind})" for conflict in outcome.conflicts)
        output.say(f"  {SENTENCES.get(outcome.verdict, f'conflicts: {conflicts}')}")
        if tried is not None and tried.alternative is not None:
            output.say(f"  its pick {short(tried.alternative.commit)} on {tried.alternative.branch} applies")
    elif outcome is not None:
        output.say(f"  not tried: {outcome.why}")
        from backportq.services.trials.try_commits import hints_for

        for hint in hints_for(outcome.why):
            output.say(f"  {hint}")


def _print_item(item: Item, work: OpenItem | None, shown: CommitReport) -> None:
    """Print who has an open item, how people voted on it, what it needs, and its note."""
    output.say(f"  {item.priority} priority, {task_words(item, shown.today)}")
    why = why_words(item)
    if why is not None:
        output.say(f"  {item.assignee} because: {why}")
    check = item.check
    if work is not None and item.topic is not None:
        output.say(f"  {topic_words(work)}")
        if work.is_rewound:
            output.say(f"  {item.topic} stands on what {work.branch} no longer has", Style.WAITING)
            output.next_step(redo(work), "picks it again")
    for earlier in reversed(item.earlier_topics):
        output.say(f"  picked before to {earlier}")
    if check is not None:
        output.say(f"  checked on {check.at:%Y-%m-%d}: '{check.command}' {str(check.result).replace('-', ' ')}")
    for words in vote_words(tally(item, shown.policy)):
        output.say(f"  {words}")
    for need in item.needs:
        output.say(f"  needs {short(need)} first")
    if item.note is not None:
        output.say(f"  note: {item.note}")


_STYLES = {"landed": Style.GOOD, "staged": Style.GOOD, "pending": Style.WAITING, "declined": Style.DIM}
