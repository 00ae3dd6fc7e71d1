"""The file of learned weights: the same after reading, and bounded whatever a stranger writes into it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from backportq.errors import QueueFileError
from backportq.model.ids import BranchName, Oid
from backportq.model.likelihood.learned import LearnedModel, Proof, Score
from backportq.model.likelihood.trees import BoostedTrees
from backportq.model.likelihood.words import WordWeights
from backportq.queue.codec.learned import MAX_BYTES, read_learned, write_learned

MODEL = LearnedModel(
    1,
    ("age", "passed over"),
    Oid("ab" * 20),
    date(2026, 6, 1),
    (BranchName("stable-4.18"),),
    1234,
    WordWeights({"subject leak": 0.5, 'text "quoted\u2028': -0.25}, -1.5),
    BoostedTrees(((0, 1.5, -0.5, (1, 3.0, 0.25, 0.5, 0.4), 0.1), 0.125)),
    Proof(date(2025, 6, 1), date(2026, 5, 31), 50, 0.9, Score(0.6, 0.5, 0.7, 0.65), Score(0.4, 0.3, 0.4, 0.45)),
)


def document() -> dict[str, Any]:
    return dict(json.loads(write_learned(MODEL)))


def test_learned_file_reads_as_what_was_written() -> None:
    assert read_learned(write_learned(MODEL)) == MODEL


def test_learned_file_has_a_tree_and_a_word_a_line() -> None:
    lines = write_learned(MODEL).decode().splitlines()

    assert "[[0,1.5,0.1],-0.5,[1,3.0,0.4],0.25,0.5]," in lines
    assert '"subject leak": 0.5,' in lines


def deep(levels: int) -> list[object]:
    """A tree that only ever goes to the right."""
    return [*(part for _ in range(levels) for part in ([0, 1.0, 0.0], 0.5)), 0.25]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", 2),
        ("schema", None),
        ("version", -1),
        ("version", True),
        ("upstream", "master"),
        ("upstream", 5),
        ("learned", "yesterday"),
        ("learned", 20260601),
        ("samples", 1 << 70),
        ("samples", "many"),
        ("branches", "stable-4.18"),
        ("features", ["x" * 1000]),
        ("features", ["x"] * 501),
        ("bias", "0"),
        ("words", [1]),
        ("words", {"x" * 201: 1.0}),
        ("words", {"leak": "much"}),
        ("words", {"leak": True}),
        ("words", {"leak": 1e300}),
        ("trees", []),
        ("trees", {}),
        ("trees", [[]]),
        ("trees", [[[0, 1.0, 0.0], 0.5]]),  # ends in the middle
        ("trees", [[0.5, 0.5]]),  # goes on after its end
        ("trees", [[[2, 1.0, 0.0], 0.5, 0.5]]),  # a feature that there is not
        ("trees", [[[-1, 1.0, 0.0], 0.5, 0.5]]),
        ("trees", [[[0, 1.0], 0.5, 0.5]]),
        ("trees", [[["0", 1.0, 0.0], 0.5, 0.5]]),
        ("trees", [[[0, [1.0], 0.0], 0.5, 0.5]]),
        ("trees", [deep(61)]),
        ("trees", [deep(300)]),
        ("trees", [[0.5]] * 2001),
        ("backtest", []),
        ("backtest", {"from": "2025-01-01"}),
    ],
)
def test_anything_else_is_refused(key: str, value: object) -> None:
    with pytest.raises(QueueFileError, match=r"learned\.json: ") as caught:
        read_learned(json.dumps(document() | {key: value}).encode())
    assert "backportq suggest --learn" in caught.value.hints[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 200_000,
        b'{"schema": 1' + b"0" * 6_000 + b"}",
        b" " * (MAX_BYTES + 1),
        write_learned(MODEL)[:-40],
        write_learned(MODEL).replace(b"0.125", b"NaN"),
        write_learned(MODEL).replace(b"0.125", b"1e999"),
        b"import os",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_is_no_such_file_is_refused(raw: bytes) -> None:
    with pytest.raises(QueueFileError):
        read_learned(raw)


def test_deepest_tree_that_is_allowed_is_read() -> None:
    made = read_learned(json.dumps(document() | {"trees": [deep(60)]}).encode())

    assert made.trees.likely([5.0, 0.0]) == BoostedTrees((0.25,)).likely([])
