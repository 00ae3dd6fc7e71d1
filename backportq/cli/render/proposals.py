"""Who is proposed for what: a table with the reasons, how many each person gets, and who was passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.ids import Oid, short
from backportq.model.trials.verdict import Verdict
from backportq.model.words import counted
from backportq.services.assignment.propose import Proposals, ProposedAssignment

_FIRST_UNKNOWN = 5
_PREVIEWED = 8  # rows above a question, which stands on one screen with them
_PREVIEWED_PEOPLE = 10
_VERDICTS = {Verdict.CLEAN: "applies", Verdict.CONFLICT: "conflicts", Verdict.EMPTY: "empty"}


def proposals_document(proposals: Proposals, *, queue: Oid | None, dry_run: bool) -> dict[str, object]:
    """Return the JSON document of `assign --auto`."""
    return {
        "proposals": [_document(entry) for entry in proposals.proposed],
        "people": dict(_counts(proposals)),
        "strangers": [{"name": name, "found": count} for name, count in proposals.unknown_people],
        "problems": list(proposals.problems),
        "folded": proposals.folded,
        "queue": queue,
        "dry_run": dry_run,
    }


def show_proposals(proposals: Proposals, *, detailed: bool, is_preview: bool = False) -> None:
    """Print the table, who gets how many, and what stood in the way; `detailed` also says who was passed over. A
    preview shows the most urgent items, and above all the numbers."""
    shown = [entry for entry in proposals.proposed if detailed or entry.proposal.key is not None]
    rows = shown[:_PREVIEWED] if is_preview else shown
    if shown:
        _show_table(rows)
    if len(rows) < len(shown):
        output.say(f"and {len(shown) - len(rows)} more, less urgent or less likely; --dry-run lists all")
    if detailed:
        _show_passed(proposals)
    counts = _counts(proposals)
    if is_preview and counts:
        output.say(_people_words(counts))
    elif counts:
        output.blank()
        output.table((Column("to"), Column("items", right=True)), [(key, str(count)) for key, count in counts])
    nobody = sum(entry.proposal.key is None for entry in proposals.proposed)
    if nobody:
        full = any(
            "of at most" in rejection.why for entry in proposals.proposed for rejection in entry.proposal.rejected
        )
        why = "; --capacity N gives people more" if full else ""
        words = f"nobody can take {counted(nobody, 'item')}{why}"
        tell = output.note if counts else output.say  # where it is all there is to say, it is the answer
        tell(words)
    if proposals.folded:
        output.note(f"not given out: {counted(proposals.folded, 'item')}, passed over too often; a query gives them")
    for problem in proposals.problems:
        output.warn(problem)
    if proposals.unknown_people:
        named = ", ".join(f"{name} ({count})" for name, count in proposals.unknown_people[:_FIRST_UNKNOWN])
        more = len(proposals.unknown_people) - _FIRST_UNKNOWN
        output.note(
            f"not among the people of the queue: {named}"
            + (f" and {more} more" if more > 0 else "")
            + "; 'backportq people add' lists somebody"
        )
    if not counts:
        output.next_step("backportq people", "who there is, away or with how many items at a time")
        output.next_step("backportq people import --from history", "takes those who backported and wrote what is there")
        output.next_step("backportq assign --propose", "says of each item who was passed over, and why")


def _people_words(counts: Sequence[tuple[str, int]]) -> str:
    """Return who gets how many, the first by name."""
    named = ", ".join(f"{key} {count}" for key, count in counts[:_PREVIEWED_PEOPLE])
    others = counts[_PREVIEWED_PEOPLE:]
    more = f", {len(others)} more with {others[0][1]} or fewer" if others else ""
    return f"{counted(len(counts), 'person', 'people')}: {named}{more}"


def _show_table(shown: Sequence[ProposedAssignment]) -> None:
    output.table(
        (
            Column("commit", style=Style.ID),
            Column("branch"),
            Column("verdict"),
            Column("to"),
            Column("because this person", flexible=True),
        ),
        [
            (
                short(entry.entry.item.commit),
                entry.entry.branch,
                _VERDICTS[entry.verdict] if entry.verdict is not None else "unknown",
                entry.proposal.key if entry.proposal.key is not None else Cell("nobody", Style.BAD),
                entry.proposal.why,
            )
            for entry in shown
        ],
    )


def _show_passed(proposals: Proposals) -> None:
    for entry in proposals.proposed:
        if entry.proposal.rejected:
            output.blank()
            output.say(f"{short(entry.entry.item.commit)} {entry.entry.branch}: passed over")
            for candidate in entry.proposal.rejected:
                output.say(f"  {candidate.name}: {candidate.why}")


def _counts(proposals: Proposals) -> list[tuple[str, int]]:
    loads = Counter(entry.proposal.key for entry in proposals.proposed if entry.proposal.key is not None)
    return sorted(loads.items(), key=lambda pair: (-pair[1], pair[0]))


def _document(entry: ProposedAssignment) -> dict[str, object]:
    item, proposal = entry.entry.item, entry.proposal
    return {
        "commit": item.commit,
        "branch": entry.entry.branch,
        "subject": item.subject,
        "verdict": str(entry.verdict) if entry.verdict is not None else None,
        "assignee": proposal.key,
        "step": str(proposal.step) if proposal.step is not None else None,
        "why": proposal.why,
        "due": entry.due.isoformat() if entry.due is not None else None,
        "passed": [{"name": candidate.name, "why": candidate.why} for candidate in proposal.rejected],
    }
