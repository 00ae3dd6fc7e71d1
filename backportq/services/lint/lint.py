"""`lint`: check the tags of messages, remind their authors of backports, and write the line that is missing.

Ids of all drafts are looked up in one go before any is checked, so that a range of thousands costs little more than
one commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from backportq.errors import UsageError
from backportq.git.repository import Repository
from backportq.git.user import run_as_user
from backportq.model.lint.draft import DraftMessage
from backportq.model.lint.finding import Finding
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.values import CommitTrailers
from backportq.services.lint.check import check_tags
from backportq.services.lint.context import LintContext
from backportq.services.lint.remind import remind


def lint(
    drafts: Iterable[DraftMessage], context: LintContext, *, reminds: bool = True, of_upstream: bool = False
) -> list[Finding]:
    """Return what there is to say of the drafts, in their order.

    With `reminds`, authors are reminded of backports too; of what upstream has already, where the message can no longer
    be changed, only with `of_upstream`.
    """
    read = [(draft, read_trailers(draft.message, context.grammar)) for draft in drafts]
    context.look_up(digits for _, trailers in read for digits in _named_in(trailers))
    findings: list[Finding] = []
    for draft, trailers in read:
        said = list(check_tags(draft, trailers, context))
        if reminds and (of_upstream or not _is_upstream(draft, context)):
            said += remind(draft, trailers, context)
        findings += sorted(said, key=lambda finding: finding.line)
    return findings


def add_line(repository: Repository, path: Path, line: str) -> None:
    """Add the trailer `line` to the message in `path` by git-interpret-trailers(1), unless it is there.

    Comments and scissors stay as they are.
    """
    args = ("interpret-trailers", "--if-exists", "addIfDifferent", "--trailer", line)
    try:
        made = run_as_user(repository, *args, stdin=path.read_bytes()).out
        path.write_bytes(made)
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror}") from error


def _named_in(trailers: CommitTrailers) -> Sequence[str]:
    fixes = [tag.hex for tag in trailers.fixes if tag.hex is not None]
    return [*fixes, *(line.hex for line in trailers.prerequisites)]


def _is_upstream(draft: DraftMessage, context: LintContext) -> bool:
    if draft.commit is None:
        return False
    facts = context.facts
    return facts is None or facts.is_upstream(draft.commit)
