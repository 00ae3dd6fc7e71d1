"""What must hold of the source as a whole: no circles, one meaning for a class name, rooms of a bearable size."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import backportq

ROOT = Path(backportq.__file__).parent
MOST_FILES = 25


def _module(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {_module(path): path for path in sorted(ROOT.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


@cache
def _imported(name: str) -> set[str]:
    """Return the modules of ours that one imports, lazily and for types too."""
    found: set[str] = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return {other for other in found if other in MODULES and other != name}


def _circle(imports: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_modules_form_no_circle() -> None:
    assert _circle({name: _imported(name) for name in MODULES}) == []


def test_what_stands_in_one_folder_forms_no_circle() -> None:
    # A package counts as a whole here: whatever of it imports whatever of another.
    circles = {}
    for folder in {name.rpartition(".")[0] for name in MODULES} - {""}:
        rooms: dict[str, set[str]] = defaultdict(set)
        for name in MODULES:
            if name.startswith(f"{folder}."):
                room = _room(name, folder)
                inside = (other for other in _imported(name) if other.startswith(f"{folder}."))
                rooms[room].update(_room(other, folder) for other in inside)
                rooms[room].discard(room)
        if circle := _circle(rooms):
            circles[folder] = circle
    assert circles == {}


def _room(name: str, folder: str) -> str:
    return name.removeprefix(f"{folder}.").partition(".")[0]


def test_a_public_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_folder_but_that_of_the_commands_holds_more_than_25_files() -> None:
    files = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    full = {str(folder.relative_to(ROOT)): count for folder, count in files.items() if count > MOST_FILES}
    full.pop("cli/commands", None)
    assert full == {}
