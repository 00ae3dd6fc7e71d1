"""Tables on narrow terminals: every column keeps its title, and what a row goes on with is indented."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import answered


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("narrow") / "evidence"
    build("evidence", folder)
    assert run("init", cwd=folder).status == 0
    return folder


def _shown(folder: Path, monkeypatch: pytest.MonkeyPatch, width: int, *arguments: str) -> list[str]:
    """Return the lines that a terminal of this width shows."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("GIT_PAGER", "cat")
    shown, status = answered(folder, "no question", "", *arguments)
    assert status == 0, shown
    lines = shown.split("\n")
    assert max(map(len, lines)) <= width
    return lines


def _id(folder: Path, revision: str) -> str:
    return subprocess.check_output(["git", "rev-parse", "--short=12", revision], cwd=folder, text=True).strip()


def test_landed_on_80_columns_says_which_id_is_upstreams(evidence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream, pick = _id(evidence, "master^{/steps: by -x}"), _id(evidence, "stable-1.0^{/steps: by -x}")
    assert _shown(evidence, monkeypatch, 80, "landed", "1.0")[:4] == [
        "upstream      pick          evidence                    differs",
        "  now     subject",
        f"{upstream}  {pick}  trailer, patch-id, subject  identical",
        "  landed  steps: by -x",
    ]


def test_landed_on_40_columns_keeps_its_header(evidence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream, pick = _id(evidence, "master^{/steps: by -x}"), _id(evidence, "stable-1.0^{/steps: by -x}")
    assert _shown(evidence, monkeypatch, 40, "landed", "1.0")[:8] == [
        "upstream      pick",
        "  evidence",
        "  differs             now",
        "  subject",
        f"{upstream}  {pick}",
        "  trailer, patch-id, subject",
        "  identical           landed",
        "  steps: by -x",
    ]


@pytest.mark.parametrize(
    ("width", "header"),
    [
        (80, ["branch      backports  people  first two  lag: median   90 %   99 %", "  most by"]),
        (40, ["branch      backports  people  first two", "  lag: median   90 %   99 %", "  most by"]),
    ],
)
def test_stats_on_a_narrow_terminal_indents_what_goes_on(
    evidence: Path, monkeypatch: pytest.MonkeyPatch, width: int, header: list[str]
) -> None:
    lines = _shown(evidence, monkeypatch, width, "stats")
    at = next(at for at, line in enumerate(lines) if line.startswith("branch"))
    assert lines[at : at + len(header)] == header
    assert [line[:2] for line in lines[at + len(header) : at + 2 * len(header)]] == ["st"] + ["  "] * (len(header) - 1)


@pytest.fixture
def voted(tmp_path: Path) -> Path:
    """A project without a policy on votes, in which one person approves and one objects."""
    folder = tmp_path / "demo"
    build("demo", folder)
    approve = ("approve", _id(folder, "master^{/berth: free}"), "-b", "1.0")
    object_ = ("object", _id(folder, "master^{/pilot: serve}"), "-b", "1.0", "-m", "no")
    for arguments in (("init",), ("scan",), approve, object_):
        assert run(*arguments, cwd=folder, env={"GIT_COMMITTER_DATE": "2026-06-01T12:00:00Z"}).status == 0
    return folder


def test_pending_votes_nobody_wanted_stand_below_their_items(voted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _id(voted, "master^{/berth: free}"), _id(voted, "master^{/pilot: serve}")
    shown = _shown(voted, monkeypatch, 80, "pending", "1.0")
    assert shown[1].split() == ["commit", "verdict", "likely", "age", "why", "subject"]
    for commit, subject, vote in (
        (first, "berth: free the slot when a ship leaves", "approved by Cora Committer on"),
        (second, "pilot: serve the ship that waits longest", "Cora Committer objects since"),
    ):
        row = next(at for at, line in enumerate(shown) if line.startswith(commit))
        assert shown[row].endswith(subject) or subject[:26] in shown[row]
        assert shown[row + 1].startswith(f"  {vote} ")


def test_pending_leaves_out_columns_before_it_cuts_subjects_short(voted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _id(voted, "master^{/berth: free}")
    assert run("take", first, "-b", "1.0", cwd=voted).status == 0
    wide = _shown(voted, monkeypatch, 120, "pending", "1.0")
    assert wide[1].split() == ["commit", "verdict", "likely", "age", "why", "who", "subject"]
    narrow = _shown(voted, monkeypatch, 72, "pending", "1.0")
    assert narrow[1].split() == ["commit", "verdict", "likely", "who", "subject"]
    assert any(
        line.startswith(f"{first}  applies     40%     cora*  berth: free the slot when a sh") for line in narrow
    )
