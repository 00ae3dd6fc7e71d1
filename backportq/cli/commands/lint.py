"""`lint`: check the tags of commits, and remind of backports."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.annotations import github, gitlab, sarif
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.errors import ExitCode, UsageError
from backportq.model.ids import short
from backportq.model.lint.draft import DraftMessage
from backportq.model.lint.finding import Finding
from backportq.model.words import counted
from backportq.services.lint.context import LintContext, in_quarantine, lint_context
from backportq.services.lint.lint import add_line, lint
from backportq.services.lint.sources import drafts_of, pushed, received

_STYLES = {"error": Style.BAD, "warning": Style.WAITING, "reminder": Style.DIM}


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"


class HookName(StrEnum):
    """The hook of git that runs the check."""

    COMMIT_MSG = "commit-msg"
    PRE_PUSH = "pre-push"
    PRE_RECEIVE = "pre-receive"


def run(
    target: Annotated[
        str | None,
        typer.Argument(metavar="[RANGE|COMMIT|FILE|-]", help="what to check; by default what upstream lacks"),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="add the line that a reminder suggests to the message in FILE")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit with 1 for warnings and reminders too; remind of upstream commits")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="how to print findings")] = Format.TEXT,
    hook: Annotated[
        HookName | None, typer.Option("--hook", hidden=True, help="what 'hook install' puts into the hooks of git")
    ] = None,
    remote: Annotated[str, typer.Option("--remote", hidden=True, help="with --hook pre-push: where it is pushed")] = "",
    as_json: JsonOption = False,
) -> ExitCode | None:
    """Check the tags of commits, and remind of backports.

    RANGE is A..B, FILE a message as an editor leaves it, a patch, or an mbox of patches. Errors are tags that do
    nothing: unreadable ones, and ids that no commit has. Warnings are quoted subjects that are another commit's,
    commits that are not in this history, and versions without a branch. A reminder says that what a commit fixes is in
    stable branches while it asks for no backport; without a 'Fixes:', the lines that it changes tell.

    The exit code is 1 if there is an error; with --strict, if there is anything to say.
    """
    if write and (target is None or target == "-" or not Path(target).is_file()):
        raise UsageError("--write needs a file with a message", hints=("backportq lint --write .git/COMMIT_EDITMSG",))
    opened = project()
    context = lint_context(in_quarantine(opened) if hook is HookName.PRE_RECEIVE else opened)
    drafts = list(_drafts(target, hook, remote, context))
    reminds = hook is not HookName.PRE_RECEIVE and not (hook is HookName.COMMIT_MSG and _is_rebasing(context))
    findings = lint(drafts, context, reminds=reminds, of_upstream=strict)
    if write and target is not None:
        findings = _write(Path(target), drafts, findings, context)
    _print(findings, Format.JSON if as_json else form, hook, len(drafts))
    levels = {str(finding.level) for finding in findings}
    return ExitCode.NO if "error" in levels or (strict and levels) else None


def _drafts(target: str | None, hook: HookName | None, remote: str, context: LintContext) -> Iterable[DraftMessage]:
    match hook:
        case HookName.PRE_PUSH:
            return pushed(sys.stdin, remote, context)
        case HookName.PRE_RECEIVE:
            return received(sys.stdin, context)
        case _:
            return drafts_of(target, context, sys.stdin.buffer)


def _is_rebasing(context: LintContext) -> bool:
    """Tell whether a rebase is going on: its author has seen the reminder when the commit was made."""
    git_dir = context.project.repository.git_dir
    return any((git_dir / name).is_dir() for name in ("rebase-merge", "rebase-apply"))


def _write(path: Path, drafts: Sequence[DraftMessage], findings: list[Finding], context: LintContext) -> list[Finding]:
    """Add what reminders suggest to the message in `path`; return the findings that remain."""
    if len(drafts) != 1:
        raise UsageError(f"'{path}' holds {len(drafts)} messages, --write needs one")
    left = []
    for finding in findings:
        if finding.level == "reminder" and finding.suggestion is not None:
            add_line(context.project.repository, path, finding.suggestion)
            output.note(f"added '{finding.suggestion}': {finding.text}")
        else:
            left.append(finding)
    return left


def _print(findings: Sequence[Finding], form: Format, hook: HookName | None, checked: int) -> None:
    match form:
        case Format.JSON:
            output.emit_json({"findings": [_document(finding) for finding in findings]})
        case Format.GITHUB:
            output.emit_bytes(github(findings).encode("utf-8", "replace"))
        case Format.GITLAB:
            output.emit_bytes(gitlab(findings).encode("utf-8", "replace"))
        case Format.SARIF:
            output.emit_bytes(sarif(findings).encode("utf-8", "replace"))
        case Format.TEXT:
            _print_text(findings, hook, checked)


def _document(finding: Finding) -> dict[str, object]:
    return {
        "commit": finding.commit,
        "source": finding.source,
        "line": finding.line,
        "level": str(finding.level),
        "code": str(finding.code),
        "text": finding.text,
        "suggestion": finding.suggestion,
    }


def _print_text(findings: Sequence[Finding], hook: HookName | None, checked: int) -> None:
    for finding in findings:
        place = short(finding.commit) if finding.commit is not None else os.path.relpath(finding.source or "message")
        output.say(f"{place}:{finding.line}: {finding.level}: {finding.text}", _STYLES[finding.level])
        if finding.suggestion is not None:
            output.say(f"  {finding.suggestion}", Style.ID)
    if hook is not None:
        if any(finding.level == "error" for finding in findings):
            way = "git commit --no-verify" if hook is HookName.COMMIT_MSG else "git push --no-verify"
            output.say(f"{way} passes over this check" if hook is not HookName.PRE_RECEIVE else "nothing was taken")
        return
    if not findings:
        output.say(f"{counted(checked, 'message')} checked, nothing to say")
