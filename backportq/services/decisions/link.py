"""Linking: a person says which commit on a stable branch is the pick of which upstream commit.

Apart from the other verbs because it makes an item where there is none and asks git whether the pick is on the branch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backportq.errors import DecisionError, UsageError
from backportq.git.read.history import merge_base
from backportq.git.read.lookup import read_commits, resolve_commit
from backportq.git.refs import read_refs, resolve_configured
from backportq.model.change_names import commit_in_url
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.decisions import link
from backportq.model.items.item import Item, State
from backportq.model.items.queue import QueueState
from backportq.model.words import typed
from backportq.services.branches import choose_branches, set_gone_aside, tell_gone
from backportq.services.decisions.decide import ItemDecision, Planned
from backportq.services.decisions.select import choose_one
from backportq.services.history.stored_facts import facts_of
from backportq.services.project import Project


def link_plan(project: Project, commit: str, pick: str, branch: str | None) -> Callable[[QueueState], Planned]:
    """Return the plan that says: `pick` is the pick of `commit` on `branch` (the one that has it, if none is named).

    It raises `DecisionError` unless the branch or its staging branch reaches `pick`. A commit that never was in the
    queue is recorded there as landed.
    """

    def plan(state: QueueState) -> Planned:
        oid = choose_one(project.repository, state, commit).commits[0]
        carried = resolve_commit(project.repository, commit_in_url(pick) or pick)
        name = _branch_with(project, state, carried, branch)
        before = state.queue_of(name).find(oid)
        item = before
        if item is None:
            upstream = read_commits(project.repository, [oid])[oid]
            item = Item(oid, upstream.title, upstream.author, upstream.committed)
        decided = ItemDecision(name, oid, before, link(item, carried))
        return Planned("link", f"landed as {short(carried)}, by hand", (decided,), (oid,))

    return plan


def _branch_with(project: Project, state: QueueState, pick: Oid, named: str | None) -> BranchName:
    refs = read_refs(project.repository)
    if named is not None:
        branches = choose_branches(state.config, [named])
    else:
        present, gone = set_gone_aside(state.config, refs)
        tell_gone(gone)
        branches = present.branches
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
            hints=tuple(f"give --branch {typed(name)}" for name in holding),
        )
    where = f"'{branches[0].name}'" if named is not None and branches else "any stable branch"
    raise DecisionError(
        f"'{short(pick)}' is not on {where}",
        hints=("git fetch, if it was pushed lately", "git branch -a --contains ID"),
    )


def link_proposed_plan(project: Project, branches: Sequence[str]) -> Callable[[QueueState], Planned]:
    """Return the plan that takes every pick that a scan proposes, on all branches if none is named, but for what was
    declined there.

    It raises `DecisionError` where nothing is proposed.
    """

    def plan(state: QueueState) -> Planned:
        facts = facts_of(project.repository, state)
        wanted = {branch.name for branch in choose_branches(state.config, branches)}
        decided: list[ItemDecision] = []
        for entry in facts.branches:
            name = entry.branch.name
            facts.load(entry.proposed.values())
            for pick, oid in entry.proposed.items() if name in wanted else ():
                before = state.queue_of(name).find(oid)
                if before is not None and before.state is State.DECLINED:
                    continue
                upstream = facts.commits[oid]
                item = before or Item(oid, upstream.title, upstream.author, upstream.committed)
                decided.append(ItemDecision(name, oid, before, link(item, pick)))
        if not decided:
            raise DecisionError("no pick is proposed", hints=("backportq scan --warnings lists what is",))
        commits = tuple(dict.fromkeys(each.commit for each in decided))
        return Planned("link", f"{len(decided)} landed as proposed", tuple(decided), commits)

    return plan
