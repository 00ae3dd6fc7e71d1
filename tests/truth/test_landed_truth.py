"""`landed` against what is known of a real history; run by `make truth REPO=clone DATA=folder`, else skipped.

`BACKPORTQ_XEN` names a clone of Xen (read only, nothing is written there) and `BACKPORTQ_TRUTH` the folder with
`xen-landed-sample.tsv` (branch, commit, kind, upstream commits) and `xen-landed-traps.tsv` (trap, branch, commit,
upstream commits, reason).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository, discover
from backportq.model.config import Config, StableBranch
from backportq.model.history.landed import EvidenceKind, LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.services.history.facts import BranchFacts
from backportq.services.history.gather import gather

_CLONE = os.environ.get("BACKPORTQ_XEN")
_DATA = os.environ.get("BACKPORTQ_TRUTH")
pytestmark = pytest.mark.skipif(not (_CLONE and _DATA), reason="needs BACKPORTQ_XEN and BACKPORTQ_TRUTH")

BRANCHES = ("stable-4.14", "stable-4.16", "stable-4.18")
BY_CONTENT = frozenset({EvidenceKind.PATCH_ID, EvidenceKind.SUBJECT})
Truth = Mapping[str, tuple[str, frozenset[str]]]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the given repository that shares its objects, so that nothing is written there."""
    path = tmp_path_factory.mktemp("truth") / "clone.git"
    subprocess.run(["git", "clone", "-q", "--bare", "--shared", "--", str(_CLONE), str(path)], check=True)
    return path


@pytest.mark.parametrize("branch", BRANCHES)
def test_landed_of_a_real_branch_finds_every_pick_and_no_wrong_one(clone: Path, branch: str) -> None:
    truth = _sample(branch)
    facts = _branch_facts(discover(clone), branch)
    picks = _by_commit(facts.picks)
    assert set(facts.own) == set(truth)
    wanted = {(commit, upstream) for commit, (_, upstreams) in truth.items() for upstream in upstreams}
    found = {(pick.commit, pick.upstream) for pick in facts.picks}
    missing = wanted - found
    assert len(missing) <= len(wanted) * 0.005, sorted(missing)
    # Where the line names an id that no longer exists the sample has no upstream; content may still tell which it was.
    known_by_content = {
        (commit, upstream)
        for commit, upstream in found - wanted
        if not truth[commit][1] and {item.kind for item in picks[commit][upstream].evidence} <= BY_CONTENT
    }
    assert found - wanted - known_by_content == set()


def test_landed_of_the_traps_names_no_wrong_commit(clone: Path) -> None:
    repository = discover(clone)
    traps = [line.split("\t") for line in _lines("xen-landed-traps.tsv")]
    wrong = []
    for branch in sorted({trap[1] for trap in traps}):
        facts = _branch_facts(repository, branch)
        picks = _by_commit(facts.picks)
        for name, _, commit, upstreams, *_ in (trap for trap in traps if trap[1] == branch):
            wanted = _ids(upstreams)
            found = picks.get(commit, {})
            if set(found) == wanted:
                continue
            by_content = not wanted and all(
                {item.kind for item in pick.evidence} <= BY_CONTENT for pick in found.values()
            )
            if not by_content:
                wrong.append((name, branch, commit, sorted(found), sorted(wanted)))
    assert wrong == []


@pytest.mark.parametrize("branch", BRANCHES)
def test_landed_without_pick_lines_is_found_by_content(clone: Path, branch: str) -> None:
    truth = _sample(branch)
    repository = discover(clone)
    rewritten = _without_lines(repository, branch, list(_branch_facts(repository, branch).own))
    facts = _branch_facts(repository, f"hidden-{branch}")
    found = {(pick.commit, pick.upstream) for pick in facts.picks}
    wanted = {
        (rewritten[Oid(commit)], upstream)
        for commit, (_, upstreams) in truth.items()
        for upstream in upstreams
        if len(upstreams) == 1
    }
    missing, extra = wanted - found, {pair for pair in found - wanted if pair[0] in {commit for commit, _ in wanted}}
    print(f"{branch}: {len(wanted) - len(missing)} of {len(wanted)} found by content alone, {len(extra)} wrong")  # noqa: T201
    assert len(missing) <= len(wanted) * 0.02, sorted(missing)
    assert extra == set()


def _branch_facts(repository: Repository, branch: str) -> BranchFacts:
    stable = StableBranch(BranchName(branch), branch.rsplit("-", 1)[1])
    return gather(repository, Config(BranchName("master"), (stable,), dialects=("xen",))).branches[0]


def _without_lines(repository: Repository, branch: str, own: list[Oid]) -> dict[Oid, str]:
    """Rewrite the commits of a branch without the lines that tell where they come from; return old id → new id."""
    grammar = grammar_of(("xen",))
    commits = read_commits(repository, own)
    new_ids: dict[Oid, str] = {}
    for oid in own:
        headers, _, body = commits[oid].raw.partition(b"\n\n")
        lines = {mark.text for mark in read_picks(commits[oid].message, grammar)}
        kept = [
            line
            for line in body.decode("utf-8", "surrogateescape").split("\n")
            if line.strip() not in lines and not line.lower().startswith("master date:")
        ]
        text = headers.decode("ascii", "surrogateescape")
        for parent in commits[oid].parents:
            text = text.replace(f"parent {parent}", f"parent {new_ids.get(parent, parent)}")
        raw = (text + "\n\n" + "\n".join(kept)).encode("utf-8", "surrogateescape")
        new_ids[oid] = repository.git.text("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    repository.git.run("update-ref", f"refs/heads/hidden-{branch}", new_ids[own[-1]])
    return new_ids


def _by_commit(picks: Iterable[LandedPick]) -> dict[str, dict[str, LandedPick]]:
    found: dict[str, dict[str, LandedPick]] = {}
    for pick in picks:
        found.setdefault(pick.commit, {})[pick.upstream] = pick
    return found


def _sample(branch: str) -> Truth:
    rows = [line.split("\t") for line in _lines("xen-landed-sample.tsv")]
    return {commit: (kind, _ids(upstreams)) for its_branch, commit, kind, upstreams in rows if its_branch == branch}


def _ids(text: str) -> frozenset[str]:
    return frozenset(() if text in ("-", "") else text.split(","))


def _lines(name: str) -> list[str]:
    text = (Path(str(_DATA)) / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
