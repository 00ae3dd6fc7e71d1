"""Real backports: verdict and tree equal to git's, where a repository is given.

`make parity REPO=DIR` sets `BACKPORTQ_PARITY_REPO`. The oracle is `git cherry-pick` itself, or, with
`BACKPORTQ_PARITY_PAIRS` (tab-separated: branch, commit, onto, verdict, tree), what it gave when the file was made.
`BACKPORTQ_PARITY_COUNT` says how many picks are compared with git at about 100 ms each.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.git.trials import run_trials
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Trial
from bench.trials import find_pairs
from tests.parity.oracle import Oracle

REPO = os.environ.get("BACKPORTQ_PARITY_REPO")
PAIRS = os.environ.get("BACKPORTQ_PARITY_PAIRS")
COUNT = int(os.environ.get("BACKPORTQ_PARITY_COUNT", "200"))
needs_repo = pytest.mark.skipif(not REPO, reason="no repository given: make parity REPO=DIR")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A bare clone that borrows the objects, so that the given repository gets not even a cache."""
    subprocess.run(["git", "clone", "-q", "--bare", "--shared", str(REPO), str(tmp_path / "clone")], check=True)
    return tmp_path / "clone"


@needs_repo
def test_trials_of_real_backports_are_what_cherry_pick_gives(clone: Path, tmp_path: Path) -> None:
    pairs = find_pairs(clone)
    pairs = pairs[:: max(len(pairs) // COUNT, 1)][:COUNT]
    assert pairs, "the repository has no commit that says of what it is a pick"
    found = run_trials(discover(clone), [(Oid(commit), Oid(onto)) for commit, onto in pairs])
    oracle = Oracle(clone, tmp_path / "oracle")
    wanted = [oracle.pick(*pair) for pair in pairs]
    answers = [(str(each.verdict), each.tree) if isinstance(each, Trial) else ("failed", None) for each in found]
    assert answers == [(each.verdict, each.tree) for each in wanted]


@needs_repo
@pytest.mark.skipif(not PAIRS, reason="no file of known verdicts given")
def test_trials_of_known_pairs_are_what_cherry_pick_gave(clone: Path) -> None:
    rows = [line.split("\t") for line in Path(PAIRS or "").read_text().splitlines() if not line.startswith("#")]
    found = run_trials(discover(clone), [(Oid(row[1]), Oid(row[2])) for row in rows])
    wrong = [
        (row, each)
        for row, each in zip(rows, found, strict=True)
        if not isinstance(each, Trial) or each.verdict != row[3] or (row[3] != "conflict" and each.tree != row[4])
    ]
    assert rows
    assert wrong == []
