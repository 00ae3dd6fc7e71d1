"""Who last wrote the lines that a commit changes, counted by commit, over a limited stretch of history.

Lines older than the stretch count for nobody, which makes it quick: following a line through decades takes seconds,
through the years since a branch left upstream a tenth of one. Answers are cached by object ids.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from backportq.errors import GitFailedError
from backportq.git.cache import Cache
from backportq.git.repository import Repository
from backportq.model.ids import Oid

_TABLE = "blamed_lines"
_AT_ONCE = 4
_MOST_HUNKS = 50
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? ")
_LINE = re.compile(rb"([0-9a-f]{40,64}) \d+ \d+")
_DIFF = ("diff-tree", "-p", "-U0", "-r", "--root", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
_PREFIXES = ("--src-prefix=old/", "--dst-prefix=new/")

Lines = tuple[tuple[int, int], ...]
"""Ranges of lines from 1, both ends included."""


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """The lines of one file that one commit changes, as they are in its first parent."""

    parent: Oid
    path: str
    lines: Lines

    @property
    def key(self) -> str:
        """What the cache knows it by, together with the stretch of history."""
        said = f"{self.parent}\0{self.path}\0{self.lines}".encode("utf-8", "surrogateescape")
        return hashlib.sha256(said).hexdigest()


def changed_lines(repository: Repository, commit: Oid, parent: Oid, paths: Collection[str]) -> tuple[ChangedLines, ...]:
    """Return the lines of `paths` that `commit` changes in `parent`; for what it only inserts, the line before it."""
    wanted = [path for path in dict.fromkeys(paths) if "\n" not in path]
    if not wanted:
        return ()
    found = []
    for path in wanted:
        literal = f":(top,literal){path}"
        out = repository.git.run(*_DIFF, parent, commit, "--", literal).out
        ranges = [_range(match) for match in _HUNK.finditer(out)][:_MOST_HUNKS]
        if ranges:
            found.append(ChangedLines(parent, path, tuple(ranges)))
    return tuple(found)


def lines_of_commit(repository: Repository, commit: Oid, parent: Oid) -> tuple[ChangedLines, ...]:
    """Return the lines of `parent` that `commit` changes or removes, in whatever file; what it only inserts is none."""
    return _replaced(repository.git.run(*_DIFF, *_PREFIXES, parent, commit).out, parent)


def staged_lines(repository: Repository, head: Oid) -> tuple[ChangedLines, ...]:
    """Return the lines of `head` that the index changes or removes: what a commit made now would."""
    args = ("diff-index", "--cached", *_DIFF[1:3], "--no-renames", *_DIFF[6:], *_PREFIXES, head)
    # A hook runs where git says which index the commit is made of (`git commit FILE` makes one of its own).
    index = os.environ.get("GIT_INDEX_FILE")
    git = repository.git
    if index is not None and repository.work_tree is not None:
        git = git.with_env(GIT_INDEX_FILE=str(repository.work_tree / index))
    return _replaced(git.run(*args).out, head)


def _replaced(out: bytes, parent: Oid) -> tuple[ChangedLines, ...]:
    """Read a diff without context: of each file that was there before, the lines that are no longer."""
    found: dict[str, list[tuple[int, int]]] = {}
    path: str | None = None
    for line in out.split(b"\n"):
        if line.startswith(b"diff --git "):
            path = None
        elif line.startswith(b"--- old/"):
            path = line[8:].rstrip(b"\t").decode("utf-8", "surrogateescape")
        elif path is not None and (hunk := _HUNK.match(line)) is not None and hunk[2] != b"0":
            found.setdefault(path, []).append(_range(hunk))
    return tuple(ChangedLines(parent, name, tuple(lines[:_MOST_HUNKS])) for name, lines in found.items())


def blame_lines(
    repository: Repository, asked: Collection[ChangedLines], since: Oid
) -> Mapping[ChangedLines, Counter[Oid]]:
    """Return, for each of `asked`, how many of its lines each commit after `since` wrote last."""
    cache = Cache.open(repository)
    try:
        keys = {changed: f"{since}:{changed.key}" for changed in asked}
        known = cache.find_many(_TABLE, keys.values())
        missing = [changed for changed in keys if keys[changed] not in known]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            made = dict(
                zip(missing, pool.map(lambda changed: _blame(repository, changed, since), missing), strict=True)
            )
        written = {
            changed: json.dumps(counts, separators=(",", ":")).encode("ascii") for changed, counts in made.items()
        }
        cache.put_many(_TABLE, {keys[changed]: value for changed, value in written.items()})
    finally:
        cache.close()
    return {
        changed: Counter(
            {Oid(oid): count for oid, count in json.loads(written.get(changed) or known[keys[changed]]).items()}
        )
        for changed in keys
    }


def _blame(repository: Repository, changed: ChangedLines, since: Oid) -> dict[str, int]:
    """Return the counts of one file; nothing where git can't follow it (it was made by the commit, or is binary)."""
    ranges = [f"-L{first},{last}" for first, last in changed.lines]
    args = ("blame", "--porcelain", "--no-textconv", *ranges, f"{since}..{changed.parent}", "--", changed.path)
    try:
        out = repository.git.run(*args, config=("blame.ignoreRevsFile=",)).out
    except GitFailedError:
        return {}
    counts: Counter[str] = Counter()
    older: set[str] = set()
    current = ""
    for line in out.split(b"\n"):
        if line.startswith(b"\t"):
            counts[current] += 1
        elif line == b"boundary":
            older.add(current)
        else:
            match = _LINE.match(line)
            current = match[1].decode("ascii") if match is not None else current
    return {oid: count for oid, count in counts.items() if oid not in older}


def _range(match: re.Match[bytes]) -> tuple[int, int]:
    first, count = int(match[1]), int(match[2]) if match[2] is not None else 1
    if count == 0:
        return max(first, 1), max(first, 1)
    return first, first + count - 1
