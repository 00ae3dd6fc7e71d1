"""Topic branches of the items in progress: which are here, pushed, gone, or stand on what a branch no longer has.

A clone says that a branch is gone only if it once had it: of the branches of others that were never pushed it knows
nothing. What is found is noticed by `pending`; `scan` gives such items back, once for each branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from backportq.errors import GitFailedError, QueueFileError
from backportq.git.picking.records import iter_records
from backportq.git.picking.topics import note_topics, read_topics
from backportq.git.refs import Refs, read_refs
from backportq.git.repository import Repository
from backportq.model.commit import parse_identity
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.items.work import give_up, is_picked
from backportq.model.picks.record import record_name
from backportq.model.picks.topic import MadeTopic, TopicState
from backportq.model.words import counted
from backportq.queue.codec.stored_state import StoredBranchQueue
from backportq.services.project import Project
from backportq.services.scan.report import ScanWarning, WarningKind


@dataclass(slots=True)
class TopicBranches:
    """What is known in this clone of topic branches; `topic_branches` makes it, and each question is answered once."""

    repository: Repository
    refs: Refs
    made: Mapping[BranchName, MadeTopic]
    waiting: frozenset[str]
    _states: dict[str, TopicState] = field(default_factory=dict)
    _rewound: dict[tuple[str, BranchName], bool] = field(default_factory=dict)

    def state(self, item: Item) -> TopicState | None:
        """Return what has become of the topic branch of an item in progress; None for any other item."""
        topic = item.topic
        if topic is None or not is_picked(item):
            return None
        found = self._states.get(topic)
        if found is None:
            found = self._states[topic] = self._state(BranchName(topic), item)
        return found

    def is_rewound(self, topic: str, branch: BranchName, tips: Sequence[Oid]) -> bool:
        """Tell whether the topic branch stands on a commit that `branch`, with these tips, had and has no longer."""
        key = (topic, branch)
        if key not in self._rewound:
            made = self.made.get(BranchName(topic))
            onto = made.onto if made is not None and made.branch == branch else None
            self._rewound[key] = onto is not None and onto not in tips and not is_reached(self.repository, onto, tips)
        return self._rewound[key]

    def picks_on(self, topic: str) -> tuple[Oid, ...]:
        """Return the originals of what was picked to a topic branch in this clone, in that order."""
        made = self.made.get(BranchName(topic))
        return tuple(pick.upstream for pick in made.picks) if made is not None else ()

    def _state(self, topic: BranchName, item: Item) -> TopicState:
        if record_name(topic) in self.waiting:
            return TopicState.WAITING
        is_on_no_branch = item.published is not None and " refs/heads/" not in item.published
        if self._remote_tip(topic) is not None or is_on_no_branch:
            return TopicState.PUSHED
        if self.refs.find(f"refs/heads/{topic}") is not None:
            return TopicState.HERE
        made = self.made.get(topic)
        if made is None or made.is_given_up:
            return TopicState.UNKNOWN if item.published is None else TopicState.PUSHED
        # Renamed, or merged into another branch of the person's.
        return TopicState.UNKNOWN if made.tip is not None and self._is_kept(made.tip) else TopicState.GONE

    def _remote_tip(self, topic: BranchName) -> Oid | None:
        names = (f"refs/remotes/{remote}/{topic}" for remote in self.refs.remotes())
        return next((oid for name in names if (oid := self.refs.find(name)) is not None), None)

    def _is_kept(self, tip: Oid) -> bool:
        words = ("for-each-ref", "--count=1", f"--contains={tip}", "refs/heads", "refs/remotes")
        answer = self.repository.git.run(*words, ok=(0, 128, 129))
        return answer.status == 0 and bool(answer.out.strip())

    def seen(self, items: Iterable[tuple[BranchName, Item]]) -> list[MadeTopic]:
        """Return the topic branches of these items that are here, or on a remote, and that the log lacks."""
        new: dict[BranchName, MadeTopic] = {}
        for branch, item in items:
            topic = BranchName(item.topic or "")
            tip = self.refs.find(f"refs/heads/{topic}") or self._remote_tip(topic)
            if is_picked(item) and topic not in self.made and tip is not None:
                new[topic] = MadeTopic(topic, branch, None, tip)
        return list(new.values())


def topic_branches(repository: Repository, refs: Refs | None = None) -> TopicBranches:
    """Return what this clone knows of topic branches."""
    waiting = frozenset(record.name for record in iter_records(repository))
    return TopicBranches(repository, refs or read_refs(repository), read_topics(repository), waiting)


def is_reached(repository: Repository, commit: Oid, tips: Sequence[Oid]) -> bool:
    """Tell whether one of `tips` has `commit`; a commit that is not in the repository any more is in none."""
    try:
        words = ("rev-list", "--count", "--max-count=1", commit, "--not", *tips)
        return repository.git.text(*words) == "0"
    except GitFailedError:
        return False


def give_up_gone_topics(
    project: Project, state: QueueState, branches: Sequence[StableBranch], *, dry_run: bool
) -> tuple[ScanWarning, ...]:
    """Make the items of `state` to do again whose topic branch is gone, in one change of the queue; return a warning
    for each.

    Each branch is given up once: where a person takes that back with `undo`, it stays so.
    """
    having = [branch for branch in branches if _may_have_topics(state.queue_of(branch.name))]
    items = [(name, item) for name, item in readable_items(state, having) if is_picked(item)]
    if not items:
        return ()
    topics = topic_branches(project.repository)
    gone = [(name, item) for name, item in items if topics.state(item) is TopicState.GONE]
    if dry_run:
        return tuple(_warning(name, item) for name, item in gone)
    note_topics(project.repository, topics.seen(items))
    if gone:
        _give_up(project, gone)
        lost = {BranchName(item.topic or "") for _, item in gone}
        note_topics(project.repository, [replace(topics.made[topic], is_given_up=True) for topic in sorted(lost)])
    return tuple(_warning(name, item) for name, item in gone)


def readable_items(state: QueueState, branches: Sequence[StableBranch]) -> Iterator[tuple[BranchName, Item]]:
    """Yield the open items of these branches; a branch whose files cannot be read is passed over."""
    for branch in branches:
        try:
            items = state.queue_of(branch.name).open  # read when it is first looked at
        except QueueFileError:
            continue
        yield from ((branch.name, item) for item in items)


def _may_have_topics(queue: BranchQueue) -> bool:
    # Hardly any branch has, and a scan with nothing new need not read the files to know.
    try:
        return not isinstance(queue, StoredBranchQueue) or queue.may_have("topic")
    except QueueFileError:
        return False


def _give_up(project: Project, gone: Sequence[tuple[BranchName, Item]]) -> None:
    meant = {(name, item.commit): item.topic or "" for name, item in gone}

    def change(state: QueueState) -> QueueState:
        queues: dict[BranchName, BranchQueue] = dict(state.branches)
        for name in dict.fromkeys(name for name, _ in meant):
            queue = state.queue_of(name)
            items = tuple(
                give_up(item, item.topic) if item.topic and meant.get((name, item.commit)) == item.topic else item
                for item in queue.open
            )
            queues[name] = replace(queue, open=items)
        return replace(state, branches=MappingProxyType(queues))

    topics = sorted(set(meant.values()))
    named = f"'{topics[0]}' is" if len(topics) == 1 else f"{len(topics)} topic branches are"
    project.store.change(
        change,
        command="scan",
        summary=f"{counted(len(meant), 'item')} to do again: {named} gone",
        actor=project.actor(),
        at=project.clock(),
    )


def _warning(branch: BranchName, item: Item) -> ScanWarning:
    by = f" by {parse_identity(item.by).name}" if item.by else ""
    text = (
        f"branch '{item.topic}' with the pick{by} is gone, here and on the remotes: to do again "
        "('backportq undo' if it is elsewhere)"
    )
    return ScanWarning(WarningKind.TOPIC_GONE, item.commit, branch, text)
