"""The paths that commits touch, asked of git in bulk.

They are apart from patch-ids, which need the contents of files: commits that touch other paths need not be compared.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping

from backportq.errors import GitFailedError
from backportq.git.read.history import Reading, translate
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.progress import advance

DIFF = ("diff-tree", "--stdin", "-r", "--root", "--no-renames", "--diff-merges=first-parent")
RAW = ("--raw", "-z")
ANSWER = re.compile(rb"([0-9a-f]{40,64}(?: [0-9a-f]{40,64})?)[\n\0]((?::[^\0]*\0[^\0]*\0)*)")
"""One commit's answer to `RAW`: what was asked, then the changes. These start with a colon, so no path is taken for a
question."""

_BY_TREES = 50_000
"""Beyond so many commits, time is saved no more at the cost of remembering which commit has which trees."""


def touched_paths(repository: Repository, oids: Iterable[Oid]) -> dict[Oid, tuple[str, ...]]:
    """Return the paths that each commit touches against its first parent, in git's order.

    A rename touches both paths. An empty commit touches none. Bytes that are not UTF-8 are kept as surrogates.
    """
    wanted = list(dict.fromkeys(oids))
    if not wanted:
        return {}
    asked = "".join(f"{oid}\n" for oid in wanted).encode("ascii")
    try:
        out = repository.git.run(*DIFF, *RAW, stdin=asked).out
    except GitFailedError as error:
        raise translate(repository, error) from error
    return dict.fromkeys(wanted, ()) | _parse_raw(out)


class TouchedPaths:
    """The paths that many commits touch against their first parent, found beside other work."""

    def __init__(self, repository: Repository, commits: Iterable[Commit], known: Mapping[Oid, Commit]) -> None:
        """Start looking at `commits`, the last first; `known` holds their parents, as far as they were read."""
        self.asked: set[Oid] = set()
        """The commits that are looked at."""
        self._by_trees: dict[str, list[Oid]] = {}
        questions: list[str] = []
        for commit in commits:
            self.asked.add(commit.oid)
            first_parent = commit.first_parent
            parent = None if first_parent is None else known.get(first_parent)
            if parent is None or len(self._by_trees) >= _BY_TREES:
                questions.append(commit.oid)
                continue
            # Given two trees, git need not read the commits once more: a sixth of its time.
            question = f"{parent.tree} {commit.tree}"
            same = self._by_trees.setdefault(question, [])
            same.append(commit.oid)
            if len(same) == 1:
                questions.append(question)
        # Commits come newest first, but git reads trees sooner the other way round: by a tenth.
        questions.reverse()
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{question}\n" for question in questions).encode("ascii", "replace"))
            asked.seek(0)
            self._diff = Reading(repository, *DIFF, *RAW, stdin=asked, spooled=True)

    def read(self) -> dict[Oid, bytes]:
        """Wait for the end, and return for each commit the paths it touches, in git's order, each ended by NUL; nothing
        for a commit that touches none. To be asked once."""
        found: dict[Oid, bytes] = {}
        pieces = []
        seen = 0
        for piece in self._diff.growing():
            pieces.append(piece)
            seen += piece.count(b"\0:")
            advance("looking at what commits change", seen)
        for answer in ANSWER.finditer(b"".join(pieces)):
            question, changes = answer.groups()
            if changes:
                # Every other field is a path; the last is what follows the last NUL, so that each path gets one.
                fields = changes.split(b"\0")
                paths = b"\0".join((*fields[1::2], b""))
                for oid in self._by_trees.get(asked := question.decode("ascii")) or (Oid(asked),):
                    found[oid] = paths
        return found


def _parse_raw(out: bytes) -> dict[Oid, tuple[str, ...]]:
    found: dict[Oid, tuple[str, ...]] = {}
    current: Oid | None = None
    paths: list[str] = []
    fields = iter(out.decode("utf-8", "surrogateescape").split("\0"))
    for text in fields:
        # A change starts with a colon and is followed by its path, so no path is taken for an id.
        if text.startswith(":"):
            paths.append(next(fields))
        elif text:
            if current is not None:
                found[current] = tuple(paths)
            current, paths = Oid(text.strip()), []
    if current is not None:
        found[current] = tuple(paths)
    return found
