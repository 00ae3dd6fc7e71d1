"""The file of learned weights on the queue branch: JSON that only the program writes, a tree and a word a line.

- Everything is bounded: the size of the file, the number and depth of trees, the number of words.
- A split is `[feature, limit, mean]`, followed by what lies below the limit and then by what lies beyond; a leaf is a
  number. So a tree has no references that could run in circles.
- Numbers are finite, and nothing in it is ever run.

This module must not know what the numbers mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from math import isfinite
from typing import Any, NoReturn

from backportq.errors import QueueFileError
from backportq.model.ids import BranchName, Oid, is_oid
from backportq.model.likelihood.learned import LearnedModel, Proof, Score
from backportq.model.likelihood.trees import BoostedTrees, Node
from backportq.model.likelihood.words import WordWeights
from backportq.queue.codec.paths import LEARNED_FILE

MAX_BYTES = 8 << 20
SCHEMA = 1

_MAX_TREES = 2_000
_MAX_NODES = 511
_MAX_DEPTH = 60
_MAX_WORDS = 50_000
_MAX_NAMES = 500
_MAX_TEXT = 200
_SCORES = ("average_precision", "recall_at_precision", "weekly_top", "before_session")


def write_learned(model: LearnedModel) -> bytes:
    """Return the file's bytes."""
    head = {
        "schema": SCHEMA,
        "version": model.version,
        "upstream": model.upstream,
        "learned": model.learned.isoformat(),
        "branches": list(model.branches),
        "samples": model.samples,
        "backtest": None if model.proof is None else _proof_document(model.proof),
        "features": list(model.features),
        "bias": model.words.bias,
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    words = ",\n".join(f"{json.dumps(word)}: {weight!r}" for word, weight in model.words.weights.items())
    trees = ",\n".join(json.dumps(list(_written(root)), separators=(",", ":")) for root in model.trees.roots)
    return ("{\n" + ",\n".join([*lines, f'"words": {{\n{words}\n}}', f'"trees": [\n{trees}\n]']) + "\n}\n").encode()


def read_learned(raw: bytes) -> LearnedModel:
    """Return what the file says; raise `QueueFileError` where it is anything but what `write_learned` makes."""
    if len(raw) > MAX_BYTES:
        _refuse(f"wanted at most {MAX_BYTES >> 20} MiB, found {len(raw) >> 20}")
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=lambda text: _refuse(f"found '{text}'"))
    except (ValueError, RecursionError) as error:
        raise _error("it is no JSON") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        _refuse(f"wanted schema {SCHEMA}")
    names = _names(document, "features")
    words = document.get("words")
    if not isinstance(words, dict) or len(words) > _MAX_WORDS or any(len(word) > _MAX_TEXT for word in words):
        _refuse(f"wanted at most {_MAX_WORDS} words")
    trees = document.get("trees")
    if not isinstance(trees, list) or not 0 < len(trees) <= _MAX_TREES:
        _refuse(f"wanted 1 to {_MAX_TREES} trees")
    upstream = document.get("upstream")
    if not isinstance(upstream, str) or not is_oid(upstream):
        _refuse("key 'upstream' is no commit id")
    return LearnedModel(
        _whole(document, "version"),
        names,
        Oid(upstream),
        _day(document, "learned"),
        tuple(BranchName(name) for name in _names(document, "branches")),
        _whole(document, "samples"),
        WordWeights({word: _number(weight) for word, weight in words.items()}, _number(document.get("bias"))),
        BoostedTrees(tuple(_tree(nodes, len(names)) for nodes in trees)),
        None if document.get("backtest") is None else _proof(document["backtest"]),
    )


def _written(node: Node) -> Iterator[object]:
    if isinstance(node, tuple):
        index, limit, low, high, mean = node
        yield [index, limit, mean]
        yield from _written(low)
        yield from _written(high)
    else:
        yield node


def _tree(nodes: object, features: int) -> Node:
    if not isinstance(nodes, list) or len(nodes) > _MAX_NODES:
        _refuse(f"wanted trees of at most {_MAX_NODES} nodes")
    rest = iter(nodes)
    root = _node(rest, features, 0)
    if next(rest, None) is not None:
        _refuse("a tree goes on after its end")
    return root


def _node(rest: Iterator[object], features: int, depth: int) -> Node:
    node = next(rest, None)
    if not isinstance(node, list):
        return _number(node)
    if len(node) != 3 or not isinstance(node[0], int) or not 0 <= node[0] < features or depth >= _MAX_DEPTH:
        _refuse("a split is not [feature, limit, mean]")
    limit, mean = _number(node[1]), _number(node[2])
    low = _node(rest, features, depth + 1)
    return (node[0], limit, low, _node(rest, features, depth + 1), mean)


def _proof_document(proof: Proof) -> Mapping[str, object]:
    return {
        "from": proof.begin.isoformat(),
        "to": proof.end.isoformat(),
        "landed": proof.landed,
        "ceiling": round(proof.ceiling, 4),
        **{
            name: {key: round(getattr(score, key), 4) for key in _SCORES}
            for name, score in (("model", proof.model), ("rules", proof.rules))
        },
    }


def _proof(document: object) -> Proof:
    if not isinstance(document, dict):
        _refuse("key 'backtest' is no table")
    return Proof(
        _day(document, "from"),
        _day(document, "to"),
        _whole(document, "landed"),
        _number(document.get("ceiling")),
        _score(document.get("model")),
        _score(document.get("rules")),
    )


def _score(document: object) -> Score:
    if not isinstance(document, dict):
        _refuse("key 'backtest' lacks a score")
    return Score(*(_number(document.get(key)) for key in _SCORES))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e15 or not isfinite(value):
        _refuse("wanted a number")
    return float(value)


def _whole(document: Mapping[str, Any], key: str) -> int:
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 40:
        _refuse(f"key '{key}' is no whole number")
    return value


def _day(document: Mapping[str, Any], key: str) -> date:
    try:
        return date.fromisoformat(document.get(key))  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise _error(f"key '{key}' is no day") from error


def _names(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = document.get(key)
    if not isinstance(names, list) or len(names) > _MAX_NAMES:
        _refuse(f"key '{key}' is no list of names")
    if not all(isinstance(name, str) and len(name) <= _MAX_TEXT for name in names):
        _refuse(f"key '{key}' is no list of names")
    return tuple(names)


def _refuse(text: str) -> NoReturn:
    raise _error(text)


def _error(text: str) -> QueueFileError:
    return QueueFileError(f"{LEARNED_FILE}: {text}", hints=("backportq suggest --learn writes it anew",))
