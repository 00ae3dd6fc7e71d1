"""Three-way merge of two states of the queue branch, file by file: which bytes the merged one has, and what lost.

What only one side changed is taken as it is, byte for byte. Items are merged record by record, configuration and people
key by key, and other files that a project keeps there by line. It must not write, and it never fails on a conflict:
there are none, only decisions that are overruled and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from backportq.errors import RepositoryError
from backportq.git.read.queue_files import Entry, StoredFiles, read_blobs, read_files
from backportq.git.repository import Repository
from backportq.git.write.text_merge import merge_bytes
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import QueueState
from backportq.model.merge.queues import OverruledField, RevivedItem, Side, merge_queues
from backportq.model.merge.tables import OverruledKey
from backportq.queue.codec.items import ItemFile, write_items
from backportq.queue.codec.paths import LEARNED_FILE, branch_of, closed_path, open_path
from backportq.queue.codec.stored_state import StateReader, parse_branches
from backportq.queue.sync.merge_documents import DOCUMENTS, merge_document
from backportq.queue.sync.side_log import SideLog

_NO_CONFIG = Config(BranchName(""))


@dataclass(frozen=True, slots=True)
class StoredSide:
    """One of the two states: its files, every folder of them read, and its log."""

    files: StoredFiles
    log: SideLog


@dataclass(frozen=True, slots=True)
class OverruledFile:
    """A file that is not backportq's, changed on both sides in the same lines: the later one is `kept`."""

    path: str
    kept: Oid | None
    lost: Oid | None


@dataclass(slots=True)
class MergedFiles:
    """What leads from ours to the merge, and what is to be told."""

    changes: dict[str, bytes | Entry | None] = field(default_factory=dict)
    items: list[OverruledField] = field(default_factory=list)
    revived: list[RevivedItem] = field(default_factory=list)
    keys: list[tuple[str, OverruledKey]] = field(default_factory=list)
    files: list[OverruledFile] = field(default_factory=list)


def all_files(repository: Repository, commit: Oid) -> StoredFiles:
    """Return everything that a commit of the queue holds; bytes are read when they are needed."""
    found = read_files(repository, commit, folders=None, wanted=lambda path: path in DOCUMENTS)
    if found is None:
        raise RepositoryError(f"'{commit}', a state of the queue, is missing", hints=("git fsck",))
    return found


def merge_stored(repository: Repository, base: StoredFiles | None, ours: StoredSide, theirs: StoredSide) -> MergedFiles:
    """Merge what both sides did since `base` (None: two queues that began independently).

    Raise what is wrong in a file that has to be read: `SchemaError` for a newer one, `QueueFileError`, `ConfigError`.
    """
    return _Merge(repository, base, ours, theirs).run()


def check_readable(repository: Repository, files: StoredFiles, known: StoredFiles | None) -> None:
    """Raise what is wrong in those files of the queue that differ from `known`, which this program has read before."""
    differing = [path for path in files.paths() if known is None or known.find(path) != files.find(path)]
    state = StateReader(repository, files).state()
    for path in differing:
        ours = branch_of(path)
        if ours is not None:
            _ = state.queue_of(ours[0]).closed if ours[1] else state.queue_of(ours[0]).open
    parse_branches(state, differing)


class _Merge:
    def __init__(self, repository: Repository, base: StoredFiles | None, ours: StoredSide, theirs: StoredSide) -> None:
        self._repository = repository
        self._base = base
        self._ours = ours
        self._theirs = theirs
        self._made = MergedFiles()

    def run(self) -> MergedFiles:
        branches: list[BranchName] = []
        for path in dict.fromkeys((*self._ours.files.paths(), *self._theirs.files.paths())):
            was, mine, others = self._entries(path)
            if mine == others:
                continue
            item_file = branch_of(path)
            if item_file is not None:
                branches.append(item_file[0])
            elif others == was:
                continue
            elif mine == was:
                self._made.changes[path] = others
            elif path in DOCUMENTS and mine is not None and others is not None:
                self._document(path, was, mine, others)
            else:
                self._other(path, was, mine, others)
        self._branches(list(dict.fromkeys(branches)))
        return self._made

    def _entries(self, path: str) -> tuple[Entry | None, Entry | None, Entry | None]:
        was = self._base.find(path) if self._base is not None else None
        return was, self._ours.files.find(path), self._theirs.files.find(path)

    def _branches(self, branches: list[BranchName]) -> None:
        """Merge the items of these branches. Both files of a branch go together, since items move between them."""
        both = []
        for branch in branches:
            was, mine, others = zip(
                *(self._entries(path) for path in (open_path(branch), closed_path(branch))), strict=True
            )
            if others == was:
                continue
            if mine == was:
                self._made.changes[open_path(branch)], self._made.changes[closed_path(branch)] = others
            else:
                both.append(branch)
        if not both:
            return
        old = self._state(self._base, both) if self._base is not None else None
        merged = merge_queues(
            old,
            Side(self._state(self._ours.files, both), self._ours.log.decided_at),
            Side(self._state(self._theirs.files, both), self._theirs.log.decided_at),
        )
        for branch, queue in merged.branches.items():
            for path, items, extra in (
                (open_path(branch), queue.open, queue.extra),
                (closed_path(branch), queue.closed, queue.closed_extra),
            ):
                content = write_items(ItemFile(branch, items, extra)) if items or extra else None
                if content is not None or self._ours.files.find(path) is not None:
                    self._made.changes[path] = content
        self._made.items += merged.overruled
        self._made.revived += merged.revived

    def _state(self, files: StoredFiles, branches: list[BranchName]) -> QueueState:
        """Return these branches of a state. Configuration and people are not looked at: they are merged as files."""
        whole = StateReader(self._repository, files)
        return QueueState(_NO_CONFIG, branches={name: whole.branch(name) for name in branches})

    def _document(self, path: str, was: Entry | None, mine: Entry, others: Entry) -> None:
        content = self._contents(path, mine, others, was)
        merged = merge_document(
            path,
            b"" if was is None else content.get(was, b""),
            content[mine],
            content[others],
            ours_is_later=lambda: self._ours_is_later(path),
            merge=lambda ours, base, theirs: merge_bytes(self._repository, ours, base, theirs),
        )
        self._made.changes[path] = merged.content
        self._made.keys += [(path, key) for key in merged.overruled]

    def _other(self, path: str, was: Entry | None, mine: Entry | None, others: Entry | None) -> None:
        """Merge a file that is not ours: by line, and where that conflicts the later one is taken."""
        by_line = path != LEARNED_FILE  # half of one model and half of another would be neither
        if by_line and mine is not None and others is not None and mine.mode == others.mode and mine.is_file:
            content = self._contents(path, mine, others, was)
            base = content[was] if was is not None and was.is_file else b""
            lines = merge_bytes(self._repository, content[mine], base, content[others])
            if lines is not None and mine.mode == "100644":
                self._made.changes[path] = lines
                return
        later = self._ours_is_later(path)
        if later is None:
            later = str(mine) > str(others)
        kept, lost = (mine, others) if later else (others, mine)
        if kept is None:  # removed by one and changed by the other: what was written is not dropped
            kept, lost = lost, kept
        self._made.changes[path] = kept
        self._made.files.append(
            OverruledFile(path, kept.oid if kept is not None else None, lost.oid if lost is not None else None)
        )

    def _contents(self, path: str, *entries: Entry | None) -> dict[Entry, bytes]:
        wanted = [entry for entry in entries if entry is not None and entry.is_file]
        # a virtual base has bytes that are no objects yet
        known = {
            side.find(path): side.content[path]
            for side in (self._base, self._ours.files, self._theirs.files)
            if side is not None and path in side.content
        }
        blobs = read_blobs(self._repository, [entry.oid for entry in wanted if entry not in known])
        return {entry: known[entry] if entry in known else blobs[entry.oid] for entry in wanted}

    def _ours_is_later(self, path: str) -> bool | None:
        mine, others = self._ours.log.changed_at(path), self._theirs.log.changed_at(path)
        if mine is None or others is None or mine == others:
            return None
        return mine > others
