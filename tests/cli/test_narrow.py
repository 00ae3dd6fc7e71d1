"""Tables on narrow terminals: every column keeps its title, and what a row goes on with is indented."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.cli.terminal import answered


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
