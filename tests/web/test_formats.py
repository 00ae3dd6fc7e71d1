"""`report` on standard output: one document, CSV or page, safe for what reads it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.driver import TestRepo
from tests.web.conftest import Report
from tests.web.harbor import SCRIPT, backportq


def test_csv_has_a_row_for_each_change_and_no_formula(report: Report, capfd: pytest.CaptureFixture[str]) -> None:
    assert backportq(report.repo, "report", "--csv") == 0
    rows = list(csv.reader(io.StringIO(capfd.readouterr().out)))
    assert rows[0][7:] == ["stable-1.0", "stable-1.1", "stable-1.2"]
    assert {len(row) for row in rows} == {10}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_markdown_shows_markup_as_text(report: Report, capfd: pytest.CaptureFixture[str]) -> None:
    assert backportq(report.repo, "report", "--markdown") == 0
    said = capfd.readouterr().out
    assert "<script>" not in said
    assert "\\<script\\>" in said
    assert len({line.replace("\\|", "").count("|") for line in said.splitlines() if line.startswith("| `")}) == 1


def test_document_has_what_is_known_of_every_change(report: Report, capfd: pytest.CaptureFixture[str]) -> None:
    assert backportq(report.repo, "report", "--json") == 0
    document = json.loads(capfd.readouterr().out)
    hostile = next(change for change in document["changes"] if SCRIPT in change["subject"])
    assert {place["branch"] for place in hostile["branches"]} == {"stable-1.0", "stable-1.1", "stable-1.2"}
    declined = [
        place for change in document["changes"] for place in change["branches"] if place["answer"] == "declined"
    ]
    assert declined[0]["why"] == [f"declined: no: {SCRIPT}"]
    assert backportq(report.repo, "report", "--json", "--toml") == 0


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ((), 2, "report takes one of"),
        (("--csv", "--markdown"), 2, "report takes one of"),
        (("--csv", "--serve"), 2, "go with --html DIR"),
        (("--html", "DIR", "--commit-url", "javascript:1"), 2, "is no pattern of links"),
        (("--html", "DIR", "--url", "ftp://x"), 2, "is no web address"),
        (("--html", "DIR", "stable-9.9"), 3, "is not a configured stable branch"),
        (("--html", "FILE"), 3, "cannot make"),
    ],
)
def test_what_cannot_be_meant_is_told(
    report: Report,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    status: int,
    words: str,
) -> None:
    (tmp_path / "FILE").write_text("")
    given = [str(tmp_path / each) if each in ("DIR", "FILE") else each for each in arguments]
    assert backportq(report.repo, "report", *given) == status
    assert words in capfd.readouterr().err
    assert not (tmp_path / "DIR").exists()


def test_report_without_a_queue_says_what_to_type(
    repo: TestRepo, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit("start", {"a": "1\n"})
    assert backportq(repo, "report", "--html", str(tmp_path / "site")) == 3
    assert "backportq init" in capfd.readouterr().err
