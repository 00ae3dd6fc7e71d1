"""Names say what a thing is: in the rooms listed here no variable or parameter is called `one` or `its`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import backportq

PACKAGE = Path(backportq.__file__).parent
PRONOUNS = frozenset({"one", "its"})

ROOMS = (
    "cli/docs",
    "cli/terminal",
    "git/read",
    "model/assignment",
    "model/history",
    "model/likelihood",
    "model/lint",
    "model/people",
    "model/picks",
    "model/reports",
    "queue/toml",
    "services/lint",
    "services/mail",
    "services/people",
    "services/picks",
    "services/reports",
)
"""Rooms without such names; the list only grows."""


def _bound(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


@pytest.mark.parametrize("room", ROOMS)
def test_room_binds_no_pronoun(room: str) -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in sorted((PACKAGE / room).glob("*.py"))
        for line, name in _bound(ast.parse(path.read_text()))
        if name in PRONOUNS
    ]
    assert found == []
