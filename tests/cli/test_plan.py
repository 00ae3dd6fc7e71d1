"""`stats --plan`: plans side by side from the history, and what it cannot tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backportq.cli.main import main
from fixtures.build import build


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    build("demo", tmp_path / "demo")
    assert main(["-C", str(tmp_path / "demo"), "init"]) == 0
    return tmp_path / "demo"


def test_plans_stand_side_by_side_with_what_the_past_cannot_tell(demo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert main(["-C", str(demo), "stats", "--plan", "every 6 months, support 18+18; every 8, 12"]) == 0
    said = capfd.readouterr().out
    assert "every 6, 18+18" in said
    assert "every 8, 12+0" in said
    assert "the past is too short for bands" in said
    assert max(map(len, said.splitlines())) < 200
    assert main(["-C", str(demo), "stats", "--plan", "every 6, 18+18", "--json"]) == 0
    (plan,) = json.loads(capfd.readouterr().out)["plans"]
    assert plan["backports_a_month"]["low"] is None
    assert len(plan["months"]) == 36


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--plan", "twice a year"), "is no plan"),
        (("--plan", "every 6, 18+18", "--year", "2020"), "--plan takes no branches"),
        (("--plan", "every 6, 18+18", "stable-1.0"), "--plan takes no branches"),
    ],
)
def test_plan_that_cannot_be_meant_is_told(
    demo: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert main(["-C", str(demo), "stats", *arguments]) == 2
    assert words in capfd.readouterr().err
