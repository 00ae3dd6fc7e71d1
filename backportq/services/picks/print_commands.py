"""`pick --print`: the plain git commands that do the same, for people who do not have backportq.

The commands work in a worktree of their own, so they too leave alone what is checked out.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.picks.provenance import ProvenanceStyle, provenance_words
from backportq.services.picks.pick import mainline_of, steps_of
from backportq.services.picks.request import PickRequest, choose_commits, read_one
from backportq.services.picks.targets import Target, choose_target
from backportq.services.project import Project


def print_pick(project: Project, request: PickRequest) -> tuple[str, ...]:
    """Return the commands, one a line, for the commits that a pick of `request` would pick. A comment names what has
    landed."""
    commits = choose_commits(project, request.commits)
    target = choose_target(project, request, commits[0])
    steps, landed = steps_of(project, target, commits, request)
    lines = [f"# {there.upstream} is on {target.branch} already, as {there.commit}" for there in landed]
    picks = [(read_one(project.repository, step.upstream), step.picked) for step in steps]
    mainline = mainline_of(project, request, steps)
    return (*lines, *_commands(target, picks, mainline)) if picks else tuple(lines)


def _commands(target: Target, picks: Sequence[tuple[Commit, Oid]], mainline: int | None) -> tuple[str, ...]:
    """Return the commands that pick (upstream commit, commit to take) pairs to the topic branch of `target`."""
    place = shlex.quote(f"../{target.topic.replace('/', '-')}")
    topic = shlex.quote(target.topic)
    if target.topic_was is None:
        lines = [f"git worktree add -b {topic} {place} {target.start}"]
    elif target.start == target.topic_was:
        lines = [f"git worktree add {place} {topic}"]
    else:
        lines = [f"git worktree add -B {topic} {place} {target.start}"]
    for upstream, picked in picks:
        parent = f" -m {mainline}" if mainline is not None else ""
        if target.style is ProvenanceStyle.CHERRY_PICK:
            signed = " -s" if target.sign_off else ""
            lines.append(f"git -C {place} cherry-pick -x{signed}{parent} {picked}")
            continue
        if target.style is ProvenanceStyle.XEN and target.sign_off:
            parent += " -s"  # above the lines that follow
        lines.append(f"git -C {place} cherry-pick{parent} {picked}")
        wording = _format(target, upstream)
        if wording is not None:
            signed = " -s" if target.sign_off and target.style is not ProvenanceStyle.XEN else ""
            lines.append(
                f"git -C {place} log -1 --format={shlex.quote(wording)} | "
                f"git -C {place} commit -q --amend --cleanup=whitespace{signed} -F -"
            )
        elif target.sign_off:
            lines.append(f"git -C {place} commit -q --amend --no-edit -s")
    lines.append(f"# on a conflict: resolve it there, git -C {place} add it, git -C {place} cherry-pick --continue")
    lines.append(f"git worktree remove {place}")
    return tuple(lines)


def _format(target: Target, upstream: Commit) -> str | None:
    """Return the format for `git log` that gives the message of a pick, made from the commit that `HEAD` is then."""
    words = provenance_words(target.style, upstream.oid, upstream.committed, target.upstream_branch)
    words = _escaped(words).replace("\n", "%n")
    match target.style:
        case ProvenanceStyle.XEN:
            gap = "" if target.sign_off else _line_end(upstream) + ("" if _ends_in_tags(upstream) else "%n")
            return f"%B{gap}{words}"
        case ProvenanceStyle.LINUX | ProvenanceStyle.UPSTREAM_COMMIT | ProvenanceStyle.DPDK:
            return f"%s%n%n{words}%n%n%b"
        case ProvenanceStyle.DJANGO:
            return f"[{_escaped(target.branch.rpartition('/')[2])}] %B{_line_end(upstream)}%n{words}"
        case ProvenanceStyle.CHERRY_PICK | ProvenanceStyle.NONE:
            return None


def _line_end(commit: Commit) -> str:
    return "" if commit.message.endswith("\n") else "%n"


def _ends_in_tags(commit: Commit) -> bool:
    from backportq.model.trailers.message import trailer_block

    start, end = trailer_block(commit.message.split("\n"))
    return start != end


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
