"""The manual page says what the program says, in what man(7) understands."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from backportq.cli import app
from backportq.cli.docs.manual_page import manual_page

PAGE = Path(__file__).parents[3] / "docs/man/git-backportq.1"

needs_groff = pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")


def _shown() -> str:
    shown = subprocess.run(["groff", "-man", "-Tutf8", "-P-cbou", "-ww", PAGE], capture_output=True, text=True)
    assert (shown.returncode, shown.stderr) == (0, "")
    return shown.stdout


def test_page_is_the_file() -> None:
    assert PAGE.read_text() == manual_page(), "if the change is meant: make docs"


def test_page_under_the_other_name_is_the_same() -> None:
    assert PAGE.with_name("backportq.1").read_text() == f".so man1/{PAGE.name}\n"


@needs_groff
def test_page_has_every_command_and_no_stray_markup() -> None:
    text = " ".join(_shown().split())
    for verb in app.available():
        assert f" backportq {verb.name} " in text
    assert "\\" not in text
    assert "--branch BRANCH" in text
    assert "'backportq COMMAND -h' explains a command" in text


@needs_groff
def test_page_loses_no_line_to_markup() -> None:
    """A line that begins with a dot or a quote would be taken for a request and vanish."""
    lines = [line for line in manual_page().splitlines() if line[:1] in {".", "'"}]
    assert {line.split()[0] for line in lines} == {'.\\"', ".TH", ".SH", ".SS", ".PP", ".TP"}
