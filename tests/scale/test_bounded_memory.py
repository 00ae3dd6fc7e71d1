"""Every command on a large history in bounded memory: a million commits, 80,000 files, 10,000 items in a deep run."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field

import pytest

from tests.cli.program import Ran
from tests.driver import TestRepo
from tests.scale.history import BRANCHES, Size, make_history
from tests.scale.memory import run_measured

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

DEEP = bool(os.environ.get("BACKPORTQ_DEEP"))
SIZE = Size(1_000_000, 79_507) if DEEP else Size(20_000, 2_000)
ITEMS = 10_000 if DEEP else 200
MEMORY = (1024 if DEEP else 160) << 20
"""Bytes for a command and all that it starts; in a deep run what the design promises."""
SECONDS = 300 if DEEP else 30


@dataclass
class Large:
    """A large repository with a queue, and what was measured in it."""

    repo: TestRepo
    items: dict[str, list[str]] = field(default_factory=dict)

    def run(self, *arguments: str, status: int = 0) -> Ran:
        """Run the program, which must end with this status and keep within the memory."""
        begin = time.monotonic()
        measured = run_measured(arguments, cwd=self.repo.path, limit=MEMORY, seconds=SECONDS)
        if DEEP:
            took = f"{time.monotonic() - begin:6.1f} s {measured.peak >> 20:5} MiB"
            print(f"{took}  {' '.join(arguments)[:80]}", file=sys.__stderr__)
        assert measured.ran.status == status, measured.ran.err[:2000]
        assert measured.peak < MEMORY
        return measured.ran


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Large:
    """A history of the size in question, scanned."""
    repo = TestRepo.create(tmp_path_factory.mktemp("large") / "repo.git", bare=True)
    repo.git("config", "user.name", "Cora Committer")
    repo.git("config", "user.email", "cora@example.org")
    make_history(repo.path, SIZE)
    made = Large(repo)
    made.run("init", "--upstream", "master", "--dialect", "linux", *(f"--branch={name}" for name in BRANCHES))
    made.run("scan")
    for item in json.loads(made.run("pending", "--json").out)["items"]:
        assert item["trial"]["verdict"] in {"clean", "conflict", "empty"}
        made.items.setdefault(item["branch"], []).append(item["commit"])
    return made


def test_history_is_as_large_as_it_says(large: Large) -> None:
    assert int(large.repo.git("rev-list", "--count", "master")) == SIZE.commits
    assert len(large.repo.git("ls-tree", "-r", "--name-only", "master").splitlines()) == SIZE.files
    assert sum(map(len, large.items.values())) > ITEMS


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "--json"),
        ("scan", "--dry-run", BRANCHES[0]),
        ("pending",),
        ("pending", "--json"),
        ("status",),
        ("status", "--json"),
        ("show", "ITEM"),
        ("show", "ITEM", "--json"),
        ("landed", BRANCHES[0]),
        ("landed", BRANCHES[0], "--json"),
        ("stats", "--all"),
        ("check", BRANCHES[0]),
        ("release-notes", BRANCHES[0]),
        ("try", "ITEM", "--onto", *BRANCHES),
        ("explain", "ITEM", BRANCHES[0]),
        ("assign", "--auto", "--dry-run"),
        ("mail", "call"),
        ("log",),
        ("people",),
        ("path",),
    ],
    ids=" ".join,
)
def test_reading_command_keeps_within_the_memory(large: Large, arguments: tuple[str, ...]) -> None:
    item = large.items[BRANCHES[0]][-1]
    not_ready = 1 if arguments[0] == "check" else 0
    ran = large.run(*(item if word == "ITEM" else word for word in arguments), status=not_ready)
    assert ran.out


def test_decisions_keep_within_the_memory(large: Large) -> None:
    name = BRANCHES[2]
    first, second, third, fourth, *_ = large.items[name]
    for arguments in (
        ("people", "add", "Ada Author <ada@example.org>"),
        ("assign", first, "--to", "ada", "--branch", name),
        ("take", second, "--branch", name),
        ("decline", third, "--branch", name, "-m", "too large a change"),
        ("defer", fourth, "--branch", name, "--until", "2030-01-01"),
        ("note", first, "--branch", name, "-m", "seen twice"),
        ("tag", "master~3", "--branch", name),
        ("undo",),
        ("scan",),
    ):
        large.run(*arguments)
    shown = json.loads(large.run("show", first, "--json").out)
    state = next(each["item"] for each in shown["branches"] if each["branch"] == name)
    assert (state["assignee"], state["note"]) == ("ada", "seen twice")


def test_pick_and_apply_keep_within_the_memory(large: Large) -> None:
    name = BRANCHES[4]
    large.run("pick", large.items[name][0], "--branch", name)
    large.run("apply", name)
    assert large.repo.git("fsck", "--connectivity-only", "--no-dangling") == ""
