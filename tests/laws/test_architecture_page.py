"""The page that draws the house names every room, and only places that exist; imports go down in the drawing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import backportq

PACKAGE = Path(backportq.__file__).parent
PAGE = PACKAGE.parent / "docs" / "architecture.md"
LAYERS = ("model", "git", "queue", "services", "web", "cli")


def test_architecture_page_names_only_places_that_exist() -> None:
    named = re.findall(r"`([\w./-]+(?:/|\.py|\.md))`", PAGE.read_text())
    lost = [name for name in named if not any((root / name).exists() for root in (PACKAGE, PACKAGE.parent))]
    assert lost == []


def test_architecture_page_has_a_line_for_every_room() -> None:
    rooms = {f"{room}/" for room in _rooms()} | {"web/"}
    rows = set(re.findall(r"^\| `([\w/]+/)` \|", PAGE.read_text(), re.MULTILINE))
    assert sorted(rooms - rows) == []  # a row for each, in the table of rooms


def test_drawing_has_every_room_once_and_imports_go_down_in_it() -> None:
    depths = _drawn()
    assert sorted(depths) == sorted(_rooms())
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {other}"
        for room in depths
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for other in sorted(_imported_rooms(path) - {room})
        if other in depths and depths[room] >= depths[other]
    ]
    assert wrong == []


def _rooms() -> list[str]:
    return [
        str(path.parent.relative_to(PACKAGE)) for layer in LAYERS for path in (PACKAGE / layer).glob("*/__init__.py")
    ]


def _drawn() -> dict[str, int]:
    """Return the rooms of the drawing with the number of their line; a room that is drawn twice fails."""
    (drawing,) = re.findall(r"^```\n(cli/ .*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    depths: dict[str, int] = {}
    layer = ""
    for depth, line in enumerate(drawing.splitlines()):
        begun = re.match(r"(\w+)/", line)
        layer = layer if begun is None else begun[1]
        for name in re.findall(r"\w+", re.sub(r"^\w+/|\(.*?\)", "", line)):
            assert f"{layer}/{name}" not in depths
            depths[f"{layer}/{name}"] = depth
    return depths


def _imported_rooms(path: Path) -> set[str]:
    """Return the rooms from which a file imports anything, lazily and for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        parts = (name.split(".") for name in names)
        found |= {"/".join(part[1:3]) for part in parts if part[0] == "backportq" and len(part) > 2}
    return found
