"""Files of published verdicts: what is written is read, and nothing else is taken."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from backportq.model.ids import BranchName, Oid
from backportq.model.trials.published import (
    MalformedVerdictsError,
    PublishedItem,
    PublishedQueue,
    format_verdicts,
    parse_verdicts,
)
from backportq.model.trials.verdict import PathConflict, Trial, TrialFailure, TrialOutcome, Verdict

_ONTO = Oid("0" * 40)
_TEXTS = some.text(max_size=8).filter(lambda text: text.encode("utf-8", "replace").decode() == text)
_PATHS = some.binary(min_size=1, max_size=6).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
_OIDS = some.integers(1, 1 << 100).map(lambda number: Oid(f"{number:040x}"))


@some.composite
def _outcomes(draw: some.DrawFn) -> TrialOutcome:
    commit = draw(_OIDS)
    verdict = draw(some.sampled_from([*Verdict, None]))
    if verdict is None:
        return TrialFailure(commit, _ONTO, draw(_TEXTS))
    mainline = draw(some.sampled_from([None, 1, 2]))
    if verdict is Verdict.CONFLICT:
        conflicts = draw(some.lists(some.builds(PathConflict, _PATHS, _TEXTS, _TEXTS), max_size=2))
        return Trial(commit, _ONTO, verdict, None, tuple(conflicts), mainline)
    return Trial(commit, _ONTO, verdict, draw(_OIDS), (), mainline)


@some.composite
def _queues(draw: some.DrawFn) -> PublishedQueue:
    items = []
    for at, alone in enumerate(draw(some.lists(_outcomes(), max_size=5))):
        places = draw(some.sets(some.integers(0, at - 1))) if at else set()
        in_order = draw(some.sampled_from([*Verdict, None]))
        items.append(PublishedItem(alone, in_order, tuple(sorted(places)), is_minimal=draw(some.booleans())))
    others = tuple(draw(some.lists(_outcomes(), max_size=2)))
    return PublishedQueue("2_39", BranchName(draw(_TEXTS)), _ONTO, "k", tuple(items), others)


@given(_queues())
def test_what_is_written_is_read(queue: PublishedQueue) -> None:
    assert parse_verdicts(format_verdicts(queue)) == queue


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=4),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(_queues(), some.data())
def test_what_is_changed_is_read_as_it_is_or_refused(queue: PublishedQueue, data: some.DataObject) -> None:
    document = json.loads(format_verdicts(queue))
    at: Any = document
    while True:
        keys = list(range(len(at))) if isinstance(at, list) else sorted(at)
        if not keys:
            break
        key = data.draw(some.sampled_from(keys))
        if not isinstance(at[key], list) or data.draw(some.booleans()):
            at[key] = data.draw(_JSON)
            break
        at = at[key]
    with contextlib.suppress(MalformedVerdictsError):
        assert parse_verdicts(format_verdicts(parse_verdicts(json.dumps(document).encode()))) is not None


@given(some.binary(max_size=40))
def test_what_is_no_document_is_refused(raw: bytes) -> None:
    with contextlib.suppress(MalformedVerdictsError):
        parse_verdicts(raw)
