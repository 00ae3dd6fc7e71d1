"""Escapes, markup, bidirectional text and odd paths: every command shows them, none passes them on."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from backportq.cli.terminal.clean import UNSAFE
from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import shown
from tests.driver import TestRepo

DEEP = bool(os.environ.get("BACKPORTQ_DEEP"))
READING = (
    ("scan", "--dry-run", "--warnings"),
    ("pending",),
    ("status",),
    ("mine", "Mallory <mallory@example.org>"),
    ("show", "{commit}"),
    ("landed", "stable-1.0"),
    ("try", "{commit}", "--onto", "stable-1.0"),
    ("explain", "{commit}", "stable-1.0"),
    ("log",),
    ("people",),
    ("people", "import", "--dry-run", "--least", "1"),
    ("assign", "--auto", "--dry-run"),
    ("path",),
)
_SAYS_JSON = frozenset({"people", "path"})


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestRepo:
    """The fixture of that name, scanned, with a hostile decision on each item; not to be changed."""
    repo = TestRepo(tmp_path_factory.mktemp("hostile") / "hostile")
    build("hostile", repo.path)
    assert run("init", "--dialect", "xen", "--dialect", "linux", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    name = "M\x1b[31mallory\u202e <mallory@example.org>"
    assert run("people", "add", name, "--key", "mallory", cwd=repo.path).status == 0
    for commit in repo.git("rev-list", "master", "^stable-1.0").split()[:4]:
        text = "\x1b]0;title\x07[red]note[/red]\r\nBackportq-Command: forged\u202e"
        assert run("note", commit, "-m", text, cwd=repo.path).status == 0
    return repo


def _commits(repo: TestRepo) -> list[str]:
    return repo.git("rev-list", "master", "^stable-1.0").split()


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_command_shows_nothing_that_a_terminal_obeys(hostile: TestRepo, command: tuple[str, ...]) -> None:
    commits = _commits(hostile)[:: 1 if DEEP else 5] if "{commit}" in command else [""]
    for commit in commits:
        ran = run(*(word.replace("{commit}", commit) for word in command), cwd=hostile.path)
        assert ran.status in (0, 1), ran
        for text in (ran.out, ran.err):
            assert UNSAFE.findall(text.replace("\n", "")) == []
        if command[0] in _SAYS_JSON:
            continue
        as_json = run(*(word.replace("{commit}", commit) for word in command), "--json", cwd=hostile.path)
        assert UNSAFE.findall(as_json.out.removesuffix("\n")) == []
        assert json.loads(as_json.out)["schema"] == 1


_STYLES = re.compile(r"\x1b\[(?:0|1|2|3[1236])m")


@pytest.mark.parametrize("command", [("pending",), ("log",), ("status",)], ids=" ".join)
def test_terminal_gets_no_escape_but_our_own(hostile: TestRepo, command: tuple[str, ...]) -> None:
    arguments = ("--no-pager", *command)
    text, _ = shown(hostile.path, arguments, {**os.environ, "TERM": "xterm"})
    assert UNSAFE.findall(_STYLES.sub("", text).replace("\n", "")) == []
    assert "\x1b[" in text


def test_markup_and_html_are_shown_as_they_are(hostile: TestRepo) -> None:
    shown = run("pending", cwd=hostile.path).out
    assert "[bold red]markup[/bold red] [link=https://example.org]click[/link]" in shown
    assert "<script>alert(1)</script> & <b>bold</b>" in shown


def test_note_with_line_ends_forges_no_entry_of_the_log(hostile: TestRepo) -> None:
    changes = json.loads(run("log", "--json", cwd=hostile.path).out)["changes"]
    assert [each["command"] for each in changes] == ["note"] * 4 + ["people add", "scan", "init"]
    assert all("\n" not in each["summary"] for each in changes)


def test_json_gives_subjects_exactly(hostile: TestRepo) -> None:
    items = json.loads(run("pending", "--json", cwd=hostile.path).out)["items"]
    for item in items:
        assert item["subject"] == hostile.git("log", "-1", "--format=%s", item["commit"])


def test_paths_with_line_ends_are_one_path_each(hostile: TestRepo) -> None:
    commit = hostile.git("log", "--format=%H", "--fixed-strings", "--grep=odd names", "master").split()[0]
    trial = json.loads(run("try", commit, "--onto", "stable-1.0", "--json", cwd=hostile.path).out)["trials"][0]
    assert sorted(each["path"] for each in trial["conflicts"]) == sorted(
        ["-x", "--option", "a\nb", 'quo"te', "back\\slash", "esc\x1b[31m", "ta\tb"]
    )


def test_files_of_the_queue_are_safe_to_show(hostile: TestRepo) -> None:
    for path in hostile.git("ls-tree", "-r", "--name-only", "backportq").split("\n"):
        text = hostile.git("show", f"backportq:{path}")
        assert UNSAFE.findall(text.replace("\n", "")) == []
    log = hostile.git("log", "--format=%B", "backportq")
    assert UNSAFE.findall(log.replace("\n", "")) == []


def test_name_with_escapes_and_line_ends_makes_a_sound_commit(tmp_path: Path) -> None:
    repo = TestRepo.create(tmp_path / "repo")
    repo.commit("start", {"a": "1\n"})
    repo.git("branch", "stable-1.0")
    env = {"GIT_COMMITTER_NAME": "M\x1b[31mal\u202e\nlory", "GIT_COMMITTER_EMAIL": "m\r\n<x>@example.org"}
    assert run("init", "--branch", "stable-1.0", cwd=repo.path, env=env).status == 0
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    shown = run("log", cwd=repo.path)
    assert (shown.status, UNSAFE.findall(shown.out.replace("\n", ""))) == (0, [])
