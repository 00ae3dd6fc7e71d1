"""docs/reliability.md names tests that exist, and every promise of the design."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/reliability.md").read_text()


def test_every_file_that_the_page_names_exists() -> None:
    named = re.findall(r"`((?:tests|bench)/[\w./]+)`", PAGE)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_promise_of_the_design_has_a_row() -> None:
    promises = re.findall(r"^(\d+)\. ", (ROOT / "docs/design.md").read_text().partition("## Promises")[2], re.MULTILINE)
    assert re.findall(r"^\| (\d+)\. ", PAGE, re.MULTILINE) == promises


def test_links_of_the_page_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
