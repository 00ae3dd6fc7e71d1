"""The log of what this clone sent: a line before and a line after each letter, on the disk before anything goes on.

A run that was killed, or whose server hung up, neither loses nor repeats a letter; the queue learns of letters only at
the end of a run. The log is no cache: deleting it forgets what was sent.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from backportq.errors import RepositoryError
from backportq.git.repository import Repository


class SendState(StrEnum):
    """The state of a letter. `SENDING` at the end of a run means that nobody knows whether it arrived."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(slots=True)
class SentLog:
    """The log of one clone; `open_sent_log` reads it."""

    path: Path
    states: dict[str, SendState]

    def note(self, message_id: str, state: SendState) -> None:
        """Write the state of a letter and wait until the disk has it; raise `RepositoryError` where that fails."""
        line = json.dumps({"id": message_id, "fate": state.value}).encode() + b"\n"
        try:
            # One write with O_APPEND for each line: two runs of one clone do not mix their lines.
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise RepositoryError(
                f"'{self.path}' cannot be written, so nothing more is sent: {error.strerror}",
                hints=("free some space or mend the permissions, and repeat the command",),
            ) from error
        self.states[message_id] = state


def open_sent_log(repository: Repository) -> SentLog:
    """Return the log. A line cut short by a crash is passed over."""
    # Beside the cache and not in it: the cache may be deleted at any time.
    path = repository.common_dir / "backportq-sent.jsonl"
    states: dict[str, SendState] = {}
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return SentLog(path, states)
    except OSError as error:
        raise RepositoryError(f"'{path}' cannot be read: {error.strerror}") from error
    words = {state.value: state for state in SendState}
    for line in content.split(b"\n"):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("fate") in words and isinstance(entry.get("id"), str):
            states[entry["id"]] = words[entry["fate"]]
    return SentLog(path, states)
