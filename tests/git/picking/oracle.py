"""What real git does with the same commits: `git cherry-pick -x` in a worktree of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

MOMENT = "1767225600 +0100"
"""The committer date of every pick in these tests, so that equal picks are equal commits."""


@dataclass(frozen=True)
class GitSays:
    """How `git cherry-pick` ended: the new commit, or the unmerged index entries, or neither where it is empty."""

    commit: str | None
    unmerged: str
    said: str


class CherryPicker:
    """A linked worktree in which picks are made one after the other, each on a commit of its own."""

    def __init__(self, repository: Path, place: Path, *, start: str = "HEAD") -> None:
        self.repository = repository
        self.place = place
        self._git(repository, "worktree", "add", "-q", "--detach", str(place), start)

    def pick(self, commit: str, onto: str, *options: str) -> GitSays:
        """Cherry-pick `commit` onto `onto` with `options`."""
        self._git(self.place, "cherry-pick", "--quit")
        self._git(self.place, "clean", "-qfdx")
        self._git(self.place, "checkout", "-q", "--force", "--detach", onto)
        done = subprocess.run(
            ["git", "cherry-pick", *options, commit], cwd=self.place, capture_output=True, check=False
        )
        said = done.stderr.decode("utf-8", "replace")
        head = self._git(self.place, "rev-parse", "HEAD")
        if done.returncode == 0:
            return GitSays(head if head != onto else None, "", said)
        return GitSays(None, self._git(self.place, "ls-files", "-u"), said)

    def _git(self, directory: Path, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "surrogateescape").strip()
