"""A terminal's text as SVG, still or moving, and as a cast for asciinema.

The SVG is rich's, in a frame of our own: rich's asks a server for its font. It loads nothing, so that it may be shown
by an `<img>` anywhere.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.segment import Segment, Segments
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_LINE = 24.4  # rich's height of a line: 1.22 of its 20 units for a letter
_STYLE = """\
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px; }}
{styles}
"""
_BODY = """\
<defs><clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
"""
_MATRIX = """{backgrounds}<g class="{unique_id}-matrix">{matrix}</g>"""
_STILL = f"""\
<svg viewBox="0 0 {{width}} {{height}}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
{_STYLE}</style>
{_BODY}{{chrome}}
<g transform="translate({{terminal_x}}, {{terminal_y}})" clip-path="url(#{{unique_id}}-clip-terminal)">
{_MATRIX}
</g>
</svg>
"""
THEME = TerminalTheme(
    (30, 34, 41),
    (214, 219, 226),
    [
        (64, 71, 82),
        (232, 104, 104),
        (112, 190, 130),
        (222, 178, 92),
        (108, 168, 236),
        (190, 140, 220),
        (96, 190, 200),
        (214, 219, 226),
    ],
    [
        (128, 137, 150),
        (245, 130, 130),
        (140, 214, 156),
        (240, 200, 120),
        (140, 190, 250),
        (210, 165, 238),
        (125, 212, 222),
        (255, 255, 255),
    ],
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a terminal prints at a moment, in seconds since the beginning."""

    at: float
    text: str


def still(lines: Iterable[Iterable[Segment]], width: int, title: str) -> str:
    """Return the lines of a screen as SVG."""
    return _export(lines, width, title, _STILL)


def of_text(printed: str, width: int, title: str) -> str:
    """Return what a program printed, with its colours, as SVG."""
    return still(_lines_of(printed), width, title)


def moving(steps: Sequence[Step], width: int, height: int, title: str) -> str:
    """Return what a terminal of `height` lines shows, step by step, as an SVG that moves; the end stays."""
    printed, end, shown = "", "", ""
    seconds = steps[-1].at + 4
    for step in steps:
        printed += step.text
        lines = printed.rstrip("\n").count("\n") + 1
        end = f"transform: translateY({_LINE * (height - lines):.1f}px)"  # the last line stands at the bottom
        shown += f"{step.at / seconds:.4%} {{{{ {end} }}}}\n"
    motion = (
        f"#{{unique_id}}-text {{{{ {end} }}}}\n"
        "@media (prefers-reduced-motion: no-preference) {{\n"
        f"#{{unique_id}}-text {{{{ animation: scroll {seconds:.1f}s step-end infinite }}}}\n"
        f"@keyframes scroll {{{{\n{shown}100% {{{{ {end} }}}}\n}}}}\n}}}}\n"
    )
    window = f'<rect width="{{terminal_width}}" height="{_LINE * height + 4:.0f}"/>'
    drawn = f"""\
<svg viewBox="0 0 {{width}} {_LINE * height + 60:.0f}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
{_STYLE}{motion}</style>
<defs><clipPath id="{{unique_id}}-window">{window}</clipPath>
{{lines}}</defs>
<rect width="100%" height="100%" rx="8" fill="{THEME.background_color.hex}"/>
<g transform="translate({{terminal_x}}, 30)" clip-path="url(#{{unique_id}}-window)">
<g id="{{unique_id}}-text">{_MATRIX}</g>
</g>
</svg>
"""
    return _export(_lines_of(printed), width, title, drawn)


def cast(steps: Sequence[Step], width: int, height: int, title: str) -> str:
    """Return the same as an asciinema cast, version 2."""
    head = {"version": 2, "width": width, "height": height, "title": title, "env": {"TERM": "xterm-256color"}}
    rows = [[round(step.at, 3), "o", step.text.replace("\n", "\r\n")] for step in steps]
    return "".join(f"{json.dumps(each)}\n" for each in (head, *rows))


def _lines_of(printed: str) -> list[list[Segment]]:
    console = Console(width=1_000, color_system="truecolor", force_terminal=True, file=io.StringIO())
    return [
        [segment for segment in Text.from_ansi(line).render(console) if segment.text]
        for line in printed.rstrip("\n").split("\n")
    ]


def _export(lines: Iterable[Iterable[Segment]], width: int, title: str, code_format: str) -> str:
    console = Console(
        width=width,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    for line in lines:
        console.print(Segments([*line, Segment.line()]), end="", no_wrap=True, crop=False)
    name = "".join(letter for letter in title if letter.isalpha())
    drawn = console.export_svg(title=title, theme=THEME, code_format=code_format, unique_id=name)
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines())
