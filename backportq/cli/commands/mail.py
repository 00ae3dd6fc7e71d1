"""`mail`: write to the people with tasks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from backportq.cli.arguments import BranchesArgument, BranchOption, DryRunOption, JsonOption, QueryOption
from backportq.cli.invocation import current, project
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.errors import BackportqError, UsageError
from backportq.model.mail.letter import Letter, LetterKind, mbox_bytes
from backportq.model.mail.policy import mail_policy
from backportq.services.items.query import query_of
from backportq.services.mail.deliver import Delivery, DeliveryReport
from backportq.services.mail.hand_over import record, send, write_files, write_mbox
from backportq.services.mail.introduction import install_command, name_at_remote, project_name
from backportq.services.mail.outgoing import LettersDue, MailSelection, letters_due
from backportq.services.project import Project

_STANDARD_OUTPUT = "-"


def run(
    kind: Annotated[LetterKind, typer.Argument(help="what to write about")] = LetterKind.CALL,
    branches: BranchesArgument = None,
    to: Annotated[list[str] | None, typer.Option("--to", metavar="PERSON", help="only to this person")] = None,
    branch: BranchOption = None,
    query: QueryOption = None,
    out: Annotated[str | None, typer.Option("--out", metavar="DIR", help="one file each, for git send-email")] = None,
    mbox: Annotated[str | None, typer.Option("--mbox", metavar="FILE", help="one new mbox; '-' prints it")] = None,
    send: Annotated[bool, typer.Option("--send", help="send through the server of git's sendemail.*")] = False,
    again: Annotated[bool, typer.Option("--again", help="also what was mailed lately, or may have arrived")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write to the people with tasks.

    The kinds are: call, what people are asked to backport; reminder, what is overdue or was asked long ago; help, to
    the author of what does not apply; queued, to the author of what will be picked unless they object; escalation, to
    the branch's maintainer about what is long overdue.

    Nothing is written twice within the days of [assign] remind_days. Without --out, --mbox or --send the letters are
    only listed. What went out is recorded in the queue.
    """
    if (out is not None) + (mbox is not None) + send > 1:
        raise UsageError("only one of --out, --mbox and --send can be given")
    opened = project()
    policy = mail_policy(opened.store.snapshot().state.config.mail)
    selection = MailSelection(
        kind,
        tuple(to or ()),
        (*(branches or ()), *(branch or ())),
        query_of(opened, query or ""),
        again,
        project="" if policy.project else _ask_name(opened, is_asking=(out is not None or send) and not as_json),
    )
    due = letters_due(opened, selection)
    letters = due.letters[: policy.per_run] if policy.per_run else due.letters
    if send and not dry_run:
        _send(opened, letters, due, again=again, as_json=as_json)
        return
    is_written = (out is not None or mbox is not None) and not dry_run
    if mbox == _STANDARD_OUTPUT:
        output.emit_bytes(mbox_bytes(letters))
    if is_written:
        _write(opened, letters, out, mbox)
    if as_json:
        output.emit_json(_document(letters, due, handed_out=is_written))
    elif mbox != _STANDARD_OUTPUT:
        _print(letters, due, None)
        if letters and not is_written:
            output.note("nothing was written; --out DIR, --mbox FILE or --send hands them out")
        if letters and not policy.install and not install_command():
            output.note("letters cannot say where to get backportq; 'install' under [mail] of config.toml tells them")


def _ask_name(opened: Project, *, is_asking: bool) -> str:
    """Return the project's name as the person gives it, asked where no remote has one and letters go out."""
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    if not is_asking or not is_terminal or name_at_remote(opened) is not None:
        return ""
    return str(typer.prompt("name of the project in the letters", default=project_name(opened), err=True))


def _write(opened: Project, letters: Sequence[Letter], out: str | None, mbox: str | None) -> None:
    if out is not None and letters:
        write_files(letters, current().directory / Path(out))
    elif mbox is not None and mbox != _STANDARD_OUTPUT and letters:
        write_mbox(letters, current().directory / Path(mbox))
    record(opened, letters)


def _send(opened: Project, letters: Sequence[Letter], due: LettersDue, *, again: bool, as_json: bool) -> None:
    policy = mail_policy(opened.store.snapshot().state.config.mail)
    delivered = send(opened, letters, policy, again=again) if letters else []
    # Also what an earlier run sent: it may have died before it recorded that.
    out = [report.letter for report in delivered if report.delivery in {Delivery.SENT, Delivery.SENT_BEFORE}]
    record(opened, out)
    if as_json:
        output.emit_json(_document(letters, due, handed_out=True, delivered=delivered))
    else:
        _print(letters, due, delivered)
    for report in delivered:
        for address in report.refused:
            output.warn(f"the server refused {address} for the letter to {report.letter.who}: {report.why}")
    failed = [report for report in delivered if report.letter not in out]
    if failed:
        raise BackportqError(
            f"{len(out)} of {len(letters)} letters were sent; the others: {failed[0].why}",
            hints=("repeat the command: what was sent is not sent again",),
        )


def _print(letters: Sequence[Letter], due: LettersDue, delivered: Sequence[DeliveryReport] | None) -> None:
    for recipient in due.skipped:
        output.note(f"no letter to {recipient.who}, who {recipient.why} ({recipient.items} items)")
    if not letters:
        output.say("no letter of this kind is due")
        return
    states = [str(report.delivery) for report in delivered] if delivered is not None else []
    columns = [Column("to", style=Style.ID), Column("items", right=True), Column("subject", flexible=True)]
    rows: list[list[Cell | str]] = [[letter.who, str(len(letter.items)), letter.subject] for letter in letters]
    if states:
        columns.insert(0, Column("letter"))
        good = {"sent": Style.GOOD, "sent before": Style.DIM}
        rows = [[Cell(state, good.get(state, Style.BAD)), *row] for state, row in zip(states, rows, strict=True)]
    output.table(columns, rows)
    if len(letters) < len(due.letters):
        output.note(f"{len(due.letters) - len(letters)} more are due; [mail] per_run keeps them for the next run")


def _document(
    letters: Sequence[Letter], due: LettersDue, *, handed_out: bool, delivered: Sequence[DeliveryReport] = ()
) -> dict[str, object]:
    reports = {report.letter.message_id: report for report in delivered}
    return {
        "letters": [
            {
                "kind": str(letter.kind),
                "who": letter.who,
                "to": [str(person) for person in letter.to],
                "cc": [str(person) for person in letter.cc],
                "subject": letter.subject,
                "body": letter.body,
                "message_id": letter.message_id,
                "references": list(letter.references),
                "items": [{"branch": branch, "commit": commit} for branch, commit in letter.items],
                "delivery": str(reports[letter.message_id].delivery) if letter.message_id in reports else None,
                "refused": list(reports[letter.message_id].refused) if letter.message_id in reports else [],
            }
            for letter in letters
        ],
        "withheld": [
            {"who": recipient.who, "why": recipient.why, "items": recipient.items} for recipient in due.skipped
        ],
        "handed_out": handed_out,
    }
