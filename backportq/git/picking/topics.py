"""The log of the topic branches of one clone: a line for each that was made or seen here, the last one counts.

The queue is shared and knows names only. Whether a branch is gone can be told only by who once had it, so each clone
keeps that for itself, beside the cache and not in it: the cache may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable

from backportq.git.repository import Repository
from backportq.model.ids import BranchName
from backportq.model.picks.topic import MadeTopic, topic_document, topic_of_document

_FILE = "backportq-topics.jsonl"


def read_topics(repository: Repository) -> dict[BranchName, MadeTopic]:
    """Return the topic branches that this clone has known; a damaged line is passed over."""
    topics: dict[BranchName, MadeTopic] = {}
    try:
        content = (repository.common_dir / _FILE).read_bytes()
    except OSError:
        return topics
    for line in content.split(b"\n"):
        with contextlib.suppress(ValueError, TypeError, LookupError, AttributeError):
            made = topic_of_document(json.loads(line))
            topics[made.topic] = made
    return topics


def note_topics(repository: Repository, topics: Iterable[MadeTopic]) -> None:
    """Add lines to the log. Where that cannot be, the picks are made all the same; what is gone is not noticed then."""
    lines = b"".join(json.dumps(topic_document(made)).encode() + b"\n" for made in topics)
    if not lines:
        return
    with contextlib.suppress(OSError):
        # One write with O_APPEND: two processes do not mix their lines.
        handle = os.open(repository.common_dir / _FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, lines)
        finally:
            os.close(handle)
