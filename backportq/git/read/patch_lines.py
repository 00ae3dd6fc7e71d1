"""Patches as lines: what commits add and remove, file by file, read in bulk for comparing.

`git diff-tree -p` makes them without the configuration of the scanned repository: no external diff runs, and everybody
sees the same patch.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence

from backportq.git.process import failure
from backportq.git.repository import Repository
from backportq.git.trials.quarantine import Quarantine
from backportq.model.ids import Oid
from backportq.model.trials.deviation import FilePatch, Patch

_ARGS = (
    *("diff-tree", "--stdin", "-p", "-r", "--root", "-M", "-U3", "--full-index", "--diff-merges=first-parent"),
    *("--no-ext-diff", "--no-textconv", "--no-color", "--diff-algorithm=histogram"),
)
_AT_ONCE = 400
_COMMIT = re.compile(rb"^([0-9a-f]{40}(?:[0-9a-f]{24})?)\n", re.MULTILINE)
_FILE = b"diff --git "
_META = (b"old mode ", b"new mode ", b"deleted file mode ", b"new file mode ", b"rename to ", b"similarity index ")


def read_patches(repository: Repository, oids: Sequence[Oid]) -> Iterator[tuple[Oid, Patch]]:
    """Yield the patch of each commit against its first parent; commits that are missing are left out.

    One process for some hundred commits; about a millisecond each.
    """
    if not oids:
        return
    with Quarantine(repository, "sha256" if len(oids[0]) == 64 else "sha1") as quarantine:
        for start in range(0, len(oids), _AT_ONCE):
            yield from _read(quarantine, oids[start : start + _AT_ONCE])


def _read(quarantine: Quarantine, oids: Sequence[Oid]) -> Iterator[tuple[Oid, Patch]]:
    worktree = quarantine.plain_worktree
    done = subprocess.run(
        quarantine.command(worktree, _ARGS),
        cwd=worktree,
        env=quarantine.environment(),
        input="".join(f"{oid}\n" for oid in oids).encode("ascii"),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        if len(oids) > 1:  # one that is missing ends the process
            for oid in oids:
                yield from _read(quarantine, [oid])
            return
        if b"unable to read" in done.stderr or b"bad object" in done.stderr or b"missing" in done.stderr:
            return
        raise failure(_ARGS, done.returncode, done.stderr)
    # Every line of a patch starts with a sign or a word; a bare id at the start of a line begins the next commit.
    parts = _COMMIT.split(done.stdout)
    for found, text in zip(parts[1::2], parts[2::2], strict=True):
        yield Oid(found.decode("ascii")), tuple(_files(text.split(b"\n")))


def _files(lines: Iterable[bytes]) -> Iterator[FilePatch]:
    path = b""
    changed: list[bytes] = []
    everything: list[bytes] = []
    has_file = in_hunk = False
    index = b""
    for line in lines:
        if line.startswith(_FILE):
            if has_file:
                yield FilePatch(path, tuple(changed), tuple(everything))
            has_file, in_hunk = True, False
            path = _path_of(line)
            changed, everything = [], []
        elif line.startswith(b"@@ "):
            in_hunk = True
        elif in_hunk:
            if line[:1] in (b"+", b"-"):
                changed.append(line)
            if line:
                everything.append(line)
        elif line.startswith(b"index "):
            index = line.split(b" ")[1].partition(b"..")[2]
        elif line.startswith((b"Binary files ", b"GIT binary patch")):
            changed.append(b"binary " + index)
        elif line.startswith(_META) and not line.startswith(b"similarity"):
            changed.append(line if not line.startswith(b"rename to ") else b"rename to " + line.rpartition(b"/")[2])
    if has_file:
        yield FilePatch(path, tuple(changed), tuple(everything))


def _path_of(header: bytes) -> bytes:
    """Return the new path of a `diff --git a/OLD b/NEW` line, quoted if git quoted it: it is only compared."""
    text = header[len(_FILE) :]
    if text.endswith(b'"'):
        return text[text.rindex(b' "') + 2 : -1].removeprefix(b"b/")
    half = len(text) // 2
    if text[:half].removeprefix(b"a/") == text[half + 1 :].removeprefix(b"b/"):  # not renamed; the name may hold " b/"
        return text[half + 1 :].removeprefix(b"b/")
    return text.rpartition(b" b/")[2]
