"""`landed` against the marks of projects that merge or squash pull requests; run by `make truth FORGES=DIR DATA=DIR`.

`BACKPORTQ_FORGES` is a folder with clones (`astropy.git`, `aiohttp.git`, `containerd.git`; read only) and
`BACKPORTQ_TRUTH` one with the tables (branch, pick, upstream commit, how it is known, whether they share a path).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection
from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.model.branch_names import branch_named
from backportq.model.config import Config
from backportq.model.history.landed import EvidenceKind
from backportq.model.ids import BranchName
from backportq.services.history.gather import gather

_CLONES = os.environ.get("BACKPORTQ_FORGES")
_DATA = os.environ.get("BACKPORTQ_TRUTH")
pytestmark = pytest.mark.skipif(not (_CLONES and _DATA), reason="needs BACKPORTQ_FORGES and BACKPORTQ_TRUTH")


@pytest.mark.parametrize(
    ("project", "table", "upstream", "least"),
    [
        ("astropy", "astropy", "main", 0.99),
        ("aiohttp", "aiohttp-sample", "master", 0.95),
        ("containerd", "containerd", "main", 1.0),
    ],
)
def test_picks_of_a_forge_are_found_and_share_a_path(
    tmp_path: Path, project: str, table: str, upstream: str, least: float
) -> None:
    clone = tmp_path / "clone.git"
    source = Path(str(_CLONES)) / f"{project}.git"
    subprocess.run(["git", "clone", "-q", "--bare", "--shared", "--", str(source), str(clone)], check=True)
    rows = [line.split("\t") for line in (Path(str(_DATA)) / f"{table}.tsv").read_text().splitlines()[1:]]
    names = sorted({row[0] for row in rows})
    config = Config(BranchName(upstream), tuple(map(branch_named, names)), dialects=("generic",))
    facts = gather(discover(clone), config)
    members = facts.changes.members
    found = {
        (branch.branch.name, pick.commit, oid): pick
        for branch in facts.branches
        for pick in branch.picks
        for oid in (pick.upstream, facts.changes.of(pick.upstream), *members.get(pick.upstream, ()))
    }
    wanted = {(row[0], row[1], row[2]) for row in rows}
    missing = {each for each in wanted if each not in found}
    missing = {
        (name, pick, oid) for name, pick, oid in missing if not _is_member_found(clone, {*found}, name, pick, oid)
    }
    assert len(missing) <= len(wanted) * (1 - least), sorted(missing)
    known = {row[1] for row in rows}
    by_key = {
        (pick.commit, pick.upstream)
        for pick in found.values()
        if pick.commit not in known and pick.evidence[0].kind is EvidenceKind.KEY
    }
    assert [pair for pair in by_key if not _paths(clone, pair[0]) & _paths(clone, pair[1])] == []


def _is_member_found(clone: Path, found: Collection[tuple[str, str, str]], name: str, pick: str, upstream: str) -> bool:
    command = ["git", "-C", str(clone), "rev-list", f"{upstream}^1..{upstream}"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    return any((name, pick, oid) in found for oid in listed)


def _paths(clone: Path, commit: str) -> set[str]:
    command = [
        "git",
        "-C",
        str(clone),
        "diff-tree",
        "-r",
        "--name-only",
        "--no-commit-id",
        "-m",
        "--first-parent",
        commit,
    ]
    return set(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\n")) - {""}
