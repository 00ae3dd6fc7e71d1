"""What identity keys and merges add to a first scan, as the processor time of whole processes with their git.

    python -m bench.changes REPO --upstream main --branch v7.2.x --branch v8.0.x

The promise is at most 20 %. One side is the program; on the other, keys are not read, titles not compared, and merges
are no changes. Both run in turn in a temporary clone that borrows the objects of REPO, after `init`.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.scan import git, run

_WITHOUT = "--scan-without"


def main() -> None:
    """Measure and print; with `--scan-without`, be the other side."""
    if sys.argv[1:] == [_WITHOUT]:
        scan_without()
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--upstream", default="master")
    parser.add_argument("--branch", action="append", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone.git"
        git("clone", "--quiet", "--bare", "--shared", str(asked.repository), str(clone), cwd=Path.cwd())
        for key, value in (("user.name", "Bench Runner"), ("user.email", "bench@example.org")):
            git("config", key, value, cwd=clone)
        measure(asked, clone)


def measure(asked: argparse.Namespace, clone: Path) -> None:
    """Print the processor time of both sides and their ratio, round by round."""
    program = str(Path(sys.executable).with_name("backportq"))
    options = [f"--branch={name}" for name in asked.branch]
    start = shlex.join([program, "init", "--upstream", asked.upstream, *options])
    sides = {"with": [program, "scan", "--json"], "without": [sys.executable, "-m", "bench.changes", _WITHOUT]}
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(asked.rounds + 1):
        for side, command in sides.items():
            git("update-ref", "-d", "refs/heads/backportq", cwd=clone)
            run("rm -rf backportq", clone)
            run(start, clone)
            taken = _processor_seconds(command, clone)
            if number > 0:  # the first round warms up
                seconds[side].append(taken)
    for side, values in seconds.items():
        print(f"{side:<8} median {statistics.median(values):.3f} s  ({min(values):.3f} to {max(values):.3f})")
    ratios = [one / other for one, other in zip(seconds["with"], seconds["without"], strict=True)]
    print(f"with / without: median {statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")


def _processor_seconds(command: Sequence[str], clone: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    here = str(Path(__file__).parents[1])
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": here, "HOME": str(clone)}
    subprocess.run(command, cwd=clone, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scan_without() -> None:
    """Run `scan --json` with keys and titles that tell nothing, and without changes."""
    from backportq.cli.main import main as run_program
    from backportq.model.change_names import CommitNames
    from backportq.model.commit import Commit
    from backportq.model.history.subjects import normal_subject_of
    from backportq.services.history import gather, upstream
    from backportq.services.history.changes import NO_CHANGES
    from backportq.services.history.identity_keys import IdentityKeySource
    from backportq.services.history.subject_matches import TitleSource

    def subject_alone(commit: Commit) -> CommitNames:
        subject = normal_subject_of(commit)
        return CommitNames(subject, subject, ())

    telling_nothing: tuple[tuple[object, str, object], ...] = (
        (gather, "find_changes", lambda _: NO_CHANGES),
        (IdentityKeySource, "explain", lambda *_: {}),
        (TitleSource, "explain", lambda *_: {}),
        (TitleSource, "proposed", lambda _, branches: {branch.name: {} for branch in branches}),
        (TitleSource, "knows_title_of", lambda *_: False),
        (TitleSource, "repeated", lambda _: iter(())),
        (upstream, "names_of", subject_alone),
    )
    for holder, name, value in telling_nothing:
        setattr(holder, name, value)
    sys.exit(run_program(["scan", "--json"]))


if __name__ == "__main__":
    main()
