"""How what a command costs grows with the history: processor time and memory over 10³ to 10⁶ commits.

    python -m bench.growth --most 1000000

Histories of `tests/scale/history.py`, each with five stable branches, in a temporary folder (TMPDIR; 1.5 GB at a
million). Times are those of the processor, children included, the least of some rounds: they say the same on a busy
machine. The first table has what is done once a clone, with git reading the same commits beside it; the second what is
done every day, with an index that is up to date.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.scale.history import BRANCHES, Size, make_history

_MOST_FILES = 79_507
_OPTIONS = " ".join(f"--branch {name}" for name in BRANCHES)
_READING = "git, reading the same"
_ONCE = ("init", "scan")
_DAILY = (
    *("scan", "status", "show", "explain", "check", "stats", "landed", "pending"),
    *("note", "tag", "lint", "assign", "pick"),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=100_000, metavar="COMMITS", help="the longest history")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    sizes = [size for size in (10**power for power in range(3, 8)) if size <= asked.most]
    once: dict[str, list[str]] = {}
    daily: dict[str, list[str]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            repository = Path(folder) / "history.git"
            _build(repository, size)
            for name, figure in _measure_once(repository).items():
                once.setdefault(name, []).append(figure)
            for name, figure in _measure_daily(repository, asked.rounds).items():
                daily.setdefault(name, []).append(figure)
    _print_table("once", sizes, once)
    _print_table("every day", sizes, daily)


def _build(repository: Path, size: int) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "master", repository], check=True)
    for key, value in (("user.name", "Bench Runner"), ("user.email", "bench@example.org"), ("gc.auto", "0")):
        subprocess.run(["git", "config", key, value], cwd=repository, check=True)
    make_history(repository, Size(size, min(size, _MOST_FILES)))


def _measure_once(repository: Path) -> dict[str, str]:
    program = shlex.quote(str(Path(sys.executable).with_name("backportq")))
    tips = " ".join(("master", *BRANCHES))
    reading = _cost(f"git rev-list {tips} | git cat-file --batch", repository)
    found = {_READING: _shown(*reading)}
    for name, command in zip(_ONCE, (f"init --upstream master {_OPTIONS}", "scan"), strict=True):
        found[f"first {name}"] = _shown(*_cost(f"{program} {command}", repository))
    return found


def _measure_daily(repository: Path, rounds: int) -> dict[str, str]:
    program = shlex.quote(str(Path(sys.executable).with_name("backportq")))
    newest = BRANCHES[-1]
    _cost(f"{program} people add 'bench <bench@example.org>'", repository)
    listed = subprocess.run(
        f"{program} pending --verdict clean --json", shell=True, cwd=repository, capture_output=True, check=True
    ).stdout
    item = json.loads(listed)["items"][-1]  # of the newest branch that has one
    commit, branch = item["commit"], item["branch"]
    _cost(f"{program} pending", repository)
    words = {
        "show": f"show {commit}",
        "explain": f"explain {commit} {branch}",
        "check": f"check {newest}",
        "landed": f"landed {newest}",
        "note": f"note {commit} -m seen",
        "tag": f"tag master~1 --branch {newest}",
        "lint": "lint master~1..master",
        "assign": f"assign {commit} --to bench",
        "pick": f"pick {commit} --branch {branch} --onto bench --force",
    }
    found = {}
    for name in _DAILY:
        command = f"{program} {words.get(name, name)}"
        _cost(command, repository)  # what is worked out once and kept, such as deviations of picks
        costs = [_cost(command, repository) for _ in range(rounds)]
        found[name] = _shown(min(seconds for seconds, _ in costs), max(memory for _, memory in costs))
    return found


def _cost(command: str, directory: Path) -> tuple[float, int]:
    """Return processor time in seconds, children included, and the largest memory of one process in MiB."""
    pid = os.posix_spawn(
        "/bin/sh", ["sh", "-c", f"cd {shlex.quote(str(directory))} && {command} > /dev/null"], dict(os.environ)
    )
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"'{command}' failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss >> 10


def _shown(seconds: float, memory: int) -> str:
    return f"{seconds:.2f} s, {memory} MiB"


def _print_table(title: str, sizes: Sequence[int], rows: dict[str, list[str]]) -> None:
    print(f"\n| {title} | " + " | ".join(f"{size:,} commits" for size in sizes) + " |")
    print("|---|" + "---|" * len(sizes))
    for name, figures in rows.items():
        print(f"| {name} | " + " | ".join(figures) + " |")


if __name__ == "__main__":
    main()
