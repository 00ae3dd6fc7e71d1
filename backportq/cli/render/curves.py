"""Precision against recall, drawn: as a row of bars for the terminal, and as an SVG picture of all lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _MARGIN, _LEGEND = 480, 320, 48, 130
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#999999", "#cc79a7", "#d55e00")  # told apart by the colour-blind too


def bars(curve: Sequence[float]) -> str:
    """Return a bar for each precision, 0 to 1."""
    return "".join(_BARS[min(int(each * len(_BARS)), len(_BARS) - 1)] for each in curve)


def drawn(curves: Mapping[str, Sequence[float]], ceiling: float) -> str:
    """Return an SVG picture of the curves, each the precision at equal steps of recall; `ceiling` is the recall that no
    list can exceed."""
    steps = max(20, *(len(curve) for curve in curves.values()))
    size = f'width="{_WIDTH + _MARGIN + _LEGEND}" height="{_HEIGHT + 2 * _MARGIN}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" role="img">',
        "<title>Precision against recall</title>",
        f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" fill="none" stroke="#333"/>',
        f'<path d="M{_x(ceiling)} {_y(1)}V{_y(0)}" stroke="#333" stroke-dasharray="4"/>',
        f'<text x="{_x(ceiling)}" y="{_y(1) - 6}" text-anchor="middle">ceiling {ceiling:.0%}</text>',
        f'<text x="{_x(0.5)}" y="{_y(0) + 36}" text-anchor="middle">recall</text>',
        f'<text x="{_x(0)}" y="{_y(1) - 6}" text-anchor="middle">precision</text>',
    ]
    for tenth in range(0, 11, 2):
        share = tenth / 10
        parts.append(f'<text x="{_x(share)}" y="{_y(0) + 18}" text-anchor="middle">{share:.0%}</text>')
        parts.append(f'<text x="{_x(0) - 6}" y="{_y(share) + 4}" text-anchor="end">{share:.0%}</text>')
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{_x(at / steps)},{_y(each)}" for at, each in enumerate(curve, 1))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        row = _y(1) + 20 * (number + 1)
        parts.append(f'<text x="{_x(1) + 12}" y="{row}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(share: float) -> float:
    return round(_MARGIN + share * _WIDTH, 1)


def _y(share: float) -> float:
    return round(_MARGIN + (1 - share) * _HEIGHT, 1)
