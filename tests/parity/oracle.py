"""The oracle: what `git cherry-pick` itself gives, in a working tree of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Picked:
    """Verdict and, unless it conflicts, tree of a real cherry-pick; the unmerged paths of its index.

    The verdict is `failed` where git itself crashes: merge-ort of git 2.39 aborts in an assertion on some renames.
    """

    verdict: str
    tree: str | None
    unmerged: frozenset[str] = frozenset()


class Oracle:
    """A clone that shares the objects of a repository, with git's default configuration and no hooks."""

    def __init__(self, repository: Path, directory: Path) -> None:
        self._path = directory
        git_dir = subprocess.run(
            ["git", "rev-parse", "--path-format=absolute", "--git-common-dir"],
            cwd=repository,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        subprocess.run(
            ["git", "clone", "-q", "--shared", "--no-checkout", "--no-tags", git_dir, str(directory)],
            check=True,
            capture_output=True,
        )
        for setting in ("core.fsync=none", "gc.auto=0", "advice.mergeConflict=false", "rerere.enabled=false"):
            self._git("config", *setting.split("="))
        self._git("config", "maintenance.auto", "false")
        self._index = directory / ".git" / "index"

    def pick(self, commit: str, onto: str, *, mainline: int | None = None) -> Picked:
        """Cherry-pick `commit` onto `onto` and say what came of it; the working tree is cleaned before."""
        self._git("checkout", "-q", "-f", "--detach", onto)
        self._git("clean", "-q", "-ffdx")
        options = [] if mainline is None else ["-m", str(mainline)]
        done = self._run("cherry-pick", "--allow-empty", "--keep-redundant-commits", *options, commit)
        if done.returncode == 0:
            tree = self._git("rev-parse", "HEAD^{tree}")
            return Picked("empty" if tree == self._git("rev-parse", f"{onto}^{{tree}}") else "clean", tree)
        if done.returncode == -signal.SIGABRT:
            (self._path / ".git" / "index.lock").unlink(missing_ok=True)
            self._git("cherry-pick", "--quit")
            return Picked("failed", None)
        if self._run("rev-parse", "-q", "--verify", "CHERRY_PICK_HEAD").returncode != 0:
            raise AssertionError(f"cherry-pick of {commit} onto {onto}: {done.stderr.decode('utf-8', 'replace')}")
        listed = self._run("ls-files", "-u", "-z").stdout.decode("utf-8", "surrogateescape")
        unmerged = frozenset(entry.partition("\t")[2] for entry in listed.split("\0") if entry)
        self._git("cherry-pick", "--quit")
        self._git("reset", "-q", "--hard", onto)
        return Picked("conflict", None, unmerged)

    def head_after_pick(self, commit: str, onto: str) -> str:
        """Return the commit that picking `commit` onto `onto`, which must apply, makes."""
        if self.pick(commit, onto).tree is None:
            raise AssertionError(f"{commit} does not apply to {onto}")
        return self._git("rev-parse", "HEAD")

    def applies_after(self, commit: str, onto: str, others: Sequence[str]) -> bool:
        """Tell whether `commit` applies to `onto` after `others`, all of which must apply one after the other."""
        for other in others:
            if self.pick(other, onto).tree is None:
                return False
            onto = self._git("rev-parse", "HEAD")
        return self.pick(commit, onto).verdict != "conflict"

    def close(self) -> None:
        """Remove the clone."""
        shutil.rmtree(self._path, ignore_errors=True)

    def _git(self, *args: str) -> str:
        done = self._run(*args)
        if done.returncode != 0:
            raise AssertionError(f"git {' '.join(args)}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def _run(self, *args: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["git", *args], cwd=self._path, env=dict(os.environ), capture_output=True)
