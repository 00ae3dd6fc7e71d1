"""The manual of the command line is what the program itself says."""

from __future__ import annotations

from pathlib import Path

from backportq.cli import app
from backportq.cli.docs.reference import reference

DOCUMENT = Path(__file__).parents[3] / "docs" / "cli.md"


def test_reference_is_the_document() -> None:
    assert DOCUMENT.read_text() == reference(), "if the change is meant: make docs"


def test_reference_has_a_section_for_each_verb() -> None:
    sections = [line.removeprefix("### ") for line in reference().splitlines() if line.startswith("### ")]
    assert sections == [verb.name for verb in app.available()]
