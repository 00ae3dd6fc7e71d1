"""`suggest` as people type it: rows with reasons, taken by their numbers, judged by a program of one's own."""

from __future__ import annotations

import json
from datetime import date

import pytest

from backportq.model.ids import BranchName, Oid
from backportq.model.likelihood.learned import LearnedModel, Proof, Score
from backportq.model.likelihood.trees import BoostedTrees
from backportq.model.likelihood.words import WordWeights
from backportq.queue.codec.learned import write_learned
from backportq.queue.codec.paths import LEARNED_FILE
from backportq.services.suggest.features import FEATURES, VERSION
from tests.cli.program import run
from tests.driver import TestRepo
from tests.services.queued import project_of


@pytest.fixture
def queued(repo: TestRepo) -> TestRepo:
    """stable-1.0, which lacks a commit of one line and one of many."""
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.commit("net: mend a leak", {"base": "2\n"})
    repo.commit("net: rewrite", {"base": "line\n" * 100})
    assert run("init", "--branch", "stable-1.0", cwd=repo.path).status == 0
    return repo


def teach(repo: TestRepo) -> None:
    """Write weights by which small commits are likely."""
    size = FEATURES.index("lines changed")
    good, poor = Score(0.6, 0.5, 0.7, 0.6), Score(0.4, 0.3, 0.4, 0.4)
    model = LearnedModel(
        VERSION,
        FEATURES,
        Oid(repo.id("master")),
        date(2026, 6, 1),
        (BranchName("stable-1.0"),),
        1_000,
        WordWeights({"subject leak": 1.0}),
        BoostedTrees(((size, 2.0, 1.5, -1.5, 0.0), (FEATURES.index("words"), 0.1, -0.5, 0.5, 0.0))),
        Proof(date(2025, 6, 1), date(2026, 6, 1), 50, 0.9, good, poor),
    )
    project = project_of(repo.path)
    project.store.replace_files(
        lambda _: {LEARNED_FILE: write_learned(model)},
        command="suggest",
        summary="test",
        actor=project.actor(),
        at=project.clock(),
    )


def test_nothing_learned_says_what_to_type(queued: TestRepo) -> None:
    done = run("suggest", cwd=queued.path)
    assert (done.status, "nothing was learned yet" in done.out) == (0, True)
    assert "backportq suggest --learn" in done.out
    explained = run("suggest", "--explain", "master", "stable-1.0", cwd=queued.path)
    assert explained.status != 0
    assert "backportq suggest --learn" in explained.err


def test_rows_are_ranked_explained_and_taken(queued: TestRepo) -> None:
    teach(queued)
    listed = json.loads(run("suggest", "--json", cwd=queued.path).out)["suggestions"]
    assert [row["subject"] for row in listed] == ["net: mend a leak", "net: rewrite"]
    assert listed[0]["likely"] > 0.8 > 0.3 > listed[1]["likely"]
    assert listed[0]["reasons"] == [
        "for: it changes 2 lines in 1 files",
        "for: it says 'leak', as what is taken does",
    ]
    text = run("suggest", "--explain", "master~1", "stable-1.0", cwd=queued.path).out
    assert "it changes 2 lines" in text
    taken = run("suggest", "--tag", "1", cwd=queued.path)
    assert (taken.status, "nominated" in taken.out) == (0, True)
    assert [row["subject"] for row in json.loads(run("suggest", "--json", cwd=queued.path).out)["suggestions"]] == [
        "net: rewrite"
    ]
    shown = run("show", "master~1", cwd=queued.path).out  # the first to ask, so it works it out
    assert "% likely to be taken" in shown
    assert "for: it changes 2 lines in 1 files" in shown
    listed = json.loads(run("pending", "--json", cwd=queued.path).out)["items"]
    assert listed[0]["reasons"][0] == "for: it changes 2 lines in 1 files"
    checked = run("check", "stable-1.0", "--at-least", "normal", "--json", cwd=queued.path).out
    assert json.loads(checked)["pending"][0]["likely"] == listed[0]["likely"]
    assert run("suggest", "--tag", "5", cwd=queued.path).status == 2


def test_a_damaged_file_is_told_of_and_lists_go_on(queued: TestRepo) -> None:
    teach(queued)
    project = project_of(queued.path)
    project.store.replace_files(
        lambda _: {LEARNED_FILE: b"{}"}, command="edit", summary="test", actor=project.actor(), at=project.clock()
    )
    done = run("suggest", cwd=queued.path)
    assert (done.status, "learned.json: wanted schema 1" in done.err) == (0, True)
    pending = run("pending", cwd=queued.path)
    assert (pending.status, "learned.json: wanted schema 1" in pending.err) == (0, True)


def test_judge_is_marked_wherever_it_is_shown(queued: TestRepo) -> None:
    teach(queued)
    assert run("suggest", "--judge", "2", cwd=queued.path).status != 0
    queued.git("config", "backportq.judge", """echo '{"likely": 0.25, "reason": "too large"}'""")
    done = run("suggest", "--judge", "1", cwd=queued.path)
    assert "your judge says: 25%, too large" in done.out
    rows = json.loads(run("suggest", "--judge", "1", "--json", cwd=queued.path).out)["suggestions"]
    assert rows[0]["judge"] == {"likely": 0.25, "reason": "too large"}
    assert rows[1]["judge"] is None
