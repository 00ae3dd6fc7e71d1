"""The pages of a report: complete, safe whatever a commit says, and made anew only where something changed."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from backportq.web.addresses import branch_path, person_path
from backportq.web.folder import MANIFEST
from tests.driver import TestRepo
from tests.web.conftest import Report
from tests.web.harbor import SCRIPT, backportq, harbor, pending

_CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
_VOID = {"meta", "link", "input", "br", "img", "hr"}


class _Reader(HTMLParser):
    """Collects links, ids and what would run; notices a tag that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.risky: list[str] = []
        self.csp = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [found[name] or "" for name in ("href", "src") if name in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        self.risky += [f"{tag} {name}" for name in found if name.startswith("on") or name == "style"]
        self.risky += [tag] if tag in ("style", "iframe", "object", "form action") else []
        if tag == "script" and not found.get("src"):
            self.risky.append("inline script")
        if found.get("http-equiv") == "Content-Security-Policy":
            self.csp = found["content"] or ""
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def _read(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text("utf-8"))
    assert reader.open == []
    return reader


def test_site_has_the_files_that_are_promised(report: Report) -> None:
    names = {str(path.relative_to(report.folder)) for path in report.folder.rglob("*") if path.is_file()}
    others = {name for name in names if not name.startswith("change/")}
    assert others == {
        MANIFEST,
        "assets/changes.js",
        "assets/site.css",
        "assets/site.js",
        "badge.svg",
        "branch/stable-1.0.html",
        "branch/stable-1.1.html",
        "branch/stable-1.2.html",
        "feed.atom",
        "index.html",
        "person/bert.html",
        "plan.html",
    }
    assert f"change/{report.repo.id('master')}.html" in names


def test_every_page_is_whole_and_runs_nothing_of_a_commit(report: Report) -> None:
    pages = sorted(report.folder.rglob("*.html"))
    read = {page: _read(page) for page in pages}
    for page, found in read.items():
        assert found.csp == _CSP, page
        assert found.risky == [], page
        assert len(found.ids) == len(set(found.ids)), page
        for link in found.links:
            if link.startswith("https://git.example.org/c/"):
                continue
            target, _, fragment = link.partition("#")
            assert ":" not in target, link
            aim = (page.parent / unquote(target)).resolve() if target else page
            assert aim.is_file(), (page, link)
            if fragment and aim in read and not fragment.startswith("branch="):
                assert fragment in read[aim].ids, (page, link)


def test_text_of_strangers_stays_text(report: Report) -> None:
    text = (report.folder / "change" / f"{report.repo.id('master')}.html").read_text("utf-8")
    assert "<script>document" not in text
    assert "&lt;script&gt;document.title=" in text
    assert "\u202e" not in text
    assert "\\u202egnp" in text
    assert "Bert &amp;amp; Berth" in (report.folder / "person" / "bert.html").read_text("utf-8")
    script = (report.folder / "assets" / "changes.js").read_text("ascii")
    assert "<" not in script
    document = json.loads(script.removeprefix("backportqChanges(").removesuffix(");\n"))
    assert any(SCRIPT in row[1] for row in document["rows"])


def test_change_page_tells_why_who_what_conflicts_and_what_it_waits_for(report: Report) -> None:
    def words(commit: str) -> str:
        text = (report.folder / "change" / f"{commit}.html").read_text("utf-8")
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))

    moor = words(pending(report.repo, "moor where"))
    assert "has it" in moor
    assert "both changed the same lines" in moor
    assert "&lt; stable-1.2" in moor
    assert "assign" in moor
    answer = words(pending(report.repo, "answer None"))
    assert "What it waits for" in answer
    assert "declined: no:" in answer
    assert "backportq pick" in answer


def test_feed_and_badge_are_well_formed(report: Report) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.parse(report.folder / "feed.atom").getroot()
    entries = feed.findall(f"{atom}entry")
    assert entries
    ids = [entry.findtext(f"{atom}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all(entry.findtext(f"{atom}updated") for entry in entries)
    assert any(SCRIPT in (entry.findtext(f"{atom}title") or "") for entry in entries)
    badge = ET.parse(report.folder / "badge.svg").getroot()
    assert "pending" in "".join(badge.itertext())


@pytest.fixture
def own(tmp_path: Path) -> TestRepo:
    return harbor(tmp_path / "harbor")


def test_one_decision_writes_only_the_pages_that_show_it(
    own: TestRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "site"
    backportq(own, "report", "--html", str(folder))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert backportq(own, "report", "--html", str(folder)) == 0
    assert "0 files written" in capsys.readouterr().out
    commit = pending(own, "lower boxes")
    backportq(own, "assign", commit, "--to", "bert", "--branch", "stable-1.2")
    backportq(own, "report", "--html", str(folder))
    changed = {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_mtime_ns != before.get(path)
    }
    shown = {MANIFEST, "index.html", "assets/changes.js", "branch/stable-1.2.html", "person/bert.html"}
    assert changed == {*shown, f"change/{commit}.html"} | (changed & {"feed.atom"})
    backportq(own, "unassign", commit, pending(own, "moor where"))
    backportq(own, "report", "--html", str(folder))
    assert not (folder / "person").exists()
    backportq(own, "decline", commit, "--branch", "stable-1.2", "-m", "not here")
    backportq(own, "report", "--html", str(folder))
    backportq(own, "report", "--html", str(tmp_path / "fresh"))
    assert _contents(folder) == _contents(tmp_path / "fresh")


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_queue_without_items_has_a_page(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("start", {"a": "1\n"})
    repo.git("branch", "stable-1.0")
    assert backportq(repo, "init", "--branch", "stable-1.0") == 0
    assert backportq(repo, "scan") == 0
    assert backportq(repo, "report", "--html", str(tmp_path / "site")) == 0
    assert "Nothing is pending" in (tmp_path / "site" / "index.html").read_text()
    for kind in ("--markdown", "--csv", "--json"):
        assert backportq(repo, "report", kind) == 0


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("stable-4.18", "branch/stable-4.18.html"),
        ("release/1.x", "branch/release/1.x.html"),
        ("a.html/b", "branch/a.html~/b.html"),
        ('odd"<name>', "branch/odd~22~3cname~3e.html"),
        ("\u00e4", "branch/~c3~a4.html"),
    ],
)
def test_name_of_a_branch_becomes_a_path(name: str, path: str) -> None:
    assert branch_path(name) == path


@pytest.mark.parametrize("key", ["..", "a/b", "", "x" * 300, "\udc80", "ada ", ".hidden"])
def test_key_of_a_person_is_one_plain_file(key: str) -> None:
    folder, _, name = person_path(key).partition("/")
    assert folder == "person"
    assert re.fullmatch(r"[A-Za-z0-9_~@+-][A-Za-z0-9_.~@+ -]*\.html", name)
    assert len(name) < 200
