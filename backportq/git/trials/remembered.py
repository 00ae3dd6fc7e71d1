"""Answers kept between runs: verdicts by (commit, tip), and merged files by what was merged.

A merged file is a function of three blobs and one attribute, so its answer stays true however far a branch moves. Keys
are object ids only, values are bytes. This module must not decide anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backportq.git.cache import Cache
from backportq.model.ids import Oid
from backportq.model.trials.verdict import VERDICT_OF, WORDS, PathConflict, Verdict

_VERDICTS = "trials_5_{git}"
_FILES = "merged_files_3_{git}"


@dataclass(frozen=True, slots=True)
class Application:
    """One commit to apply to a tree. `onto` is a commit or a tree that has that tree; `mainline` the parent of a merge
    whose side is taken, as git's option of that name."""

    commit: Oid
    onto: Oid
    mainline: int | None = None


@dataclass(frozen=True, slots=True)
class RememberedVerdict:
    """What applying one commit gave: the verdict, the resulting tree unless it conflicts, the conflicted paths.

    `is_whole`: git merged the trees as a whole, so the answer may depend on paths that the commit does not touch.
    """

    verdict: Verdict
    tree: Oid | None
    conflicts: tuple[PathConflict, ...] = ()
    is_whole: bool = False


Outcome = RememberedVerdict | str
"""What applying a commit to a tree gave, or why it could not be tried, in words."""


@dataclass(frozen=True, slots=True)
class FileMerge:
    """One file to merge: (mode, id) on each side, `theirs` None where the commit deletes it, and the merge driver."""

    base: tuple[bytes, bytes]
    ours: tuple[bytes, bytes]
    theirs: tuple[bytes, bytes] | None
    driver: bytes

    @property
    def key(self) -> str:
        """A digest of all that the answer depends on."""
        digest = hashlib.blake2b(digest_size=20)
        for side in (self.base, self.ours, self.theirs):
            digest.update(b"%s %s " % side if side is not None else b"- ")
        digest.update(self.driver)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class FileMergeResult:
    """The merged file: its entry, None where it is deleted; or the kinds of conflict."""

    entry: tuple[bytes, bytes] | None
    conflicts: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class TrialCache:
    """The cache of one run; what is new is written by `flush`. `git` is the version whose answers are kept: another
    one may merge better."""

    cache: Cache
    git: str
    _new_verdicts: dict[str, bytes] = field(default_factory=dict)
    _new_files: dict[str, bytes] = field(default_factory=dict)

    def verdicts(self, asked: Iterable[Application]) -> dict[Application, RememberedVerdict]:
        """Return what is known of these."""
        keys = {_verdict_key(each): each for each in asked}
        found = self.cache.find_many(_VERDICTS.format(git=self.git), keys)
        return {keys[key]: _read_applied(value) for key, value in found.items()}

    def remember_verdict(self, application: Application, applied: RememberedVerdict) -> None:
        """Keep one verdict."""
        self._new_verdicts[_verdict_key(application)] = _write_applied(applied)

    def files(self, keys: Iterable[str]) -> dict[str, FileMergeResult]:
        """Return what is known of file merges, by their keys."""
        return {
            key: _read_file(value) for key, value in self.cache.find_many(_FILES.format(git=self.git), keys).items()
        }

    def remember_files(self, merged: Mapping[str, FileMergeResult]) -> None:
        """Keep merged files, by their keys."""
        self._new_files.update({key: _write_file(value) for key, value in merged.items()})

    def flush(self) -> None:
        """Write what is new, in one transaction a table."""
        self.cache.put_many(_VERDICTS.format(git=self.git), self._new_verdicts)
        self.cache.put_many(_FILES.format(git=self.git), self._new_files)
        self._new_verdicts.clear()
        self._new_files.clear()


def _verdict_key(each: Application) -> str:
    return f"{each.commit}{each.onto}" if each.mainline is None else f"{each.commit}{each.onto}{each.mainline}"


def _write_applied(applied: RememberedVerdict) -> bytes:
    word = WORDS[applied.verdict]
    parts = [(word.upper() if applied.is_whole else word) + (applied.tree or "")]
    for conflict in applied.conflicts:
        parts += [conflict.path, conflict.kind, conflict.text]
    return "\0".join(parts).encode("utf-8", "surrogateescape")


def _read_applied(value: bytes) -> RememberedVerdict:
    head, *parts = value.decode("utf-8", "surrogateescape").split("\0")
    conflicts = tuple(PathConflict(*parts[at : at + 3]) for at in range(0, len(parts), 3))
    tree = Oid(head[1:]) if len(head) > 1 else None
    return RememberedVerdict(VERDICT_OF[head[0].lower()], tree, conflicts, is_whole=head[0].isupper())


def _write_file(merged: FileMergeResult) -> bytes:
    if merged.conflicts:
        return b"x" + "\0".join(word for conflict in merged.conflicts for word in conflict).encode("utf-8")
    return b"-" if merged.entry is None else b"=%s %s" % merged.entry


def _read_file(value: bytes) -> FileMergeResult:
    if value[:1] == b"x":
        words = value[1:].decode("utf-8").split("\0")
        return FileMergeResult(None, tuple(zip(words[::2], words[1::2], strict=True)))
    if value[:1] == b"-":
        return FileMergeResult(None)
    mode, _, oid = value[1:].partition(b" ")
    return FileMergeResult((mode, oid))
