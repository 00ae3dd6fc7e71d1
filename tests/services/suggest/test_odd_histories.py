"""Learning, ranking and the backtest on histories that give little to learn from: an answer or a clear error, each."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import RepositoryError, UsageError
from backportq.model.ids import Oid
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from backportq.services.suggest.backtest import backtest
from backportq.services.suggest.code_changes import traits_of_past
from backportq.services.suggest.keep_learned import learn_and_keep
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.suggest.past import past_of
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


def test_where_merges_are_taken_these_are_what_is_learned_from(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    merges = []
    for number in range(3):
        repo.checkout("topic", "master")
        side = repo.commit(f"mend the leak {number}\n\nIt leaked.\n", {f"net/f{number}.c": "long line\n"})
        repo.checkout("master")
        title = f"Merge pull request #{number + 1} from nora/leak\n\nStop leak {number}"
        repo.git("merge", "-q", "--no-ff", "-m", title, "topic")
        repo.git("branch", "-D", "topic")
        merges.append((repo.id("master"), side))
    direct = repo.commit("paint", {"wall": "1\n"})
    repo.checkout("stable-1")
    for merge, _ in merges:
        repo.git("cherry-pick", "-x", "-m1", merge)
    repo.checkout("master")
    project = start_queue(repo, stable("stable-1"))
    history = HistoryOfQueue(project.repository, project.store.snapshot().state)
    history.facts.load(history.facts.commits)
    past = past_of(history.facts)

    traits, describe = traits_of_past(project.repository, history.index, past)

    assert past.takes_merges()
    known = {past.changes[place].commit.oid: place for place in traits}
    assert set(known) == {direct, *(merge for merge, _ in merges)}
    place = known[Oid(merges[0][0])]
    assert traits[place].paths == ("net/f0.c",)
    assert {"subject stop", "text mend"} <= set(describe(place).words)
