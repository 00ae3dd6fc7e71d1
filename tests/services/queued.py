"""Repositories with a queue: the start of every test of the use cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backportq.git.read.lookup import read_commits
from backportq.git.read.queue_files import StoredFiles
from backportq.git.repository import discover
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.notices import hearing
from backportq.queue.store import QueueStore
from backportq.services.decisions.decide import DecisionResult, Verb, item_plan
from backportq.services.decisions.decide import decide as decide_plan
from backportq.services.decisions.select import Asked
from backportq.services.project import Project, committer_of, system_clock
from backportq.services.scan.last_scan import last_scan
from backportq.services.scan.report import ScanReport
from backportq.services.scan.scan import read_history, today
from backportq.services.scan.stored_candidates import GatheredHistory
from tests.driver import TestRepo


def stable(name: str, version: str | None = None, **settings: object) -> StableBranch:
    """Return a branch `stable-4.18` of version 4.18."""
    return StableBranch(BranchName(name), version or name.rpartition("-")[2], **settings)  # type: ignore[arg-type]


def project_of(path: Path) -> Project:
    """Return the project at `path` as the program would open it."""
    repository = discover(path)
    return Project(repository, QueueStore(repository), system_clock, lambda: committer_of(repository))


def start_queue(repo: TestRepo, *branches: StableBranch, **settings: object) -> Project:
    """Return a project whose queue has upstream `master`, these branches and the dialects xen and linux."""
    project = project_of(repo.path)
    config = Config(BranchName("master"), branches, **{"dialects": ("xen", "linux"), **settings})  # type: ignore[arg-type]
    project.store.create(QueueState(config), actor=project.actor(), at=project.clock())
    return project


def history_of(project: Project) -> GatheredHistory:
    """Return what a scan would know now."""
    return read_history(project.repository, project.store.snapshot().state, today(project))


def remembered(project: Project, day: date | None = None) -> ScanReport | None:
    """Return what a scan on `day` would answer from the index."""
    snapshot = project.store.snapshot()
    history = read_history(project.repository, snapshot.state, day or today(project))
    last = last_scan(history)
    return None if last is None else last.find_report(history, snapshot.commit, snapshot.state)


def reasons(project: Project) -> Mapping[str, Mapping[str, list[str]]]:
    """Return the candidates of each branch as `{branch: {commit: [reasons in words]}}`."""
    history = history_of(project)
    return {
        branch: {
            oid: [" ".join(filter(None, (str(each.via), each.rule, each.branch))) for each in candidate.nominations]
            for oid, candidate in candidates.items()
        }
        for branch, candidates in history.nominated.branches.items()
    }


def warnings(project: Project) -> list[tuple[str, str | None, str | None]]:
    """Return the warnings of a scan's nominations as (kind, commit, branch)."""
    return [(str(each.kind), each.commit, each.branch) for each in history_of(project).nominated.warnings]


def decide(project: Project, commit: str, branch: str = "stable-4.18", **fields: object) -> None:
    """Change the item of `commit`, as a decision would, or add one."""

    def change(state: QueueState) -> QueueState:
        queue = state.queue_of(BranchName(branch))
        old = queue.find(Oid(commit))
        item = replace(old, **fields) if old is not None else _item_of(project, commit, **fields)  # type: ignore[arg-type]
        items = [item if each.commit == commit else each for each in (*queue.open, *queue.closed)]
        items += [] if old is not None else [item]
        opened = tuple(each for each in items if each.state.is_open)
        closed = tuple(each for each in items if not each.state.is_open)
        changed = replace(queue, open=opened, closed=closed)
        return replace(state, branches={**state.branches, BranchName(branch): changed})

    project.store.change(change, command="test", summary="decide", actor=project.actor(), at=project.clock())


def _item_of(project: Project, commit: str, **fields: object) -> Item:
    found = read_commits(project.repository, [Oid(commit)])[Oid(commit)]
    return replace(Item(found.oid, found.subject, found.author, found.committed), **fields)  # type: ignore[arg-type]


def decided(
    project: Project,
    verb: Verb,
    commits: Sequence[str],
    branches: Sequence[str] = (),
    *,
    query: str | None = None,
    older: bool = False,
    dry_run: bool = False,
) -> DecisionResult:
    """Make the decision `verb` about these commits on these branches, or about what the query admits."""
    asked = Asked(tuple(commits), tuple(branches), query, older)
    return decide_plan(project, item_plan(project, asked, verb), dry_run=dry_run)


def readings_of(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[StoredFiles | None]:
    """Return the list that every reading of the queue's files is added to from now on."""
    readings: list[StoredFiles | None] = []
    read = project.store.files

    def counted(commit: Oid | None = None) -> StoredFiles | None:
        readings.append(read(commit))
        return readings[-1]

    monkeypatch.setattr(project.store, "files", counted)
    return readings


def queue_of(project: Project, branch: str = "stable-4.18") -> BranchQueue:
    """Return the stored queue of `branch`."""
    return project.store.snapshot().state.queue_of(BranchName(branch))


def states_of(project: Project, branch: str = "stable-4.18") -> dict[str, str]:
    """Return the state of each stored item of `branch`, open or closed."""
    queue = queue_of(project, branch)
    return {item.commit: str(item.state) for item in (*queue.open, *queue.closed)}


def fixed(repo: TestRepo, branch: str = "stable-4.18") -> tuple[str, str]:
    """Make a bug, the branch, and a fix on master; return both commits."""
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", branch)
    return bug, repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})


def warnings_of(work: Callable[[], object]) -> list[str]:
    """Return the warnings that `work` told, each once."""
    heard: list[str] = []

    def hear(text: str, _: Sequence[str]) -> None:
        heard.append(text)

    with hearing(hear):
        work()
    return list(dict.fromkeys(heard))
