"""Names say what a thing is: no variable or parameter is called `one` or `its`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import backportq

PACKAGE = Path(backportq.__file__).parent
PRONOUNS = frozenset({"one", "its"})


def _bound(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


def test_no_name_is_a_pronoun() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, name in _bound(ast.parse(path.read_text()))
        if name in PRONOUNS
    ]
    assert found == []
