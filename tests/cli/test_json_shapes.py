"""The JSON that `docs/design.md` promises to scripts, held against what each command says of every scenario.

The page itself is parsed, so that neither the program nor the page can change alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from backportq.cli.main import main
from backportq.services.suggest import boosting
from fixtures.build import build, scenarios
from tests.driver import TestRepo
from tests.services.suggest.habits import Habit

_PAGE = Path(__file__).parents[2] / "docs" / "design.md"
_TOKEN = re.compile(r'\s*("[^"]*"|\|null|[\[\]{}:,]|…|[a-z0-9]+)')
_ID = re.compile(r"[0-9a-f]{40}\Z")


@dataclass(frozen=True)
class Shape:
    """What a value must be: `kind` is object, list, words, number, bool, id, text or any."""

    kind: str
    is_nullable: bool = False
    members: tuple[tuple[str, Shape], ...] = ()
    words: tuple[str, ...] = ()

    def faults(self, value: object, where: str) -> Iterator[str]:
        """Yield what is wrong with `value`."""
        if value is None:
            if not self.is_nullable:
                yield f"{where} is null"
        elif self.kind == "object":
            if not isinstance(value, dict):
                yield f"{where} is no object: {value!r}"
                return
            for key, shape in self.members:
                if key in value:
                    yield from shape.faults(value[key], f"{where}.{key}")
                else:
                    yield f"{where}.{key} is missing"
        elif self.kind == "list":
            if not isinstance(value, list):
                yield f"{where} is no list: {value!r}"
                return
            for position, one in enumerate(value):
                yield from self.members[0][1].faults(one, f"{where}[{position}]")
        elif not _is(self, value):
            yield f"{where} is {value!r}, wanted {' or '.join(self.words) or self.kind}"


def _is(shape: Shape, value: object) -> bool:
    match shape.kind:
        case "words":
            return value in shape.words
        case "bool":
            return isinstance(value, bool)
        case "id":
            return isinstance(value, str) and _ID.match(value) is not None
        case "text":
            return isinstance(value, str)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "1":
            return value == 1
        case _:
            return shape.kind == "any"


class _Reader:
    """Reads one shape as the page writes it."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def read(self) -> Shape:
        token = self._next()
        if token == "{":
            return self._nullable(Shape("object", members=tuple(self._members())))
        if token == "[":
            inner = self.read()
            assert self._next() == "]"
            return self._nullable(Shape("list", members=(("", inner),)))
        if token.startswith('"'):
            return self._nullable(Shape("words", words=tuple(token.strip('"').split("|"))))
        return Shape({"…": "any", "oid": "id"}.get(token, token))

    def _members(self) -> Iterator[tuple[str, Shape]]:
        while (token := self._next()) != "}":
            if token in (",", "…"):
                continue
            shape = self._nullable(Shape("any"))
            if self._tokens[self._at] == ":":
                self._at += 1
                shape = self.read()
            yield token.strip('"'), shape

    def _nullable(self, shape: Shape) -> Shape:
        if self._at < len(self._tokens) and self._tokens[self._at] == "|null":
            self._at += 1
            return replace(shape, is_nullable=True)
        return shape

    def _next(self) -> str:
        self._at += 1
        return str(self._tokens[self._at - 1])


def _shapes() -> dict[str, Shape]:
    block = _PAGE.read_text().partition("JSON that scripts rely on")[2].split("```")[1]
    written = re.split(r"^([a-z]+(?: --[a-z]+)?) +(?=\{)", block, flags=re.MULTILINE)[1:]
    return {name: _Reader(text).read() for name, text in zip(written[::2], written[1::2], strict=True)}


SHAPES = _shapes()


def test_page_is_read_whole() -> None:
    assert list(SHAPES) == [
        "init",
        "scan",
        "pending",
        "try",
        "landed",
        "show",
        "report",
        "suggest",
        "suggest --learn",
        "mine",
        "check",
        "lint",
        "backtest",
        "explain",
        "sync",
    ]
    conflict = Shape("object", members=(("path", Shape("any")), ("kind", Shape("any"))))
    assert dict(dict(SHAPES["try"].members)["trials"].members[0][1].members)["conflicts"] == Shape(
        "list", members=(("", conflict),)
    )


def test_shape_that_does_not_fit_is_noticed() -> None:
    document = {
        "schema": 1,
        "trials": [{"commit": "x", "onto": "y", "mainline": None, "verdict": "clean", "conflicts": None}],
    }
    assert list(SHAPES["try"].faults(document, "")) == [
        ".trials[0].tree is missing",
        ".trials[0].conflicts is null",
        ".errors is missing",
    ]


@pytest.mark.parametrize("name", scenarios())
def test_documents_have_the_promised_shape(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    if name == "thousand":
        pytest.skip("the same as the others, a thousand times")
    build(name, tmp_path)

    def ask(*arguments: str) -> Any:
        status = main(["-C", str(tmp_path), *arguments, "--json"])
        said = capfd.readouterr()
        assert status in (0, 1), said.err
        document = json.loads(said.out)
        shape = SHAPES.get(arguments[0])
        assert shape is None or list(shape.faults(document, "")) == []
        return document

    ask("init")
    branches = [one["branch"] for one in ask("scan")["branches"]]
    items = ask("pending")["items"]
    ask("report")
    ask("lint", "HEAD", "--strict")
    for branch in branches:
        ask("landed", branch)
        ask("check", branch)
    of_each_verdict = {(one["trial"] or {}).get("verdict"): one for one in items}
    for item in of_each_verdict.values():
        ask("show", item["commit"])
        ask("try", item["commit"], "--onto", item["branch"])
        ask("explain", item["commit"], item["branch"])


def test_what_was_learned_and_ones_own_tasks_have_the_promised_shape(
    repo: TestRepo, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boosting, "_TREES", 20)  # of so small a past a few are as good
    habit = Habit(repo)
    habit.grow(days=918)

    def ask(*arguments: str, shape: str | None = None) -> Any:
        assert main(["-C", str(repo.path), *arguments, *(["--json"] if shape else [])]) == 0
        said = capfd.readouterr().out
        if shape is None:
            return said
        document = json.loads(said)
        assert list(SHAPES[shape].faults(document, "")) == []
        return document

    ask("init", "-b", "stable-1", "-b", "stable-2")
    assert ask("suggest", "--learn", shape="suggest --learn")["learned"]["is_used"] is True
    assert ask("suggest", shape="suggest")["suggestions"] != []
    ask("people", "add", "Test Person <test@example.org>")
    ask("tag", habit.leaks[-1], "stable-2")
    ask("assign", habit.leaks[-1], "--to", "test")
    assert ask("mine", "test", shape="mine")["items"] != []
