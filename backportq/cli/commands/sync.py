"""`sync`: exchange the queue with a remote."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import current, project
from backportq.cli.render.picked import tell_adoption
from backportq.cli.terminal import output
from backportq.cli.terminal.clean import clean
from backportq.errors import ExitCode, UsageError
from backportq.model.ids import short
from backportq.queue.sync.sync import Manner, NewBranch, OnRewrite, SyncResult
from backportq.services.picks.topics import Adoption, adopt_unrecorded
from backportq.services.queue_admin.merge_driver import install, merge_one
from backportq.services.queue_admin.sync import sync_queue
from backportq.services.queue_admin.verdicts import Publication, publish_verdicts, take_verdicts


def run(
    remote: Annotated[
        str | None, typer.Argument(metavar="[REMOTE]", help="name of a remote; the queue's own by default")
    ] = None,
    no_push: Annotated[bool, typer.Option("--no-push", help="only take what the remote has")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="fetch, and say what a sync would do")] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="put back what was deleted or rewritten on the remote")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="take a rewritten remote as it is, with what was decided here since")
    ] = False,
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="also publish what 'pending' found here, for clones that take it")
    ] = False,
    install_merge_driver: Annotated[
        bool, typer.Option("--install-merge-driver", help="let 'git merge' merge queue branches item by item, too")
    ] = False,
    merge_driver: Annotated[
        tuple[str, str, str, str] | None, typer.Option("--merge-driver", hidden=True, metavar="BASE OURS THEIRS PATH")
    ] = None,
    as_json: JsonOption = False,
) -> ExitCode | None:
    """Fetch the queue of a remote, merge it with this one, and push the result.

    Different items, and different fields of one, never conflict. Of two values for one field the later decision is
    kept; the other one stays in the item's history and is listed here. The remote is `git config backportq.remote`,
    that of the queue branch, origin, or the only one. Where it has no queue yet, you are asked on a terminal before the
    branch is made there; the exit code is 1 if you say no.

    A clone with `git config backportq.verdicts REMOTE` also takes the verdicts that are published there. They are
    believed in lists only, re-tried by sample, and not at all once one of them was wrong.
    """
    if merge_driver is not None:
        # git starts this in the working tree of a merge: %O %A %B %P of gitattributes(5)
        base, ours, theirs, path = merge_driver
        merged = merge_one(project(), Path(base), Path(ours), Path(theirs), path)
        for text in merged.notes:
            output.note(text)
        return ExitCode.DONE if merged.is_clean else ExitCode.NO
    if install_merge_driver:
        for text in install(project(), current().program):
            output.say(text)
        return None
    if restore and accept:
        raise UsageError("--restore and --accept contradict each other", hints=("backportq sync -h",))
    rewritten = OnRewrite.RESTORE if restore else OnRewrite.ACCEPT if accept else OnRewrite.REFUSE
    # A script is not asked: it gets the refusal and its exit code.
    is_asking = not as_json and output.is_terminal() and sys.stdin is not None and sys.stdin.isatty()
    manner = Manner(not no_push, dry_run, rewritten, may_create=_may_create if is_asking else None)
    result = sync_queue(project(), remote, manner)
    is_refused = manner.push and not dry_run and not result.pushed
    published = publish_verdicts(project(), result.remote) if verdicts and not (dry_run or is_refused) else None
    taken = None if dry_run or verdicts else take_verdicts(project())
    adopted = () if dry_run else adopt_unrecorded(project())
    if as_json:
        exchanged = {
            "verdicts_published": list(published.branches) if published is not None else [],
            "verdicts_taken": list(taken or ()),
        }
        told = {"dry_run": dry_run, "adopted": [_adoption(adoption) for adoption in adopted]}
        output.emit_json({**_document(result), **exchanged, **told})
        return None
    if is_refused:
        _tell_refusal(result)
        return ExitCode.NO
    _print(result, push=not no_push, dry_run=dry_run)
    if published is not None:
        _print_published(published)
    if taken:
        output.say(f"verdicts taken from '{project().store.verdicts_remote}': {', '.join(taken)}")
    for adoption in adopted:
        tell_adoption(adoption)
    if adopted:
        output.next_step("backportq sync", "gives that to the others")
    return None


def _adoption(adoption: Adoption) -> dict[str, object]:
    return {"branch": adoption.branch, "topic": adoption.topic, "commits": list(adoption.commits)}


def _print_published(published: Publication) -> None:
    if published.branches:
        output.say(f"verdicts published on '{published.remote}': {', '.join(published.branches)}")
    else:
        output.say(f"no verdicts to publish on '{published.remote}'")
        output.next_step("backportq pending", "tries what the queue has now")
    for branch in published.too_large:
        output.warn(f"the verdicts of '{branch}' are too large to be published")


def _may_create(new: NewBranch) -> bool:
    """Ask before others get to see a branch that they did not have: `origin` may be the server of the whole project."""
    where = clean(f"'{new.remote}' ({new.url}) has no queue yet: create branch '{new.name}' there?")
    return typer.confirm(where, default=False, err=True)


def _tell_refusal(result: SyncResult) -> None:
    output.say(f"nothing was pushed to '{result.remote}'")
    output.next_step("git config backportq.remote NAME", "exchanges the queue with another remote")
    output.next_step("git config backportq.repository PATH", "keeps it in a repository of its own")


def _document(result: SyncResult) -> dict[str, object]:
    return {
        "remote": result.remote,
        "result": str(result.step),
        "queue": result.commit,
        "taken": result.taken,
        "given": result.given,
        "pushed": result.pushed,
        "overruled": [
            {
                "branch": value.branch,
                "commit": value.commit,
                "field": value.lost.field,
                "kept": {"value": value.kept.value, "by": value.kept.by, "at": _moment(value.kept.at)},
                "lost": {"value": value.lost.value, "by": value.lost.by, "at": _moment(value.lost.at)},
            }
            for value in result.merged.items
        ],
        "revived": [{"branch": item.branch, "commit": item.commit} for item in result.merged.revived],
        "settings": [
            {"file": path, "key": value.key, "kept": value.kept, "lost": value.lost}
            for path, value in result.merged.keys
        ],
        "files": [{"path": file.path, "kept": file.kept, "lost": file.lost} for file in result.merged.files],
    }


def _moment(at: object) -> str | None:
    return at.isoformat() if hasattr(at, "isoformat") else None


def _print(result: SyncResult, *, push: bool, dry_run: bool) -> None:
    would = "would have " if dry_run else ""
    changes = {1: "1 change"}
    taken, given = (changes.get(count, f"{count} changes") for count in (result.taken, result.given))
    if not result.taken and not result.given:
        output.say(f"the queue and that of '{result.remote}' are the same")
    if result.taken:
        output.say(f"{would}taken from '{result.remote}': {taken}")
    if result.given:
        waiting = "" if push else ", not pushed"
        output.say(f"{would}given to '{result.remote}': {given}{waiting}" if push else f"made here: {given}{waiting}")
    if result.created is not None:
        output.say(f"branch '{result.created}' {'would be' if dry_run else 'is'} new there")
    for value in result.merged.items:
        output.warn(
            f"{short(value.commit)} {value.branch}: {value.lost.field} is '{value.kept.value}'{_told(value.kept.by)}, "
            f"overruled: '{value.lost.value}'{_told(value.lost.by)}"
        )
    for revived in result.merged.revived:
        output.warn(f"{short(revived.commit)} {revived.branch}: dropped on one side, kept for what the other decided")
    for path, key in result.merged.keys:
        output.warn(f"{path}: {key.key} is '{key.kept}', overruled: '{key.lost}'")
    for file in result.merged.files:
        output.warn(f"{file.path}: both sides changed the same lines; the later file is kept, 'git show {file.lost}'")
    if result.merged.items:
        output.next_step("backportq log COMMIT", "who decided what, and when")


def _told(by: str | None) -> str:
    return f" ({by})" if by else ""
