"""git hooks that run `lint`: put where git looks for hooks, chained with those that are there, and taken out again.

- A hook that was there before is kept beside ours, under its name with `.before-backportq`, and runs first; its refusal
  is final. `remove` puts it back exactly as it was.
- Ours is known by its second line. One that was edited since is not removed without being asked to.
- A commit or push never fails because `backportq` is not installed: the hook then does nothing.
- A folder of hooks outside of the repository (`core.hooksPath` in the user's own configuration) serves other
  repositories as well, so nothing is put there unless the person insists.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from backportq.errors import ConfigError, RepositoryError, UsageError
from backportq.git.repository import Repository
from backportq.git.user import run_as_user
from backportq.git.whole_file import remove_unfinished, write_whole

HOOKS = ("commit-msg", "pre-push")
SERVER_HOOKS = ("pre-receive",)
_BEFORE = ".before-backportq"
_MARK = "# Made by 'backportq hook install'; 'backportq hook remove' takes it out."
_BODY = {
    "commit-msg": 'exec backportq lint --hook commit-msg "$1" >&2',
    "pre-push": 'printf \'%s\\n\' "$input" | exec backportq lint --hook pre-push --remote "$1" >&2',
    "pre-receive": "printf '%s\\n' \"$input\" | exec backportq lint --hook pre-receive >&2",
}


class HookState(StrEnum):
    """What became of one hook."""

    INSTALLED = "installed"
    CHAINED = "installed, the hook that was there runs first"
    UNCHANGED = "was installed already"
    REMOVED = "removed"
    RESTORED = "removed, the hook that was there before is back"
    ABSENT = "was not installed"


@dataclass(frozen=True, slots=True)
class HookResult:
    """One hook, the file it is in, and what became of it."""

    name: str
    path: Path
    state: HookState


def install_hooks(repository: Repository, names: Sequence[str] = (), *, force: bool = False) -> list[HookResult]:
    """Install hooks: those of `names`, else the ones that fit the repository.

    Raise `UsageError` for a hook that there is none of, `ConfigError` for a folder of hooks that is not this
    repository's own (unless `force`), `RepositoryError` where it cannot be written.
    """
    wanted = _chosen(repository, names)
    folder = _folder(repository, force=force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_install(folder / name, name) for name in wanted]
    except OSError as error:
        raise _unwritable(folder, error) from error


def remove_hooks(repository: Repository, names: Sequence[str] = (), *, force: bool = False) -> list[HookResult]:
    """Take hooks out again, and put back what was there before.

    Raise `ConfigError` for a hook of ours that somebody has changed since (unless `force`), and what `install_hooks`
    raises.
    """
    wanted = _chosen(repository, names, every=True)
    folder = _folder(repository, force=True)
    try:
        return [_remove(folder / name, name, force=force) for name in wanted]
    except OSError as error:
        raise _unwritable(folder, error) from error


def script_of(name: str) -> str:
    """Return the text of a hook."""
    reads = "" if name == "commit-msg" else "input=$(cat)\n"
    given = "" if name == "commit-msg" else "printf '%s\\n' \"$input\" | "
    return (
        f'#!/bin/sh\n{_MARK}\n{reads}before=$0{_BEFORE}\nif test -x "$before"; then\n'
        f'\t{given}"$before" "$@" || exit $?\nfi\n'
        f"command -v backportq >/dev/null 2>&1 || exit 0\n{_BODY[name]}\n"
    )


def _chosen(repository: Repository, names: Sequence[str], *, every: bool = False) -> tuple[str, ...]:
    known = (*HOOKS, *SERVER_HOOKS)
    for name in names:
        if name not in known:
            raise UsageError(f"there is no hook '{name}' to install, wanted one of {', '.join(known)}")
    if names:
        return tuple(dict.fromkeys(names))
    if every:
        return known
    return SERVER_HOOKS if repository.work_tree is None and _is_bare(repository) else HOOKS


def _is_bare(repository: Repository) -> bool:
    return run_as_user(repository, "rev-parse", "--is-bare-repository").out.strip() == b"true"


def _folder(repository: Repository, *, force: bool) -> Path:
    """Return where git looks for the hooks of this repository."""
    said = run_as_user(repository, "rev-parse", "--path-format=absolute", "--git-path", "hooks").out
    folder = Path(said.decode("utf-8", "surrogateescape").removesuffix("\n"))
    homes = [repository.common_dir, *([repository.work_tree] if repository.work_tree is not None else [])]
    if not force and not any(_is_within(folder, home) for home in homes):
        raise ConfigError(
            f"core.hooksPath is '{folder}', which serves other repositories as well",
            hints=("backportq hook install --force puts the hooks there all the same",),
        )
    return folder


def _is_within(folder: Path, home: Path) -> bool:
    resolved, top = folder.resolve(), home.resolve()
    return resolved == top or top in resolved.parents


def _install(path: Path, name: str) -> HookResult:
    script = script_of(name)
    state = HookState.INSTALLED
    remove_unfinished(path.parent, name.__eq__)
    if _is_ours(path):
        if path.read_text(encoding="utf-8") == script:
            return HookResult(name, path, HookState.UNCHANGED)
    elif path.exists() or path.is_symlink():
        _beside(path).unlink(missing_ok=True)
        try:
            # Under both names until ours takes its place: at no moment is there no hook.
            os.link(path, _beside(path), follow_symlinks=False)
        except OSError:  # a file system without links
            path.rename(_beside(path))
        state = HookState.CHAINED
    write_whole(path, script.encode(), is_program=True)
    return HookResult(name, path, state)


def _remove(path: Path, name: str, *, force: bool) -> HookResult:
    if not _is_ours(path):
        return HookResult(name, path, HookState.ABSENT)
    if not force and path.read_text(encoding="utf-8", errors="replace") != script_of(name):
        raise ConfigError(
            f"'{path}' was changed since it was installed",
            hints=(f"backportq hook remove --force {name} removes it all the same",),
        )
    if _beside(path).exists() or _beside(path).is_symlink():
        _beside(path).replace(path)
        return HookResult(name, path, HookState.RESTORED)
    path.unlink()
    return HookResult(name, path, HookState.REMOVED)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}{_BEFORE}")


def _is_ours(path: Path) -> bool:
    try:
        return _MARK in path.read_text(encoding="utf-8", errors="replace").split("\n")[:3]
    except (FileNotFoundError, IsADirectoryError):
        return False


def _unwritable(folder: Path, error: OSError) -> RepositoryError:
    return RepositoryError(f"cannot write the hooks in '{folder}': {error.strerror}")
