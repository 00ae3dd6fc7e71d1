"""Who changed these lines, and who touched these files, among the commits that a branch lacks.

`git log -L` follows lines through edits and renames, removals included, which blame cannot. It is slow on long
histories, so it has a time limit.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence

from backportq.git.process import Git
from backportq.git.repository import Repository
from backportq.model.ids import Oid

_LIST = ("--no-merges", "--end-of-options")


def commits_touching_paths(repository: Repository, tip: Oid, without: Oid, paths: Iterable[bytes]) -> tuple[Oid, ...]:
    """Return the commits that `tip` reaches and `without` does not, merges left out, that touch any of these paths,
    oldest first."""
    wanted = [path.decode("utf-8", "surrogateescape") for path in paths]
    if not wanted:
        return ()
    git = _literal(repository)
    args = ("rev-list", "--topo-order", "--reverse", *_LIST, tip, f"^{without}", "--", *wanted)
    return tuple(Oid(line) for line in git.text(*args).split())


def commits_touching_lines(
    repository: Repository, tip: Oid, without: Oid, path: bytes, ranges: Sequence[tuple[int, int]], *, seconds: float
) -> tuple[Oid, ...]:
    """Return the commits among those that `tip` has and `without` lacks that touched these lines, oldest first.

    `ranges` are first and last line (from 1) in the file as it is in `tip`. What takes longer than `seconds` gives
    nothing, as does a file that `tip` doesn't have.
    """
    if not ranges or seconds <= 0:
        return ()
    name = path.decode("utf-8", "surrogateescape")
    lines = [f"-L{first},{last}:{name}" for first, last in ranges]
    args = ("log", "--format=%H", "-s", "--no-ext-diff", "--no-textconv", *lines, *_LIST, tip, f"^{without}")
    git = _literal(repository)
    try:
        done = subprocess.run(
            git.command(args),
            cwd=git.directory,
            env=git.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return ()
    if done.returncode != 0:
        return ()
    return tuple(Oid(line) for line in reversed(done.stdout.decode("ascii").split()))


def _literal(repository: Repository) -> Git:
    return repository.git.with_env(GIT_LITERAL_PATHSPECS="1")
