"""What release cadences would cost, as a table and as a document; `stats --plan` prints them.

This module must not count anything, and it takes no side.
"""

from __future__ import annotations

from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column
from backportq.model.reports.cadence import Band, PlanForecast
from backportq.services.reports.cadence import CadenceReport


def print_cadence(report: CadenceReport) -> None:
    """Print the plans side by side, what they rest on, and what the past cannot tell."""
    months = len(report.forecasts[0].months)
    output.heading(f"the next {months} months, by {report.backports:,} backports of {report.branches} branches")
    years = [year for year, _ in report.forecasts[0].years]
    columns = [
        Column("plan"),
        *(Column(str(each.plan).replace(" months, support", ","), right=True) for each in report.forecasts),
    ]
    rows = [
        ("branches alive", *(f"{each.alive:.1f}, at most {each.most_alive}" for each in report.forecasts)),
        ("backports a month", *(_banded(each.backports) for each in report.forecasts)),
        *((f"backports in {year}", *(_banded(dict(each.years)[year]) for each in report.forecasts)) for year in years),
        ("of them conflict", *(_percent(each.conflicts) for each in report.forecasts)),
        ("new branches a year", *(f"{each.new_branches:.1f}" for each in report.forecasts)),
        ("releases a year", *(f"{each.releases:.0f}" for each in report.forecasts)),
        (f"{report.busiest or 'the busiest'} a month", *(_banded(each.busiest) for each in report.forecasts)),
    ]
    output.table(columns, rows)
    output.blank()
    output.heading("what it rests on")
    rates = report.rates
    ages = range(0, rates.known_to, 6)
    output.table(
        (Column("age in months"), *(Column(str(age), right=True) for age in ages)),
        [
            ("backports a month", *(f"{rates.of(age):.1f}" for age in ages)),
            ("releases a year", *(f"{12 * rates.releases_of(age):.1f}" for age in ages)),
        ],
    )
    for year, (share, tried) in report.conflicts.items():
        output.say(f"in year {year + 1} of a branch {share:.0%} of {tried} backports that were tried again conflict")
    output.say("in brackets: between these eight in ten such forecasts of the past came true")
    output.blank()
    output.heading("what the past cannot tell")
    for words in report.unknown:
        output.say(f"  {words}")


def cadence_document(report: CadenceReport) -> dict[str, object]:
    """Return the document of `stats --plan --json`."""
    return {
        "plans": [_plan_document(each) for each in report.forecasts],
        "rates": {
            "backports_by_age": [round(rate, 3) for rate in report.rates.backports],
            "releases_by_age": [round(rate, 3) for rate in report.rates.releases],
            "conflicts_by_year": [
                {"year": year + 1, "share": round(share, 4), "tried": tried}
                for year, (share, tried) in report.conflicts.items()
            ],
            "branches": report.branches,
            "backports": report.backports,
        },
        "busiest": report.busiest,
        "unknown": list(report.unknown),
    }


def _plan_document(each: PlanForecast) -> dict[str, object]:
    return {
        "plan": str(each.plan),
        "every": each.plan.every,
        "full": each.plan.full,
        "security": each.plan.security,
        "branches": {"mean": round(each.alive, 2), "most": each.most_alive},
        "backports_a_month": _band_document(each.backports),
        "years": [{"year": year, **_band_document(band)} for year, band in each.years],
        "conflicts": None if each.conflicts is None else round(each.conflicts, 4),
        "new_branches_a_year": round(each.new_branches, 2),
        "releases_a_year": round(each.releases, 2),
        "busiest_a_month": _band_document(each.busiest),
        "months": [
            {"month": month.label, "alive": month.alive, "backports": round(month.backports, 2)}
            for month in each.months
        ],
    }


def _band_document(band: Band) -> dict[str, object]:
    return {
        "mean": round(band.mean, 2),
        "low": None if band.low is None else round(band.low, 2),
        "high": None if band.high is None else round(band.high, 2),
    }


def _banded(band: Band) -> str:
    if band.low is None or band.high is None:
        return f"{band.mean:.0f}"
    return f"{band.mean:.0f} ({band.low:.0f} to {band.high:.0f})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
