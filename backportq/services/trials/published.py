"""Verdicts that another machine published: believed for a list, re-tried by sample, and never for what is picked.

Trials of a whole queue take a machine seconds to minutes, and what they find is the same everywhere, so a nightly job
can find it for all. Who publishes may be wrong, or hostile. What follows from that:

- Nothing published is written where this clone keeps what it found itself, and nothing is derived from it.
- Each file is re-tried by sample before it is used for the first time; `retry` compares what is about to be picked.
- One wrong verdict, and nothing of that remote is believed any more, until a person says so.

The exchange with the remote is in `services/queue_admin/verdicts.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from backportq.errors import BackportqError
from backportq.git.read.queue_files import StoredFiles, read_files
from backportq.git.repository import Repository
from backportq.git.trials import Application, RememberedVerdict, TrialSession, answers_of, apply_in_order
from backportq.model.ids import BranchName, Oid, RefName, short
from backportq.model.notices import tell
from backportq.model.trials.published import (
    LARGEST_FILE,
    MalformedVerdictsError,
    PublishedItem,
    PublishedQueue,
    parse_verdicts,
)
from backportq.model.trials.verdict import APPLIES, Trial, TrialOutcome, Verdict
from backportq.model.words import typed
from backportq.queue.store import QueueStore
from backportq.services.trials.kept_queues import InOrder, queue_key

_NOTES = "verdicts.json"
_SAMPLE = 12  # items of a file that are tried alone, and the most at its beginning that are tried in order
_FEW_BLOCKERS = 12
_HINTS = ("backportq sync takes what is published now", "git config --unset backportq.verdicts")
_FILES_NOTED = 500


def remote_ref(store: QueueStore) -> RefName:
    """Return the ref of a remote that its verdicts stand on: beside the queue, and under no name that a clone takes."""
    return RefName(f"refs/backportq-verdicts/{store.ref.removeprefix('refs/heads/')}")


def taken_ref(store: QueueStore, remote: str) -> RefName:
    """Return where this clone keeps what a remote published."""
    return RefName(f"refs/backportq-verdicts/{remote}/{store.ref.removeprefix('refs/heads/')}")


class PublishedVerdicts:
    """What one remote published, as it was last taken. Make it with `taken_verdicts`."""

    def __init__(self, store: QueueStore, remote: str) -> None:
        self._repository = store.repository
        self._remote = remote
        self._notes = _Notes(store.repository, remote)
        self._files: StoredFiles | None = None
        try:
            self._files = read_files(
                self._repository, taken_ref(store, remote), folders=(answers_of(),), wanted=lambda _: False
            )
        except BackportqError as error:
            tell(f"what '{remote}' published cannot be used: {error}", _HINTS)
        self._read: dict[BranchName, PublishedQueue | None] = {}

    @property
    def is_believed(self) -> bool:
        """Whether there is anything, and nothing of it was found wrong."""
        return self._files is not None and not self._notes.is_distrusted

    def in_order(
        self, branch: BranchName, onto: Oid, commits: Sequence[Oid], session: TrialSession
    ) -> Mapping[Oid, InOrder] | None:
        """Return what was published about exactly this queue; None where there is nothing, or it is not believed.

        A file that is used for the first time costs some twenty trials.
        """
        found = self._queue(branch)
        if found is None or found.key != queue_key(onto, commits):
            return None
        queue = [each.alone.commit for each in found.items]
        if queue != list(commits) or found.onto != onto or not self._is_sound(branch, found, session):
            return None
        return {
            commit: InOrder(
                each.alone,
                each.in_order,
                tuple([queue[place] for place in each.blocked_by]),
                is_minimal=each.is_minimal,
            )
            for commit, each in zip(queue, found.items, strict=True)
        }

    def others(self, branch: BranchName, onto: Oid, session: TrialSession) -> Mapping[Oid, TrialOutcome]:
        """Return the published trials onto `onto` beside the queue of `branch`, by commit."""
        found = self._queue(branch)
        if found is None or found.onto != onto or not self._is_sound(branch, found, session):
            return {}
        return {each.commit: each for each in found.others}

    def retry(self, branch: BranchName, commits: Iterable[Oid], session: TrialSession) -> None:
        """Try what is about to be picked, and tell what was published wrongly about it."""
        found = self._queue(branch)
        if found is not None:
            wanted = set(commits)
            known = [each.alone for each in found.items] + list(found.others)
            self._compare(branch, [each for each in known if each.commit in wanted], session)

    def _queue(self, branch: BranchName) -> PublishedQueue | None:
        if branch not in self._read:
            self._read[branch] = self._parsed(branch) if self.is_believed else None
        return self._read[branch] if self.is_believed else None

    def _parsed(self, branch: BranchName) -> PublishedQueue | None:
        try:
            raw = self._bytes_of(branch)
            return None if raw is None else self._about(branch, parse_verdicts(raw))
        except (MalformedVerdictsError, BackportqError) as error:
            tell(
                f"what '{self._remote}' published about '{branch}' cannot be used: {error}",
                _HINTS,
            )
            return None

    def _bytes_of(self, branch: BranchName) -> bytes | None:
        entry = self._files.find(f"{answers_of()}/{file_name(branch)}") if self._files is not None else None
        if entry is None:
            return None
        size = self._repository.reader.size_of(entry.oid) if entry.is_file else None
        if size is None:
            raise MalformedVerdictsError("it is no file, or missing")
        if size > LARGEST_FILE:
            raise MalformedVerdictsError(f"it has {size:,} bytes, wanted at most {LARGEST_FILE:,}")
        return self._repository.reader.bytes_of(entry.oid)

    def _about(self, branch: BranchName, found: PublishedQueue) -> PublishedQueue:
        if (found.branch, found.git) != (branch, answers_of()):
            raise MalformedVerdictsError("it is about something else")
        return found

    def _is_sound(self, branch: BranchName, found: PublishedQueue, session: TrialSession) -> bool:
        """Tell whether a sample of the file is as it is here; asked once for each file."""
        if self._files is None:
            return False
        oid = self._files.folders[answers_of()][file_name(branch)].oid
        if oid not in self._notes.checked:
            chance = random.SystemRandom()
            known = [each.alone for each in found.items] + list(found.others)
            chosen = chance.sample(known, min(_SAMPLE, len(known)))
            if self._compare(branch, chosen, session) and self._is_ordered_well(branch, found, chance, session):
                self._notes.note_checked(oid)
        return self.is_believed

    def _is_ordered_well(
        self, branch: BranchName, found: PublishedQueue, chance: random.Random, session: TrialSession
    ) -> bool:
        """Apply the beginning of the queue in order, and some items after what they are said to need."""
        first = found.items[:_SAMPLE]
        queue = [each.alone.commit for each in found.items]
        alone = session.apply([Application(each.alone.commit, found.onto) for each in first])
        outcomes, _ = apply_in_order(session, found.onto, queue[: len(first)], dict(zip(queue, alone, strict=False)))
        for each in first:
            outcome = outcomes[each.alone.commit]
            if isinstance(outcome, RememberedVerdict) and each.in_order not in (None, outcome.verdict):
                return self._distrust(branch, each.alone.commit, f"{each.in_order} in order", str(outcome.verdict))
        blocked = [each for each in found.items if 0 < len(each.blocked_by) <= _FEW_BLOCKERS]
        for each in chance.sample(blocked, min(_SAMPLE, len(blocked))):
            verdict = _verdict_after(session, found, queue, each)
            if verdict is not None and verdict not in APPLIES:
                return self._distrust(branch, each.alone.commit, f"{each.in_order} after what it needs", str(verdict))
        return True

    def _compare(self, branch: BranchName, published: Sequence[TrialOutcome], session: TrialSession) -> bool:
        """Try the same here; return whether all is so. What could not be tried there or here says nothing."""
        for theirs in published:
            if not isinstance(theirs, Trial):
                continue
            ours = session.run([(theirs.commit, theirs.onto)], mainline=theirs.mainline)[0]
            if isinstance(ours, Trial) and ours != theirs:
                what = (str(theirs.verdict), str(ours.verdict))
                if theirs.verdict is ours.verdict:
                    what = (f"{theirs.verdict} with other contents", "not that")
                return self._distrust(branch, theirs.commit, *what)
        return True

    def _distrust(self, branch: BranchName, commit: Oid, said: str, found: str) -> bool:
        self._notes.distrust()
        tell(
            f"'{self._remote}' published a wrong verdict: {short(commit)} onto '{branch}' is {said}, and git finds "
            f"{found}; nothing that it publishes is used any more",
            (
                "git config --unset backportq.verdicts, and tell whoever publishes there",
                f"rm {typed(self._notes.path)} believes it again",
            ),
        )
        return False


class _Notes:
    """What this clone found out about published verdicts: which files a sample bore out, and who was wrong."""

    def __init__(self, repository: Repository, remote: str) -> None:
        self.path: Path = repository.cache_dir / _NOTES
        self._remote = remote
        self._distrusted, self.checked = self._read()

    @property
    def is_distrusted(self) -> bool:
        return self._remote in self._distrusted

    def note_checked(self, oid: Oid) -> None:
        self.checked = [*self.checked[-_FILES_NOTED:], oid]
        self._write()

    def distrust(self) -> None:
        self._distrusted = sorted({*self._distrusted, self._remote})
        self._write()

    def _read(self) -> tuple[list[str], list[str]]:
        try:
            document = json.loads(self.path.read_bytes())
            lists = (document["distrusted"], document["checked"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return [], []
        distrusted, checked = ([str(each) for each in names] if isinstance(names, list) else [] for names in lists)
        return distrusted, checked

    def _write(self) -> None:
        before, _ = self._read()  # another process may have found something meanwhile
        self._distrusted = sorted({*self._distrusted, *before})
        text = json.dumps({"distrusted": self._distrusted, "checked": self.checked})
        temporary = self.path.with_name(f"{_NOTES}.{os.getpid()}")
        with contextlib.suppress(OSError):  # where nothing can be kept, it is found out again
            self.path.parent.mkdir(exist_ok=True)
            temporary.write_text(text)
            temporary.replace(self.path)


def file_name(branch: BranchName) -> str:
    """Return the name of a branch's file in the folder of its version of git."""
    return branch.replace("%", "%25").replace("/", "%2F") + ".json"


def taken_verdicts(store: QueueStore) -> PublishedVerdicts | None:
    """Return what was taken of the remote that `git config backportq.verdicts` names; None where that is not set, or
    nothing was taken, or it was found wrong before."""
    remote = store.verdicts_remote
    if not remote:
        return None
    found = PublishedVerdicts(store, remote)
    return found if found.is_believed else None


def _verdict_after(
    session: TrialSession, found: PublishedQueue, queue: Sequence[Oid], item: PublishedItem
) -> Verdict | None:
    """Return what an item gives after its blockers, None where one of them cannot be applied here."""
    at = found.onto
    for commit in [queue[place] for place in item.blocked_by]:
        outcome = session.apply([Application(commit, at)], keep=True)[0]
        if not isinstance(outcome, RememberedVerdict):
            return None
        if outcome.tree is None:
            return Verdict.CONFLICT
        at = outcome.tree
    outcome = session.apply([Application(item.alone.commit, at)])[0]
    return outcome.verdict if isinstance(outcome, RememberedVerdict) else None
