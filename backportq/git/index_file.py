"""The index's file: one SQLite database under the common git dir, safe to delete at any time.

- A writing is all or nothing, whoever else writes and however a process ends.
- Questions see one state from the first to the last, whatever is written meanwhile, until `look_again`.
- Where nothing can be written, or the file is damaged, a private temporary database takes its place.

This module must not know what is kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backportq.git.cache import BUSY_SECONDS, DATABASE, remove_database, remove_leftovers
from backportq.git.repository import Repository

if TYPE_CHECKING:  # sqlite3 takes 10 ms to import, which commands that ask no index need not pay
    import sqlite3

_VERSION = 1
_PRIVATE = ""  # SQLite's name for a temporary database that no other connection sees


class IndexDamagedError(Exception):
    """The file gives no answer, or one that makes no sense; a private database, still empty, has taken its place."""


class IndexFile:
    """The database of one repository with the tables of `schema`, which is made to be run any number of times."""

    def __init__(self, repository: Repository, schema: str, *, private: bool = False) -> None:
        """Open it, or with `private` a temporary one."""
        self._directory: Path = repository.cache_dir
        self._schema = schema
        self.is_private = private
        remove_leftovers(self._directory)
        self._reader = self._open()
        self._writer: sqlite3.Connection | None = None
        self.seen = object()
        """Stands for the state that questions see: another object, another state."""

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the answer to an SQL question; raise `IndexDamagedError` where the file gives none."""
        import sqlite3

        try:
            if not self._reader.in_transaction:
                self._reader.execute("BEGIN")  # from the first question on the same state is seen
            return self._reader.execute(question, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._give_up(error)
            raise IndexDamagedError from error

    def look_again(self) -> None:
        """Let the next question see what was written since the first."""
        import sqlite3

        with contextlib.suppress(sqlite3.Error):
            self._reader.rollback()
        self.seen = object()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Make one change of all that is put inside; where it fails raise `IndexDamagedError`, with nothing changed."""
        import sqlite3

        try:
            # Through a connection of its own, so that the questions go on seeing what they saw.
            self._writer = self._reader if self.is_private else self._connect()
            self._writer.rollback()
            self._writer.execute("BEGIN IMMEDIATE")
            yield
            self._writer.commit()
        except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
            self._give_up(error)
            raise IndexDamagedError from error
        finally:
            writer, self._writer = self._writer, None
            with contextlib.suppress(sqlite3.Error):
                if writer is self._reader:
                    self._reader.rollback()
                    self.seen = object()
                elif writer is not None:
                    writer.close()

    def put(self, statement: str, *values: object) -> int:
        """Run one SQL statement; only while `writing`. Return how many rows it changed."""
        return 0 if self._writer is None else self._writer.execute(statement, values).rowcount

    def put_many(self, statement: str, values: Iterable[tuple[object, ...]]) -> None:
        """Run an SQL statement once for each of `values`; only while `writing`."""
        if self._writer is not None:
            self._writer.executemany(statement, values)

    def damaged(self) -> IndexDamagedError:
        """Return the error for content that makes no sense, after it has been put away."""
        self._give_up(ValueError())
        return IndexDamagedError()

    def leave(self) -> IndexDamagedError:
        """Return the error for a file that others keep changing; it stays as it is."""
        self._give_up(OSError())
        return IndexDamagedError()

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        for _ in range(2):  # the second time after a damaged file was removed
            try:
                return self._connect()
            except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
                if not self.is_private:
                    remove_database(self._directory, error)
        self.is_private = True
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        import sqlite3

        if not self.is_private:
            self._directory.mkdir(exist_ok=True)
        name = _PRIVATE if self.is_private else self._directory / DATABASE
        connection = sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            if not self.is_private:
                connection.execute("PRAGMA journal_mode = WAL")
            # Whatever a lost machine leaves of it, the checksums tell; waiting for the disk would cost every command.
            connection.execute("PRAGMA synchronous = OFF")
            # Made once, so that a table that went missing is noticed.
            if connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
                connection.executescript(f"BEGIN IMMEDIATE; {self._schema}; PRAGMA user_version = {_VERSION}; COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_up(self, error: Exception) -> None:
        """Go on with a private database: the file is damaged, full, locked for too long, or was taken away."""
        import sqlite3

        with contextlib.suppress(sqlite3.Error):
            self._reader.close()
        if not self.is_private:
            remove_database(self._directory, error)
        self.is_private = True
        self._reader = self._open()
        self.seen = object()
