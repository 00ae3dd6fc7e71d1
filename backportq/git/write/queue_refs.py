"""How the commits of the queue branch relate: tips, merge bases, how far apart.

Apart from `history`, which reads the project's commits: these are questions about refs that move under several writers.
This module must not read commits or files.
"""

from __future__ import annotations

from backportq.errors import RepositoryError
from backportq.git.repository import Repository
from backportq.model.ids import Oid, RefName


def tip_of(repository: Repository, ref: RefName) -> Oid | None:
    """Return the commit that `ref` points to, None where there is no such ref."""
    found = repository.git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", ok=(0, 1, 128))
    return Oid(found.out.decode("ascii").strip()) if found.status == 0 else None


def find_dangling(repository: Repository, ref: RefName) -> Oid | None:
    """Return what `ref` points to if that is not in the repository; None where it is, and where there is no ref."""
    found = repository.git.run("rev-parse", "--verify", "--quiet", ref, ok=(0, 1, 128))
    oid = Oid(found.out.decode("ascii", "replace").strip())
    return oid if oid and repository.git.run("cat-file", "-e", oid, ok=(0, 1, 128)).status != 0 else None


def set_ref(repository: Repository, ref: RefName, commit: Oid) -> None:
    """Make `ref` point to `commit`, whatever it pointed to: for refs that only remember what a remote had."""
    if tip_of(repository, ref) != commit:
        repository.git.run("update-ref", "-m", "backportq: sync", ref, commit)


def is_ancestor(repository: Repository, old: Oid, new: Oid) -> bool:
    """Tell whether `new` reaches `old`."""
    git = repository.git
    return git.run("merge-base", "--is-ancestor", old, new, ok=(0, 1)).status == 0


def merge_bases(repository: Repository, ours: Oid, theirs: Oid) -> tuple[Oid, ...]:
    """Return the best common ancestors: none of queues that began independently, several after a criss-cross."""
    git = repository.git
    found = git.run("merge-base", "--all", ours, theirs, ok=(0, 1)).out.decode("ascii").split()
    return tuple(Oid(oid) for oid in sorted(found))


def ahead_and_behind(repository: Repository, ours: Oid | None, theirs: Oid | None) -> tuple[int, int]:
    """Return how many commits `ours` has that `theirs` lacks, and the other way round."""
    git = repository.git
    if ours == theirs and ours is not None:
        return 0, 0
    if ours is not None and theirs is not None:
        counts = git.text("rev-list", "--left-right", "--count", f"{ours}...{theirs}", "--")
        ahead, behind = counts.split()
        return int(ahead), int(behind)
    only = ours or theirs
    if only is None:
        raise RepositoryError("there is no queue to count the changes of")
    count = int(git.text("rev-list", "--count", only, "--"))
    return (count, 0) if theirs is None else (0, count)
