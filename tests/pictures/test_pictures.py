"""The pictures of the documents show what the program shows; renewed with BACKPORTQ_UPDATE_GOLDEN=1 or `make pictures`.

Of a drawing the words, their colours and their places count, not how this version of rich writes them.
"""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.pictures.drawing import Step, cast, moving, of_text
from tests.pictures.make import pictures

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
UPDATE = bool(os.environ.get("BACKPORTQ_UPDATE_GOLDEN"))
_STYLES = re.compile(r"\.(\S+) \{ (fill: [^}]*) \}")


def _seen(drawn: str) -> list[tuple[str, ...]]:
    """Return what is seen: each text with its style and its place, and each colour behind."""
    styles = dict(_STYLES.findall(drawn))
    found: list[tuple[str, ...]] = []
    for element in ET.fromstring(drawn).iter():
        name = element.tag.rpartition("}")[2]
        place = (element.get("x", ""), element.get("y", ""))
        if name == "text":
            found.append((*place, element.text or "", styles.get(element.get("class", ""), "")))
        elif name == "rect":
            found.append((*place, element.get("width", ""), element.get("fill", "")))
    return found


def test_pictures_show_what_the_program_shows() -> None:
    made = dict(pictures())
    if UPDATE:
        for name, text in made.items():
            (FOLDER / name).write_text(text, "utf-8")
    kept = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir() if path.suffix != ".png"}
    assert kept.keys() == made.keys()
    for name, text in made.items():
        assert name.endswith(".svg") or kept[name] == text, name
        assert not name.endswith(".svg") or _seen(kept[name]) == _seen(text), name


@pytest.mark.parametrize("name", ["board.svg", "first-hour.svg", "pending.svg"])
def test_picture_loads_and_runs_nothing(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|<script|@import|\bon\w+=", text)


def test_drawing_keeps_colours_and_escapes_markup() -> None:
    drawn = of_text("\x1b[31m<b>&\x1b[0m", 20, "x")
    assert [(words, style) for _, _, words, style in _seen(drawn) if "<" in words] == [("<b>&", "fill: #e86868")]


def test_animation_ends_at_the_last_line_and_cast_has_every_step() -> None:
    steps = [Step(0.5, "one\n"), Step(1.0, "two\nthree\nfour\n")]
    drawn = moving(steps, 20, 3, "x")
    ET.fromstring(drawn)
    assert "100% { transform: translateY(-24.4px) }" in drawn
    assert [json.loads(line) for line in cast(steps, 20, 3, "x").splitlines()][1:] == [
        [0.5, "o", "one\r\n"],
        [1.0, "o", "two\r\nthree\r\nfour\r\n"],
    ]
