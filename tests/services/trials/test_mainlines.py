"""Merges on upstream's first-parent line are tried and picked as one change; merges beside it are left to people."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from backportq.git.repository import discover
from backportq.model.ids import Oid
from backportq.services.trials.mainlines import default_mainlines
from tests.cli.program import run
from tests.driver import TestRepo


@dataclass(frozen=True)
class Merges:
    """`on_line` merged a topic into upstream; `beside` merged upstream into the topic before."""

    repo: TestRepo
    on_line: str
    beside: str
    plain: str


@pytest.fixture
def merges(repo: TestRepo) -> Merges:
    """A queue with one stable branch; upstream took a topic that had taken upstream."""
    start = repo.commit("start", {"a": "1\n", "b": "1\n"})
    repo.git("branch", "stable-1.0", start)
    repo.checkout("topic", start)
    repo.commit("topic: part one", {"a": "2\n"})
    repo.checkout("master")
    plain = repo.commit("other", {"b": "2\n"})
    repo.checkout("topic")
    repo.git("merge", "-q", "--no-edit", "master")
    beside = repo.id("HEAD")
    repo.commit("topic: part two", {"a": "2\n3\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge the topic", "topic")
    run("init", "--upstream", "master", "--branch", "stable-1.0", cwd=repo.path)
    return Merges(repo, repo.id("master"), beside, plain)


def test_only_merges_on_the_line_have_a_default(merges: Merges) -> None:
    repository = discover(merges.repo.path)
    upstream = [Oid(merges.repo.id("master"))]
    asked = [Oid(oid) for oid in (merges.on_line, merges.beside, merges.plain)]
    for _ in range(2):  # the second time from the cache
        assert default_mainlines(repository, upstream, asked) == {merges.on_line: 1}
    assert default_mainlines(repository, (), [Oid(merges.beside)]) == {}


def test_merge_that_comes_onto_the_line_later_is_known_then(merges: Merges) -> None:
    repository = discover(merges.repo.path)
    asked = [Oid(merges.beside)]
    assert default_mainlines(repository, [Oid(merges.repo.id("master"))], asked) == {}
    assert default_mainlines(repository, [Oid(merges.repo.id("topic"))], asked) == {merges.beside: 1}


def test_try_takes_the_first_parent_and_says_so(merges: Merges) -> None:
    ran = run("try", merges.on_line, "--onto", "stable-1.0", "--json", cwd=merges.repo.path)
    trial = json.loads(ran.out)["trials"][0]
    assert (trial["verdict"], trial["mainline"]) == ("clean", 1)
    explicit = run("try", merges.on_line, "--onto", "stable-1.0", "-m", "1", "--json", cwd=merges.repo.path)
    assert json.loads(explicit.out)["trials"][0] == trial
    assert "parent 1" in run("try", merges.on_line, "--onto", "stable-1.0", cwd=merges.repo.path).err
    beside = run("try", merges.beside, "--onto", "stable-1.0", cwd=merges.repo.path)
    assert beside.status == 3
    assert "no mainline was given" in beside.err


def test_item_that_is_a_merge_is_tried_and_picked(merges: Merges) -> None:
    repo = merges.repo
    run("tag", merges.on_line, "--branch", "stable-1.0", cwd=repo.path)
    item = json.loads(run("pending", "--json", cwd=repo.path).out)["items"][0]
    assert (item["mainline"], item["trial"]["verdict"], item["trial"]["in_order"]) == (1, "clean", "clean")
    assert "first parent" in run("pending", cwd=repo.path).out
    assert "-m 1" in run("pick", merges.on_line, "--branch", "stable-1.0", "--print", cwd=repo.path).out
    picked = run("pick", merges.on_line, "--branch", "stable-1.0", "--onto", "one", cwd=repo.path)
    assert "picked against parent 1" in picked.out
    assert repo.git("rev-parse", "one^{tree}") == item["trial"]["tree"]
    repo.git("branch", "-D", "one")
    run("apply", "stable-1.0", "--onto", "two", cwd=repo.path)
    assert repo.git("rev-parse", "two^{tree}") == item["trial"]["tree"]
    assert repo.git("show", "two:a") == "2\n3"
    assert repo.git("show", "two:b") == "1"
