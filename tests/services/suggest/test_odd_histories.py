"""Learning, ranking and the backtest on histories that give little to learn from: an answer or a clear error, each."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import RepositoryError, UsageError
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from backportq.services.suggest.backtest import backtest
from backportq.services.suggest.keep_learned import learn_and_keep
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.suggest.suggest import suggest
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue


@pytest.fixture
def odd(repo: TestRepo) -> TestRepo:
    """One branch, one pick; upstream has an import of more files than are looked at, a commit without a message, one in
    another encoding, a merge, and one that changes nothing."""
    repo.commit("import", {f"vendor/{number}.c": f"int a{number};\n" for number in range(70)})
    repo.git("branch", "stable-1")
    fix = repo.commit("mend a leak", {"vendor/1.c": "int a;\n"})
    repo.git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
    tree, head = repo.id("master^{tree}"), repo.id("master")
    raw = f"tree {tree}\nparent {head}\nauthor A <a@example.org> 1700000000 +0000\n".encode()
    raw += b"committer A <a@example.org> 1700000000 +0000\nencoding latin1\n\nk\xfchler\n\nFixes: nothing\n"
    (repo.path / "raw").write_bytes(raw)
    odd_one = repo.git("hash-object", "-t", "commit", "-w", str(repo.path / "raw"))
    repo.git("update-ref", "refs/heads/master", odd_one)
    repo.git("branch", "side", head)
    repo.git("reset", "-q", "--hard")
    repo.git("merge", "-q", "--no-ff", "-s", "ours", "-m", "merge side", fix, check=False)
    repo.commit("more", {"vendor/2.c": "int b;\n"})
    repo.checkout("stable-1")
    repo.pick(fix, "-x")
    repo.checkout("master")
    return repo


def _ask_everything(project: Project) -> None:
    scan(project)
    outlook = read_outlook(project, project.store.snapshot().state)
    assert outlook.problem is None
    assert not suggest(project, limit=5).is_learned
    with pytest.raises(UsageError, match="too little to learn from"):
        learn_and_keep(project, threads=1)


def test_little_to_learn_from_is_told_and_the_backtest_counts_what_there_is(odd: TestRepo) -> None:
    project = start_queue(odd, stable("stable-1"))
    _ask_everything(project)

    found = backtest(project)

    assert found.landed == 1
    assert [score.branch for score in found.by_branch] == ["stable-1"]


def test_shallow_history_is_refused_with_the_way_out(odd: TestRepo, tmp_path: Path) -> None:
    clone = tmp_path / "shallow"
    odd.git("clone", "-q", "--bare", "--depth=2", "--no-single-branch", odd.path.as_uri(), str(clone))
    project = start_queue(TestRepo(clone), stable("stable-1"))

    asked = (
        lambda: suggest(project, limit=5),
        lambda: backtest(project),
        lambda: learn_and_keep(project, threads=1),
    )
    for ask in asked:
        with pytest.raises(RepositoryError, match="this clone is shallow") as raised:
            ask()
        assert "git fetch --unshallow" in " ".join(raised.value.hints)
