"""`tag`: nominate commits after the fact, by name or by a mail that asks for it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import BranchOption, DryRunOption, ItemsArgument, JsonOption
from backportq.cli.deciding import DecisionMode, asked_for, run_plan
from backportq.cli.invocation import project
from backportq.cli.render.decided import nominated, tell
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.model.ids import Oid, short
from backportq.model.priority import Priority
from backportq.model.words import counted

if TYPE_CHECKING:
    from backportq.services.mail.requests import MailIn, MailMatch
    from backportq.services.project import Project

_STANDARD_INPUT = "-"
_UNCLEAR = "the mail wants different versions, and which of them for which commit cannot be told"


def run(
    commits: ItemsArgument = None,
    branch: BranchOption = None,
    priority: Annotated[Priority | None, typer.Option("--priority", help="how urgent it is")] = None,
    note: Annotated[
        str | None, typer.Option("--note", "--reason", "-m", metavar="TEXT", help="why, in your words")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="also what landed, was declined, or is not upstream")] = False,
    merges: Annotated[bool, typer.Option("--merges", help="also the merges of ranges")] = False,
    mail: Annotated[
        str | None, typer.Option("--mail", metavar="FILE", help="a mail or mbox that asks; '-' is stdin")
    ] = None,
    from_list: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="a list kept elsewhere; '-' is stdin")
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="PATTERN", help="with --from: how labels look, such as 'backport-{branch}'"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="with --mail or --from: do not ask whether it was understood")
    ] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Nominate commits for backporting.

    Without --branch they are nominated for every branch that still takes fixes and lacks the commit. With --mail the
    commits (ids or subjects) and versions ("4.18 and newer") are found in a mail or in those mails of an mbox that talk
    of backports; they are shown, and nominated once you confirm; the mail's id is kept. What a mail says of one commit
    goes for that one; where it wants different versions and it cannot be told of which commit, that is left out.

    --from takes a list that you have: a table (CSV) or JSON with commits, numbers of requests or titles, and branches;
    Mesa's .pick_status.json and Subversion-style STATUS files, for the --branch that they belong to; or what
    'gh pr list --json number,title,labels,mergeCommit,url' and 'glab mr list --output json' print, where labels name
    the branches. It is shown as it was understood, and nominated in one change once you confirm.
    """
    from backportq.errors import UsageError

    if label is not None and from_list is None:
        raise UsageError("--label goes with --from FILE")
    if from_list is not None:
        if commits or mail is not None or note is not None or priority is not None or force:
            raise UsageError("--from takes no commits and no --mail, --note, --priority or --force")
        from backportq.cli.wanted_list import tag_from_list

        tag_from_list(project(), from_list, branch or [], label, yes=yes, dry_run=dry_run, as_json=as_json)
        return
    if mail is not None:
        if commits or note is not None or priority is not None or force:
            raise UsageError(
                "--mail takes no commits and no --note, --priority or --force: the mail says what it wants"
            )
        _by_mail(project(), mail, branch or [], yes=yes, dry_run=dry_run, as_json=as_json)
        return
    if not commits:
        raise UsageError(
            "no commit given", hints=("backportq tag COMMIT", "backportq tag --mail FILE", "backportq tag --from FILE")
        )
    from backportq.services.decisions.nominate import Request, tag_plan  # gathers facts: not for -h

    plan = tag_plan(project(), asked_for(commits, branch, None, merges=merges), Request(note, priority, force))
    run_plan(plan, nominated, DecisionMode(dry_run=dry_run, as_json=as_json))


def _by_mail(opened: Project, name: str, branches: Sequence[str], *, yes: bool, dry_run: bool, as_json: bool) -> None:
    from backportq.errors import UsageError
    from backportq.services.mail.requests import nominate_requests, open_mail_file, read_requests

    if name == _STANDARD_INPUT:
        found = read_requests(opened, sys.stdin.buffer, tuple(branches))
    else:
        with open_mail_file(name) as file:
            found = read_requests(opened, file, tuple(branches))
    wanted = tuple(match for match in found.requests if match.is_request)
    for problem in found.malformed:
        output.warn(problem)
    if not as_json:
        _show(found)
    unclear = [oid for match in found.requests for oid in match.unclear]
    if unclear and not wanted and not dry_run:
        raise UsageError(f"nothing was nominated: {_UNCLEAR}", hints=_one_by_one(unclear))
    if unclear:
        output.warn(f"{counted(len(unclear), 'commit')} left out: {_UNCLEAR}", _one_by_one(unclear))
    is_terminal = sys.stdin is not None and sys.stdin.isatty() and name != _STANDARD_INPUT
    if wanted and not dry_run and not yes:
        if not is_terminal or as_json:
            raise UsageError(
                "nothing was nominated: there is no terminal to ask on whether the mail was understood",
                hints=("--yes nominates what is shown", "--dry-run only shows it"),
            )
        output.flush()
        if not typer.confirm("Nominate these?", default=False):
            output.note("nothing was nominated")
            return
    outcomes = nominate_requests(opened, wanted) if not dry_run else []
    if as_json:
        output.emit_json(
            {
                "mails": found.mails,
                "requests": [_document(match) for match in found.requests],
                "malformed": list(found.malformed),
                "dry_run": dry_run,
            }
        )
        return
    for outcome in outcomes:
        tell(outcome, nominated, as_json=False, dry_run=False)
    if dry_run and wanted:
        output.note("nothing was written (--dry-run)")


def _one_by_one(unclear: Sequence[Oid]) -> tuple[str, ...]:
    """Return what to type where a mail wants different versions, and not plainly of which commit."""
    return (
        f"backportq tag {short(unclear[0])} --branch BRANCH nominates one commit",
        "--mail FILE --branch BRANCH nominates all that the mail names for that branch, whatever it says",
    )


def _show(found: MailIn) -> None:
    """Print what was understood of each mail."""
    if not found.requests:
        output.say(f"no request was found in {counted(found.mails, 'mail')}")
    for match in found.requests:
        mail = match.mail
        day = f", {mail.date.date().isoformat()}" if mail.date is not None else ""
        output.heading(f"{mail.subject or '(no subject)'}")
        output.say(f"  from {mail.sender}{day}")
        output.say(f"  for {match.range or 'no version is named: every branch that lacks it'}")
        for commit in match.matched:
            output.say(f"  {short(commit.commit)} {commit.subject} (found by {commit.how})")
            if commit.unclear:
                output.say("    left out: which of these versions are meant for it cannot be told", Style.WAITING)
                continue
            said = f"for {commit.range}: " if commit.range is not None else ""
            output.say(f"    {said}{', '.join(commit.branches) if commit.branches else 'no branch is left'}")
            for why in commit.left_out:
                output.say(f"    not {why}")
        for text in match.unknown:
            output.say(f"  {text} is no commit here")
        if not match.matched:
            output.say("  no commit of this repository is named in it")
        output.blank()


def _document(match: MailMatch) -> dict[str, object]:
    mail = match.mail
    return {
        "from": str(mail.sender),
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date is not None else None,
        "message_id": mail.message_id,
        "range": match.range,
        "commits": [
            {
                "commit": commit.commit,
                "subject": commit.subject,
                "found_by": commit.how,
                "branches": list(commit.branches),
                "left_out": list(commit.left_out),
                "range": commit.range,
                "unclear": list(commit.unclear),
            }
            for commit in match.matched
        ],
        "unknown": list(match.unknown),
    }
