"""The notes of the project: what people wrote to commits afterwards, as if it ended their messages.

Apart because messages are read in two places: all of the range at once, and the few that a command shows. This module
must not look at what a note says.
"""

from __future__ import annotations

from backportq.git.read.notes import read_notes
from backportq.git.refs import Refs
from backportq.git.repository import Repository
from backportq.model.config import Config
from backportq.model.ids import Oid
from backportq.model.trailers.dialects import notes_of


def note_refs(config: Config) -> tuple[str, ...]:
    """Return the refs that the project keeps such notes under: as configured, or as its dialects have it."""
    return tuple(notes_of(config.dialects) if config.notes is None else config.notes)


def read_project_notes(repository: Repository, config: Config, refs: Refs) -> dict[Oid, bytes]:
    """Return the note of each commit, as far as this clone has them."""
    tips = [tip for tip in map(refs.find, note_refs(config)) if tip is not None]
    return read_notes(repository, tips) if tips else {}
