"""A merge whose long answer pushes the answers before it out of git's output buffer.

`git merge-tree --stdin` writes in blocks and does not flush (2.39), so a process that is asked one merge at a time
would have to be ended to hear its answer; after this merge, everything that was asked before has been heard. This
module must not start git.
"""

from __future__ import annotations

from backportq.git.trials.quarantine import Quarantine

_FOLDERS = 12
_NAME = b"x" * 200  # the path is written five times, which is more than three blocks of 4 KiB
_FILE_MODE, _TREE_MODE = b"100644", b"40000"


def write_trees(quarantine: Quarantine) -> tuple[str, str, str]:
    """Write the trees of the merge and return (base, ours, theirs): both sides add the same file, with a long path."""
    base = quarantine.write_object(b"tree", b"")
    sides = []
    for content in (b"ours\n", b"theirs\n"):
        mode, oid = _FILE_MODE, quarantine.write_object(b"blob", content)
        for _ in range(_FOLDERS):
            oid = quarantine.write_object(b"tree", b"%s %s\0%s" % (mode, _NAME, bytes.fromhex(oid)))
            mode = _TREE_MODE
        sides.append(oid)
    return base, sides[0], sides[1]
