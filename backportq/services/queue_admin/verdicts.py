"""Publishing verdicts for other clones, and taking them: what trials found travels on a ref beside the queue.

The ref holds one commit without parents: a folder for each version of git, in it a file for each branch. A job of CI
that looks after one branch replaces that branch's file and leaves the others, so many jobs can publish at once.
What is believed of it is decided in `services/trials/published.py`. This module must not run trials of its own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from backportq.errors import BackportqError, QueueBusyError, RepositoryError
from backportq.git.read.queue_files import StoredFiles, read_files
from backportq.git.remote import PushOutcome, RefusedPushError, fetch_branch, has_ref, push_branch
from backportq.git.repository import Repository
from backportq.git.trials import TrialSession, answers_of
from backportq.git.write.branch_commits import NewCommit, write_commit
from backportq.git.write.queue_refs import set_ref
from backportq.model.ids import BranchName, Oid
from backportq.model.notices import tell
from backportq.model.trials.published import LARGEST_FILE, PublishedItem, PublishedQueue, format_verdicts
from backportq.model.trials.verdict import Verdict
from backportq.queue.sync.remotes import remote_of
from backportq.services.items.open_items import LATER, OpenItem, OpenItems, open_items
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.trials.alternatives import AlternativeSearch, pairs_of
from backportq.services.trials.kept_queues import queue_key
from backportq.services.trials.published import PublishedVerdicts, file_name, remote_ref, taken_ref
from backportq.services.trials.queue_order import find_remembered

_LARGEST_TRANSFER = 64 << 20  # bytes; five branches of a thousand items take 0.3 MB
_VERSIONS = 4  # of git, whose verdicts are kept beside each other
_ATTEMPTS = 100
_LONGEST_PAUSE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published to `remote`: the branches whose verdicts this clone has, and those left out as too large."""

    remote: str
    branches: tuple[BranchName, ...]
    too_large: tuple[BranchName, ...] = ()


def publish_verdicts(project: Project, remote: str | None = None) -> Publication:
    """Publish what `pending` found in this clone about the queue as it is now; what it did not look at is left alone.

    Raise `RepositoryError` where the remote refuses, `GitFailedError` where it cannot be reached.
    """
    store = project.store
    remote = remote_of(store, remote)
    found = open_items(project)
    ours = {branch.name: raw for branch in found.branches if (raw := _file_of(project, found, branch.name)) is not None}
    fitting = tuple(name for name, raw in ours.items() if len(raw) <= LARGEST_FILE)
    done = Publication(remote, fitting, tuple(name for name in ours if name not in fitting))
    files = {f"{answers_of()}/{file_name(name)}": ours[name] for name in fitting}
    open_names = {file_name(branch.name) for branch in found.branches}
    ref, local = remote_ref(store), taken_ref(store, remote)
    for attempt in range(_ATTEMPTS):
        theirs = fetch_branch(store.repository, remote, ref, local, largest=_LARGEST_TRANSFER)
        base = _published(store.repository, theirs, files)
        changes = _changes(base, files, open_names)
        if not changes:
            return done
        new = NewCommit("verdicts of trials\n", project.actor(), project.clock(), parents=())
        commit = write_commit(store.repository, base, changes, new)
        if commit is None:
            raise AssertionError(new)  # only a commit that may have a parent can be left out
        try:
            outcome = push_branch(store.repository, remote, commit, ref, theirs)
        except RefusedPushError as error:
            raise RepositoryError(
                f"'{remote}' refuses the verdicts: {error.said}",
                hints=(f"it has to take pushes to {ref}",),
            ) from error
        if outcome is PushOutcome.DONE:
            set_ref(store.repository, local, commit)
            return done
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.01 * 2 ** min(attempt, 8))))  # noqa: S311 - jitter
    raise QueueBusyError(f"others kept publishing verdicts to '{remote}'", hints=("repeat the command",))


def take_verdicts(project: Project, remote: str | None = None) -> tuple[BranchName, ...] | None:
    """Take what `remote` publishes, that of `git config backportq.verdicts` by default, and re-try a sample of it;
    return the branches whose queue it is about as it is now, None where nothing is wanted or can be had (the latter is
    told)."""
    store = project.store
    remote = store.verdicts_remote if remote is None else remote
    if not remote:
        return None
    try:
        if (
            fetch_branch(
                store.repository, remote, remote_ref(store), taken_ref(store, remote), largest=_LARGEST_TRANSFER
            )
            is None
        ):
            tell(f"'{remote}' publishes no verdicts", ("git config --unset backportq.verdicts",))
            return None
    except BackportqError as error:
        tell(f"no verdicts were taken: {error.message}", error.hints)
        return None
    published = PublishedVerdicts(store, remote)
    if store.tip() is None:
        return ()
    found = open_items(project)
    read_outlook(project, found.state, found.history)  # with the above, what the first list needs of the history
    taken = []
    with TrialSession(project.repository, mainlines=_mainlines(found)) as session:
        for branch in found.branches:
            onto, due, _ = _queue_of(found, branch.name)
            if onto is not None and published.in_order(branch.name, onto, due, session) is not None:
                taken.append(branch.name)
    return tuple(taken) if published.is_believed else None


def is_publishing(project: Project, remote: str) -> bool:
    """Ask the remote whether it has verdicts; what cannot be reached has none."""
    return has_ref(project.store.repository, remote, remote_ref(project.store))


def _queue_of(found: OpenItems, branch: BranchName) -> tuple[Oid | None, list[Oid], list[OpenItem]]:
    """Return where the items of a branch go, those that are due in queue order, and those that are put off."""
    entries = [entry for entry in found.items if entry.branch == branch]
    due = list(dict.fromkeys(entry.item.commit for entry in entries if entry.standing not in LATER))
    return (entries[0].onto if entries else None), due, [entry for entry in entries if entry.standing in LATER]


def _mainlines(found: OpenItems) -> dict[Oid, int]:
    return {entry.item.commit: entry.mainline for entry in found.items if entry.mainline is not None}


def _file_of(project: Project, found: OpenItems, branch: BranchName) -> bytes | None:
    """Return the file of one branch, None where this clone has not tried its queue as it is now."""
    onto, due, later = _queue_of(found, branch)
    if onto is None or not due:
        return None
    with TrialSession(project.repository, mainlines=_mainlines(found)) as session:
        known = find_remembered(project.repository, onto, due, session=session)
        if known is None:
            return None
        place = {commit: at for at, commit in enumerate(due)}
        items = [
            PublishedItem(
                known[commit].alone,
                known[commit].in_order,
                tuple(sorted(place[other] for other in known[commit].blocked_by)),
                is_minimal=known[commit].is_minimal,
            )
            for commit in due
        ]
        conflicting = [commit for commit in due if known[commit].alone.verdict is Verdict.CONFLICT]
        searches = [AlternativeSearch(commit, branch, onto) for commit in conflicting]
        pairs = [(entry.item.commit, onto) for entry in later]
        pairs += pairs_of(found.elsewhere(conflicting), searches)
        others = session.run(list(dict.fromkeys(pairs)))
    return format_verdicts(
        PublishedQueue(answers_of(), branch, onto, queue_key(onto, due), tuple(items), tuple(others))
    )


def _published(repository: Repository, commit: Oid | None, paths: Collection[str]) -> StoredFiles | None:
    """Return what stands there, with the contents of `paths`; None where there is nothing that can be read."""
    if commit is None:
        return None
    try:
        return read_files(repository, commit, folders=None, wanted=lambda path: path in paths)
    except BackportqError as error:
        tell(f"what was published before cannot be read and is replaced: {error.message}")
        return None


def _changes(base: StoredFiles | None, ours: Mapping[str, bytes], open_names: set[str]) -> dict[str, bytes | None]:
    """Return what to change in what is published: our files where they are new, and nothing about branches that are
    not open any more."""
    if base is None:
        return dict(ours)
    changes: dict[str, bytes | None] = {path: raw for path, raw in ours.items() if base.content.get(path) != raw}
    versions = sorted(name for name, entry in base.folders.get("", {}).items() if entry.is_tree)
    stale = [name for name in versions if name != answers_of()][_VERSIONS - 1 :]
    for path in base.paths():
        folder, _, name = path.rpartition("/")
        if (name not in open_names or folder in stale or folder not in versions) and path not in ours:
            changes[path] = None
    return changes
