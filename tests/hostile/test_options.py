"""Words that could be options of git, and refs with odd bytes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.driver import TestRepo

OPTIONS = (
    "--upload-pack=touch owned",
    "--output=owned",
    "--exec=touch owned",
    "-x",
    "-o",
    "--no-index",
    "--help",
    "--git-dir=owned",
    "-c core.pager=touch",
    "ext::sh -c touch% owned",
    "@{-1}",
    ":/",
    ":(exclude)x",
    "HEAD:owned",
    "^HEAD",
    "--",
    "",
    "\n",
    "a" * 5_000,
    "*",
)

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("show", "{}"),
    ("tag", "{}"),
    ("untag", "{}"),
    ("take", "{}"),
    ("decline", "-m", "no", "{}"),
    ("note", "-m", "x", "{}"),
    ("need", "{commit}", "{}"),
    ("link", "{commit}", "{}"),
    ("try", "--onto", "stable-1.2", "{}"),
    ("explain", "{}", "stable-1.2"),
    ("explain", "{commit}", "{}"),
    ("landed", "{}"),
    ("pending", "{}"),
    ("status", "{}"),
    ("log", "{}"),
    ("undo", "{}"),
    ("edit", "{}"),
    ("sync", "{}"),
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> TestRepo:
    repo = TestRepo(tmp_path_factory.mktemp("options") / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    return repo


def _state(repo: TestRepo) -> tuple[str, list[str]]:
    return repo.git("for-each-ref"), sorted(str(path) for path in repo.path.iterdir())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_word_that_looks_like_an_option_is_refused_and_runs_nothing(demo: TestRepo, command: tuple[str, ...]) -> None:
    commit = demo.id("master")
    before = _state(demo)
    # each word is one process, and they need not all be tried with all commands every time
    step = 1 if os.environ.get("BACKPORTQ_DEEP") else 7
    words = OPTIONS[hash_of(command) % step :: step]
    for word in words:
        places = {"{}": word, "{commit}": commit}
        head, *rest = (places.get(part, part) for part in command)
        values = [rest.pop(0) for _ in range(2)] if rest and rest[0].startswith("-") and rest[0] != word else []
        ran = run(head, *values, "--", *rest, cwd=demo.path, env={"GIT_EDITOR": "true"})
        assert ran.status in (2, 3), (word, ran)
        assert ran.err.startswith("error: "), (word, ran)
        assert "Traceback" not in ran.err
        assert ran.out == ""
    assert _state(demo) == before


def hash_of(command: tuple[str, ...]) -> int:
    """Return a number that is the same in every run, unlike `hash`."""
    return sum(map(ord, "".join(command)))


@pytest.mark.parametrize("option", ["--onto", "--branch", "--to", "-C"])
def test_value_of_an_option_that_looks_like_one_is_refused(demo: TestRepo, option: str) -> None:
    commit = demo.id("master")
    command = {
        "--onto": ("try", commit, "--onto=--output=owned"),
        "--branch": ("tag", commit, "--branch=--output=owned"),
        "--to": ("assign", commit, "--to=--output=owned"),
        "-C": ("-C", "--output=owned", "pending"),
    }[option]
    before = _state(demo)
    ran = run(*command, cwd=demo.path)
    assert ran.status in (2, 3)
    assert "--output=owned" in ran.err
    assert _state(demo) == before


ODD_REFS = (
    "refs/heads/-x",
    "refs/heads/--upload-pack=touch",
    "refs/heads/$(touch owned)".replace(" ", "_"),
    "refs/heads/a'b\"c",
    "refs/heads/;touch_owned",
    "refs/heads/\u202egnirts",
    "refs/heads/zero\u200bwidth",
    "refs/heads/stable-\u0661.\u0662",
    "refs/heads/" + "deep/" * 60 + "x",
    "refs/heads/stable-999999999999999999999.9",
    "refs/tags/--help",
    "refs/remotes/origin/-x",
    "refs/remotes/evil;name/stable-1.2",
)


def test_refs_with_odd_names_are_read_and_never_run(tmp_path: Path) -> None:
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    tip = repo.id("master")
    for ref in ODD_REFS:
        repo.git("update-ref", ref, tip)
    (repo.path / ".git/packed-refs").write_bytes(f"{tip} refs/heads/odd-\xff-byte\n".encode("latin-1"))
    for command in (("init",), ("scan",), ("pending",), ("status",)):
        ran = run(*command, cwd=repo.path)
        assert ran.status == 0, ran
    assert json.loads(run("pending", "--json", cwd=repo.path).out)["items"]
    assert not list(repo.path.glob("*owned*"))
    for name in ("-x", "--upload-pack=touch", "a'b\"c", "\u202egnirts"):
        ran = run("try", tip, "--onto", f"refs/heads/{name}", "--json", cwd=repo.path)
        assert json.loads(ran.out)["trials"][0]["verdict"] == "empty"
