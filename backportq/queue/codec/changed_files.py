"""Which files a new state changes, and their bytes.

Only what differs is written, so that an unchanged file keeps its very bytes, also those a person wrote in another
layout. It must not store anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from backportq.git.read.queue_files import StoredFiles
from backportq.model.ids import BranchName
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.queue.codec.config import CONFIG_FILE, config_table, read_config
from backportq.queue.codec.items import ItemFile, write_items
from backportq.queue.codec.paths import closed_path, open_path
from backportq.queue.codec.people import PEOPLE_FILE, people_table, read_people
from backportq.queue.codec.stored_state import source_of
from backportq.queue.toml.kept_layout import document_bytes, rewritten


def changed_files(files: StoredFiles | None, before: QueueState, after: QueueState) -> Mapping[str, bytes | None]:
    """Return path → new bytes (None: the file goes) that lead from `before`, stored in `files`, to `after`.

    Without `files` everything is new.
    """
    changes: dict[str, bytes | None] = {}
    config, people = (files.content.get(path) if files is not None else None for path in (CONFIG_FILE, PEOPLE_FILE))
    if config is None:
        changes[CONFIG_FILE] = document_bytes(config_table(after.config))
    elif after.config != before.config:
        changes[CONFIG_FILE] = rewritten(
            config,
            config_table(before.config),
            config_table(after.config),
            lambda data: read_config(source_of(CONFIG_FILE, data)),
            after.config,
        )
    if people is None:
        if after.people.people or after.people.extra:
            changes[PEOPLE_FILE] = document_bytes(people_table(after.people))
    elif after.people != before.people:
        changes[PEOPLE_FILE] = rewritten(
            people,
            people_table(before.people),
            people_table(after.people),
            lambda data: read_people(source_of(PEOPLE_FILE, data)),
            after.people,
        )
    for branch in dict.fromkeys((*before.branches, *after.branches)):
        changes.update(_branch_files(branch, before.queue_of(branch), after.queue_of(branch)))
    return changes


def _branch_files(branch: BranchName, before: BranchQueue, after: BranchQueue) -> dict[str, bytes | None]:
    if before is after:
        return {}
    changes: dict[str, bytes | None] = {}
    if before.open != after.open or before.extra != after.extra:
        changes[open_path(branch)] = _bytes(ItemFile(branch, after.open, after.extra))
    if before.closed != after.closed or before.closed_extra != after.closed_extra:
        changes[closed_path(branch)] = _bytes(ItemFile(branch, after.closed, after.closed_extra))
    return changes


def _bytes(file: ItemFile) -> bytes | None:
    return write_items(file) if file.items or file.extra else None
