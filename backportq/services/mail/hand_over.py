"""Handing letters out: as files for `git send-email`, as an mbox, or to a mail server; and recording it.

What went out is recorded with its items in one change of the queue, after the fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from backportq.errors import BackportqError, UsageError
from backportq.git.mail_settings import read_mail_server
from backportq.git.whole_file import remove_unfinished, unfinished_name, write_whole
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.items.tasks import with_event
from backportq.model.mail.letter import Letter, mail_bytes, mbox_bytes
from backportq.model.mail.policy import MailPolicy
from backportq.model.words import counted
from backportq.services.mail.deliver import DeliveryReport, Pace, send_letters
from backportq.services.mail.outgoing import EVENT_OF_LETTER
from backportq.services.mail.sent_log import open_sent_log
from backportq.services.project import Project

_LETTER = re.compile(r"[0-9]{4,}-[A-Za-z0-9.+-]+")
"""The names of our letters, also where they are cut off."""


def write_files(letters: Sequence[Letter], directory: Path) -> tuple[Path, ...]:
    """Write each letter to its own file, such as `0001-call-ada.eml`; raise `UsageError` where one of them exists."""
    names = [
        directory / f"{number:04}-{letter.kind}-{re.sub('[^A-Za-z0-9.+-]+', '-', letter.who).strip('.-')[:60]}.eml"
        for number, letter in enumerate(letters, 1)
    ]
    # Before the first is written: a refused run leaves the folder as it was.
    existing = next((path for path in names if path.exists()), None)
    if existing is not None:
        raise UsageError(f"'{existing}' exists already", hints=("give an empty or a new directory",))
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackportqError(f"'{directory}' cannot be made: {error.strerror}") from error
    remove_unfinished(directory, lambda name: _LETTER.fullmatch(name) is not None)
    for path, letter in zip(names, letters, strict=True):
        _write(path, mail_bytes(letter))
    return tuple(names)


def write_mbox(letters: Sequence[Letter], path: Path) -> None:
    """Write the letters to a new mbox; raise `UsageError` where the file exists."""
    if path.exists():
        raise UsageError(f"'{path}' exists already", hints=("give another name",))
    remove_unfinished(path.parent, unfinished_name(path.name).__eq__)
    _write(path, mbox_bytes(letters))


def send(
    project: Project, letters: Sequence[Letter], policy: MailPolicy, *, again: bool = False
) -> list[DeliveryReport]:
    """Send the letters through the server of git's `sendemail.*`; raise `ConfigError` where none is configured."""
    server = read_mail_server(project.repository)
    sent_log = open_sent_log(project.repository)
    pace = Pace(policy.rate, float(policy.timeout or 30))
    return send_letters(letters, server, sent_log, pace, again=again)


def record(project: Project, letters: Sequence[Letter]) -> Oid | None:
    """Record with each item that its letter went out; return the change of the queue, None where there is nothing."""
    if not letters:
        return None
    actor, at = project.actor(), project.clock().replace(microsecond=0)
    about: dict[tuple[BranchName, Oid], list[Letter]] = {}
    for letter in letters:
        for place in letter.items:
            about.setdefault(place, []).append(letter)

    def told(item: Item, branch: BranchName) -> Item:
        for letter in about.get((branch, item.commit), ()):
            # The change is planned again where another writer won; each letter is recorded once all the same.
            if all(event.message_id != letter.message_id for event in item.tasks):
                word = EVENT_OF_LETTER[letter.kind]
                item = with_event(
                    item, word, letter.who, actor, at, text=letter.kind.value, message_id=letter.message_id
                )
        return item

    def decide(state: QueueState) -> QueueState:
        queues: dict[BranchName, BranchQueue] = dict(state.branches)
        for branch in dict.fromkeys(branch for branch, _ in about):
            queue = state.queue_of(branch)
            queues[branch] = replace(queue, open=tuple(told(item, branch) for item in queue.open))
        branches: Mapping[BranchName, BranchQueue] = MappingProxyType(queues)
        return replace(state, branches=branches)

    kind = letters[0].kind
    people = len({letter.who for letter in letters})
    summary = f"{counted(len(letters), 'letter')} to {counted(people, 'person', 'people')}"
    return project.store.change(decide, command=f"mail {kind}", summary=f"{kind}: {summary}", actor=actor, at=at).commit


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)  # `git send-email DIR/*.eml` never meets half a letter
    except OSError as error:
        raise BackportqError(f"'{path}' cannot be written: {error.strerror}") from error
