"""Where drafts come from: commits of a range, and files with a message, a patch or a mailbox.

A file is read whole, up to a bound; one that is larger is refused and not read in part, since a tag could stand in the
part that was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from backportq.errors import RefError, UsageError
from backportq.git.read.history import walk
from backportq.git.read.lookup import resolve_commit
from backportq.git.user import user_setting
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.lint.draft import DraftMessage, is_mail, iter_patches, read_edited
from backportq.services.lint.context import LintContext

STDIN = "-"
_MOST_BYTES = 64 << 20


def drafts_of(target: str | None, context: LintContext, stdin: IO[bytes] | None = None) -> Iterator[DraftMessage]:
    """Yield the drafts that a person means: a range `A..B`, one commit, a file, or `-` for standard input.

    Without a target: what HEAD has and its upstream lacks. Raise `RefError` or `UsageError` for what is neither.
    """
    if target == STDIN and stdin is not None:
        yield from of_bytes(stdin.read(_MOST_BYTES + 1), "(standard input)", context)
    elif target is None:
        yield from of_commits(_unpushed(context))
    elif ".." in target and not Path(target).is_file():
        old, _, new = target.partition("..")
        new = new.removeprefix(".")
        repository = context.project.repository
        tips = (resolve_commit(repository, new or "HEAD"),)
        yield from of_commits(walk(repository, tips, (resolve_commit(repository, old or "HEAD"),)))
    else:
        yield from _of_one(target, context)


def of_file(path: Path, context: LintContext) -> Iterator[DraftMessage]:
    """Yield the drafts of a file; raise `UsageError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror}") from error
    return of_bytes(content, str(path), context)


def of_bytes(content: bytes, source: str, context: LintContext) -> Iterator[DraftMessage]:
    """Yield the drafts that a file holds."""
    if len(content) > _MOST_BYTES:
        raise UsageError(f"'{source}' is larger than {_MOST_BYTES >> 20} MiB")
    if is_mail(content):
        yield from iter_patches(content, source)
        return
    comment = user_setting(context.project.repository, "core.commentChar") or "#"
    yield read_edited(content.decode("utf-8", "replace"), source, comment="#" if comment == "auto" else comment)


def of_commits(commits: Iterable[Commit]) -> Iterator[DraftMessage]:
    """Yield the drafts of commits."""
    for commit in commits:
        yield DraftMessage(commit.message, commit=commit.oid, is_merge=commit.is_merge)


def pushed(lines: Iterable[str], remote: str, context: LintContext) -> Iterator[DraftMessage]:
    """Yield the drafts of what a push would send: `lines` are those that git gives to a pre-push hook."""
    tips = [Oid(words[1]) for words in map(str.split, lines) if len(words) == 4 and words[1].strip("0")]
    known = [oid for ref, oid in context.refs.oids.items() if ref.startswith(f"refs/remotes/{remote}/")]
    if tips:
        yield from of_commits(walk(context.project.repository, tips, known))


def received(lines: Iterable[str], context: LintContext) -> Iterator[DraftMessage]:
    """Yield the drafts of what a push brought: `lines` are those that git gives to a pre-receive hook."""
    tips = [Oid(words[1]) for words in map(str.split, lines) if len(words) == 3 and words[1].strip("0")]
    if tips:
        yield from of_commits(walk(context.project.repository, tips, list(set(context.refs.oids.values()))))


def _unpushed(context: LintContext) -> Iterator[Commit]:
    if context.head is None:
        raise RefError("there is no commit to check", hints=("backportq lint FILE checks a message",))
    repository = context.project.repository
    try:
        base = resolve_commit(repository, "@{upstream}")
    except RefError:
        upstream = context.refs.find(f"refs/heads/{context.config.upstream}")
        base = upstream if upstream is not None else context.head
    return walk(repository, (context.head,), (base,))


def _of_one(target: str, context: LintContext) -> Iterator[DraftMessage]:
    try:
        oid = resolve_commit(context.project.repository, target)
    except RefError as error:
        if Path(target).is_file():
            yield from of_file(Path(target), context)
            return
        hints = ("backportq lint A..B, COMMIT, FILE or -", *error.hints)
        raise RefError(f"'{target}' is neither a commit nor a file", hints=hints) from error
    commit = context.commit(oid)
    if commit is not None:
        yield from of_commits((commit,))
