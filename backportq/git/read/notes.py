"""Notes that people attached to commits afterwards (git-notes(1)), read in bulk.

A note is found by the id of its commit in the tree of the notes ref, whatever the fan-out of folders.
"""

from __future__ import annotations

from collections.abc import Sequence

from backportq.git.read.tree_files import blobs_of
from backportq.git.refs import Refs
from backportq.git.repository import Repository
from backportq.model.config import Config
from backportq.model.ids import Oid, is_oid
from backportq.model.trailers.dialects import notes_of

_BLOB = b"blob"


def read_notes(repository: Repository, tips: Sequence[Oid]) -> dict[Oid, bytes]:
    """Return the note of each commit that has one in the trees of `tips`, the commits of notes refs; several notes of
    one commit are put together as `git notes append` does. A note larger than 16 MiB is left out.

    Raise `GitFailedError` where a tree is missing, `RepositoryError` where a note is.
    """
    places: list[tuple[Oid, str]] = []
    for tip in tips:
        listing = repository.git.run("ls-tree", "-r", "-z", "--full-tree", tip).out
        places += _places(listing)
    contents = blobs_of(repository, (blob for _, blob in places))
    found: dict[Oid, bytes] = {}
    for oid, blob in places:
        text = contents.get(blob)
        if text is not None:
            found[oid] = found[oid].rstrip(b"\n") + b"\n\n" + text if oid in found else text
    return found


def _places(listing: bytes) -> list[tuple[Oid, str]]:
    """Return the commit and the blob of each note in what `git ls-tree -r -z` prints; other files are no notes."""
    found = []
    for entry in listing.split(b"\0"):
        kind, _, path = entry.partition(b"\t")
        fields = kind.split(b" ")
        oid = path.replace(b"/", b"").decode("ascii", "replace")
        if len(fields) == 3 and fields[1] == _BLOB and is_oid(oid):
            found.append((Oid(oid), fields[2].decode("ascii")))
    return found


def note_refs(config: Config) -> tuple[str, ...]:
    """Return the refs that the project keeps its notes under: as configured, or as its dialects have it."""
    return tuple(notes_of(config.dialects) if config.notes is None else config.notes)


def read_project_notes(repository: Repository, config: Config, refs: Refs) -> dict[Oid, bytes]:
    """Return the note of each commit, as far as the project keeps such notes and this clone has them."""
    tips = [tip for tip in map(refs.find, note_refs(config)) if tip is not None]
    return read_notes(repository, tips) if tips else {}
