"""How long `apply` takes for a whole queue, against `git cherry-pick -x`, and whether the commits are the same.

    python -m bench.apply REPO --upstream master --branch stable-4.17 --branch stable-4.18 --apply stable-4.18

REPO is not written to: everything happens in a temporary bare clone that borrows its objects, on a tmpfs where there is
one. "As one series" is one git process with exactly the commits that apply; "one by one" is what a person does who does
not know which apply: `git cherry-pick -x` for each item, `--abort` where it conflicts. "Cold" means that backportq has
no cache, "warm" that `pending` was looked at before.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.stopwatch import Contestant, race, report

_TOPIC = "bench-topic"


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--upstream", default="master")
    parser.add_argument("--branch", action="append", required=True)
    parser.add_argument("--apply", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        measure(asked, Path(folder))


def measure(asked: argparse.Namespace, folder: Path) -> None:
    """Measure in `folder`."""
    clone, worktree = folder / "clone.git", folder / "worktree"
    os.environ["GIT_COMMITTER_DATE"] = "1767225600 +0000"  # so that equal picks are equal commits
    git("clone", "--quiet", "--bare", "--shared", str(asked.repository), str(clone), cwd=Path.cwd())
    for key, value in (("user.name", "Bench Runner"), ("user.email", "bench@example.org")):
        git("config", key, value, cwd=clone)
    program = shlex.quote(str(Path(sys.executable).with_name("backportq")))
    options = shlex.join(f"--branch={name}" for name in asked.branch)
    run(f"{program} init --upstream {shlex.quote(asked.upstream)} {options}", clone)
    run(f"{program} scan", clone)
    command = f"{program} apply {shlex.quote(asked.apply)} --onto {_TOPIC} --force --style cherry-pick --json"
    told = json.loads(subprocess.run(command, shell=True, cwd=clone, check=True, capture_output=True, text=True).stdout)
    items = [one["commit"] for one in told["results"]]
    applied = [one["commit"] for one in told["results"] if one["made"] is not None]
    ours = git("rev-list", "--reverse", f"{told['onto']}..{_TOPIC}", cwd=clone).split()
    git("worktree", "add", "--quiet", "--detach", str(worktree), told["onto"], cwd=clone)
    (folder / "applied").write_text("\n".join(applied))
    (folder / "items").write_text("\n".join(items))

    def back() -> None:
        git("checkout", "--quiet", "--force", "--detach", told["onto"], cwd=worktree)

    def forget() -> None:
        shutil.rmtree(clone / "backportq", ignore_errors=True)

    series = "xargs -n 10000 git cherry-pick -x < ../applied"
    by_hand = (
        "while read -r one; do git cherry-pick -x $one 2>/dev/null || git cherry-pick --abort || true; done < ../items"
    )
    run(series, worktree)
    theirs = git("rev-list", "--reverse", f"{told['onto']}..HEAD", cwd=worktree).split()
    same = sum(a == b for a, b in zip(ours, theirs, strict=False))
    print(
        f"{asked.apply}: {len(items)} items, {len(applied)} apply in order; {same} of {len(theirs)} commits equal git's"
    )
    seconds = race(
        [
            Contestant("git cherry-pick -x, one by one", by_hand, worktree, back),
            Contestant("git cherry-pick -x, as one series", series, worktree, back),
            Contestant("backportq apply, cold", command, clone, forget),
            Contestant("backportq apply, warm", command, clone),
        ],
        rounds=asked.rounds,
    )
    report(
        seconds,
        [
            ("git cherry-pick -x, one by one", "backportq apply, cold"),
            ("git cherry-pick -x, one by one", "backportq apply, warm"),
            ("git cherry-pick -x, as one series", "backportq apply, cold"),
            ("git cherry-pick -x, as one series", "backportq apply, warm"),
        ],
    )
    if ours != theirs:
        sys.exit("the commits differ")


def git(*args: str, cwd: Path) -> str:
    """Run git and return what it prints."""
    return subprocess.run(["git", *args], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def run(command: str, directory: Path) -> None:
    """Run a shell command whose output does not matter."""
    subprocess.run(command, shell=True, cwd=directory, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
