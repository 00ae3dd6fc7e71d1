"""The queue branch: read without a checkout, changed by one commit and compare-and-swap on its ref.

Everything that reads or decides goes through `QueueStore`, so that no change can be lost: a decision is a function, and
it is applied again to what another writer committed meanwhile. This module must not know what a decision means.
"""

from __future__ import annotations

import functools
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from backportq.errors import ConfigError, QueueBusyError, QueueFileError, RepositoryError
from backportq.git.background import Background
from backportq.git.read.queue_files import StoredFiles, read_files
from backportq.git.repository import Repository, discover
from backportq.git.write.queue_refs import find_dangling
from backportq.model.commit import Identity
from backportq.model.ids import Oid, RefName
from backportq.model.items.queue import QueueState
from backportq.model.words import typed
from backportq.queue.codec.paths import CLOSED_FOLDER, LEARNED_FILE, OPEN_FOLDER, is_storable, open_path
from backportq.queue.codec.stored_state import StateReader, parse_branches
from backportq.queue.completion_file import refresh

if TYPE_CHECKING:
    from backportq.model.items.changes import ItemChange

DEFAULT_BRANCH = "backportq"

_ATTEMPTS = 200
_LOCKED_ATTEMPTS = 20  # some three seconds; a writer holds the lock for a hundredth of one
_LONGEST_PAUSE = 0.25  # seconds
_TIDY_EVERY = "0"  # a change in sixteen asks git whether to repack: those whose id starts so

Decide = Callable[[QueueState], QueueState]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The queue at one commit, and the files that it was read from."""

    commit: Oid
    state: QueueState
    files: StoredFiles = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class QueueChange:
    """A change that was made: `commit` is None, and `after` equals `before`, where there was nothing to change."""

    before: QueueState
    after: QueueState
    commit: Oid | None
    items: tuple[ItemChange, ...] = ()


@dataclass(frozen=True, slots=True)
class _Made:
    """A change before it is written."""

    before: QueueState
    after: QueueState
    changes: Mapping[str, bytes | None]
    items: tuple[ItemChange, ...]


class QueueStore:
    """The queue of one repository, wherever it is kept."""

    def __init__(self, repository: Repository) -> None:
        self._project = repository
        self.has_written = False
        """Whether a change was stored through this store."""
        self._last: Snapshot | None = None

    @functools.cached_property
    def ref(self) -> RefName:
        """The full name of the queue branch (`git config backportq.ref`, `backportq` by default)."""
        given = self._project.settings.find("backportq.ref") or DEFAULT_BRANCH
        name = given.removeprefix("refs/heads/")
        if not is_storable(name) or name.startswith("refs/"):
            raise ConfigError(
                f"backportq.ref is '{given}', wanted the name of a branch",
                hints=(f"git config backportq.ref {DEFAULT_BRANCH}",),
            )
        return RefName(f"refs/heads/{name}")

    @functools.cached_property
    def repository(self) -> Repository:
        """The repository that holds the queue: this one, or the one that `git config backportq.repository` names."""
        given = self._project.settings.find("backportq.repository")
        if not given:
            return self._project
        path = (self._project.work_tree or self._project.git_dir) / os.path.expanduser(given)  # noqa: PTH111 - a Path's
        # own fails for people that the system does not know
        try:
            return discover(path)
        except RepositoryError as error:
            raise RepositoryError(
                f"backportq.repository is '{given}': {error.message}",
                hints=(f"git init --bare {typed(given)}", "git config --unset backportq.repository"),
            ) from error

    @property
    def configured_remote(self) -> str | None:
        """The remote that `git config backportq.remote` names."""
        return self._project.settings.find("backportq.remote") or None

    @property
    def verdicts_remote(self) -> str | None:
        """The remote whose published verdicts are taken (`git config backportq.verdicts`); empty where somebody wants
        none, None where nobody was asked yet."""
        return self._project.settings.find("backportq.verdicts")

    def choose_verdicts(self, remote: str) -> None:
        """Note in this clone's configuration whose verdicts are taken: nobody's, if `remote` is empty."""
        self._project.git.run("config", "backportq.verdicts", remote)

    def tip(self) -> Oid | None:
        """Return the newest commit of the queue, or None if there is no queue."""
        oid, _, kind = self.repository.reader.describe(f"{self.ref}^{{commit}}").rpartition(" ")
        return Oid(oid) if kind == "commit" else None

    def snapshot(self, commit: Oid | None = None) -> Snapshot:
        """Return the queue as it is now, or as it was at `commit`; raise `ConfigError` if there is none.

        What was read last is not read again while the queue is still at the same commit.
        """
        if self._last is not None and self._last.commit == (commit or self.tip()):
            return self._last
        files = self.files(commit)
        if files is None:
            raise self._absent()
        self._last = Snapshot(files.commit, StateReader(self.repository, files).state(), files)
        return self._last

    def files(self, commit: Oid | None = None) -> StoredFiles | None:
        """Return the queue's files now, or at `commit`; closed items are not read yet."""
        return read_files(
            self.repository,
            commit or self.ref,
            folders=(OPEN_FOLDER, CLOSED_FOLDER),
            # what was learned is large, and few commands look at it
            wanted=lambda path: path != LEARNED_FILE and not path.startswith(f"{CLOSED_FOLDER}/"),
        )

    def change(
        self,
        decide: Decide,
        *,
        command: str,
        summary: str,
        actor: Identity,
        at: datetime,
        seen: Snapshot | None = None,
    ) -> QueueChange:
        """Apply `decide` to the queue and commit the result; `decide` runs again whenever another writer was first.

        `seen` is what was read of the queue already: it saves reading it again, unless another writer came since.
        Raise what `decide` raises (nothing is written then), `QueueBusyError` when the ref kept moving, and
        `RepositoryError` when the disk refuses; the queue is the old one then.
        """

        from backportq.model.items.changes import item_changes  # reading commands don't load what only a change needs
        from backportq.queue.codec.changed_files import changed_files

        def make(files: StoredFiles) -> _Made:
            is_seen = seen is not None and files is seen.files
            before = seen.state if seen is not None and is_seen else StateReader(self.repository, files).state()
            after = decide(before)
            changes = changed_files(files, before, after)
            return _Made(before, after, changes, item_changes(before, after) if changes else ())

        first = None if seen is None else seen.files
        return self._commit(make, command=command, summary=summary, actor=actor, at=at, first=first)

    def replace_files(
        self,
        make: Callable[[StoredFiles], Mapping[str, bytes | None]],
        *,
        command: str,
        summary: str,
        actor: Identity,
        at: datetime,
    ) -> QueueChange:
        """Like `change` for whole files: `make` gives the bytes of the files to change (None removes one), which are
        validated before anything is written."""

        from backportq.git.write.branch_commits import overlaid
        from backportq.model.items.changes import item_changes

        def checked(files: StoredFiles) -> _Made:
            changes = make(files)
            after = StateReader(self.repository, overlaid(files, changes)).state()
            parse_branches(after, changes)
            try:
                before = StateReader(self.repository, files).state()
                items = item_changes(before, after)
            except (ConfigError, QueueFileError):
                # the old files may be what is being mended, and a state that does not parse cannot be compared
                return _Made(after, after, changes, ())
            return _Made(before, after, changes, items)

        return self._commit(checked, command=command, summary=summary, actor=actor, at=at)

    def create(self, state: QueueState, *, actor: Identity, at: datetime) -> QueueChange:
        """Store the first state of a queue; raise `ConfigError` if there is one already, `QueueBusyError` if it is
        locked."""
        from backportq.git.write.branch_commits import NewCommit, swap_ref, write_commit
        from backportq.model.items.changes import item_changes
        from backportq.queue.codec.changed_files import changed_files
        from backportq.queue.log_message import compose_message

        self.refuse_checkout()
        empty = QueueState(state.config)
        items = item_changes(empty, state)
        message = compose_message("set up the queue", "init", items)
        commit = write_commit(self.repository, None, changed_files(None, empty, state), NewCommit(message, actor, at))
        if commit is None or not swap_ref(self.repository, self.ref, commit, None, "backportq: init"):
            if self.tip() is None:
                raise self.busy()
            raise ConfigError(
                f"there is a queue on '{self.ref}' already",
                hints=("backportq edit config changes its configuration", "git config backportq.ref NAME for another"),
            )
        self.has_written = True
        refresh(str(self.repository.cache_dir), commit, state)
        return QueueChange(empty, state, commit, items)

    def _commit(
        self,
        make: Callable[[StoredFiles], _Made],
        *,
        command: str,
        summary: str,
        actor: Identity,
        at: datetime,
        first: StoredFiles | None = None,
    ) -> QueueChange:
        from backportq.git.write.branch_commits import NewCommit, swap_ref, tidy, write_commit
        from backportq.queue.log_message import compose_message
        from backportq.queue.writer_lock import own_turn

        refusal = Background(self.refuse_checkout)  # git looks for it while we read
        locked = 0
        for attempt in range(_ATTEMPTS):
            with own_turn(self.repository.cache_dir):
                files = first if first is not None and attempt == 0 else self.files()
                if files is None:
                    raise self._absent()
                refusal.result()
                made = make(files)
                message = NewCommit(compose_message(summary, command, made.items), actor, at)
                commit = write_commit(self.repository, files, made.changes, message) if made.changes else None
                if commit is None:
                    return QueueChange(made.before, made.before, None)
                is_done = swap_ref(self.repository, self.ref, commit, files.commit, f"backportq: {command}")
            if is_done:
                self.has_written = True
                unchanged = {name for name in made.after.branches if open_path(name) not in made.changes}
                refresh(str(self.repository.cache_dir), commit, made.after, files.commit, unchanged)
                if commit.startswith(_TIDY_EVERY):
                    tidy(self.repository)
                return QueueChange(made.before, made.after, commit, made.items)
            if self.tip() == files.commit:
                locked += 1
                if locked >= _LOCKED_ATTEMPTS:
                    break
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.005 * 2 ** min(attempt, 8))))  # noqa: S311 - jitter
        raise self.busy()

    def refuse_checkout(self) -> None:
        """Raise `RepositoryError` if the queue branch is checked out somewhere."""
        from backportq.git.write.branch_commits import find_checkout

        place = find_checkout(self.repository, self.ref)
        if place is not None:
            name = self.ref.removeprefix("refs/heads/")
            raise RepositoryError(
                f"the queue branch '{name}' is checked out in '{place}': a commit there would take this change back",
                hints=(f"git -C {typed(place)} checkout --detach",),
            )

    def _absent(self) -> ConfigError:
        where = "" if self.repository is self._project else f" in '{self.repository.git_dir}'"
        name = self.ref.removeprefix("refs/heads/")
        dangling = find_dangling(self.repository, self.ref)
        if dangling is not None:
            return ConfigError(
                f"the queue's branch '{name}' points to '{dangling}', which is not in the repository{where}",
                hints=(
                    f"git reflog show {typed(name)} has what it pointed to before",
                    f"git branch -f {typed(name)} ID goes back there",
                    f"git fetch REMOTE +{typed(name)}:{typed(name)}, if a remote has the queue",
                ),
            )
        fetched = self.repository.git.text("for-each-ref", "--format=%(refname:lstrip=2)", f"refs/remotes/*/{name}")
        if fetched:
            return ConfigError(
                f"there is no queue here{where}, but there is '{fetched.splitlines()[0]}'", hints=("backportq sync",)
            )
        return ConfigError(
            f"there is no queue here: no branch '{self.ref.removeprefix('refs/heads/')}'{where}",
            hints=("backportq init", "git config backportq.ref NAME, if the queue has another name"),
        )

    def busy(self) -> QueueBusyError:
        """Return the error for a ref that cannot be moved: it keeps moving, or it is locked."""
        from backportq.git.write.branch_commits import find_lock

        lock = find_lock(self.repository, self.ref)
        if lock is None:
            return QueueBusyError("other processes kept changing the queue", hints=("repeat the command",))
        return QueueBusyError(
            f"'{lock}' is in the way: another process is writing the queue, or one died while it did",
            hints=(f"rm {typed(lock)}, if no git and no backportq is running there",),
        )
