"""What an author may have forgotten: that what he fixes is in stable branches.

The reminder names the commit that is fixed, the branches that have it and since when, and the line that asks for the
backport, in the words of the project. Where no tag says what is fixed, the lines that the commit changes tell: they
are asked for only if the message says that it is a fix, and only a commit to which most of them belong is named.
Nothing is said of a commit that asks for a backport, or refuses one, already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from backportq.git.read.blame import blame_lines, lines_of_commit, staged_lines
from backportq.model.ids import Oid, short
from backportq.model.items.harm_words import is_cosmetic
from backportq.model.lint.draft import DraftMessage
from backportq.model.lint.finding import Code, Finding, Level
from backportq.model.trailers.dialects import request_line
from backportq.model.trailers.values import CommitTrailers
from backportq.services.history.facts import BranchFacts
from backportq.services.lint.context import LintContext

_SOUNDS_LIKE_A_FIX = re.compile(
    r"\b(?:fix(?:e[sd]|ing)?|bugs?|crash(?:es|ed)?|leak(?:s|ed|ing)?|overflows?|underflow|regress(?:ion|ed|es)?|deadlock"
    r"|races?|use-after-free|uaf|double[ -]free|null[ -](?:deref\w*|pointer)|out[ -]of[ -]bounds|oob|off[ -]by[ -]one"
    r"|uninitiali[sz]ed|broken|wrong|incorrect(?:ly)?|missing|corrupt(?:ion|ed|s)?|panic|hang|stale|cve-\d+|xsa-?\d+)\b",
    re.IGNORECASE,
)
_MOST_FILES = 5
_MOST_LINES_OF_ONE = 0.5
_SHOWN_SUBJECT = 60


def remind(draft: DraftMessage, trailers: CommitTrailers, context: LintContext) -> Iterator[Finding]:
    """Yield at most one reminder for a draft."""
    if draft.is_merge or trailers.requests or trailers.opt_outs or trailers.reapplies:
        return
    if trailers.fixes:
        yield from _of_targets(draft, trailers, context)
    elif not trailers.reverts and not trailers.malformed and _sounds_like_a_fix(draft):
        yield from _of_lines(draft, context)


def _of_targets(draft: DraftMessage, trailers: CommitTrailers, context: LintContext) -> Iterator[Finding]:
    facts = context.facts
    if facts is None:
        return
    for tag in trailers.fixes:
        targets = facts.resolve(tag, draft.commit).targets
        having = [entry for entry in context.maintained() if any(map(entry.contains, targets))]
        if having and not _has_landed(draft, having):
            target = next(oid for oid in targets if any(entry.contains(oid) for entry in having))
            text = f"this fixes {_named(target, context)}, in {_branches(having)}{_since(target, context)}"
            yield _reminder(draft, Code.FIXES_RELEASED, draft.line_of(tag.text), text, having, context)
            return


def _of_lines(draft: DraftMessage, context: LintContext) -> Iterator[Finding]:
    facts, branches = context.facts, context.maintained()
    if facts is None or not branches or (draft.commit is None and draft.source is None):
        return
    since = branches[0].base
    if since is None:
        return
    repository = context.project.repository
    if draft.commit is not None:
        commit = context.commit(draft.commit)
        if commit is None or not commit.parents:
            return
        changed = lines_of_commit(repository, draft.commit, commit.parents[0])
    elif context.head is not None:
        changed = staged_lines(repository, context.head)
    else:
        return
    if not changed or len(changed) > _MOST_FILES:
        return
    counts: Counter[Oid] = Counter()
    for found in blame_lines(repository, changed, since).values():
        counts.update(found)
    total = sum(last - first + 1 for lines in changed for first, last in lines.lines)
    if not counts:
        if _has_landed(draft, branches):
            return
        text = f"these lines are older than {branches[0].branch.name}, so they are in {_branches(branches)}"
        yield _reminder(draft, Code.CHANGES_RELEASED, draft.first_line, text, list(branches), context)
        return
    origin, count = counts.most_common(1)[0]
    having = [entry for entry in branches if entry.contains(origin)]
    if count < total * _MOST_LINES_OF_ONE or not having or _has_landed(draft, having):
        return
    text = f"these lines came with {_named(origin, context)}, in {_branches(having)}{_since(origin, context)}"
    yield _reminder(draft, Code.CHANGES_RELEASED, draft.first_line, text, having, context)


def _sounds_like_a_fix(draft: DraftMessage) -> bool:
    """Tell whether the subject speaks of something broken, and not of a typo or a comment, which nobody backports."""
    subject = draft.message.partition("\n")[0]
    return _SOUNDS_LIKE_A_FIX.search(subject) is not None and not is_cosmetic(subject)


def _has_landed(draft: DraftMessage, having: list[BranchFacts] | tuple[BranchFacts, ...]) -> bool:
    """Tell whether every branch in question has the commit already."""
    return draft.commit is not None and all(entry.contains(draft.commit) for entry in having)


def _reminder(
    draft: DraftMessage, code: Code, line: int, text: str, having: list[BranchFacts], context: LintContext
) -> Finding:
    config = context.config
    written = request_line(config.dialects, config.trailers, having[0].branch.version)
    return Finding(draft.commit, draft.source, line, Level.REMINDER, code, text, written)


def _named(oid: Oid, context: LintContext) -> str:
    commit = context.commit(oid)
    if commit is None:
        return short(oid)
    subject = commit.subject
    shown = subject if len(subject) <= _SHOWN_SUBJECT else f"{subject[:_SHOWN_SUBJECT]}..."
    return f'{short(oid)} ("{shown}")'


def _since(oid: Oid, context: LintContext) -> str:
    commit = context.commit(oid)
    return f" since {commit.committed.year}" if commit is not None else ""


def _branches(having: list[BranchFacts] | tuple[BranchFacts, ...]) -> str:
    names = [entry.branch.name for entry in having]
    if len(names) > 2:
        return f"{names[0]} to {names[-1]}"
    return " and ".join(names)
