"""Having git merge: many three-way merges in few `git merge-tree --write-tree --stdin` processes.

`merge-tree` is the machinery of `git cherry-pick` (merge-ort). The merge base is given by a synthetic commit, which
works the same in every git from 2.39 on. This module must not know what is merged, or why.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from backportq.errors import RepositoryError
from backportq.git.trials.quarantine import SCRATCH_VARIABLE, Quarantine
from backportq.model.verdict import PathConflict

SECONDS_VARIABLE = "BACKPORTQ_TRIAL_SECONDS"
_SECONDS = 60.0  # a merge takes milliseconds; only a hostile or broken one reaches this
_WHO = b"backportq <> 0 +0000"
_PLAIN_KINDS = (b"content", b"add/add")  # git's sentence says no more than these words
_KIND = re.compile(rb"CONFLICT \(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge to make: three trees, and the directory whose attribute files apply."""

    worktree: Path
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Git's answer. `tree` is the merged tree in the quarantine; with conflicts it holds conflict markers."""

    is_clean: bool
    tree: str
    conflicts: tuple[PathConflict, ...]


Sides = tuple[bytes, bytes]
"""The synthetic commits of a merge: ours (the branch) and theirs (the picked commit)."""

MergeOutcome = Merged | str
"""What git gave, or why it gave nothing, in words."""


class _Ended(Exception):
    """A process ended before it answered everything; `answered` holds what it said until then."""

    def __init__(self, answered: list[Merged], why: str, *, blames_next: bool) -> None:
        super().__init__(why)
        self.answered = answered
        self.why = why
        self.blames_next = blames_next


class Merger:
    """A pool of `workers` git processes at a time."""

    def __init__(self, quarantine: Quarantine, workers: int | None = None) -> None:
        self._quarantine = quarantine
        self.workers = workers if workers is not None else len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="trial")
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        self._guard = threading.Lock()
        self._seconds = _limit()

    def submit(self, merges: Sequence[Merge]) -> Future[list[MergeOutcome]]:
        """Make these merges, all with the same `worktree`, in one process; the answers come in the same order."""
        return self._pool.submit(self._merge, list(merges))

    def close(self) -> None:
        """Stop everything that still runs."""
        with self._guard:
            self._closed = True
            for process in self._running:
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _merge(self, merges: list[Merge]) -> list[MergeOutcome]:
        outcomes: list[MergeOutcome] = []
        again = True
        while len(outcomes) < len(merges):
            left = merges[len(outcomes) :]
            try:
                outcomes += self._run(left)
            except _Ended as ended:
                outcomes += ended.answered
                left = merges[len(outcomes) :]
                if not left:
                    break
                if len(left) == 1 and (ended.blames_next or not again):
                    outcomes.append(ended.why)
                elif ended.blames_next and ended.answered:
                    continue  # the next one comes first now, and is blamed if it ends the process again
                elif len(left) == 1:
                    again = False  # killed from outside: once more
                else:
                    half = 1 if ended.blames_next else (len(left) + 1) // 2
                    return [*outcomes, *self._merge(left[:half]), *self._merge(left[half:])]
        return outcomes

    def _run(self, merges: Sequence[Merge]) -> list[Merged]:
        sides = [self._sides(merge) for merge in merges]
        lines = b"".join(b"%s %s\n" % side for side in sides)
        worktree = merges[0].worktree
        with self._guard:
            if self._closed:
                raise _Ended([], "interrupted", blames_next=True)
            process = subprocess.Popen(
                self._quarantine.command(worktree, ("merge-tree", "--write-tree", "--stdin")),
                cwd=worktree,
                env=self._quarantine.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            self._running.add(process)
        try:
            out, err = process.communicate(lines, timeout=self._seconds * (1 + len(merges) / 100))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise _Ended([], f"the merge did not end within {self._seconds:g} seconds", blames_next=False) from None
        finally:
            with self._guard:
                self._running.discard(process)
            if process.poll() is None:
                process.kill()
                process.wait()
        answered = parse_answers(out, sides)
        if process.returncode == 0 and len(answered) == len(merges):
            return answered
        said = err.decode("utf-8", "replace").strip()
        if "No space left on device" in said or "Disk quota exceeded" in said:
            raise RepositoryError(
                f"no space left for temporary objects in '{self._quarantine.directory.parent}'",
                hints=(f"{SCRATCH_VARIABLE}=DIR names another place for temporary objects",),
            )
        why = said.splitlines()[-1].removeprefix("fatal: ").removeprefix("error: ") if said else ""
        if not why:
            why = f"'git merge-tree' ended with status {process.returncode}"
        raise _Ended(answered, why, blames_next=process.returncode > 0)

    def _sides(self, merge: Merge) -> Sides:
        base = self._commit(merge.base)
        return self._commit(merge.ours, base), self._commit(merge.theirs, base)

    def _commit(self, tree: str, parent: bytes | None = None) -> bytes:
        headers = b"tree %s\n" % tree.encode("ascii")
        if parent is not None:
            headers += b"parent %s\n" % parent
        body = b"%sauthor %s\ncommitter %s\n\n\n" % (headers, _WHO, _WHO)
        return self._quarantine.write_object(b"commit", body).encode("ascii")


def parse_answers(out: bytes, sides: Sequence[Sides]) -> list[Merged]:
    """Return the complete answers in the output of `merge-tree --stdin` (git-merge-tree(1), OUTPUT).

    `sides` are the merged commits, whose ids git writes into messages and names; people know them by other words. The
    status of each merge is 1 for clean and 0 for conflicts, inverted against the exit status of the single form.
    Conflicts may come without unmerged entries, so the status decides and the messages name the paths.
    """
    fields = out.split(b"\0")
    answers: list[Merged] = []
    at = 0
    try:
        while at < len(fields) - 1:
            status, tree = fields[at], fields[at + 1].decode("ascii")
            at += 2
            if status == b"1":
                if fields[at] != b"":
                    break
                at += 1
                answers.append(Merged(is_clean=True, tree=tree, conflicts=()))
                continue
            unmerged: list[bytes] = []
            while fields[at] != b"":
                unmerged.append(fields[at].partition(b"\t")[2])
                at += 1
            at += 1
            conflicts: dict[tuple[bytes, bytes], bytes] = {}
            while fields[at] != b"":
                count = int(fields[at])
                paths = fields[at + 1 : at + 1 + count]
                text = fields[at + 2 + count]
                at += 3 + count
                kind = _KIND.match(text)
                if kind is not None:
                    conflicts.setdefault((paths[0] if paths else b"", kind[1]), text)
            at += 1
            if at > len(fields) - 1:
                break
            named = {path for path, _ in conflicts}
            for path in unmerged:
                if path not in named and not conflicts:
                    conflicts[path, b"content"] = b""
            answers.append(Merged(is_clean=False, tree=tree, conflicts=_in_words(conflicts, sides[len(answers)])))
    except (IndexError, ValueError):  # cut off in the middle
        pass
    return answers


def _in_words(conflicts: dict[tuple[bytes, bytes], bytes], sides: Sides) -> tuple[PathConflict, ...]:
    ours, theirs = sides
    found = []
    for (path, kind), text in sorted(conflicts.items()):
        shown = path.replace(b"~" + ours, b"~HEAD").replace(b"~" + theirs, b"~theirs")
        words = b"" if kind in _PLAIN_KINDS else _KIND.sub(b"", text, count=1).removeprefix(b": ").strip()
        words = words.replace(b"~" + ours, b"~HEAD").replace(b"~" + theirs, b"~theirs")
        words = words.replace(ours, b"the branch").replace(theirs, b"the commit")
        found.append(PathConflict(*(part.decode("utf-8", "surrogateescape") for part in (shown, kind, words))))
    return tuple(found)


def _limit() -> float:
    try:
        return max(float(os.environ[SECONDS_VARIABLE]), 0.001)
    except (KeyError, ValueError):
        return _SECONDS
