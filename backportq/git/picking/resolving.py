"""A program of the user's own resolves a conflict in its worktree; what it did is checked, or taken back.

It may change the conflicted files and nothing else, and may leave no conflict marker. This module must not decide
whether its resolution is committed.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backportq.git.picking.checking import run_bounded
from backportq.git.picking.worktrees import begin_pick, examine, go_to, is_picking
from backportq.git.repository import Repository
from backportq.git.user import run_as_user, user_setting
from backportq.model.ids import Oid

SETTING = "backportq.resolver"
_SECONDS_SETTING = "backportq.resolverTimeout"
_SECONDS = 600.0
_SAID = 2_000


@dataclass(frozen=True, slots=True)
class StoppedPick:
    """A conflict in a worktree: of the pick of `picked` on top of `head`, in `paths`."""

    worktree: Path
    head: Oid
    picked: Oid
    mainline: int | None
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResolvedConflict:
    """What a resolver made: the `tree`, or why that is not accepted. `said` is the end of what it printed."""

    tree: Oid | None
    refused: str | None
    said: str


def resolver_of(repository: Repository) -> str | None:
    """Return the command of `backportq.resolver`: git's configuration only, which nobody gets with a clone."""
    return user_setting(repository, SETTING) or None


def resolver_name(command: str) -> str:
    """Return what to call a resolver in messages: the name of its program."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return Path(words[0]).name[:60] if words else "resolver"


def resolve(
    repository: Repository, place: StoppedPick, command: str, request: Mapping[str, object], log: Path
) -> ResolvedConflict:
    """Run the resolver and return its resolution, staged; where that is not accepted, the conflict is as it was.

    It runs in the worktree, and reads `request` as JSON on its standard input and in the file `BACKPORTQ_CONFLICT`.
    """
    index = _index(repository, place)
    file = log.with_suffix(".json")
    log.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(request, indent=1) + "\n", "utf-8")
    with log.open("wb") as output:
        limit = user_setting(repository, _SECONDS_SETTING, kind="int")
        seconds = float(limit) if limit else _SECONDS
        environment = {"BACKPORTQ_CONFLICT": str(file)}
        status = run_bounded(command, place.worktree, environment, output, seconds, stdin=file)
    said = log.read_bytes().decode("utf-8", "replace")[-_SAID:].strip()
    refused = "it ran out of time" if status is None else f"it ended with status {status}" if status != 0 else None
    tree, why = (None, refused) if refused is not None else _accepted(repository, place, index)
    if why is not None:
        _restore(repository, place)
    return ResolvedConflict(tree, why, said)


def _accepted(repository: Repository, place: StoppedPick, index: Mapping[str, str]) -> tuple[Oid | None, str | None]:
    """Stage what the resolver wrote, and return the tree, or why it is not accepted."""
    worktree = place.worktree
    if not is_picking(repository, worktree):
        return None, "it ended the pick itself"
    run_as_user(repository, "add", "-A", "--", *(f":(literal){path}" for path in place.paths), worktree=worktree)
    state = examine(repository, worktree, base=place.head, picked=place.picked)
    if state.head != place.head:
        return None, "it committed something itself"
    if state.unmerged or state.marked:
        left = (*state.unmerged, *state.marked)
        return None, f"it left '{left[0]}' with conflicts"
    others = {path for path, entry in _index(repository, place).items() if index.get(path) != entry}
    others |= {path for path in index if path not in place.paths} - set(_index(repository, place))
    strange = sorted((others - set(place.paths)) | set(state.unstaged) | set(state.untracked))
    if strange:
        return None, f"it changed '{strange[0]}', which has no conflict"
    return state.tree, None


def _index(repository: Repository, place: StoppedPick) -> dict[str, str]:
    """Return what the index has of each path that has no conflict."""
    listing = run_as_user(repository, "ls-files", "-s", "-z", worktree=place.worktree).out
    entries = (entry.partition(b"\t") for entry in listing.split(b"\0") if entry)
    found = {path.decode("utf-8", "surrogateescape"): what.decode("ascii") for what, _, path in entries}
    return {path: what for path, what in found.items() if path not in place.paths}


def _restore(repository: Repository, place: StoppedPick) -> None:
    """Make the conflict anew, as it was before the resolver."""
    go_to(repository, place.worktree, place.head)
    run_as_user(repository, "clean", "-fdq", worktree=place.worktree)
    begin_pick(repository, place.worktree, place.picked, place.mainline)
