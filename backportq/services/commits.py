"""The commits that a person means: by id or any revision, by number or address of a request, by title.

Every command that takes `COMMIT…` looks here. What git knows wins, so that a branch is never taken for a title; the
history is read only for what git does not know. This module must not know the queue's items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backportq.errors import BackportqError, RefError
from backportq.git.read.history import start_walk
from backportq.git.read.lookup import read_commits, resolve_commit, resolve_range
from backportq.git.repository import Repository
from backportq.model.change_names import commit_in_url, is_number, names_of, read_number
from backportq.model.commit import Commit
from backportq.model.ids import Oid, short
from backportq.model.items.queue import QueueState
from backportq.model.near_words import near_words
from backportq.services.project import Project

if TYPE_CHECKING:  # what few commands need to find a commit takes long to load
    from backportq.services.history.facts import Facts

_SHORTEST_TITLE = 2
"""So many words make a title; a single one is a mistyped branch or id."""

_SHOWN_SUBJECT = 60
_NEAR = 3
_SEARCHED = 200


def find_commit(repository: Repository, state: QueueState | None, text: str) -> Oid:
    """Return the commit that `text` names; numbers and titles need the configuration of a queue.

    Raise `RefError` where it names none, with near ones, or several, with all of them.
    """
    text = text.strip()
    url = commit_in_url(text)
    if url is not None:
        return resolve_commit(repository, url)
    if is_number(text):
        return _with_number(_facts(repository, state, text), text)
    try:
        return resolve_commit(repository, text)
    except RefError:
        if state is None or len(text.split()) < _SHORTEST_TITLE or ".." in text or text.startswith(":/"):
            raise
        return _with_title(repository, _facts(repository, state, text), text)


def find_commits(
    repository: Repository, state: QueueState | None, text: str, *, merges: bool = False
) -> tuple[Oid, ...]:
    """Return the commits of the range `A..B`, oldest first, or the one commit that `text` names otherwise."""
    if ".." not in text or commit_in_url(text) is not None or " " in text.strip():
        return (find_commit(repository, state, text),)
    return resolve_range(repository, text, merges=merges)


def state_of(project: Project) -> QueueState | None:
    """Return the state of the queue, None where there is none that can be read."""
    try:
        return project.store.snapshot().state if project.store.tip() is not None else None
    except BackportqError:
        return None


def _facts(repository: Repository, state: QueueState | None, text: str) -> Facts:
    if state is None:
        raise RefError(
            f"'{text}' is looked up among the changes of upstream, which a queue says",
            hints=("backportq init begins a queue", "give a commit id"),
        )
    from backportq.services.history.stored_facts import facts_of

    return facts_of(repository, state)


def _with_number(facts: Facts, text: str) -> Oid:
    number = read_number(text) or text
    found = facts.named.with_number(number)
    if len(found) == 1:
        return found[0]
    if found:
        raise _several(f"'{text}'", facts, found)
    picks = _picks_called(facts, lambda commit: number in names_of(commit).others)
    if len(picks) == 1:
        return picks[0]
    raise RefError(
        f"no change of {facts.upstream.name} has the number '{number}'",
        hints=("git fetch, if it is newer than this clone", "an issue has no commit: give the request that closed it"),
    )


def _with_title(repository: Repository, facts: Facts, text: str) -> Oid:
    found = facts.named.with_title(text)
    if len(found) == 1:
        return found[0]
    if found:
        raise _several(f"the title '{_cut(text)}'", facts, found)
    near = _near(repository, facts, text)
    hints = tuple(f"did you mean {short(oid)}: {subject}?" for oid, subject in near)
    raise RefError(f"'{_cut(text)}' names no commit, and is no title of one on {facts.upstream.name}", hints=hints)


def _several(what: str, facts: Facts, found: Sequence[Oid]) -> RefError:
    facts.load(found)
    named = [f"{short(oid)} ({_subject(facts, oid)})" for oid in found[:_NEAR]]
    return RefError(f"{what} names {len(found)} changes", hints=(f"give one of {', '.join(named)}",))


def _subject(facts: Facts, oid: Oid) -> str:
    commit = facts.commits.get(oid)
    return _cut(commit.title) if commit is not None else "an older one"


def _picks_called(facts: Facts, is_meant: Callable[[Commit], bool]) -> list[Oid]:
    """Return the originals of the picks on stable branches of which `is_meant` is true."""
    found: dict[Oid, None] = {}
    for entry in facts.branches:
        facts.load(entry.own)
        called = {oid for oid in entry.own if is_meant(facts.commits[oid])}
        if called:
            found |= dict.fromkeys(pick.upstream for pick in entry.picks if pick.commit in called)
    return list(found)


def _near(repository: Repository, facts: Facts, text: str) -> list[tuple[Oid, str]]:
    """Return the upstream commits that speak of the longest word of `text` and have the likeliest subjects."""
    word = max(text.split(), key=len)
    options = ("--fixed-strings", "--regexp-ignore-case", f"--grep={word}", f"--max-count={_SEARCHED}")
    listing = start_walk(repository, (facts.upstream.oid,), (), *options)
    oids = [Oid(line.decode("ascii")) for line in listing.parts(b"\n")]
    subjects = {commit.title: oid for oid, commit in read_commits(repository, oids).items()}
    return [(subjects[title], _cut(title)) for title in near_words(text, subjects, at_most=_NEAR, likeness=0.5)]


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_SUBJECT else f"{text[:_SHOWN_SUBJECT]}…"
