"""Reading what `git merge-tree --write-tree --stdin` prints (git-merge-tree(1), OUTPUT).

Apart because the format has traps, each tested: the status is inverted, conflicts come without entries, an output may
be cut off. This module must not run anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backportq.model.trials.verdict import PathConflict

_PLAIN_KINDS = (b"content", b"add/add")  # git's sentence says no more than these words
_BOTH_RENAMED = b"rename/rename"
_KIND = re.compile(rb"CONFLICT \(([^)]*)\)")

Sides = tuple[bytes, bytes]
"""The synthetic commits of a merge: ours (the branch) and theirs (the picked commit)."""


@dataclass(frozen=True, slots=True)
class MergeAnswer:
    """Git's answer. `tree` is the merged tree in the quarantine; with conflicts it holds conflict markers."""

    is_clean: bool
    tree: str
    conflicts: tuple[PathConflict, ...]


def parse_answers(out: bytes, sides: Sequence[Sides]) -> list[MergeAnswer]:
    """Return the complete answers in the output of `merge-tree --stdin` (git-merge-tree(1), OUTPUT).

    `sides` are the merged commits, whose ids git writes into messages and names; people know them by other words. The
    status of each merge is 1 for clean and 0 for conflicts, inverted against the exit status of the single form.
    Conflicts may come without unmerged entries, so the status decides and the messages name the paths.
    """
    fields = out.split(b"\0")
    answers: list[MergeAnswer] = []
    at = 0
    try:
        while at < len(fields) - 1:
            status, tree = fields[at], fields[at + 1].decode("ascii")
            at += 2
            if status == b"1":
                if fields[at] != b"":
                    break
                at += 1
                answers.append(MergeAnswer(is_clean=True, tree=tree, conflicts=()))
                continue
            unmerged: list[bytes] = []
            while fields[at] != b"":
                unmerged.append(fields[at].partition(b"\t")[2])
                at += 1
            at += 1
            conflicts: dict[tuple[bytes, bytes], bytes] = {}
            # With submodules, git prints advice for people where the empty field that ends the messages should be.
            while fields[at].isdigit():
                count = int(fields[at])
                paths = fields[at + 1 : at + 1 + count]
                text = fields[at + 2 + count]
                at += 3 + count
                kind = _KIND.match(text)
                if kind is not None:
                    # Two new names of one file: each of the three is left unmerged, and a person has to look at all.
                    named = paths if kind[1] == _BOTH_RENAMED else paths[:1]
                    for path in named or [b""]:
                        conflicts.setdefault((path, kind[1]), text)
            at += 1
            if at > len(fields) - 1:
                break
            if not conflicts:
                conflicts = {(path, b"content"): b"" for path in unmerged}
            answers.append(MergeAnswer(is_clean=False, tree=tree, conflicts=_in_words(conflicts, sides[len(answers)])))
    except (IndexError, ValueError):  # cut off in the middle
        pass
    return answers


def _in_words(conflicts: dict[tuple[bytes, bytes], bytes], sides: Sides) -> tuple[PathConflict, ...]:
    ours, theirs = sides
    found = []
    for (path, kind), text in sorted(conflicts.items()):
        # Where a file and a folder collide, git moves the file aside; the name that people know is the one before.
        shown = path.partition(b"~" + ours)[0].partition(b"~" + theirs)[0]
        words = b"" if kind in _PLAIN_KINDS else _KIND.sub(b"", text, count=1).removeprefix(b": ").strip()
        words = words.replace(b"~" + ours, b"~HEAD").replace(b"~" + theirs, b"~theirs")
        words = words.replace(ours, b"the branch").replace(theirs, b"the commit")
        found.append(PathConflict(*(part.decode("utf-8", "surrogateescape") for part in (shown, kind, words))))
    return tuple(found)
