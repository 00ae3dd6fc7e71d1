"""The report in a real Chromium, opened from the disk: filters, sorting, keys, links, themes, and nothing that runs.

Skipped where there is no Chromium; `.ci/run` installs Debian's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Report
from tests.web.harbor import SCRIPT, pending

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium is installed")


@dataclass
class Tab:
    """One page of the browser, with what it asked for and complained about."""

    page: Any
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file of the report."""
        self.page.goto("about:blank")
        self.page.goto(path.as_uri() + fragment)

    def wait_for(self, count: str, fragment: str) -> None:
        """Wait until the matrix says so many changes, and the address ends in this."""
        self.page.wait_for_selector(f"#count:has-text('{count} of')")
        self.page.wait_for_url(lambda url: url.partition("#")[2] == fragment)

    def rows(self) -> list[str]:
        """Return the subjects in the table, from top to bottom."""
        found: list[str] = self.page.locator(
            ":is(#matrix, #items-table) tbody tr:visible th[scope=row] > a"
        ).all_inner_texts()
        return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def tab(browser: Any, request: pytest.FixtureRequest) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **getattr(request, "param", {}))
    made = Tab(context.new_page())
    made.page.on("request", lambda request: made.asked.append(request.url))
    made.page.on("console", lambda message: made.said.append(message.text))
    made.page.on("pageerror", lambda error: made.said.append(str(error)))
    made.page.on("dialog", lambda dialog: made.said.append(f"dialog: {dialog.message}"))
    yield made
    context.close()
    assert made.said == []
    assert [url for url in made.asked if not url.startswith(("file:", "about:"))] == []


def _pages(report: Report) -> list[Path]:
    change = report.folder / "change"
    return [
        report.folder / "index.html",
        report.folder / "branch" / "stable-1.2.html",
        report.folder / "person" / "bert.html",
        report.folder / "plan.html",
        change / f"{report.repo.id('master')}.html",
        change / f"{pending(report.repo, 'moor where')}.html",
        change / f"{pending(report.repo, 'answer None')}.html",
    ]


def test_script_in_a_subject_stays_text(tab: Tab, report: Report) -> None:
    for path in _pages(report):
        tab.open(path)
        assert "taken over" not in tab.page.title() or SCRIPT in tab.page.title()
    tab.open(report.folder / "index.html", "#all=on")
    tab.page.wait_for_selector("#count:has-text('of')")
    assert any(SCRIPT in row for row in tab.rows())


def test_filters_narrow_the_matrix_and_stand_in_the_address(tab: Tab, report: Report) -> None:
    tab.open(report.folder / "index.html")
    whole = tab.rows()
    tab.page.select_option("#branch", "stable-1.2")
    tab.page.select_option("#answer", "x")
    tab.wait_for("1", "branch=stable-1.2&answer=x")
    assert tab.rows() == ["berth: do not moor where a ship lies"]
    tab.page.fill("#q", "no such words")
    tab.page.wait_for_selector("td:has-text('No change is of that kind.')")
    tab.page.click("button[type=reset]")
    tab.wait_for(str(len(whole)), "")
    assert sorted(tab.rows()) == sorted(whole)


def test_link_with_filters_shows_the_same_to_somebody_else(tab: Tab, report: Report) -> None:
    tab.open(report.folder / "index.html", "#who=bert&sort=subject")
    tab.page.wait_for_selector("#count:has-text('of')")
    assert tab.rows() == ["berth: do not moor where a ship lies"]
    assert tab.page.locator("th[aria-sort=ascending]").inner_text() == "Change"
    assert tab.page.input_value("#who") == "bert"


def test_headers_sort(tab: Tab, report: Report) -> None:
    tab.open(report.folder / "index.html")
    whole = tab.rows()
    button = tab.page.locator("th[data-sort=subject] button")
    button.click()
    tab.wait_for(str(len(whole)), "sort=subject")
    up = tab.rows()
    button.click()
    tab.wait_for(str(len(whole)), "sort=-subject")
    assert [row.lower() for row in up] == sorted(row.lower() for row in up)
    assert tab.rows() == up[::-1]
    tab.page.locator("th[data-sort='@stable-1.2'] button").click()
    tab.wait_for(str(len(whole)), "sort=%40stable-1.2")
    column = tab.page.locator("#matrix thead th").count() - 1
    signs = [
        row.locator("td").nth(column - 1).get_attribute("class") for row in tab.page.locator("#matrix tbody tr").all()
    ]
    assert [str(sign) for sign in signs] == sorted(map(str, signs), key="abcxeudwkslnoq".index)
    tab.open(report.folder / "index.html", "#sort=@stable-1.2")
    tab.page.wait_for_selector("th[data-sort='@stable-1.2'][aria-sort=ascending]")
    tab.open(report.folder / "branch" / "stable-1.2.html")
    tab.page.locator("th:has-text('Answer') button").click()
    answers = tab.page.locator("tbody tr:visible td:nth-child(2)").all_inner_texts()
    assert answers[: tab.page.locator("#items-table tbody tr").count()] == sorted(answers)


def test_keys_search_move_and_open(tab: Tab, report: Report) -> None:
    tab.open(report.folder / "index.html")
    whole = tab.rows()
    tab.page.keyboard.press("/")
    assert tab.page.evaluate("document.activeElement.id") == "q"
    tab.page.keyboard.type("pilot")
    tab.wait_for("2", "q=pilot")
    tab.page.keyboard.press("Escape")
    tab.wait_for(str(len(whole)), "")
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("k")
    first = tab.rows()[0]
    assert tab.page.evaluate("document.activeElement.innerText") == first
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**/change/*.html")
    assert first in tab.page.locator("h1").inner_text()


def test_theme_is_chosen_by_hand_and_kept(tab: Tab, report: Report) -> None:
    tab.open(report.folder / "index.html")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = tab.page.evaluate(colour)
    tab.page.click("#theme")
    tab.page.click("#theme")
    assert tab.page.inner_text("#theme") == "Theme: dark"
    dark = tab.page.evaluate(colour)
    assert dark != light
    tab.page.emulate_media(media="print")
    assert tab.page.evaluate(colour) == "rgb(255, 255, 255)"
    assert not tab.page.is_visible("#filters")


@pytest.mark.parametrize("tab", [{"java_script_enabled": False}], indirect=True)
def test_page_is_whole_without_scripts(tab: Tab, report: Report) -> None:
    tab.open(report.folder / "index.html")
    assert len(tab.rows()) > 5
    assert tab.page.locator(".js:visible").count() == 0
    tab.page.locator("tbody a[href^='change/']").first.click()
    assert tab.page.locator("h1").is_visible()


@pytest.mark.parametrize(
    "tab",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}],
    ids=["light", "dark"],
    indirect=True,
)
def test_people_with_a_screen_reader_can_use_every_page(tab: Tab, report: Report) -> None:
    from axe_playwright_python.sync_playwright import Axe

    is_dark = tab.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for path in _pages(report)[:: 2 if is_dark else 1]:  # what differs in the dark is the colours
        tab.open(path)
        found = Axe().run(tab.page, options={"preload": False}).response["violations"]
        assert [(path.name, each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_no_page_is_wider_than_a_phone(tab: Tab, report: Report) -> None:
    tab.page.set_viewport_size({"width": 360, "height": 740})
    for path in _pages(report):
        tab.open(path)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_ten_thousand_changes_are_filtered_without_lag(tab: Tab, report: Report, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(report.folder, site)
    script = site / "assets" / "changes.js"
    document = json.loads(script.read_text().removeprefix("backportqChanges(").removesuffix(");\n"))
    row = document["rows"][0]
    document["rows"] = [[f"{number:040x}", f"unit{number % 97}: change {number}", *row[2:]] for number in range(10_000)]
    script.write_text(f"backportqChanges({json.dumps(document)});\n")
    tab.open(site / "index.html", "#all=on")
    tab.page.wait_for_selector("#count:has-text('10,000 of 10,000')")
    took = tab.page.evaluate("""() => new Promise((done) => {
        const search = document.querySelector("#q"), count = document.querySelector("#count");
        const start = performance.now();
        new MutationObserver(() => requestAnimationFrame(() => done(performance.now() - start)))
            .observe(count, { childList: true, characterData: true, subtree: true });
        search.value = "unit42:"; search.dispatchEvent(new Event("input", { bubbles: true }));
    })""")
    assert tab.page.inner_text("#count") == "103 of 10,000 changes"
    assert took < 500  # 70 to 80 on an idle machine; 25 of it are the pause after the last key
    assert tab.page.locator("#matrix tbody tr").count() <= 240  # the rest when it is scrolled to
