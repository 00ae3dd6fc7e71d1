"""Charts as SVG, drawn when the page is made: lines, stacked bars, and the chain of what an item waits for.

Each is a value that a template draws from, so that text is escaped there like all other text; colours are classes of
the style sheet, so that one drawing serves light, dark and print. This module must not count anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backportq.model.ids import Oid, short
from backportq.model.items.item import Item
from backportq.model.reports.series import SeriesOverTime

WIDTH, HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 24
_TICKS = 4
_LABELS = 6

Across = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line or one layer of bars: the class of its colour, its name, and the path to draw."""

    colour: int
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of `width` by `height`; `rows` and `columns` are (place, label) of the lines behind it."""

    width: int
    height: int
    strokes: tuple[Stroke, ...]
    rows: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, str], ...]
    bars: bool
    figures: SeriesOverTime


@dataclass(frozen=True, slots=True)
class Box:
    """One item of a chain at its place; `is_goal` is the item that waits."""

    x: float
    y: float
    label: str
    text: str
    is_goal: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """Boxes from left to right in the order to pick in, with the arrows between them."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]


def line_chart(figures: SeriesOverTime) -> Chart:
    """Return lines over time; a label without a value is a gap."""
    values = [value for line in figures.series for value in line.values if value is not None]
    top = _nice(max(values, default=0))
    across = _across(len(figures.labels))
    strokes = []
    for number, line in enumerate(figures.series):
        path, is_down = [], False
        for at, value in enumerate(line.values):
            if value is None:
                is_down = False
                continue
            path.append(f"{'L' if is_down else 'M'}{across(at):.1f} {_height(value, top):.1f}")
            if not is_down and (at + 1 >= len(line.values) or line.values[at + 1] is None):
                path.append("h0.1")  # a point by itself
            is_down = True
        strokes.append(Stroke(number % 8, line.name, "".join(path)))
    return _chart(figures, strokes, top, across, bars=False)


def stacked_chart(figures: SeriesOverTime, *, top: float | None = None) -> Chart:
    """Return bars over time, each made of all lines on top of one another."""
    totals = [sum(line.values[at] or 0 for line in figures.series) for at in range(len(figures.labels))]
    highest = top or _nice(max(totals, default=0))
    count = max(len(figures.labels), 1)
    step = (WIDTH - _LEFT - _RIGHT) / count
    bottoms = [0.0] * len(figures.labels)
    strokes = []
    for number, line in enumerate(figures.series):
        path = []
        for at, value in enumerate(line.values):
            if value:
                low, high = _height(bottoms[at], highest), _height(bottoms[at] + value, highest)
                bottoms[at] += value
                path.append(
                    f"M{_LEFT + at * step + step * 0.1:.1f} {high:.1f}h{step * 0.8:.1f}V{low:.1f}h-{step * 0.8:.1f}z"
                )
        strokes.append(Stroke(number % 8, line.name, "".join(path)))
    return _chart(figures, strokes, highest, lambda at: _LEFT + (at + 0.5) * step, bars=True)


def chain(goal: Item, blockers: Sequence[Item], waits: Mapping[Oid, Sequence[Item]]) -> Chain:
    """Return the chain of `goal`, which waits for `blockers`; `waits` says what these wait for themselves."""
    depth: dict[Oid, int] = {}

    def depth_of(oid: Oid, above: tuple[Oid, ...]) -> int:
        if oid not in depth:
            inner = [each.commit for each in waits.get(oid, ()) if each.commit in known and each.commit not in above]
            depth[oid] = 1 + max((depth_of(other, (*above, oid)) for other in inner), default=-1)
        return depth[oid]

    known = {item.commit: item for item in blockers}
    for item in blockers:
        depth_of(item.commit, (item.commit,))
    columns = max(depth.values(), default=0) + 1
    filled = [0] * (columns + 1)
    places: dict[Oid, tuple[float, float]] = {}
    boxes = []
    for item in (*blockers, goal):
        at = columns if item is goal else depth[item.commit]
        x, y = 4 + at * (_BOX_WIDTH + _GAP), 4 + filled[at] * (_BOX_HEIGHT + 12)
        filled[at] += 1
        places[item.commit] = (x, y)
        boxes.append(Box(x, y, short(item.commit), _shortened(item.subject), item is goal))
    arrows = []
    for item in (*blockers, goal):
        before = [each.commit for each in waits.get(item.commit, ()) if each.commit in known]
        if item is goal:
            led = {each.commit for other in blockers for each in waits.get(other.commit, ())}
            before = [each.commit for each in blockers if each.commit not in led]
        arrows += [_arrow(places[oid], places[item.commit]) for oid in before if oid != item.commit]
    width = (columns + 1) * (_BOX_WIDTH + _GAP) - _GAP + 8
    return Chain(width, max(filled) * (_BOX_HEIGHT + 12) - 4, tuple(boxes), tuple(arrows))


_BOX_WIDTH, _BOX_HEIGHT, _GAP = 190, 44, 40
_TEXT = 27


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1, x2, y2 = start[0] + _BOX_WIDTH, start[1] + _BOX_HEIGHT / 2, end[0] - 8, end[1] + _BOX_HEIGHT / 2
    middle = (x1 + x2) / 2
    return f"M{x1:.0f} {y1:.0f}C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2:.0f} {y2:.0f}m-6 -4l7 4l-7 4"


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"


def _chart(figures: SeriesOverTime, strokes: Sequence[Stroke], top: float, across: Across, *, bars: bool) -> Chart:
    rows = tuple((round(_height(top * at / _TICKS, top), 1), _number(top * at / _TICKS)) for at in range(_TICKS + 1))
    count = len(figures.labels)
    every = max(math.ceil(count / _LABELS), 1)
    columns = tuple((round(across(at), 1), figures.labels[at]) for at in range(count - 1, -1, -every))
    return Chart(WIDTH, HEIGHT, tuple(strokes), rows, columns[::-1], bars, figures)


def _across(count: int) -> Across:
    step = (WIDTH - _LEFT - _RIGHT) / max(count - 1, 1)
    return lambda at: _LEFT + at * step


def _height(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top


def _nice(value: float) -> float:
    """Return the next number above that four lines divide well."""
    if value <= 3 * _TICKS:
        return _TICKS * max(math.ceil(value / _TICKS), 1)
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if factor * power >= value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
