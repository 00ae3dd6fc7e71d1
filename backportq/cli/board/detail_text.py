"""The pane below the list as styled lines: who has the change, where it applies, why it is here, what it does.

What the list knows stands first and is there at once; message, conflicts, decisions and diff follow when they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from backportq.cli.board.row_text import Piece, verdict_sign, verdict_word
from backportq.cli.terminal.clean import clean, clean_lines
from backportq.cli.terminal.table import Style
from backportq.git.trials import ConflictHunk
from backportq.model.ids import BranchName, short
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.queue import ItemKey
from backportq.model.items.task_words import blocker_words, lacking_words, task_words, vote_words
from backportq.model.items.votes import tally
from backportq.queue.log import LogEntry
from backportq.services.board.contents import BoardRow
from backportq.services.board.evidence import ChangeEvidence
from backportq.services.items.grouping import JudgedItem
from backportq.services.items.tried_items import TriedItem
from backportq.services.trials.conflict_text import Conflict

Line = Sequence[Piece]

_HUNK_LINES = 12  # of each side
_DIFF_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.ID, "d": Style.HEADING}


def detail_lines(
    row: BoardRow,
    verdicts: Mapping[ItemKey, TriedItem],
    evidence: ChangeEvidence | str | None,
    *,
    today: date,
    policy: Mapping[str, object],
) -> list[Line]:
    """Return all lines; `evidence` is None while it is being read, and a sentence where that failed."""
    item = row.item
    lines: list[Line] = [
        [(clean(item.subject), Style.HEADING)],
        [(item.commit, Style.ID), (f"  {clean(str(item.author))}, {item.committed.date().isoformat()}", Style.PLAIN)],
    ]
    for each in row.items:
        lines += _branch_lines(each, verdicts.get(each.key), today, policy)
    for reason in dict.fromkeys(text for each in row.items for text in each.likelihood.reasons):
        lines.append([(f"  {clean(reason)}", Style.PLAIN)])
    for words in dict.fromkeys(_nomination(reason) for each in row.items for reason in each.entry.item.nominations):
        lines.append([(f"  here because: {clean(words)}", Style.PLAIN)])
    if isinstance(evidence, str):
        return [*lines, [(clean(evidence), Style.BAD)]]
    if evidence is None or evidence.commit != row.commit:
        return [*lines, [("reading ...", Style.DIM)]]
    return [*lines, *_evidence_lines(evidence)]


def _branch_lines(
    each: JudgedItem, tried: TriedItem | None, today: date, policy: Mapping[str, object]
) -> Iterator[Line]:
    item = each.entry.item
    task = task_words(item, today)
    passed = f", passed over {each.likelihood.passed_over}" if each.likelihood.passed_over else ""
    yield [
        (f"  {clean(each.entry.branch)}: ", Style.PLAIN),
        (verdict_word(tried), verdict_sign(tried)[1]),
        (f", {each.likelihood.likely:.0%} likely{passed}, {item.priority} priority, {clean(task)}", Style.PLAIN),
    ]
    notes = [*(blocker_words(tried.blockers) if tried is not None else ()), *vote_words(tally(item, policy))]
    notes += lacking_words(each.entry.lacking, ())
    notes += [f"picked to {item.topic}"] if item.topic is not None else []
    notes += [f"note: {item.note}"] if item.note is not None else []
    if tried is not None and tried.alternative is not None:
        notes.append(f"its pick {short(tried.alternative.commit)} on {tried.alternative.branch} applies")
    yield from ([(f"    {clean(words)}", Style.PLAIN)] for words in notes)


def _nomination(reason: Nomination) -> str:
    parts = [str(reason.via)]
    if reason.via is Via.NEWER_BRANCH and reason.branch is not None:
        parts = [f"{reason.branch} has it" + (f" as {short(reason.commit)}" if reason.commit else "")]
    elif reason.target is not None and reason.text is None:
        parts.append(short(reason.target))
    parts += [text for text in (reason.rule, reason.text) if text is not None]
    return ", ".join(parts) + (f" ({reason.by})" if reason.by is not None and reason.is_decided else "")


def _evidence_lines(evidence: ChangeEvidence) -> Iterator[Line]:
    for entry in evidence.decisions:
        yield [(_decision(entry), Style.PLAIN)]
    for branch, conflicts in _same_conflicts(evidence.conflicts).items():
        for conflict in conflicts:
            yield []
            yield [(f"{clean(branch)}: conflict in {clean(conflict.path)}: {clean(conflict.words)}", Style.BAD)]
            for hunk in conflict.hunks:
                yield from _hunk_lines(hunk)
    yield []
    yield from ([(f"  {line}", Style.PLAIN)] for line in clean_lines(evidence.message.rstrip("\n")))
    yield []
    for line in evidence.diff:
        yield [(clean(line.replace("\t", "    ")), _DIFF_STYLES.get(line[:1], Style.PLAIN))]
    if evidence.more_lines:
        yield [(f"{evidence.more_lines} more lines: git show {short(evidence.commit)}", Style.DIM)]


def _decision(entry: LogEntry) -> str:
    where = ", ".join(dict.fromkeys(str(item.branch) for item in entry.items))
    return clean(f"  {entry.at.date().isoformat()} {entry.who.name}: {entry.summary} ({where})")


def _same_conflicts(conflicts: Mapping[BranchName, Sequence[Conflict]]) -> Mapping[str, Sequence[Conflict]]:
    """Return the conflicts with the branches that have the very same ones named together."""
    by_conflict: dict[tuple[Conflict, ...], list[str]] = {}
    for branch, found in conflicts.items():
        by_conflict.setdefault(tuple(found), []).append(branch)
    return {" ".join(branches): found for found, branches in by_conflict.items()}


def _hunk_lines(hunk: ConflictHunk) -> Iterator[Line]:
    yield from _side("  ", hunk.before, Style.DIM)
    for title, side, style in (
        ("branch has", hunk.branch, Style.WAITING),
        ("before the commit", hunk.base, Style.DIM),
        ("the commit makes", hunk.commit, Style.GOOD),
    ):
        yield [(f"  --- {title}" + ("" if side else ": nothing"), Style.ID)]
        yield from _side("  ", side, style)
    yield from _side("  ", hunk.after, Style.DIM)


def _side(indent: str, lines: Sequence[bytes], style: Style) -> Iterator[Line]:
    for line in lines[:_HUNK_LINES]:
        yield [(indent + clean(line.decode("utf-8", "surrogateescape").replace("\t", "    ")), style)]
    if len(lines) > _HUNK_LINES:
        yield [(f"{indent}... {len(lines) - _HUNK_LINES} more lines", Style.DIM)]
