"""Whole files and blobs: MAINTAINERS as it is on a branch, a project's CODEOWNERS, notes.

One process reads all that is asked. Paths go over standard input, so none can be an option.
"""

from __future__ import annotations

from collections.abc import Iterable

from backportq.errors import RepositoryError
from backportq.git.repository import Repository
from backportq.model.ids import Oid, short

_MAX_BYTES = 16 << 20  # a text that people wrote is smaller


def files_at(repository: Repository, wanted: Iterable[tuple[Oid, str]]) -> dict[tuple[Oid, str], bytes]:
    """Return the content of each (commit, path); what does not exist, is no plain file, or is huge is left out."""
    asked = [(oid, path) for oid, path in dict.fromkeys(wanted) if "\n" not in path]
    if not asked:
        return {}
    git = repository.git
    names = "".join(f"{oid}:{path}\n" for oid, path in asked).encode("utf-8", "surrogateescape")
    checked = git.run("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", stdin=names).out
    blobs: dict[tuple[Oid, str], str] = {}
    for file, line in zip(asked, checked.split(b"\n"), strict=False):
        fields = line.split(b" ")
        if len(fields) == 3 and fields[1] == b"blob" and int(fields[2]) <= _MAX_BYTES:
            blobs[file] = fields[0].decode("ascii")
    contents = _contents(repository, set(blobs.values()))
    return {file: contents[oid] for file, oid in blobs.items() if oid in contents}


def blobs_of(repository: Repository, oids: Iterable[str]) -> dict[str, bytes]:
    """Return the content of each of these blobs; huge ones are left out.

    Raise `RepositoryError` if one is missing, as in a partial clone.
    """
    given = "".join(f"{oid}\n" for oid in dict.fromkeys(oids)).encode("ascii")
    if not given:
        return {}
    sizes = repository.git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer", stdin=given)
    small = set()
    for line in sizes.out.decode("ascii").splitlines():
        oid, _, size = line.partition(" ")
        if size == "missing":
            raise RepositoryError(
                f"the repository lacks the blob '{short(Oid(oid))}'", hints=("git fetch --refetch", "git fsck")
            )
        if int(size) <= _MAX_BYTES:
            small.add(oid)
    return _contents(repository, small)


def _contents(repository: Repository, oids: set[str]) -> dict[str, bytes]:
    if not oids:
        return {}
    given = "".join(f"{oid}\n" for oid in sorted(oids)).encode("ascii")
    out = repository.git.run("cat-file", "--batch", "--buffer", stdin=given).out
    found: dict[str, bytes] = {}
    position = 0
    while position < len(out):
        end = out.index(b"\n", position)
        fields = out[position:end].split(b" ")
        position = end + 1
        if len(fields) == 3:
            size = int(fields[2])
            found[fields[0].decode("ascii")] = out[position : position + size]
            position += size + 1
    return found


def folders_at(repository: Repository, commit: Oid, paths: Iterable[str] = ()) -> frozenset[str]:
    """Return the names of the folders at the top of a commit's tree, and those of `paths` that are folders in it."""
    git = repository.git
    top = git.run("ls-tree", "-d", "-z", "--name-only", commit).out
    asked = [path for path in paths if "/" in path]
    below = git.run("ls-tree", "-d", "-z", "--name-only", commit, "--", *asked).out if asked else b""
    return frozenset(name.decode("utf-8", "surrogateescape") for name in (top + below).split(b"\0") if name)
