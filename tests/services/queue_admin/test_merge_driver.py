"""`git merge` of queue branches through the merge driver, run by git itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from backportq.model.items.item import Item, State
from backportq.model.items.records import SupersededValue
from backportq.services.project import Project, system_clock
from backportq.services.queue_admin.merge_driver import install
from tests.driver import TestRepo
from tests.queue.shared_queue import ADA, Clone, at, dropping, item, setting, shared


@pytest.fixture
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def project_of(clone: Clone) -> Project:
    store = clone.store
    return Project(store.repository, store, system_clock, lambda: clone.who)


def diverged(folder: Path, *items: Item) -> tuple[Clone, Clone]:
    """Return two clones with the driver, of which the second will merge the first's queue by `git merge`."""
    _, ada, bo = shared(folder, *items)
    install(project_of(ada), "backportq")
    ada.sync()
    bo.sync()
    install(project_of(bo), "backportq")
    return ada, bo


def merge(ada: Clone, bo: Clone) -> str:
    """Merge ada's queue into bo's by hand; return git's porcelain status afterwards."""
    bo.repo.git("fetch", "-q", str(ada.repo.path), "backportq:theirs")
    bo.repo.git("checkout", "-q", "backportq")
    bo.repo.git("merge", "-q", "--no-edit", "theirs", check=False)
    status = bo.repo.git("status", "--porcelain")
    bo.repo.git("checkout", "-q", "--detach", "-f")
    return status


@pytest.mark.usefixtures("_on_path")
def test_git_merge_merges_items_field_by_field_and_knows_the_later(tmp_path: Path) -> None:
    ada, bo = diverged(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada", note="seen"), minute=3)
    bo.decide(setting(1, assignee="bo"), minute=2)
    bo.decide(setting(2, priority_by="x"), minute=2)
    ada.decide(setting(2, note="two"))
    assert merge(ada, bo) == ""
    lost = SupersededValue("assignee", "bo", None, at(2))
    assert bo.items() == [item(1, assignee="ada", note="seen", history=(lost,)), item(2, note="two", priority_by="x")]


@pytest.mark.usefixtures("_on_path")
def test_git_merge_of_an_item_closed_here_and_decided_there_is_a_conflict_that_sync_resolves(tmp_path: Path) -> None:
    ada, bo = diverged(tmp_path, item(1), item(2))
    ada.decide(setting(1, state=State.DECLINED, reason="no"))
    bo.decide(setting(1, assignee="bo"))
    assert "UU queue/stable-1.toml" in merge(ada, bo)
    ada.sync()
    bo.sync()
    assert bo.items() == [item(2), item(1, state=State.DECLINED, reason="no", assignee="bo")]


@pytest.mark.usefixtures("_on_path")
def test_git_merge_of_removals_and_configuration_is_clean(tmp_path: Path) -> None:
    ada, bo = diverged(tmp_path, item(1), item(2), item(3))
    text = ada.text("config.toml")
    ada.decide(dropping(1))
    bo.decide(setting(2, assignee="bo"))
    ada.write("config.toml", text.replace('["generic"]', '["generic", "xen"]'))
    bo.write("config.toml", text.replace('["generic"]', '["linux", "generic"]'))
    assert merge(ada, bo) == ""
    assert bo.items() == [item(2, assignee="bo"), item(3)]
    assert bo.store.snapshot().state.config.dialects == ("linux", "generic", "xen")


def test_install_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    _, ada, _ = shared(tmp_path, item(1))
    ada.write(".gitattributes", "README text\n")
    assert len(install(project_of(ada), "git backportq")) == 2
    assert ada.repo.git("config", "merge.backportq.driver") == "git backportq sync --merge-driver %O %A %B %P"
    assert ada.text(".gitattributes") == (
        "README text\n/config.toml merge=backportq\n/people.toml merge=backportq\n"
        "/queue/** merge=backportq\n/closed/** merge=backportq\n"
    )
    assert len(install(project_of(ada), "git backportq")) == 1


def test_driver_on_a_file_that_is_not_ours_merges_lines(tmp_path: Path) -> None:
    from backportq.services.queue_admin.merge_driver import MergedFile, merge_one

    repo = TestRepo.create(tmp_path / "repo")
    clone = Clone(repo, ADA)
    clone.create()
    base, ours, theirs = (tmp_path / name for name in ("base", "ours", "theirs"))
    base.write_text("a\nb\nc\nd\n")
    ours.write_text("A\nb\nc\nd\n")
    theirs.write_text("a\nb\nc\nD\n")
    assert merge_one(project_of(clone), base, ours, theirs, "queue/README") == MergedFile(is_clean=True)
    assert ours.read_text() == "A\nb\nc\nD\n"
    theirs.write_text("x\n")
    assert not merge_one(project_of(clone), base, ours, theirs, "queue/README").is_clean
