"""What people add to items: notes, prerequisites, and which commit is the pick of which.

What each transition means is in `backportq.model.items.decisions`; whether a pick is on the branch is asked of git
here.
"""

from __future__ import annotations

from collections.abc import Sequence

from backportq.errors import DecisionError, UsageError
from backportq.git.read.history import merge_base
from backportq.git.read.lookup import read_commits, resolve_commit
from backportq.git.refs import read_refs, resolve_configured
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.decisions import link, need, note
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.services.branches import choose_branches
from backportq.services.decisions.decide import DecisionResult, ItemDecision, decide, write_plan
from backportq.services.decisions.select import Selection, choose, choose_one
from backportq.services.project import Project


def note_items(
    project: Project,
    commits: Sequence[str],
    branches: Sequence[str],
    *,
    text: str,
    append: bool = False,
    dry_run: bool = False,
) -> DecisionResult:
    """Write a note on items, open or closed; empty text removes it."""
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: note(item, text, append=append),
        command="note",
        done=f"note: {text}" if text.strip() else "note removed",
        closed_too=True,
        dry_run=dry_run,
    )


def need_items(
    project: Project,
    commit: str,
    needs: Sequence[str],
    branches: Sequence[str],
    *,
    remove: bool = False,
    dry_run: bool = False,
) -> DecisionResult:
    """Record (or forget) that one commit needs others first, in pick order."""
    state = project.store.snapshot().state
    choose_one(project.repository, state, commit, branches)
    others = choose(project.repository, state, needs).commits
    names = ", ".join(short(oid) for oid in others)
    return decide(
        project,
        [commit],
        branches,
        lambda item, _branch: need(item, () if remove else others, others if remove else ()),
        command="need",
        done=f"needs {names} no more" if remove else f"needs {names}",
        dry_run=dry_run,
    )


def link_item(project: Project, commit: str, pick: str, branch: str | None, *, dry_run: bool = False) -> DecisionResult:
    """Say that `pick` is the pick of `commit` on `branch` (the one that has it, if none is named).

    Raise `DecisionError` unless the branch or its staging branch reaches `pick`. A commit that never was in the queue
    is recorded there as landed.
    """
    state = project.store.snapshot().state
    oid = choose_one(project.repository, state, commit, ()).commits[0]
    found = resolve_commit(project.repository, pick)
    name = _branch_with(project, state, found, branch)
    chosen = Selection((oid,), (name,), is_named=True)
    commits = read_commits(project.repository, [oid])

    def plan(now: QueueState) -> dict[tuple[BranchName, Oid], ItemDecision]:
        before = now.queue_of(name).find(oid)
        item = before
        if item is None:
            made = commits[oid]
            item = Item(oid, made.title, made.author, made.committed)
        return {(name, oid): ItemDecision(name, oid, before, link(item, found))}

    return write_plan(project, chosen, plan, command="link", done=f"landed as {short(found)}, by hand", dry_run=dry_run)


def _branch_with(project: Project, state: QueueState, pick: Oid, named: str | None) -> BranchName:
    refs = read_refs(project.repository)
    branches = choose_branches(state.config, [named] if named is not None else [])
    upstream = resolve_configured(refs, state.config, state.config.upstream).oid
    holding = []
    for branch in branches:
        for name in (branch.name, branch.staging):
            if name is None:
                continue
            tip = resolve_configured(refs, state.config, name).oid
            if merge_base(project.repository, tip, pick) == pick:
                holding.append(branch.name)
                break
    if holding and merge_base(project.repository, upstream, pick) == pick:
        raise DecisionError(
            f"'{short(pick)}' is on '{state.config.upstream}' itself, wanted a commit that only a stable branch has"
        )
    if len(holding) == 1:
        return holding[0]
    if holding:
        raise UsageError(
            f"'{short(pick)}' is on several branches: {', '.join(holding)}",
            hints=tuple(f"give --branch {name}" for name in holding),
        )
    where = f"'{branches[0].name}'" if named is not None and branches else "any stable branch"
    raise DecisionError(
        f"'{short(pick)}' is not on {where}",
        hints=("git fetch, if it was pushed lately", "git branch -a --contains ID"),
    )
