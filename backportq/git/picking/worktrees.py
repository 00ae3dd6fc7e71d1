"""The worktree of a conflict: made with the conflict in it by git, checked when it is said to be resolved.

It is a linked worktree with a detached `HEAD`, so that no branch is checked out by it, `git gc` keeps what stands
there, and the user's rerere, merge tools and attributes work as always. This module must not commit anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.repository import Repository
from backportq.git.user import run_as_user, user_setting
from backportq.model.ids import Oid

NO_HOOKS = ("core.hooksPath=/dev/null",)
WHOLE_TREE = ("core.sparseCheckout=false",)
"""For what builds: a linked worktree is otherwise as sparse as the one that it is made from."""

_MARKER = b": leftover conflict marker"


@dataclass(frozen=True, slots=True)
class ResolvedWorktree:
    """How a worktree stands. `head` is its commit, `tree` that of the index (None while paths are unmerged).
    `unmerged`, `marked` (with conflict markers staged), `unstaged` and `untracked` are paths."""

    head: Oid
    tree: Oid | None
    unmerged: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    unstaged: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()


def add_worktree(
    repository: Repository, path: Path, commit: Oid, *, env: Mapping[str, str] | None = None, is_whole: bool = False
) -> None:
    """Check `commit` out to a new linked worktree at `path`, with `is_whole` all of it where yours is sparse; raise
    `RepositoryError` if it cannot be."""
    settings = (*NO_HOOKS, *WHOLE_TREE) if is_whole else NO_HOOKS
    try:
        run_as_user(repository, "worktree", "add", "-q", "--detach", str(path), commit, env=env, config=settings)
    except GitFailedError as error:
        raise RepositoryError(
            f"the worktree for the conflict could not be made: {error.message}",
            hints=("free some space on the disk of the repository",) if "space" in error.message else (),
        ) from error


def go_to(repository: Repository, path: Path, commit: Oid) -> None:
    """Bring the worktree to `commit`, as if nothing was ever begun there; untracked files stay."""
    run_as_user(repository, "cherry-pick", "--quit", worktree=path, config=NO_HOOKS)
    run_as_user(repository, "checkout", "-q", "--force", "--detach", commit, worktree=path, config=NO_HOOKS)


def begin_pick(repository: Repository, path: Path, commit: Oid, mainline: int | None) -> tuple[str, ...]:
    """Have git cherry-pick `commit` in the worktree and return the unmerged paths.

    Nothing unmerged means that git made the commit, or has nothing staged that conflicts: rerere may have resolved all.
    Raise `GitFailedError` where git cannot pick at all.
    """
    parent = [] if mainline is None else ["-m", str(mainline)]
    answer = run_as_user(
        repository,
        *("cherry-pick", "--no-gpg-sign", "--allow-empty", "--keep-redundant-commits", *parent, commit),
        worktree=path,
        config=NO_HOOKS,
        ok=range(256),
    )
    if answer.status != 0 and not is_picking(repository, path):
        said = answer.err.decode("utf-8", "replace").strip()
        raise GitFailedError(f"'git cherry-pick' failed in '{path}': {said[:1000]}")
    unmerged = unmerged_paths(repository, path)
    _widen(repository, path, unmerged)
    return unmerged


def _widen(repository: Repository, path: Path, unmerged: Sequence[str]) -> None:
    """Take conflicted paths into the part of the tree that a sparse worktree has, since `git add` takes no others; the
    user's own worktrees stay as sparse as they are."""
    is_own = user_setting(repository, "extensions.worktreeConfig", kind="bool") == "true"
    if not unmerged or not is_own or _setting(repository, path, "core.sparseCheckout") != "true":
        return
    if _setting(repository, path, "core.sparseCheckoutCone") == "true":
        wanted = {name.rpartition("/")[0] for name in unmerged} - {""}
    else:
        wanted = {f"/{name}" for name in unmerged}
    plain = sorted(name for name in wanted if not any(sign in name for sign in '\n\\"*?['))
    if plain:
        listing = os.fsencode("".join(f"{name}\n" for name in plain))
        run_as_user(repository, "sparse-checkout", "add", "--stdin", worktree=path, stdin=listing, ok=range(256))


def _setting(repository: Repository, path: Path, name: str) -> str:
    answer = run_as_user(repository, "config", "--type=bool", "--get", name, worktree=path, ok=(0, 1))
    return answer.out.decode("ascii", "replace").strip()


def is_picking(repository: Repository, path: Path) -> bool:
    """Tell whether a cherry-pick is unfinished in the worktree."""
    found = run_as_user(repository, "rev-parse", "-q", "--verify", "CHERRY_PICK_HEAD", worktree=path, ok=(0, 1, 128))
    return found.status == 0


def write_message(repository: Repository, path: Path, message: bytes, paths: Sequence[str]) -> None:
    """Make `message` what `git commit` in the worktree proposes, with the conflicted paths as git lists them."""
    said = run_as_user(repository, "rev-parse", "--path-format=absolute", "--git-path", "MERGE_MSG", worktree=path).out
    listing = b"".join(b"#\t%s\n" % os.fsencode(name).replace(b"\n", b" ") for name in paths)
    tail = b"\n# Conflicts:\n" + listing if listing else b""
    Path(os.fsdecode(said.rstrip(b"\n"))).write_bytes(message + tail)


def unmerged_paths(repository: Repository, path: Path) -> tuple[str, ...]:
    """Return the paths that are unmerged in the worktree's index."""
    listing = run_as_user(repository, "ls-files", "-z", "--unmerged", worktree=path).out
    return _names(entry.partition(b"\t")[2] for entry in listing.split(b"\0"))


def examine(repository: Repository, path: Path, *, base: Oid, picked: Oid) -> ResolvedWorktree:
    """Return how the worktree stands, which began at `base` with a conflict of `picked`; raise `RepositoryError` if it
    is gone."""
    if not (path / ".git").exists():
        raise RepositoryError(f"the worktree '{path}' is gone", hints=("backportq pick --abort", "then pick again"))
    head = Oid(run_as_user(repository, "rev-parse", "HEAD", worktree=path).out.decode("ascii").strip())
    unmerged = unmerged_paths(repository, path)
    run_as_user(repository, "update-index", "-q", "--refresh", worktree=path, ok=range(256))
    unstaged = run_as_user(repository, "diff-files", "-z", "--name-only", worktree=path)
    others = run_as_user(repository, "ls-files", "-z", "--others", "--exclude-standard", worktree=path)
    if unmerged:
        changed = tuple(name for name in _names(unstaged.out.split(b"\0")) if name not in unmerged)
        return ResolvedWorktree(head, None, unmerged, (), changed, _names(others.out.split(b"\0")))
    return ResolvedWorktree(
        head,
        Oid(run_as_user(repository, "write-tree", worktree=path).out.decode("ascii").strip()),
        (),
        _marked(repository, path, base, picked),
        _names(unstaged.out.split(b"\0")),
        _names(others.out.split(b"\0")),
    )


def _marked(repository: Repository, path: Path, base: Oid, picked: Oid) -> tuple[str, ...]:
    """Return the paths that have conflict markers staged which `base` has not, as `git diff --check` finds them.

    A line of equals signs alone is a heading in many texts, and what `picked` itself adds is no left-over.
    """
    staged = _with_markers(repository, path, ("--cached", base), "")
    if not staged:
        return ()
    wanted = _with_markers(repository, path, (f"{picked}^", picked), picked)
    return _names(name for name in staged if name not in wanted)


def _with_markers(repository: Repository, path: Path, what: tuple[str, ...], side: str) -> tuple[bytes, ...]:
    answer = run_as_user(
        repository,
        *("diff", "--check", "--no-ext-diff", "--no-color", *what, "--"),
        worktree=path,
        config=("core.quotePath=false",),
        env={"LC_ALL": "C"},
        ok=range(256),
    )
    found: dict[bytes, set[int]] = {}
    for line in answer.out.split(b"\n"):
        if line.endswith(_MARKER):
            name, _, number = line.removesuffix(_MARKER).rpartition(b":")
            found.setdefault(name, set()).add(int(number))
    return tuple(name for name, numbers in found.items() if _is_marked(repository, path, side, name, numbers))


def _is_marked(repository: Repository, path: Path, side: str, name: bytes, numbers: set[int]) -> bool:
    blob = run_as_user(repository, "cat-file", "blob", f"{side}:{os.fsdecode(name)}", worktree=path, ok=range(256))
    lines = blob.out.split(b"\n")
    # git's own count starts at 1; a name that git quotes is not found here, and taken for marked
    return blob.status != 0 or any(lines[number - 1][:1] in b"<>|" for number in numbers if number <= len(lines))


def _names(raw: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(os.fsdecode(name) for name in raw if name))
