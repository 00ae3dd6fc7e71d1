"""Curves as bars and as a picture that any reader of SVG takes."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from backportq.cli.render.curves import bars, drawn


def test_bars_are_as_high_as_the_precision() -> None:
    assert bars((1.0, 0.5, 0.0)) == "█▅▁"
    assert bars(()) == ""


def test_picture_has_a_line_for_each_list_and_the_ceiling() -> None:
    picture = ET.fromstring(drawn({"rules": (0.8, 0.4), "a<b": ()}, 0.9))

    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    texts = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert [line.get("points") for line in lines] == ["72.0,112.0 96.0,240.0", ""]
    assert {"rules", "a<b", "ceiling 90%"} <= set(texts)
