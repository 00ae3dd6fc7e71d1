"""What a trial costs, against real cherry-picks and against bare `git merge-tree`, over real backports.

    python -m bench.trials REPO [--pairs FILE] [--count N] [--rounds N]

The pairs are the repository's own backports: each commit that says of which upstream commit it is a pick, with its
parent to apply it to; or lines `COMMIT REV` of FILE. REPO is not written to: everything happens in clones that borrow
its objects, in memory where there is room. "Cold" means no cache of backportq; git's files are in the page cache for
all sides, and each side is timed as whole processes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("backportq")
PICKED = re.compile(
    rb"(?:\(cherry picked from commit |master commit: |\[ Upstream commit |^commit )([0-9a-f]{40})", re.MULTILINE
)
Pair = tuple[str, str]
SLOW_SAMPLE = 60  # cherry-picks in a working tree, at over 100 ms each
SINGLE_SAMPLE = 200  # processes of their own


def main() -> None:
    """Measure everything in turn, round by round, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--pairs", type=Path, help="lines 'COMMIT REV' instead of the repository's own backports")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    repo = options.repo.resolve()
    pairs = read_pairs(options.pairs) if options.pairs else find_pairs(repo)
    pairs = pairs[:: max(len(pairs) // options.count, 1)][: options.count]
    if len(pairs) < 2:
        sys.exit("no backports found: give --pairs FILE")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="backportq-bench-") as name:
        Bench(repo, pairs, Path(name)).run(options.rounds)


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a file, the first two words of each line."""
    found = (line.split()[:2] for line in path.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return [(commit, onto) for commit, onto in found]


def find_pairs(repo: Path) -> list[Pair]:
    """Return (upstream commit, parent of its pick) for each pick whose upstream commit is in the repository."""
    log = git(repo, "log", "--all", "--no-merges", "--format=%H %P%n%B%x00")
    found: dict[Pair, None] = {}
    for entry in log.split(b"\0"):
        head, _, message = entry.lstrip(b"\n").partition(b"\n")
        match = PICKED.search(message)
        words = head.decode().split()
        if match is not None and len(words) == 2:
            found[match[1].decode(), words[1]] = None
    there = git(repo, "cat-file", "--batch-check", stdin="".join(f"{commit}\n" for commit, _ in found).encode())
    return [pair for pair, answer in zip(found, there.splitlines(), strict=True) if b" commit " in answer]


class Bench:
    """One run over the same pairs for all contestants."""

    def __init__(self, repo: Path, pairs: Sequence[Pair], directory: Path) -> None:
        self.pairs = pairs
        self.directory = directory
        self.bare = directory / "bare.git"
        self.work = directory / "work"
        run("git", "clone", "-q", "--bare", "--shared", str(repo), str(self.bare))
        run("git", "clone", "-q", "--shared", "--no-checkout", str(repo), str(self.work))
        for setting in ("user.name=Bench", "user.email=bench@example.org", "gc.auto=0", "core.fsync=none"):
            git(self.work, "config", *setting.split("="))
        self.lines = self._synthetic()

    def _synthetic(self) -> bytes:
        """Return lines for `merge-tree --stdin`: for each pair a commit with the tree of the one and the parent of the
        other, which gives git 2.39 the merge base of a cherry-pick. They are as young as what they stand for, or git
        would walk all history for each."""
        asked = "".join(f"{onto}^{{tree}}\n{commit}^\n" for commit, onto in self.pairs).encode()
        answers = git(self.bare, "cat-file", "--batch-check=%(objectname)", stdin=asked).decode().split()
        stream = []
        for (commit, _), tree, parent in zip(self.pairs, answers[::2], answers[1::2], strict=True):
            who = "backportq <> 4000000000 +0000"
            raw = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n\n"
            oid = git(self.bare, "hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode()).decode().strip()
            stream.append(f"{oid} {commit}\n")
        return "".join(stream).encode()

    def run(self, rounds: int) -> None:
        """Print what each contestant takes for one trial and for all of them."""
        contestants: dict[str, tuple[Callable[[], float], int]] = {
            "git cherry-pick in a worktree": (self.worktree, min(SLOW_SAMPLE, len(self.pairs))),
            "one merge-tree process each": (self.single, min(SINGLE_SAMPLE, len(self.pairs))),
            "one merge-tree --stdin": (self.stdin, len(self.pairs)),
            "backportq cold": (self.cold, len(self.pairs)),
            "backportq warm": (self.warm, len(self.pairs)),
        }
        seconds: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, (contestant, _) in contestants.items():
                seconds[name].append(contestant())
        print(f"{len(self.pairs)} trials, {len(os.sched_getaffinity(0))} cores, {git_version()}, {rounds} rounds")
        for name, (_, count) in contestants.items():
            median = statistics.median(seconds[name])
            spread = f"{min(seconds[name]):.2f} to {max(seconds[name]):.2f}"
            print(f"{name:<30} {median:8.3f} s for {count:5} = {1000 * median / count:8.3f} ms each   ({spread})")
        cold = [value / len(self.pairs) for value in seconds["backportq cold"]]
        slow = [
            value / contestants["git cherry-pick in a worktree"][1]
            for value in seconds["git cherry-pick in a worktree"]
        ]
        bare = [value / len(self.pairs) for value in seconds["one merge-tree --stdin"]]
        print(f"cold, throughput against the worktree: {ratio(slow, cold)} times")
        print(f"cold, time against one --stdin process: {ratio(cold, bare)}")
        print(f"warm, 1000 verdicts: {1000 * statistics.median(seconds['backportq warm']) / len(self.pairs):.3f} s")
        print(f"memory, cold, with all children and temporary objects: {self.memory() / 1e6:.0f} MB")

    def worktree(self) -> float:
        """Cherry-pick a sample in a working tree, resetting it each time."""
        start = time.perf_counter()
        step = max(len(self.pairs) // SLOW_SAMPLE, 1)
        for commit, onto in self.pairs[::step][:SLOW_SAMPLE]:
            git(self.work, "reset", "-q", "--hard")
            git(self.work, "checkout", "-q", "-f", "--detach", onto)
            done = subprocess.run(
                ["git", "cherry-pick", "--allow-empty", commit], cwd=self.work, capture_output=True, check=False
            )
            if done.returncode:
                subprocess.run(["git", "cherry-pick", "--quit"], cwd=self.work, capture_output=True, check=False)
        return time.perf_counter() - start

    def single(self) -> float:
        """Merge a sample with a process each."""
        lines = self.lines.splitlines()
        step = max(len(lines) // SINGLE_SAMPLE, 1)
        start = time.perf_counter()
        for line in lines[::step][:SINGLE_SAMPLE]:
            subprocess.run(
                ["git", "merge-tree", "--write-tree", *line.split()], cwd=self.bare, capture_output=True, check=False
            )
        return time.perf_counter() - start

    def stdin(self) -> float:
        """Merge all in one process, with its objects in a directory in memory."""
        objects = self.directory / "objects"
        shutil.rmtree(objects, ignore_errors=True)
        objects.mkdir()
        env = {
            **os.environ,
            "GIT_OBJECT_DIRECTORY": str(objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.bare / "objects"),
        }
        start = time.perf_counter()
        subprocess.run(
            ["git", "-c", "core.fsync=none", "merge-tree", "--write-tree", "--stdin"],
            cwd=self.bare,
            env=env,
            input=self.lines,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - start

    def cold(self) -> float:
        """Try all with no cache."""
        shutil.rmtree(self.bare / "backportq", ignore_errors=True)
        return self.warm()

    def warm(self) -> float:
        """Try all with what the last run left in the cache."""
        start = time.perf_counter()
        self._program().wait()
        return time.perf_counter() - start

    def memory(self) -> int:
        """Return the greatest sum of the proportional memory of the program and its children, sampled, in bytes."""
        shutil.rmtree(self.bare / "backportq", ignore_errors=True)
        scratch = self.directory / "scratch"
        scratch.mkdir()
        process = self._program({"BACKPORTQ_SCRATCH": str(scratch)})
        greatest = 0
        while process.poll() is None:
            greatest = max(greatest, sum(map(pss_of, family_of(process.pid))) + size_of(scratch))
            time.sleep(0.02)
        return greatest

    def _program(self, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [str(PROGRAM), "try", "--stdin", "--json"],
            cwd=self.bare,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        asked = "".join(f"{commit} {onto}\n" for commit, onto in self.pairs).encode()

        def feed() -> None:
            if process.stdin is not None:
                process.stdin.write(asked)
                process.stdin.close()

        threading.Thread(target=feed).start()
        return process


def family_of(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def pss_of(pid: int) -> int:
    """Return the memory of a process in bytes, what it shares counted in proportion."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    match = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def size_of(directory: Path) -> int:
    """Return the bytes of the files below a directory."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(folder) / name).lstat().st_size
    return total


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> str:
    """Return the ratio round by round: median and spread."""
    values = [one / other for one, other in zip(numerators, denominators, strict=True)]
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def git(directory: Path, *args: str, stdin: bytes | None = None) -> bytes:
    """Run git and return its output."""
    return subprocess.run(["git", *args], cwd=directory, input=stdin, capture_output=True, check=True).stdout


def git_version() -> str:
    """Return `git version ...`."""
    return git(Path(), "version").decode().strip()


def run(*command: str) -> None:
    """Run a command that must work."""
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
