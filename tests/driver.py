"""A driver for real git repositories in tests: short words for making history, with time as a small integer.

Ids are stable because identity, time and content are. Nothing of git is replaced: every method runs git.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SEALED_ENV = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada Author",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Cora Committer",
    "GIT_COMMITTER_EMAIL": "cora@example.org",
    "GIT_TERMINAL_PROMPT": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "COLUMNS": "80",
    "LINES": "40",
    "BACKPORTQ_NOW": "2026-06-01T12:00:00+00:00",
}
"""What every test process and every process it starts sees, besides PATH and a HOME of its own."""

_EPOCH = 1_700_000_000  # 2023-11-14T22:13:20Z; tick n of a repository is n minutes later


@dataclass
class TestRepo:
    """One repository. `tick` counts the commits made, so that each is a minute later than the one before."""

    __test__ = False

    path: Path
    tick: int = field(default=0)

    @classmethod
    def create(cls, path: Path, *, bare: bool = False) -> TestRepo:
        """Make an empty repository at `path` with the initial branch `master`."""
        path.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        made.git("init", "-q", "-b", "master", *(["--bare"] if bare else []))
        return made

    def ref_lock(self, branch: str) -> Path:
        """Return the file that locks a branch, with its folder made: all have one where refs are in a table."""
        table = self.path / ".git" / "reftable"
        lock = (
            table / "tables.list.lock" if table.is_dir() else self.path / ".git" / "refs" / "heads" / f"{branch}.lock"
        )
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock

    def git(
        self, *args: str, stdin: str | bytes | None = None, check: bool = True, env: Mapping[str, str] | None = None
    ) -> str:
        """Run git here and return its output without the final line end."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            ["git", *args],
            cwd=self.path,
            input=data,
            capture_output=True,
            check=False,
            env={**os.environ, **self._dates(), **(env or {})},
        )
        if check and done.returncode != 0:
            raise AssertionError(f"git {' '.join(args)}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, path: str, content: str | bytes) -> None:
        """Write one file of the working tree and add it to the index."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--", path)

    def commit(self, message: str, files: Mapping[str, str | bytes | None] | None = None) -> str:
        """Commit `files` (None removes one) with `message`, a minute after the last commit; return the full id."""
        for path, content in (files or {}).items():
            if content is None:
                self.git("rm", "-q", "--", path)
            else:
                self.write(path, content)
        self.tick += 1
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-", stdin=message)
        return self.id("HEAD")

    def checkout(self, branch: str, start: str | None = None) -> None:
        """Switch to `branch`; make it at `start` if that is given."""
        self.git("checkout", "-q", *(["-b", branch, start] if start is not None else [branch]))

    def pick(self, commit: str, *options: str) -> str:
        """Cherry-pick `commit` onto the current branch; return the full id of the pick."""
        self.tick += 1
        self.git("cherry-pick", "--allow-empty", *options, commit)
        return self.id("HEAD")

    def id(self, revision: str) -> str:
        """Return the full id that `revision` resolves to."""
        return self.git("rev-parse", "--verify", revision)

    def _dates(self) -> dict[str, str]:
        moment = f"{_EPOCH + 60 * self.tick} +0000"
        return {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
