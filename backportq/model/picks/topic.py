"""Topic branches as one clone knows them, and how far the work on an item is.

- `MadeTopic` is what a clone remembers of a topic branch that was made or seen in it.
- `TopicState` says what has become of the branch, `WorkStage` what that means for the item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backportq.model.ids import BranchName, Oid, parse_oid, short
from backportq.model.items.item import Item
from backportq.model.items.tasks import taken_at
from backportq.model.items.work import is_picked
from backportq.model.picks.record import FinishedPick

TOPIC_FOLDER = "backport"


def default_topic(branch: BranchName, first: Oid | None) -> str:
    """Return the name of a topic branch: its stable branch and first commit, or its stable branch's queue."""
    return f"{TOPIC_FOLDER}/{branch}/{short(first) if first is not None else 'queue'}"


@dataclass(frozen=True, slots=True)
class MadeTopic:
    """A topic branch for `branch`, as this clone last saw it.

    - `onto`: the commit of the stable branch that it stands on, None where that is not known.
    - `tip`: its newest commit, None while a first conflict waits. `picks` are what was picked to it here.
    - `is_recorded`: the queue was told of the picks, or was not to be told.
    - `is_given_up`: that it is gone was noticed and recorded, which happens once.
    """

    topic: BranchName
    branch: BranchName
    onto: Oid | None
    tip: Oid | None
    picks: tuple[FinishedPick, ...] = ()
    is_recorded: bool = True
    is_given_up: bool = False


class TopicState(StrEnum):
    """What has become of the topic branch of an item, seen from one clone."""

    HERE = "here"
    PUSHED = "pushed"
    WAITING = "waiting"
    GONE = "gone"
    UNKNOWN = "unknown"


class WorkStage(StrEnum):
    """How far an item with a person or a pick is."""

    ASKED = "asked"
    TAKEN = "taken"
    RESOLVING = "resolving"
    PICKED = "picked"
    IN_REVIEW = "in-review"
    TOPIC_GONE = "topic-gone"

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to pick: the pick waits to be pushed or reviewed."""
        return self in {WorkStage.PICKED, WorkStage.IN_REVIEW}


def stage_of(item: Item, topic: TopicState | None) -> WorkStage | None:
    """Return how far an open item is, None where nobody has it; `topic` is the state of its topic branch."""
    if is_picked(item):
        match topic:
            case TopicState.WAITING:
                return WorkStage.RESOLVING
            case TopicState.GONE:
                return WorkStage.TOPIC_GONE
            case TopicState.PUSHED:
                return WorkStage.IN_REVIEW
            case _:
                return WorkStage.PICKED
    if item.assignee is None:
        return None
    return WorkStage.TAKEN if taken_at(item) is not None else WorkStage.ASKED


def topic_document(made: MadeTopic) -> dict[str, Any]:
    """Return what JSON can hold of it."""
    return {
        "topic": made.topic,
        "branch": made.branch,
        "onto": made.onto,
        "tip": made.tip,
        "picks": [[pick.upstream, pick.made] for pick in made.picks],
        "recorded": made.is_recorded,
        "given_up": made.is_given_up,
    }


def topic_of_document(document: Mapping[str, Any]) -> MadeTopic:
    """Return what `topic_document` gave; raise `ValueError`, `TypeError` or `LookupError` for anything else."""
    onto, tip = document["onto"], document["tip"]
    return MadeTopic(
        BranchName(str(document["topic"])),
        BranchName(str(document["branch"])),
        None if onto is None else parse_oid(onto),
        None if tip is None else parse_oid(tip),
        tuple(FinishedPick(parse_oid(upstream), parse_oid(made)) for upstream, made in document["picks"]),
        bool(document["recorded"]),
        bool(document["given_up"]),
    )
