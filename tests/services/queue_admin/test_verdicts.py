"""Published verdicts: believed for lists, re-tried by sample, and never for what is picked."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backportq.git.trials import TrialSession, answers_of
from backportq.model.ids import BranchName, Oid
from backportq.queue.sync.sync import Manner
from backportq.services.items.open_items import open_items
from backportq.services.items.tried_items import TriedItem, published_verdicts, retry_published, try_items
from backportq.services.picks.apply import ApplyReport, ApplyRequest, apply
from backportq.services.project import Project
from backportq.services.queue_admin.init import InitRequest, initialise
from backportq.services.queue_admin.sync import sync_queue
from backportq.services.queue_admin.verdicts import publish_verdicts, take_verdicts
from backportq.services.scan.scan import scan
from backportq.services.trials import published as published_module
from fixtures.build import build
from tests.driver import TestRepo
from tests.services.queued import project_of, warnings_of

Document = dict[str, Any]

_REF = "refs/backportq-verdicts/backportq"
_BRANCHES = ("stable-1.0", "stable-1.1", "stable-1.2")


def _remote(folder: Path) -> TestRepo:
    """Return a bare remote of a small project, without a queue."""
    build("demo", folder / "demo")
    TestRepo(folder / "demo").git("clone", "-q", "--bare", str(folder / "demo"), str(folder / "remote.git"))
    return TestRepo(folder / "remote.git")


def _clone(remote: TestRepo, name: str) -> Project:
    path = remote.path.parent / name
    remote.git("clone", "-q", str(remote.path), str(path))
    return project_of(path)


def _list(project: Project) -> list[TriedItem]:
    found = open_items(project)
    published = published_verdicts(project.store)
    return try_items(project.repository, found.items, found.elsewhere, published=published)


def _publisher(remote: TestRepo) -> tuple[Project, list[TriedItem]]:
    """Return a clone that published what it found, and what that is."""
    project = _clone(remote, "nightly")
    initialise(project, InitRequest(branches=_BRANCHES))
    scan(project)
    found = _list(project)
    sync_queue(project, None, Manner())
    assert publish_verdicts(project).branches == _BRANCHES
    return project, found


def _fresh(remote: TestRepo, name: str = "fresh") -> Project:
    """Return a clone with the queue that takes verdicts, and has taken none yet."""
    project = _clone(remote, name)
    sync_queue(project, None, Manner())
    project.store.choose_verdicts("origin")
    return project_of(project.repository.git.directory)


def test_clone_that_takes_verdicts_lists_without_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = _remote(tmp_path)
    _, wanted = _publisher(remote)
    assert any(each.blocked_by for each in wanted)
    project = _fresh(remote)
    assert warnings_of(lambda: take_verdicts(project)) == []
    tables = project.repository.cache_dir / "index-1.sqlite"
    assert tables.exists()

    def no_trial(*_: object) -> None:
        raise AssertionError("a trial was started")

    monkeypatch.setattr(TrialSession, "_started", no_trial)
    assert _list(project_of(project.repository.git.directory)) == wanted


def test_clone_whose_queue_is_another_tries_it_itself(tmp_path: Path) -> None:
    remote = _remote(tmp_path)
    _, wanted = _publisher(remote)
    project = _fresh(remote)
    take_verdicts(project)
    scan(project, branches=())
    state = project.store.snapshot().state
    name = BranchName("stable-1.1")
    queue = state.queue_of(name)
    shorter = replace(state, branches={**state.branches, name: replace(queue, open=queue.open[1:])})
    project.store.change(lambda _: shorter, command="test", summary="test", actor=project.actor(), at=project.clock())
    fewer = _list(project)
    assert len(fewer) == len(wanted) - 1
    assert [each for each in fewer if each.entry.branch != name] == [
        each for each in wanted if each.entry.branch != name
    ]


def test_nothing_is_published_that_was_not_tried(tmp_path: Path) -> None:
    remote = _remote(tmp_path)
    project = _clone(remote, "nightly")
    initialise(project, InitRequest(branches=_BRANCHES))
    scan(project)
    assert publish_verdicts(project).branches == ()
    assert remote.git("for-each-ref", _REF) == ""


def _poison(remote: TestRepo, change: Callable[[Document], object]) -> None:
    """Publish files that `change` made of those that are published."""
    lines = []
    for line in remote.git("ls-tree", "-r", _REF).splitlines():
        path = line.partition("\t")[2]
        document = json.loads(remote.git("cat-file", "blob", f"{_REF}:{path}"))
        made = change(document)
        text = made if isinstance(made, str) else json.dumps(document)
        lines.append((path, remote.git("hash-object", "-w", "--stdin", stdin=text)))
    _publish(remote, lines)


def _publish(remote: TestRepo, files: Sequence[tuple[str, str]]) -> None:
    folder = remote.git("mktree", stdin="".join(f"100644 blob {oid}\t{path.split('/')[1]}\n" for path, oid in files))
    tree = remote.git("mktree", stdin=f"040000 tree {folder}\t{answers_of()}\n")
    remote.git("update-ref", _REF, remote.git("commit-tree", tree, "-m", "poison"))


def _all_clean(document: Document) -> None:
    for row in document["items"]:
        row[2:5] = ["c", "1" * 40, []]


def _other_trees(document: Document) -> None:
    for row in document["items"]:
        row[3] = row[3] and "2" * 40


def _all_conflict_in_order(document: Document) -> None:
    for row in document["items"]:
        row[6:9] = ["x", 1, []]


def _other_blockers(document: Document) -> None:
    for at, row in enumerate(document["items"]):
        if row[8]:
            row[8] = [(int(str(row[8][0])) + 1) % at] if at > 1 else []


_EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
_WRONG = [_all_clean, _other_trees, _all_conflict_in_order, _other_blockers]
_DAMAGED: list[Callable[[Document], object]] = [
    lambda _: "",
    lambda _: "[" * 200_000,
    lambda _: '{"schema":1,"onto":' + "9" * 10_000 + "}",
    lambda document: document.update(schema=2),
    lambda document: document.update(onto="HEAD"),
    lambda document: document.update(branch="stable-9"),
    lambda document: document["items"][0].append("more"),
    lambda document: document["items"][-1].__setitem__(8, [len(document["items"])]),
    lambda document: document["items"][0].__setitem__(0, "\ud800"),
    lambda _: "\n" * (17 << 20),
]


def _applied(report: ApplyReport) -> list[tuple[Oid, str]]:
    return [(entry.commit, str(entry.result)) for entry in report.results]


@pytest.mark.parametrize("poison", _WRONG)
def test_wrong_verdicts_are_named_and_never_believed_again(
    tmp_path: Path, poison: Callable[[Document], object]
) -> None:
    remote = _remote(tmp_path)
    publisher, wanted = _publisher(remote)
    _poison(remote, poison)
    project = _fresh(remote)
    told = warnings_of(lambda: take_verdicts(project))
    assert [text.partition(":")[0] for text in told] == ["'origin' published a wrong verdict"]
    assert _list(project) == wanted
    publish_verdicts(publisher)  # what is right now comes from who was wrong before
    again = project_of(project.repository.git.directory)
    take_verdicts(again)
    assert published_verdicts(again.store) is None
    request = ApplyRequest("stable-1.1", dry_run=True)
    assert _applied(apply(again, request)) == _applied(apply(publisher, request))


@pytest.mark.parametrize("damage", range(len(_DAMAGED)))
def test_damaged_verdicts_are_named_and_change_nothing(tmp_path: Path, damage: int) -> None:
    remote = _remote(tmp_path)
    _, wanted = _publisher(remote)
    _poison(remote, _DAMAGED[damage])
    project = _fresh(remote)
    told = warnings_of(lambda: take_verdicts(project))
    assert [text.partition("' published about ")[0] for text in told] == ["what 'origin"] * len(told)
    assert len(told) == len(_BRANCHES)
    assert _list(project) == wanted


def test_ref_that_is_no_commit_or_lacks_files_changes_nothing(tmp_path: Path) -> None:
    remote = _remote(tmp_path)
    _, wanted = _publisher(remote)
    for poison in (
        remote.git("hash-object", "-w", "--stdin", stdin="text"),
        remote.git("commit-tree", remote.git("mktree", stdin=""), "-m", "nothing"),
    ):
        remote.git("update-ref", _REF, poison)
        project = _fresh(remote, f"fresh-{poison[:7]}")
        told = warnings_of(lambda: take_verdicts(project))  # noqa: B023 - called at once
        assert told == [] or told[0].startswith("no verdicts were taken")
        assert _list(project) == wanted
    remote.git("update-ref", "-d", _REF)
    assert warnings_of(lambda: take_verdicts(project)) == ["'origin' publishes no verdicts"]


def _folders_of_folders(remote: TestRepo) -> str:
    """Return a tree of a few kilobytes that names a million files."""
    tree = remote.git("mktree", stdin="".join(f"100644 blob {_EMPTY}\t{name}\n" for name in range(100)))
    for _ in range(2):
        tree = remote.git("mktree", stdin="".join(f"040000 tree {tree}\t{name}\n" for name in range(100)))
    return tree


def _many_files(remote: TestRepo) -> str:
    return remote.git("mktree", stdin="".join(f"100644 blob {_EMPTY}\t{name}\n" for name in range(200_001)))


@pytest.mark.parametrize("bomb", [_folders_of_folders, _many_files])
def test_trees_without_end_are_named_and_change_nothing(tmp_path: Path, bomb: Callable[[TestRepo], str]) -> None:
    remote = _remote(tmp_path)
    _, wanted = _publisher(remote)
    assert remote.git("hash-object", "-w", "--stdin", stdin="") == _EMPTY
    tree = remote.git("mktree", stdin=f"040000 tree {bomb(remote)}\t{answers_of()}\n")
    remote.git("update-ref", _REF, remote.git("commit-tree", tree, "-m", "bomb"))
    project = _fresh(remote)
    told = warnings_of(lambda: take_verdicts(project))
    assert [text.partition(": more than ")[0] for text in told] == ["what 'origin' published cannot be used"]
    assert _list(project) == wanted


def test_one_wrong_verdict_is_found_when_it_is_about_to_be_picked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = _remote(tmp_path)
    _, wanted = _publisher(remote)
    clean = next(each for each in wanted if each.verdict == "clean" and each.entry.branch == "stable-1.1")
    commit = clean.entry.item.commit

    def one(document: Document) -> None:
        for row in document["items"]:
            if row[0] == commit:
                row[2:5] = ["x", "", [["harbor/x", "content", ""]]]

    _poison(remote, one)
    monkeypatch.setattr(published_module, "_SAMPLE", 0)  # the sample did not find it
    project = _fresh(remote)
    assert warnings_of(lambda: take_verdicts(project)) == []
    assert [each.verdict for each in _list(project) if each.entry.item.commit == commit] != [
        each.verdict for each in wanted if each.entry.item.commit == commit
    ]
    told = warnings_of(lambda: retry_published(project.repository, project.store, BranchName("stable-1.1"), [commit]))
    assert [text.partition(":")[0] for text in told] == ["'origin' published a wrong verdict"]
    assert _list(project) == wanted


def test_published_files_are_those_of_open_branches(tmp_path: Path) -> None:
    remote = _remote(tmp_path)
    publisher, _ = _publisher(remote)
    blob = remote.git("hash-object", "-w", "--stdin", stdin="{}")
    _publish(remote, [(f"{answers_of()}/stable-0.9.json", blob)])
    publish_verdicts(publisher)
    assert remote.git("ls-tree", "-r", "--name-only", _REF).splitlines() == [
        f"{answers_of()}/{name}.json" for name in _BRANCHES
    ]
    assert remote.git("rev-list", "--count", _REF) == "1"
    tip = remote.id(_REF)
    publish_verdicts(publisher)
    assert remote.id(_REF) == tip  # nothing new, nothing written


def _job(path: Path, branch: str, *, dies: bool) -> None:
    """What a job of CI does for one branch: the program's commands, in a clone of its own."""
    project = project_of(path)
    scan(project, branches=[branch])
    found = open_items(project, branches=[branch])
    try_items(project.repository, found.items, found.elsewhere)
    sync_queue(project, None, Manner())
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)
    publish_verdicts(project)


def test_jobs_that_split_the_branches_publish_side_by_side(tmp_path: Path) -> None:
    remote = _remote(tmp_path)
    first = _clone(remote, "first")
    initialise(first, InitRequest(branches=_BRANCHES))
    sync_queue(first, None, Manner())
    context = multiprocessing.get_context("fork")
    clones = [_clone(remote, f"job-{branch}") for branch in _BRANCHES]
    for clone in clones:
        sync_queue(clone, None, Manner())
    jobs = [
        context.Process(
            target=_job, args=(clone.repository.git.directory, branch), kwargs={"dies": branch == _BRANCHES[0]}
        )
        for clone, branch in zip(clones, _BRANCHES, strict=True)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(300)
    assert [job.exitcode for job in jobs] == [-signal.SIGKILL, 0, 0]
    assert remote.git("fsck", "--strict", "--no-dangling") == ""
    project = _fresh(remote)
    assert take_verdicts(project) == _BRANCHES[1:]
    _job(clones[0].repository.git.directory, _BRANCHES[0], dies=False)  # the next night
    assert take_verdicts(project_of(project.repository.git.directory)) == _BRANCHES
    assert {each.entry.branch for each in _list(project_of(project.repository.git.directory))} == set(_BRANCHES)
