"""A branch is given to every command in the same ways: among the words, as `-b BRANCH`, and by its version."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from backportq.cli.app import VERBS
from tests.cli.program import Ran, run
from tests.driver import TestRepo

_BRANCH, _VERSION = "stable-1.0", "1.0"
_WITHOUT = {"init", "people", "lint", "hook", "undo", "sync", "path", "board"}
"""What is about no branch of the queue, says which branches there are or somebody has (`init`, `people`), or needs a
terminal (`board`)."""

_WORDS = {
    "tag": "COMMIT -n",
    "untag": "COMMIT -n",
    "assign": "COMMIT --auto -n",
    "unassign": "COMMIT -n",
    "take": "COMMIT -n",
    "hand-back": "COMMIT -m busy -n",
    "decline": "COMMIT -m no -n",
    "defer": "COMMIT --until 2030-01-01 -n",
    "reopen": "COMMIT -n",
    "priority": "high COMMIT -n",
    "note": "COMMIT -m word -n",
    "need": "COMMIT OTHER -n",
    "link": "COMMIT OTHER -n",
    "approve": "COMMIT -n",
    "object": "COMMIT -m no -n",
    "show": "COMMIT",
    "try": "COMMIT",
    "explain": "COMMIT",
    "pick": "COMMIT --print",
    "apply": "--dry-run",
    "mail": "call",
    "backtest": "--from 2099-01-01",
    "report": "--markdown",
}


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ran]:
    """Runs a command in a repository with two branches and two fixes for both, whose ids stand for COMMIT and OTHER."""
    repo = TestRepo.create(tmp_path_factory.mktemp("alike") / "repo")
    repo.commit("start", {"start": "1\n"})
    begin = repo.id("HEAD")
    repo.git("branch", _BRANCH)
    repo.git("branch", "stable-2.0")
    first, second = (
        repo.commit(f'fix {name}\n\nFixes: {begin[:12]} ("start")', {name: "1\n"}) for name in ("one", "two")
    )

    def command(words: str, *more: str) -> Ran:
        typed = words.replace("COMMIT", first).replace("OTHER", second).split()
        return run(*typed, *more, cwd=repo.path, env={"GIT_EDITOR": "true"})

    assert command("init").status == command("scan").status == 0
    return command


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS if verb.name not in _WITHOUT])
def test_command_takes_a_branch_in_every_way(queue: Callable[..., Ran], verb: str) -> None:
    words = f"{verb} {_WORDS.get(verb, '')}"
    ask = functools.partial(queue, words)
    among = ask(_BRANCH)
    assert "unexpected argument" not in among.err
    assert "unknown option" not in among.err
    assert "not a configured" not in among.err
    assert [ask("-b", _BRANCH), ask("--branch", _VERSION), ask(_VERSION)] == [among] * 3
    unknown = ask("-b", "9.9")
    assert unknown.status in (2, 3)
    assert "9.9" in unknown.err


def test_link_takes_the_tip_of_a_branch_for_a_commit(queue: Callable[..., Ran]) -> None:
    linked = queue("link COMMIT", "stable-2.0", "-n")
    assert (linked.status, "is on 'master' itself" in linked.err) == (3, True)
