"""The cache: tables of values under the common git dir, safe to delete at any time.

Everything in it is keyed by object ids, so it cannot go stale; writes are atomic, several processes may use it at once,
damage means that it is rebuilt without a word, and where nothing can be written everything works without it. This
module must not know what is cached.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from backportq.git.repository import Repository

if TYPE_CHECKING:  # sqlite3 takes 10 ms to import, which commands that read no table need not pay
    import sqlite3

DATABASE = "index-1.sqlite"
"""The file that the index and the cached tables share."""

_CHECK = 4  # bytes of the checksum before each value
_AT_ONCE = 500
BUSY_SECONDS = 5.0
_STALE_SECONDS = 60


@dataclass(slots=True)
class Cache:
    """The cache of one repository; make it with `Cache.open`, close it or let it go."""

    directory: Path
    _database: sqlite3.Connection | None = field(default=None, repr=False)
    _tables: set[str] = field(default_factory=set, repr=False)

    @classmethod
    def open(cls, repository: Repository) -> Cache:
        """Return the cache of this repository; touches no file until something is read or written."""
        return cls(repository.cache_dir)

    def find_many(self, table: str, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the values that the table has for these keys."""
        import sqlite3

        wanted = list(dict.fromkeys(keys))
        database = self._open(table) if wanted else None
        if database is None:
            return {}
        found: dict[str, bytes] = {}
        try:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = database.execute(f'SELECT key, value FROM "{table}" WHERE key IN ({marks})', some)  # noqa: S608
                for key, value in rows:
                    if value[:_CHECK] == _checksum(value[_CHECK:]):
                        found[key] = value[_CHECK:]
        except (sqlite3.DatabaseError, TypeError, UnicodeDecodeError) as error:
            self._give_up(error)
        return found

    def put_many(self, table: str, values: Mapping[str, bytes]) -> None:
        """Keep these values in the table in one transaction; where that is not possible, keep nothing."""
        import sqlite3

        database = self._open(table) if values else None
        if database is None:
            return
        rows = [(key, _checksum(value) + value) for key, value in values.items()]
        try:
            with database:
                database.executemany(f'INSERT OR REPLACE INTO "{table}" VALUES (?, ?)', rows)  # noqa: S608
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            self._give_up(error)

    def close(self) -> None:
        """Close the database; the next use opens it again."""
        if self._database is not None:
            self._database.close()
            self._database = None
            self._tables.clear()

    def _open(self, table: str) -> sqlite3.Connection | None:
        import sqlite3

        if not table.replace("_", "").isalnum():
            raise ValueError(f"'{table}' is no table name")
        for _ in range(2):  # the second time after a damaged file was removed
            try:
                return self._opened(table)
            except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
                self._give_up(error)
        return None

    def _opened(self, table: str) -> sqlite3.Connection:
        import sqlite3

        if self._database is None:
            self.directory.mkdir(exist_ok=True)
            self._database = sqlite3.connect(self.directory / DATABASE, timeout=BUSY_SECONDS)
            # A lost cache costs seconds once; waiting for the disk costs them every time.
            self._database.execute("PRAGMA synchronous = OFF")
        if table not in self._tables:
            with self._database:
                self._database.execute(
                    f'CREATE TABLE IF NOT EXISTS "{table}" (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID'
                )
            self._tables.add(table)
        return self._database

    def _give_up(self, error: Exception) -> None:
        """Close the database, and remove it if the error says that the file is damaged."""
        import sqlite3

        with contextlib.suppress(sqlite3.Error):
            self.close()
        self._database = None
        self._tables.clear()
        remove_database(self.directory, error)


def remove_database(directory: Path, error: Exception) -> None:
    """Remove the database if `error` says that the file is damaged: not if it is locked, full or read-only."""
    import sqlite3

    damaged = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    # SQLITE_ERROR is a table that is not as we make it; names and values of a damaged file need not even be text.
    if isinstance(error, (TypeError, ValueError)) or getattr(error, "sqlite_errorcode", None) in damaged:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                (directory / f"{DATABASE}{suffix}").unlink()


def remove_leftovers(directory: Path) -> None:
    """Remove what processes that were killed while they wrote a file left beside it: `NAME.PID`, a minute old."""
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.rpartition(".")[2].isdecimal() and time.time() - entry.stat().st_mtime > _STALE_SECONDS:
                Path(entry.path).unlink()


def _checksum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(_CHECK, "big")
