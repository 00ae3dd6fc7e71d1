"""One project and its report for all tests that only read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.driver import TestRepo
from tests.web.harbor import backportq, harbor


@dataclass(frozen=True)
class Report:
    """The project, and the folder that its report was written to."""

    repo: TestRepo
    folder: Path


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of the harbor; tests must not change it."""
    repo = harbor(tmp_path_factory.mktemp("harbor") / "harbor")
    folder = tmp_path_factory.mktemp("report") / "site"
    options = ("--commit-url", "https://git.example.org/c/{commit}", "--plan", "every 6, 18+18; every 8, 18+18")
    assert backportq(repo, "report", "--html", str(folder), *options) == 0
    return Report(repo, folder)
