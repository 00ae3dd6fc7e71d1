"""How long `init`, `scan`, `pending` and `--help` take, against git reading the same commits.

    python -m bench.scan REPO --upstream master --branch stable-4.17 --branch stable-4.18 …

The promise of a first scan is at most 2 times `git rev-list | git cat-file --batch` over the whole history after
`init`, which is what whoever sets a queue up meets, and at most 3 times "cold": with no index, as for a colleague who
gets a queue with a fresh clone. REPO is not written to: the queue goes to a temporary bare clone that borrows its
objects. git's own files are in the page cache for all sides.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.stopwatch import Contestant, race, report


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--upstream", default="master")
    parser.add_argument("--branch", action="append", required=True)
    parser.add_argument("--dialect", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone.git"
        measure(asked, clone)


def measure(asked: argparse.Namespace, clone: Path) -> None:
    """Measure in `clone`, which is made for it."""
    git("clone", "--quiet", "--bare", "--shared", str(asked.repository), str(clone), cwd=Path.cwd())
    for key, value in (("user.name", "Bench Runner"), ("user.email", "bench@example.org")):
        git("config", key, value, cwd=clone)
    program = shlex.quote(str(Path(sys.executable).with_name("backportq")))
    options = [f"--branch={name}" for name in asked.branch] + [f"--dialect={name}" for name in asked.dialect]
    init = f"{program} init --upstream {shlex.quote(asked.upstream)} {shlex.join(options)}"

    def clear() -> None:
        git("update-ref", "-d", "refs/heads/backportq", cwd=clone)
        shutil.rmtree(clone / "backportq", ignore_errors=True)

    def start() -> None:
        clear()
        run(init, clone)

    def forget() -> None:
        start()
        shutil.rmtree(clone / "backportq", ignore_errors=True)

    tips = shlex.join([asked.upstream, *asked.branch])
    base = git("merge-base", "--octopus", asked.upstream, *asked.branch, cwd=clone)
    first = race(
        [
            Contestant("git, whole history", f"git rev-list {tips} | git cat-file --batch", clone),
            Contestant("git, since the oldest base", f"git rev-list {tips} ^{base} | git cat-file --batch", clone),
            Contestant("init", init, clone, clear),
            Contestant("first scan, after init", f"{program} scan --json", clone, start),
            Contestant("first scan, cold", f"{program} scan --json", clone, forget),
        ],
        rounds=asked.rounds,
    )
    report(
        first,
        [
            ("first scan, after init", "git, whole history"),
            ("first scan, cold", "git, whole history"),
            ("first scan, cold", "git, since the oldest base"),
        ],
    )
    run(f"{program} scan --json", clone)
    run(f"{program} pending --json", clone)
    again = race(
        [
            Contestant("second scan", f"{program} scan --json", clone),
            Contestant("pending, warm", f"{program} pending --json", clone),
            Contestant("pending, warm, as a table", f"{program} pending", clone),
            Contestant("--help", f"{program} --help", clone),
            Contestant("python -c pass", f"{shlex.quote(sys.executable)} -c pass", clone),
        ],
        rounds=asked.rounds,
    )
    report(again)


def git(*args: str, cwd: Path) -> str:
    """Run git and return what it prints."""
    return subprocess.run(["git", *args], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def run(command: str, directory: Path) -> None:
    """Run a shell command whose output does not matter."""
    subprocess.run(command, shell=True, cwd=directory, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
