"""What is kept of queues that were applied in order: the answer for each queue, and the last queue of each tip.

Apart from the simulation because it is a format: bytes in the cache, keyed by all that an answer depends on. This
module must not try anything.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backportq.git.cache import Cache
from backportq.git.trials import answers_of
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Trial, TrialOutcome, Verdict

_ANSWERS = "in_order_3"
_LAST = "in_order_last_2"
_NUMBER = "I"
_UNTRIED = "None"


@dataclass(frozen=True, slots=True)
class InOrder:
    """One item of a queue. `alone` is its trial onto the tip as it is; `in_order` the verdict after the earlier items
    that apply, None where it could not be tried.

    `blocked_by` are the items, in queue order, without which it would conflict: taking any of them away brings the
    conflict back, unless `is_minimal` is False because the search was given up. It is empty where the item applies
    alone, or conflicts even in order.
    """

    alone: TrialOutcome
    in_order: Verdict | None
    blocked_by: tuple[Oid, ...] = ()
    is_minimal: bool = True


@dataclass(frozen=True, slots=True)
class Footprint:
    """What an item touches: its `paths`, and whether it `moves_names`, so that others may depend on more than these.
    `is_whole`: git merged it as a whole, alone or in order, or could not try it; it may depend on more itself."""

    paths: frozenset[str]
    moves_names: bool
    is_whole: bool


Footprints = Mapping[Oid, Footprint]
"""The items of the queue that was last applied to a tip, in its order."""


def queue_key(onto: Oid, queue: Sequence[Oid]) -> str:
    """Return a digest of all that the answer for a queue depends on: where it begins, its items, and git's version."""
    return hashlib.blake2b("".join((answers_of(), onto, *queue)).encode("ascii"), digest_size=20).hexdigest()


def find_answer(cache: Cache, onto: Oid, queue: Sequence[Oid]) -> bytes | None:
    """Return what is kept about exactly this queue, for `read_answer`."""
    key = queue_key(onto, queue)
    return cache.find_many(_ANSWERS, [key]).get(key)


def keep_answer(cache: Cache, onto: Oid, footprints: Footprints, found: Mapping[Oid, InOrder]) -> None:
    """Keep the answer for a queue, which is from now on the last one of its tip."""
    queue = tuple(footprints)
    cache.put_many(_ANSWERS, {queue_key(onto, queue): _write(found, queue)})
    items = [
        (oid, footprint.moves_names, footprint.is_whole, sorted(footprint.paths))
        for oid, footprint in footprints.items()
    ]
    cache.put_many(_LAST, {_tip_key(onto): json.dumps(items).encode("ascii")})


def find_last(cache: Cache, onto: Oid) -> Footprints | None:
    """Return the last queue of a tip, None where none is kept."""
    kept = cache.find_many(_LAST, [_tip_key(onto)]).get(_tip_key(onto))
    if kept is None:
        return None
    return {Oid(oid): Footprint(frozenset(paths), moves, whole) for oid, moves, whole, paths in json.loads(kept)}


def _tip_key(onto: Oid) -> str:
    return f"{answers_of()} {onto}"


def _write(found: Mapping[Oid, InOrder], queue: Sequence[Oid]) -> bytes:
    """Return the answer as bytes: a word for each item, then how many block each of them, then which, as places."""
    place = {commit: at for at, commit in enumerate(queue)}
    items = [found[commit] for commit in queue]
    words = " ".join(f"{item.in_order}{'' if item.is_minimal else '~'}" for item in items)
    numbers = array(_NUMBER, [len(item.blocked_by) for item in items])
    for item in items:
        numbers.extend([place[commit] for commit in item.blocked_by])
    return words.encode("ascii") + b"\n" + numbers.tobytes()


def read_answer(value: bytes, queue: Sequence[Oid], trials: Mapping[Oid, TrialOutcome]) -> dict[Oid, InOrder] | None:
    """Return what `keep_answer` kept; None where it says of an item that it could not be tried, and now it could."""
    words, _, rest = value.partition(b"\n")
    numbers = array(_NUMBER)
    numbers.frombytes(rest)
    found: dict[Oid, InOrder] = {}
    end = len(queue)
    verdicts: dict[str, Verdict | None] = {_UNTRIED: None, **{str(verdict): verdict for verdict in Verdict}}
    for at, (commit, word) in enumerate(zip(queue, words.decode("ascii").split(" "), strict=True)):
        start, end = end, end + numbers[at]
        if word == _UNTRIED and isinstance(trials[commit], Trial):
            return None
        blocked_by = tuple([queue[place] for place in numbers[start:end]]) if start < end else ()
        is_minimal = word[-1:] != "~"
        verdict = verdicts[word if is_minimal else word[:-1]]
        found[commit] = InOrder(trials[commit], verdict, blocked_by, is_minimal=is_minimal)
    return found
