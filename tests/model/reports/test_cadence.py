"""What a cadence costs, counted by hand on made-up pasts."""

from __future__ import annotations

from datetime import date

import pytest

from backportq.errors import UsageError
from backportq.model.reports.cadence import (
    BranchPast,
    CadencePlan,
    PlanForecast,
    error_band,
    forecast,
    month_of,
    parse_plans,
    rates_of,
)

NOW = month_of(date(2026, 1, 1))


def _day(month: int, day: int = 10) -> date:
    return date(month // 12, month % 12 + 1, day)


def _past(start: int, life: int, a_month: int, *, until: int = NOW) -> BranchPast:
    """A branch that parted in the month `start`, with so many backports in each month of its life."""
    end = min(start + life, until)
    days = [_day(month, 1 + number) for month in range(start, end) for number in range(a_month)]
    return BranchPast(f"b{start}", _day(start, 1), days[-1] if start + life <= until else None, tuple(days))


def _steady(life: int = 12, every: int = 6, a_month: int = 2) -> list[BranchPast]:
    return [_past(start, life, a_month) for start in range(NOW - 60, NOW, every)]


def _forecast(text: str, pasts: list[BranchPast], horizon: int = 36, **options: object) -> PlanForecast:
    given: dict[str, object] = {"band": None, "conflicts": {0: 0.25}, "shares": (0.5, 0.4, 0.6), **options}
    return forecast(parse_plans(text)[0], pasts, NOW, horizon, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "plans"),
    [
        ("every 6 months, support 18+18; every 8, 18+18", [CadencePlan(6, 18, 18), CadencePlan(8, 18, 18)]),
        ("Every 1 month, 12", [CadencePlan(1, 12, 0)]),
        ("every 6, 18 + 18 months; ; every 6, 18+18", [CadencePlan(6, 18, 18)]),
    ],
)
def test_plan_is_read_as_people_write_it(text: str, plans: list[CadencePlan]) -> None:
    assert list(parse_plans(text)) == plans


@pytest.mark.parametrize(
    "text", ["", ";", "every month", "every 6", "every 0, 18+18", "every 6, 0+0", "every 999, 1+1", "6,18"]
)
def test_what_is_no_plan_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as failure:
        parse_plans(text)
    assert failure.value.hints or "wanted 1 to" in failure.value.message


def test_rates_are_the_mean_of_branches_of_an_age() -> None:
    rates = rates_of([_past(NOW - 24, 12, 2), _past(NOW - 18, 12, 4)], NOW)
    assert rates.backports == (3.0,) * 12
    assert rates.known_to == 12


def test_same_cadence_as_before_gives_what_was_before() -> None:
    found = _forecast("every 6, 12+0", _steady())
    assert found.most_alive == 2
    assert found.alive == 2
    assert found.backports.mean == pytest.approx(4)
    assert found.conflicts == pytest.approx(0.25)
    assert found.busiest.mean == pytest.approx(2)
    assert found.beyond == 0
    assert [year for year, _ in found.years] == [2026, 2027, 2028]


def test_twice_the_time_between_branches_halves_the_work() -> None:
    assert _forecast("every 12, 12+0", _steady(), 120).backports.mean == pytest.approx(2, rel=0.1)


def test_life_longer_than_any_branch_had_is_told() -> None:
    assert _forecast("every 6, 24+0", _steady()).beyond == 12


def test_band_is_how_wrong_the_same_forecast_was_before() -> None:
    assert error_band(_steady(), NOW, 36) == (1.0, 1.0)
    growing = [_past(start, 12, 1 + (start - NOW + 60) // 10) for start in range(NOW - 60, NOW, 6)]
    band = error_band(growing, NOW, 36)
    assert band is not None
    assert band[1] > 1.1
    low, high = band
    found = _forecast("every 6, 12+0", growing, band=band).backports
    assert found.low == pytest.approx(found.mean * low)
    assert found.high == pytest.approx(found.mean * high)


def test_short_past_has_no_band() -> None:
    assert error_band(_steady()[-3:], NOW, 36) is None
    assert _forecast("every 6, 12+0", _steady()[-3:]).backports.low is None


def test_forecast_at_a_past_moment_uses_nothing_of_what_came_later() -> None:
    pasts = _steady()
    flood = [*pasts, _past(NOW - 6, 6, 9)]
    origin = NOW - 24
    known = [past for past in flood if month_of(past.start) < origin]
    assert rates_of(known, origin) == rates_of([past for past in pasts if month_of(past.start) < origin], origin)
