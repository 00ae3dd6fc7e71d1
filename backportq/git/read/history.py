"""Walking history: commits in bulk from one streaming `git rev-list`, merge bases, and the order of commits.

git's own walk is the fastest reader there is; it also re-encodes messages, follows grafts and reports what is missing.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO

from backportq.errors import BackportqError, GitFailedError, RepositoryError
from backportq.git.process import failure
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.progress import advance

_CHUNK = 1 << 18
_PIPE_BYTES = 1 << 20
_SECONDS_TO_LOOK_AGAIN = 0.001
_REPORTED = 500  # commits between two reports of progress


_running: weakref.WeakSet[Reading] = weakref.WeakSet()
_running_changes = threading.Lock()  # readings are started by threads, too


def end_all() -> None:
    """End every git process that is still read from; whoever waits for one finds its output cut off."""
    with _running_changes:
        running = tuple(_running)
    for reading in running:
        reading.kill()


class Reading:
    """A git process that was started and prints while we do other work; read once, by one of the iterators.

    With `spooled` it never waits for us to read: its output goes to a temporary file.
    """

    def __init__(
        self, repository: Repository, *args: str, stdin: IO[bytes] | None = None, spooled: bool = False
    ) -> None:
        """Start `git ARGS`."""
        self._repository = repository
        self._args = args
        self._spool: IO[bytes] | None = tempfile.TemporaryFile() if spooled else None  # noqa: SIM115 - the same
        # A file and not a pipe: a process that complains a lot must not block while nobody reads its complaints.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        # Nobody answers git here, so it need not hand over each commit by itself: a third of its time with a pipe.
        self._process: subprocess.Popen[bytes] = repository.git.with_env(GIT_FLUSH="0").start(
            *args,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE if self._spool is None else self._spool,
            stderr=self._errors,
        )
        if self._process.stdout is not None:
            _widen(self._process.stdout)
        with _running_changes:
            _running.add(self)

    def kill(self) -> None:
        """End the process, and leave the rest to whoever reads."""
        if self._process.poll() is None:
            self._process.kill()

    def chunks(self) -> Iterator[bytes]:
        """Yield what git prints in pieces of bounded size; at the end, raise what git reported."""
        try:
            if self._spool is not None:
                self._process.wait()
                self._spool.seek(0)
            output = self._spool or self._process.stdout
            while output is not None and (chunk := output.read(_CHUNK)):
                yield chunk
            self.check()
        finally:
            self.abandon()

    def check(self) -> None:
        """Wait for the end of the process; raise what git reported."""
        status = self._process.wait()
        if status != 0:
            self._errors.seek(0)
            raise translate(self._repository, failure(self._args, status, self._errors.read()))

    def growing(self) -> Iterator[bytes]:
        """Yield what git prints while it still prints, as `chunks` does; from a spool too, which is then not limited by
        how fast we read."""
        if self._spool is None:
            yield from self.chunks()
            return
        try:
            position = 0
            while True:
                is_over = self._process.poll() is not None
                # The file's own position is git's, too.
                while chunk := os.pread(self._spool.fileno(), _CHUNK, position):
                    position += len(chunk)
                    yield chunk
                if is_over:
                    break
                time.sleep(_SECONDS_TO_LOOK_AGAIN)
            self.check()
        finally:
            self.abandon()

    def parts(self, separator: bytes) -> Iterator[bytes]:
        """Yield what git prints, split at each separator, as it comes."""
        pending = b""
        for chunk in self.growing():
            pieces = (pending + chunk).split(separator)
            pending = pieces.pop()
            yield from pieces
        if pending:
            yield pending

    def __del__(self) -> None:
        """End a process that nobody read to the end: facts may be let go without having been asked for everything."""
        if hasattr(self, "_process"):  # starting it may have failed
            self.abandon()

    def abandon(self) -> None:
        """End the process if it still runs, and free what it holds; harmless when all was read."""
        if sys.is_finalizing():
            # A thread that was reading stands still by now, with the lock of what it read: waiting for that would abort
            # the interpreter, and the system frees everything in a moment.
            self.kill()
            return
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            with contextlib.suppress(RuntimeError):  # taken down by the garbage collector in the middle of a read
                self._process.stdout.close()
        if self._spool is not None:
            self._spool.close()
        self._errors.close()


def _widen(pipe: IO[bytes]) -> None:
    """Let git run further ahead of us, where the system allows it."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # beyond what this user may have
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def start_walk(
    repository: Repository,
    include: Iterable[Oid],
    exclude: Iterable[Oid] = (),
    *options: str,
    spooled: bool = False,
) -> Reading:
    """Start `git rev-list OPTIONS` over what `include` reaches and `exclude` does not."""
    excluded = (f"^{oid}" for oid in exclude)
    return Reading(repository, "rev-list", *options, *include, *excluded, "--", spooled=spooled)


def commits_of(reading: Reading, *, is_told: bool = True) -> Iterator[Commit]:
    """Yield the commits that `git rev-list --header` prints; tell how many they are, unless they are read beside."""
    for count, record in enumerate(reading.parts(b"\0")):
        if is_told and not count % _REPORTED:
            advance("reading the history", count)
        oid, _, indented = record.partition(b"\n")
        # git indents each line of the message. Lines of signatures and merged tags among the headers lose spaces too
        # where they happen to have four; nothing reads those.
        yield Commit(Oid(oid.decode("ascii")), indented.replace(b"\n    ", b"\n"))


def walk(
    repository: Repository, include: Sequence[Oid], exclude: Sequence[Oid] = (), *, topological: bool = True
) -> Iterator[Commit]:
    """Yield the commits that `include` reaches and `exclude` does not, newest first, as git finds them.

    With `topological` no commit comes before all its children in the walk have come; else commits come by date and
    sooner.
    """
    if not include:
        return
    options = ("--header", "--topo-order") if topological else ("--header",)
    yield from commits_of(start_walk(repository, include, exclude, *options))


def merge_base(repository: Repository, a: Oid, b: Oid) -> Oid | None:
    """Return the best common ancestor (the first that git names where there are several), None if there is none."""
    answer = repository.git.run("merge-base", a, b, ok=(0, 1, 128))
    if answer.status == 128:
        raise translate(repository, failure(("merge-base",), answer.status, answer.err))
    found = answer.out.decode("ascii").split()
    return Oid(found[0]) if found else None


def order_of(repository: Repository, tip: Oid, oids: Collection[Oid]) -> dict[Oid, int]:
    """Return the place of each of `oids` in the history of `tip`, oldest smallest; what `tip` does not reach is absent.

    Parents always come before children; git's topological order decides the rest.
    """
    wanted = set(oids)
    if not wanted:
        return {}
    listing = start_walk(repository, (tip,), (), "--topo-order", "--reverse")
    return {
        Oid(oid): place
        for place, oid in enumerate(line.decode("ascii") for line in listing.parts(b"\n"))
        if oid in wanted
    }


def translate(repository: Repository, error: GitFailedError) -> BackportqError:
    """Return the error that says what a person can do about a failed walk: unshallow, fetch what is missing, or git's
    own words."""
    said = error.message.lower()
    missing = any(
        word in said for word in ("missing", "bad object", "could not fetch", "could not read", "unable to read")
    )
    if missing and repository.is_shallow:
        return shallow_error("history beyond the shallow boundary is needed")
    if missing:
        return RepositoryError(
            f"the repository lacks objects of its own history: {error.message}",
            hints=("git fetch --refetch", "git fsck"),
        )
    return error


def shallow_error(what: str) -> RepositoryError:
    """Return the error for a shallow clone in which `what` cannot be told."""
    return RepositoryError(f"this clone is shallow: {what}", hints=("git fetch --unshallow",))
