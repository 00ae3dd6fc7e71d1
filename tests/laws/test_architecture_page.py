"""The page that draws the house names every room, and only places that exist."""

from __future__ import annotations

import re
from pathlib import Path

import backportq

PACKAGE = Path(backportq.__file__).parent
PAGE = PACKAGE.parent / "docs" / "architecture.md"


def test_architecture_page_names_only_places_that_exist() -> None:
    named = re.findall(r"`([\w./-]+(?:/|\.py|\.md))`", PAGE.read_text())
    lost = [name for name in named if not any((root / name).exists() for root in (PACKAGE, PACKAGE.parent))]
    assert lost == []


def test_architecture_page_has_a_line_for_every_room() -> None:
    rooms = {
        str(path.parent.relative_to(PACKAGE)) + "/"
        for layer in ("model", "git", "queue", "services", "cli")
        for path in (PACKAGE / layer).glob("*/__init__.py")
    }
    rows = set(re.findall(r"^\| `([\w/]+/)` \|", PAGE.read_text(), re.MULTILINE))
    assert sorted(rooms - rows) == []  # a row for each, in the table of rooms
