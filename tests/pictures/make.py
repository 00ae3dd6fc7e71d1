"""Makes the pictures: python -m tests.pictures.make FOLDER [--report]

`--report` adds what needs Chromium: screenshots of the report, in both themes. Ids, dates and ages are those of the
made-up repository on a day that never changes, so that a picture changes only where the program does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from fixtures.build import build
from tests.cli.board.boards import Driven, demo, drive
from tests.cli.program import PROGRAM, run
from tests.cli.pseudo_terminal import shown
from tests.driver import SEALED_ENV
from tests.pictures.drawing import Step, cast, moving, of_text, still

WIDTH, HEIGHT = 96, 28
_READS = 2.5  # seconds that what a command printed stands before the next one is typed
_TYPES = 0.045  # seconds a letter
_DAY = "2026-04-15T09:00:00+00:00"
_PERSON = {
    "GIT_AUTHOR_NAME": "Dora Dock",
    "GIT_AUTHOR_EMAIL": "dora@harbor.example",
    "GIT_COMMITTER_NAME": "Dora Dock",
    "GIT_COMMITTER_EMAIL": "dora@harbor.example",
    "GIT_COMMITTER_DATE": _DAY,
    "GIT_AUTHOR_DATE": _DAY,
    "BACKPORTQ_NOW": _DAY,
}
_PROMPT = "\x1b[32m$\x1b[0m "
_FIRST_HOUR = (
    ("init",),
    ("scan",),
    ("pending",),
    ("explain", "6d75c1bb99da", "stable-1.2"),
    ("decline", "451c0ced5440", "-m", "changes what people see"),
    ("pick", "470fb68fa6a4", "-b", "stable-1.2"),
)


def pictures() -> Iterator[tuple[str, str]]:
    """Yield name and text of every picture that needs no browser."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="backportq-pictures-") as name:
        folder = Path(name)
        os.environ.update(SEALED_ENV)
        os.environ.update(_PERSON, HOME=name)
        try:
            steps = _first_hour(folder / "harbor")
            yield "first-hour.svg", moving(steps, WIDTH, HEIGHT, "a first hour")
            yield "first-hour.cast", cast(steps, WIDTH, HEIGHT, "backportq: a first hour")
            repository = demo(folder)
            printed = _on_terminal(repository, ("pending",))
            yield "pending.svg", of_text(f"{_PROMPT}backportq pending\n{printed}", WIDTH, "pending")
            yield "board.svg", _board(repository)
        finally:
            os.environ.clear()
            os.environ.update(before)


def _first_hour(path: Path) -> list[Step]:
    """Return the commands of a first hour as they are typed, and what they print."""
    build("demo", path)
    steps, at = [], 0.5
    for words in _FIRST_HOUR:
        typed = " ".join(f'"{word}"' if " " in word else word for word in ("backportq", *words))
        steps.append(Step(at, _PROMPT))
        for letter in typed:
            at += _TYPES
            steps.append(Step(at, letter))
        at += 0.4
        steps.append(Step(at, f"\n{_on_terminal(path, words)}\n"))
        at += _READS
    return steps


def _on_terminal(path: Path, words: tuple[str, ...]) -> str:
    environment: Mapping[str, str] = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(WIDTH), "LINES": "60"}
    environment = {key: value for key, value in environment.items() if key not in ("NO_COLOR", "GIT_PAGER")}
    printed, status = shown(path, words, {**environment, "GIT_PAGER": "cat", "PAGER": "cat"})
    if status:
        raise SystemExit(f"{PROGRAM.name} {' '.join(words)} ended with {status}: {printed}")
    return printed


def _board(repository: Path) -> str:
    drawn: list[str] = []

    async def script(board: Driven) -> None:
        await board.settled()
        await board.press("j", "j")
        await board.sees("branch has")
        await board.press("J")
        await board.sees("the commit makes")
        strips = board.app.screen._compositor.render_strips(board.app.size)
        drawn.append(still(strips, WIDTH, "board"))

    drive(repository, script, size=(WIDTH, 36))
    return drawn[0]


def report_pictures(folder: Path) -> None:
    """Photograph the report of the made-up repository in both themes."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("no Chromium: no pictures of the report\n")
        return
    with tempfile.TemporaryDirectory(prefix="backportq-pictures-") as name, sync_playwright() as playwright:
        path = demo(Path(name))
        environment = {**SEALED_ENV, **_PERSON}
        ran = run("report", "--html", "site", "--title", "Harbor", cwd=path, env=environment)
        if ran.status:
            raise SystemExit(ran.err)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            context = browser.new_context(viewport={"width": 1100, "height": 760}, color_scheme=theme)
            page = context.new_page()
            page.goto((path / "site" / "index.html").as_uri())
            page.screenshot(path=str(folder / f"report-{theme}.png"))
            context.close()
        browser.close()


def main() -> None:
    """Write all pictures into the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--report", action="store_true", help="photograph the report, too")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in pictures():
        (options.folder / name).write_text(text, "utf-8")
    if options.report:
        report_pictures(options.folder)


if __name__ == "__main__":
    main()
