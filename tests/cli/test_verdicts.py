"""Published verdicts as a person meets them: `sync --verdicts`, the question of `init`, the lists."""

from __future__ import annotations

import json
import random
from pathlib import Path

from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import answered
from tests.cli.test_json_shapes import SHAPES
from tests.driver import TestRepo

_BRANCHES = ("stable-1.0", "stable-1.1", "stable-1.2")
_QUESTION = "'origin' publishes what trials found; show that in lists, re-tried by sample? [Y/n]: "


def _published(folder: Path) -> tuple[TestRepo, TestRepo]:
    """Return a bare remote with verdicts, and the clone that published them."""
    build("demo", folder / "demo")
    remote, clone = TestRepo(folder / "remote.git"), TestRepo(folder / "nightly")
    TestRepo(folder / "demo").git("clone", "-q", "--bare", str(folder / "demo"), str(remote.path))
    remote.git("clone", "-q", str(remote.path), str(clone.path))
    for words in (("init",), ("scan",), ("sync",)):
        assert run(*words, cwd=clone.path).status == 0
    assert "no verdicts to publish on 'origin'\n" in run("sync", "--verdicts", cwd=clone.path).out
    assert run("pending", cwd=clone.path).status == 0
    return remote, clone


def test_sync_tells_what_it_published_and_took(tmp_path: Path) -> None:
    remote, nightly = _published(tmp_path)
    said = run("sync", "--verdicts", cwd=nightly.path)
    assert said.out.splitlines()[-1] == f"verdicts published on 'origin': {', '.join(_BRANCHES)}"
    clone = TestRepo(tmp_path / "fresh")
    remote.git("clone", "-q", str(remote.path), str(clone.path))
    clone.git("config", "backportq.verdicts", "origin")
    document = json.loads(run("sync", "--json", cwd=clone.path).out)
    assert list(SHAPES["sync"].faults(document, "")) == []
    assert document["verdicts_taken"] == list(_BRANCHES)
    assert run("pending", cwd=clone.path) == run("pending", cwd=nightly.path)


def test_init_asks_once_for_verdicts_that_the_remote_publishes(tmp_path: Path) -> None:
    remote, nightly = _published(tmp_path)
    clone = TestRepo(tmp_path / "fresh")
    remote.git("clone", "-q", str(remote.path), str(clone.path))
    assert run("sync", cwd=clone.path).status == 0
    assert run("sync", "--verdicts", cwd=nightly.path).status == 0
    said, status = answered(clone.path, _QUESTION, "n", "init", "--force")
    assert (status, clone.git("config", "backportq.verdicts")) == (0, "")
    assert said.count("publishes what trials found") == 1
    clone.git("config", "--unset", "backportq.verdicts")
    assert answered(clone.path, _QUESTION, "y", "init", "--force")[1] == 0
    assert clone.git("config", "backportq.verdicts") == "origin"
    assert clone.git("for-each-ref", "--format=%(refname)", "refs/backportq-verdicts") != ""


def test_remote_that_sends_too_much_is_cut_off(tmp_path: Path) -> None:
    remote, _ = _published(tmp_path)
    big = remote.git("hash-object", "-w", "--stdin", stdin=random.Random(1).randbytes(80 << 20))
    tree = remote.git("mktree", stdin=f"100644 blob {big}\ta\n")
    remote.git("update-ref", "refs/backportq-verdicts/backportq", remote.git("commit-tree", tree, "-m", "big"))
    clone = TestRepo(tmp_path / "fresh")
    remote.git("clone", "-q", "--no-local", str(remote.path), str(clone.path))
    clone.git("config", "backportq.verdicts", "origin")
    said = run("sync", cwd=clone.path)
    assert said.status == 0
    assert "warning: no verdicts were taken: cannot fetch from 'origin'" in said.err
    assert run("pending", cwd=clone.path).status == 0
