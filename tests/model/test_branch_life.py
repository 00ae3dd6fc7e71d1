"""Which branches are alive: each by its own pace, and never for what a script did to all of them."""

from __future__ import annotations

from datetime import date, timedelta

from backportq.model.branch_life import LineCommit, living_branches
from backportq.model.ids import BranchName, Oid

_NOW = date(2026, 6, 1)


def _line(name: str, *rests: int) -> list[LineCommit]:
    """Return the line of a branch: its last commit `rests[0]` days ago, the one before `rests[1]` days earlier, …"""
    days = []
    day = _NOW
    for rest in rests:
        day -= timedelta(days=rest)
        days.append(day)
    return [LineCommit(Oid(f"{name}-{n}"), day, f"{name}: change {'x' * n}") for n, day in enumerate(days)]


def _living(**lines: list[LineCommit]) -> set[str]:
    named = {BranchName(name): line for name, line in lines.items()}
    return set(living_branches(named, {name: line[0].day for name, line in named.items()}, _NOW))


def test_a_busy_branch_that_rests_for_months_is_dead_and_a_slow_one_is_not() -> None:
    busy = _line("busy", 100, *[20] * 12)
    slow = _line("slow", 100, *[90] * 12)
    assert _living(busy=busy, slow=slow) == {"slow"}


def test_a_branch_without_a_pace_is_alive_for_eighteen_months() -> None:
    assert _living(few=_line("few", 400, 3), old=_line("old", 600, 3)) == {"few"}


def test_a_mass_commit_on_one_day_is_no_life() -> None:
    lines = {f"b{n}": _line(f"b{n}", 200, *[20] * 12) for n in range(6)}
    day = _NOW - timedelta(days=5)
    for n, line in enumerate(lines.values()):
        line.insert(0, LineCommit(Oid(f"mass-{n}"), day, f"fix the docs of 3.{n} (#{n})"))
    assert _living(**lines) == set()
    lines["b0"].insert(0, LineCommit(Oid("own"), day, "a real fix"))
    assert _living(**lines) == {"b0"}
