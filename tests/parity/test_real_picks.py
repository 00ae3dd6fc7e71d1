"""Real backports of a real history, made again by `pick` and by `git cherry-pick`: same commits, same conflicts.

Needs a clone that may be written to, in `BACKPORTQ_PICK_REPO` (branches `tests-*` are made in it). For each of
`BACKPORTQ_PICK_COUNT` random backports its branch is set back to before it. Put the clone on a tmpfs: git's own
cherry-pick checks out a worktree for each.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backportq.git.read.lookup import resolve_abbreviations
from backportq.git.repository import discover
from backportq.model.ids import Oid
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.services.picks.pick import PickReport, pick
from backportq.services.picks.request import PickRequest
from backportq.services.picks.resume import abort_pick
from backportq.services.project import Project, project_in
from tests.git.picking.oracle import MOMENT, CherryPicker

REPO = os.environ.get("BACKPORTQ_PICK_REPO")  # read now: the environment of a running test is sealed
COUNT = int(os.environ.get("BACKPORTQ_PICK_COUNT", "60"))
SEED = int(os.environ.get("BACKPORTQ_PICK_SEED", "1"))
BASE, TOPIC = "tests-base", "tests-topic"

pytestmark = pytest.mark.skipif(REPO is None, reason="needs a clone to write to in BACKPORTQ_PICK_REPO")


@dataclass(frozen=True)
class Backport:
    """A backport as it was made: `pick` of `upstream`, on top of `onto`."""

    pick: str
    upstream: str
    onto: str


@pytest.fixture(scope="module")
def project() -> Project:
    return project_in(discover(Path(str(REPO))))


@pytest.fixture(scope="module")
def picker(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CherryPicker]:
    place = Path("/dev/shm" if Path("/dev/shm").is_dir() else tmp_path_factory.mktemp("w")) / f"picks-{os.getpid()}"
    head = _git(project, "for-each-ref", "--count=1", "--format=%(objectname)", "refs/heads")
    yield CherryPicker(project.repository.common_dir, place, start=head)
    _git(project, "worktree", "remove", "--force", str(place))


def _git(project: Project, *arguments: str) -> str:
    done = subprocess.run(
        ["git", f"--git-dir={project.repository.common_dir}", *arguments], capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def _backports(project: Project) -> list[Backport]:
    """Return every backport on the stable branches whose message names an upstream commit that is here."""
    repository = discover(project.repository.common_dir)
    grammar = grammar_of(("xen", "linux", "dpdk"))
    listing = _git(
        project, "log", "--no-merges", "--format=%H %P%x00%B%x01", "--glob=refs/heads/*stable*", "--not", "master"
    )
    named: dict[str, tuple[str, str]] = {}
    for entry in listing.split("\x01"):
        ids, _, message = entry.strip().partition("\0")
        marks = read_picks(message, grammar)
        if len(ids.split()) == 2 and marks:
            named[ids.split()[0]] = (ids.split()[1], marks[0].hex)
    found = resolve_abbreviations(repository, {hex_ for _, hex_ in named.values()})
    return sorted(
        (Backport(oid, upstream[0], onto) for oid, (onto, hex_) in named.items() if len(upstream := found[hex_]) == 1),
        key=lambda one: one.pick,
    )


def _again(project: Project, backport: Backport, style: str) -> PickReport:
    """Pick it once more, on a branch that is where its branch was."""
    _git(project, "update-ref", f"refs/heads/{BASE}", backport.onto)
    return pick(project, PickRequest((backport.upstream,), BASE, onto=TOPIC, force=True, again=True, style=style))


def test_pick_real_backports_are_those_of_git_cherry_pick(
    project: Project, picker: CherryPicker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", MOMENT)
    sample = random.Random(SEED).sample(_backports(project), COUNT)
    seen: Counter[str] = Counter()
    for backport in sample:
        expected = picker.pick(backport.upstream, backport.onto, "-x")
        report = _again(project, backport, "cherry-pick")
        if report.waiting is not None:
            assert expected.commit is None, backport
            left = _unmerged(report.waiting.worktree)
            abort_pick(project, TOPIC, Path())
            assert left == expected.unmerged, backport
            seen["conflict"] += 1
        elif not report.made:
            assert expected.commit is None, backport
            assert expected.unmerged == ""
            seen["empty"] += 1
        else:
            assert report.tip == expected.commit, backport
            seen["clean"] += 1
            seen["as on the branch: tree"] += _tree(project, report.tip) == _tree(project, backport.pick)
            xen = _again(project, backport, "xen")
            assert _tree(project, xen.tip) == _tree(project, report.tip)
            real = _git(project, "log", "-1", "--format=%B", backport.pick)
            if f"master commit: {backport.upstream}" in real:
                seen["in Xen's style on the branch"] += 1
                seen["the very message of the branch"] += _git(project, "log", "-1", "--format=%B", xen.tip) == real
    sys.stdout.write(f"{dict(seen)}\n")
    assert seen["clean"]


def _unmerged(worktree: Path) -> str:
    done = subprocess.run(["git", "ls-files", "-u"], cwd=worktree, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def _tree(project: Project, oid: str | Oid) -> str:
    return _git(project, "rev-parse", f"{oid}^{{tree}}")
