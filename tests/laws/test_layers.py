"""Imports go only to the left: errors, model, git or queue, services, cli; and each outside library has one home."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import backportq

ROOT = Path(backportq.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

MAY_IMPORT = {
    "__init__": set[str](),
    "__main__": {"cli"},
    "errors": set[str](),
    "model": {"errors", "model"},
    "git": {"__init__", "errors", "model", "git"},
    "queue": {"__init__", "errors", "model", "git", "queue"},
    "services": {"__init__", "errors", "model", "git", "queue", "services"},
    "web": {"__init__", "errors", "model", "git", "queue", "services", "web"},
    "cli": {"errors", "model", "git", "queue", "services", "web", "cli", "__init__"},
}
HOME_OF = {
    "pygit2": {"git"},
    "tomli": {"queue"},
    "tomllib": {"queue"},
    "tomli_w": {"cli"},
    "tomlkit": {"queue"},
    "jinja2": {"web"},
    "markupsafe": {"web"},
    "typer": {"cli"},
    "rich": {"cli"},
    "click": set[str](),
    "lightgbm": {"services"},
    "numpy": {"services"},
    "scipy": {"services"},
}


def _layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            name = node.module or ""
            yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT.parent))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_module_imports_only_from_its_left(path: Path) -> None:
    wrong = []
    for line, name in _imports(path):
        if name.split(".")[0] == "backportq":
            part = name.split(".")[1]
            layer = part if (ROOT / part).is_dir() or (ROOT / f"{part}.py").is_file() else "__init__"
            if layer not in MAY_IMPORT[_layer(path)]:
                wrong.append(f"{_name(path)}:{line}: {name}")
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_module_imports_libraries_only_at_their_home(path: Path) -> None:
    wrong = [
        f"{_name(path)}:{line}: {name}"
        for line, name in _imports(path)
        if _layer(path) not in HOME_OF.get(name.split(".")[0], {_layer(path)})
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in MODULES if _layer(path) == "model"], ids=_name)
def test_model_does_no_input_or_output(path: Path) -> None:
    doing = {"os", "io", "subprocess", "socket", "sqlite3", "time", "sys", "shutil", "tempfile", "random"}
    imported = ((line, name) for line, name in _imports(path) if name != "sys.version_info")
    assert [f"{_name(path)}:{line}: {name}" for line, name in imported if name.split(".")[0] in doing] == []
    # A path may be a value; touching the file behind it is what this layer must not do.
    touching = r"|\.(?:read|write)_(?:text|bytes)\(|\.(?:exists|is_file|is_dir|stat|iterdir|resolve)\("
    assert re.findall(r"\bopen\(|\.now\(|\.today\(|\bprint\(|\binput\(" + touching, path.read_text()) == []


@pytest.mark.parametrize("path", [path for path in MODULES if _layer(path) != "cli"], ids=_name)
def test_library_knows_no_terminal(path: Path) -> None:
    # git shows its own progress and asks for passwords, if a person is there: asking that is all that is allowed.
    text = re.sub(r"sys\.(\w+) is not None and sys\.\1\.isatty\(\)", "", path.read_text())
    assert re.findall(r"\bprint\(|\binput\(|sys\.(?:stdout|stderr|stdin|exit|argv)\b", text) == []


@pytest.mark.parametrize("path", [path for path in MODULES if _layer(path) not in ("git", "cli")], ids=_name)
def test_git_is_started_only_by_the_git_package(path: Path) -> None:
    assert [f"{_name(path)}:{line}" for line, name in _imports(path) if name.split(".")[0] == "subprocess"] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__init__.py"], ids=_name)
def test_module_has_a_docstring_and_a_bearable_length(path: Path) -> None:
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), f"{_name(path)} lacks a docstring"
    assert text.count("\n") <= 400


_WRITERS = {"reference.py", "manual_page.py", "completion.py"}  # of documents, not of what the program says
_PRINTERS = {"output.py", "table.py", "pager.py", "progress.py", "boundary.py", "main.py", "completing.py", *_WRITERS}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if _layer(path) == "cli" and path.name not in _PRINTERS], ids=_name
)
def test_command_line_prints_only_through_output(path: Path) -> None:
    """What goes round `output` is not cleaned, and what a stranger wrote would reach the terminal as it is."""
    direct = r"\bprint\(|sys\.std(?:out|err)|\becho\(|\\x1b|\\033|\[(?:bold|red|green)\]"
    if path.parent.name != "board":  # Textual draws there what was cleaned before
        direct += r"|from rich\.(?!cells)"
    assert re.findall(direct, path.read_text()) == []
