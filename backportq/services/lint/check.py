"""What is wrong with the tags of a message: unreadable, naming nothing, or naming something else than they quote.

Each function takes one draft with its trailers and yields findings. Only what is surely wrong is an error; what may
have a reason is a warning. Tags above an `Origin:` belong to another project and are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backportq.model.branch_families import propose_branches
from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid, short
from backportq.model.lint.draft import DraftMessage
from backportq.model.lint.finding import Code, Finding, Level
from backportq.model.trailers.values import BackportRequest, CommitTrailers, FixesTag
from backportq.model.versions import Span, parse_version
from backportq.services.lint.context import LintContext

_ENOUGH = 20
"""So many characters of a subject are taken for a quotation that was cut off, and not for another subject."""

_DATE = re.compile(r",? \d{4}-\d{2}-\d{2}\s*\Z")
_FIRST_LINES = 8
_NEXT_RELEASES = 1


def check_tags(draft: DraftMessage, trailers: CommitTrailers, context: LintContext) -> Iterator[Finding]:
    """Yield what is wrong with the tags of a draft."""
    for malformed in trailers.malformed:
        yield _finding(draft, Level.ERROR, Code.MALFORMED_TAG, malformed.text, f"'{malformed.text}': {malformed.why}")
    for tag in trailers.fixes:
        yield from _check_fixes(draft, tag, context)
    for prerequisite in trailers.prerequisites:
        yield from _check_named(draft, prerequisite.text, prerequisite.hex, context)
    for request in trailers.requests:
        yield from _check_versions(draft, request, context)


def _check_fixes(draft: DraftMessage, tag: FixesTag, context: LintContext) -> Iterator[Finding]:
    if tag.hex is None:
        return
    found = context.named(tag.hex)
    if len(found) == 1:
        yield from _check_target(draft, tag, found[0], context)
        return
    meant = _by_subject(draft, tag, context)
    suggestion = _line(tag, meant, context) if meant is not None else None
    if found:
        shown = ", ".join(short(oid) for oid in found[:3])
        text = f"'{tag.hex}' may be {shown}: write at least 12 digits"
        yield _finding(draft, Level.WARNING, Code.AMBIGUOUS_COMMIT, tag.text, text, suggestion)
    elif context.project.repository.is_shallow:
        text = f"'{tag.hex}' is no commit of this repository, which lacks the older history"
        yield _finding(draft, Level.WARNING, Code.UNKNOWN_COMMIT, tag.text, text, suggestion)
    else:
        text = f"'{tag.hex}' is no commit of this repository"
        if meant is not None:
            text += f"; {short(meant)} has the subject that it quotes"
        yield _finding(draft, Level.ERROR, Code.UNKNOWN_COMMIT, tag.text, text, suggestion)


def _by_subject(draft: DraftMessage, tag: FixesTag, context: LintContext) -> Oid | None:
    """Return the one upstream commit that has the quoted subject."""
    facts = context.facts
    found = facts.resolve(tag, draft.commit).targets if facts is not None and tag.subject else ()
    return found[0] if len(found) == 1 else None


def _check_target(draft: DraftMessage, tag: FixesTag, oid: Oid, context: LintContext) -> Iterator[Finding]:
    target = context.commit(oid)
    if target is None:
        return
    if oid == draft.commit:
        text = "a commit cannot fix itself"
        yield _finding(draft, Level.ERROR, Code.NOT_CONTAINED, tag.text, text)
    elif tag.subject and not _is_quoted(tag.subject, target):
        text = f'{short(oid)} is "{target.subject}"'
        yield _finding(draft, Level.WARNING, Code.WRONG_SUBJECT, tag.text, text, _line(tag, oid, context))
    elif not _is_in_history(draft, oid, context):
        text = f"{short(oid)} is in the repository, but not in the history of this commit"
        meant = _by_subject(draft, tag, context)
        suggestion = _line(tag, meant, context) if meant is not None else None
        yield _finding(draft, Level.WARNING, Code.NOT_CONTAINED, tag.text, text, suggestion)


def _check_named(draft: DraftMessage, text: str, digits: str, context: LintContext) -> Iterator[Finding]:
    if not context.named(digits):
        level = Level.WARNING if context.project.repository.is_shallow else Level.ERROR
        yield _finding(draft, level, Code.UNKNOWN_COMMIT, text, f"'{digits}' is no commit of this repository")


def _is_quoted(quoted: str, target: Commit) -> bool:
    """Tell whether `quoted` is the target's title, whole or cut off; case, spacing and quotes do not count.

    The title may be another than the first line: what was imported from BitKeeper or Mercurial has a line of that
    system above it. git's own reference format puts the date behind the subject.
    """
    said = _letters(_DATE.sub("", quoted))
    cut = quoted.rstrip().endswith(("...", "…"))
    titles = [line for line in target.message.split("\n")[:_FIRST_LINES] if line.strip()]
    reals = [_letters(title) for title in (target.subject, *titles)]
    return any(real == said or (real.startswith(said) and (cut or len(said) >= _ENOUGH)) for real in reals)


def _letters(subject: str) -> str:
    return "".join(character for character in normal_subject(subject) if character.isalnum())


def _is_in_history(draft: DraftMessage, oid: Oid, context: LintContext) -> bool:
    facts = context.facts
    if facts is not None and facts.is_upstream(oid):
        return True
    tip = draft.commit or context.head
    return tip is None or draft.source is not None or context.is_ancestor(oid, tip)


def _check_versions(draft: DraftMessage, request: BackportRequest, context: LintContext) -> Iterator[Finding]:
    """Doubt a request for versions that no branch has; a release that is not branched yet may be asked for."""
    names = [branch.version for branch in context.config.branches]
    if request.versions.names or request.versions.is_all or any(request.versions.includes(name) for name in names):
        return
    known = _known_versions(context)
    if not known or any(request.versions.includes(name) for name in known):
        return
    newest = max((parsed.parts for name in known if (parsed := parse_version(name)) is not None), default=None)
    if newest is None or any(_is_next(span, newest) for span in request.versions.spans):
        return
    near = ", ".join(names) or ", ".join(known[-5:])
    text = f"there is no branch of '{request.versions.text}'; the stable branches are {near}"
    yield _finding(draft, Level.WARNING, Code.UNKNOWN_VERSION, request.text, text)


def _known_versions(context: LintContext) -> list[str]:
    """Return the versions of all stable branches that git has, maintained or not, and of the tags."""
    refs = context.refs
    found = propose_branches(refs.branch_names(context.config.remote))
    tags = [ref.rsplit("/", 1)[1] for ref in refs.oids if ref.startswith("refs/tags/")]
    released = [tag for tag in tags if parse_version(tag.lstrip("vV")) is not None]
    return [*(branch.version for branch in found.stable), *released]


def _is_next(span: Span, newest: tuple[int, ...]) -> bool:
    """Tell whether a span begins with the release after the newest one."""
    low = span.low or span.high
    if low is None:
        return True
    size = min(len(low), len(newest))
    return newest[:size] < low[:size] and low[:1] <= (newest[0] + _NEXT_RELEASES,)


def _line(tag: FixesTag, oid: Oid, context: LintContext) -> str | None:
    """Return the tag as it should be written: the key as it is, 12 digits, and the subject."""
    target = context.commit(oid)
    key, colon, _ = tag.text.partition(":")
    return f'{key.strip()}: {short(oid)} ("{_title(target)}")' if target is not None and colon else None


def _title(commit: Commit) -> str:
    return next((line.strip() for line in commit.message.split("\n") if line.strip()), "")


def _finding(
    draft: DraftMessage, level: Level, code: Code, tag: str, text: str, suggestion: str | None = None
) -> Finding:
    return Finding(draft.commit, draft.source, draft.line_of(tag), level, code, text, suggestion)
