"""`log` on a terminal: there is room for what was decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import answered
from tests.driver import TestRepo


@pytest.mark.parametrize("width", [60, 80, 120])
def test_log_on_a_terminal_is_a_line_a_change_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    crane = repo.id(":/^crane: lower boxes slowly")
    assert run("tag", crane, "--branch", "1.0", cwd=repo.path).status == 0
    change = repo.git("rev-parse", "--short=12", "backportq")
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("GIT_PAGER", "cat")
    shown, status = answered(repo.path, "no question", "", "log", "-n", "1")
    assert status == 0
    when, who = "1 Jun 12:00", "Cora Committer"
    what = f"tag: {crane[:12]} on stable-1.0 (crane: lower boxes slowly): nominated"
    if width == 60:
        assert shown == f"change        when         who\n  what\n{change}  {when}  {who}\n  {what[:57]}…\n"
    else:
        cut = what if width == 120 else f"{what[:36]}…"
        assert shown == f"change        when         who             what\n{change}  {when}  {who}  {cut}\n"
    assert run("log", "-n", "1", cwd=repo.path).out.splitlines()[1].startswith(f"{change}  2026-06-01 12:00  {who}  ")
