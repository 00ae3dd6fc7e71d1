"""`pick --push` and the resolver as they are typed: an option whose value may be left out, and a yes on a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import answered
from tests.driver import TestRepo


@pytest.fixture
def demo(tmp_path: Path) -> TestRepo:
    """The demo repository with a queue and a remote `origin`."""
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    TestRepo.create(tmp_path / "forge", bare=True)
    repo.git("remote", "add", "origin", str(tmp_path / "forge"))
    return repo


@pytest.mark.parametrize("words", [("--push", "{}"), ("{}", "--push"), ("{}", "--push", "origin"), ("--push=", "{}")])
def test_push_takes_a_remote_or_none(demo: TestRepo, words: tuple[str, ...]) -> None:
    commit = demo.id(":/^berth: free the slot")
    typed = [word.format(commit) for word in words]
    done = run("pick", "--branch", "1.0", "--onto", "topic", *typed, "--json", cwd=demo.path)
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out)["published"]["pushed"] == {"remote": "origin", "ref": "refs/heads/topic"}


def test_push_to_what_is_no_remote_says_which_there_are_and_makes_nothing(demo: TestRepo) -> None:
    commit = demo.id(":/^berth: free the slot")
    done = run("pick", commit, "--branch", "1.0", "--onto", "topic", "--push", "nowhere", cwd=demo.path)
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith("error: cannot push to 'nowhere': the remotes are origin\n")
    assert demo.git("branch", "--list", "topic") == ""


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 4)])
def test_resolution_of_a_program_is_committed_only_after_a_yes(demo: TestRepo, answer: str, status: int) -> None:
    demo.git("config", "backportq.resolver", "echo 'resolved = True' > harbor/berth.py")
    conflict = demo.id(":/^berth: do not moor")
    question = "commit this resolution? [y/N]: "
    shown, ended = answered(demo.path, question, answer, "pick", conflict, "--branch", "1.0", "--onto", "topic")
    assert ended == status, shown
    assert "'echo' resolves" in shown
    assert (demo.git("branch", "--list", "topic") != "") == (status == 0)
    if status == 0:
        assert "conflict in harbor/berth.py resolved by 'echo'" in demo.git("log", "-1", "--format=%B", "topic")
        assert "conflict in harbor/berth.py resolved by 'echo'" in run("show", conflict, cwd=demo.path).out
    else:
        assert "backportq pick --continue topic" in shown


def test_resolver_is_asked_again_for_what_conflicts_after_a_continue(repo: TestRepo) -> None:
    lines = "".join(f"line {number}\n" for number in range(1, 10))
    start = repo.commit("start", {"a": lines, "b": lines})
    fixes = [repo.commit(f"fix {name}", {name: lines.replace("line 5", "fixed")}) for name in "ab"]
    repo.checkout("stable-1.0", start)
    repo.commit("own", {name: lines.replace("line 5", "ours") for name in "ab"})
    repo.checkout("master")
    assert run("init", cwd=repo.path).status == 0
    repo.git("config", "backportq.resolver", "sed -i -e '/^[<=>|]/d' -e '/^ours/d' b")
    stopped = run("pick", *fixes, "1.0", "--onto", "topic", "--no-resolver", "--json", cwd=repo.path)
    assert stopped.status == 4
    worktree = Path(json.loads(stopped.out)["waiting"]["worktree"])
    (worktree / "a").write_text(lines.replace("line 5", "fixed"))
    repo.git("-C", str(worktree), "add", "a")
    words = ("pick", "--continue", "topic", "-m", "by hand")
    shown, ended = answered(repo.path, "commit this resolution? [y/N]: ", "y", *words)
    assert ended == 0, shown
    assert "conflict in b resolved by 'sed', deviation: " in repo.git("log", "-1", "--format=%B", "topic")
    assert repo.git("log", "-1", "--format=%s", "topic~1") == "fix a"


def test_apply_leaves_conflicts_to_the_resolver_of_pick_and_tries_it_on_all(demo: TestRepo) -> None:
    demo.git("config", "backportq.resolver", "echo 'resolved = True' > harbor/berth.py")
    tried = run("apply", "1.0", "--resolver-only", cwd=demo.path)
    assert tried.status == 0, tried.err
    assert "'echo' resolves " in tried.out
    assert tried.out.endswith("nothing was kept (--resolver-only)\n")
    assert demo.git("branch", "--list", "backport/*") == ""
    done = run("apply", "1.0", "--no-record", cwd=demo.path)
    assert "  backportq pick COMMIT -b stable-1.0 --onto backport/stable-1.0/queue --append    hands it" in done.out
