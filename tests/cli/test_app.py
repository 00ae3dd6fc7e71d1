"""The table of verbs: it agrees with the files, and asking for help costs no imports."""

from __future__ import annotations

import inspect
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import backportq.cli.commands
from backportq.cli import app
from backportq.cli.help import describe
from backportq.errors import UsageError
from backportq.model.items.query import parse_query
from tests.cli.program import PROGRAM

FILES = {path.stem for path in Path(backportq.cli.commands.__path__[0]).glob("*.py")} - {"__init__"}


def test_verbs_each_file_has_a_row() -> None:
    assert {verb.module for verb in app.available()} == FILES


def test_verbs_names_are_unique_and_summaries_fit_80_columns() -> None:
    names = [verb.name for verb in app.VERBS]
    assert sorted(set(names)) == sorted(names)
    longest = max(map(len, names))
    assert [verb.name for verb in app.VERBS if 3 + longest + 3 + len(verb.summary) > 79] == []


@pytest.mark.parametrize("verb", app.available(), ids=lambda verb: verb.name)
def test_verb_file_has_a_documented_run(verb: app.Verb) -> None:
    run = app.implementation(verb)
    first = (inspect.getdoc(run) or "").split("\n", 1)[0]
    assert first.endswith(".")
    assert app.load(verb).name == verb.name


def test_verbs_answer_in_json_unless_they_only_talk_to_a_person() -> None:
    without = [
        verb.name
        for verb in app.available()
        if "--json" not in [name for param in app.load(verb).params for name in param.opts]
    ]
    assert set(without) <= {"edit", "board", "hook"}


@pytest.mark.parametrize("verb", app.available(), ids=lambda verb: verb.name)
def test_verb_options_are_all_explained(verb: app.Verb) -> None:
    description = describe(app.load(verb), verb.name)
    assert [said.spelling for said in (*description.arguments, *description.options) if not said.text] == []


def test_pending_help_has_every_word_of_a_query() -> None:
    with pytest.raises(UsageError) as refused:
        parse_query("nothing")
    known = refused.value.hints[-1].removeprefix("known are ")
    (pending,) = [verb for verb in app.available() if verb.name == "pending"]
    said = " ".join(describe(app.load(pending), "pending").paragraphs).partition("A query is ")[2]
    assert set(re.findall("[a-z]+", known)) - set(re.findall("[a-z]+", said)) == set()


def _imported_by(*arguments: str) -> set[str]:
    script = "import sys; from backportq.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_imports_no_verb_and_nothing_heavy() -> None:
    imported = _imported_by("--help")
    assert "backportq.cli.app" in imported
    heavy = (
        "typer",
        "rich",
        "pygit2",
        "tomli",
        "tomlkit",
        "subprocess",
        "backportq.cli.commands.",
        "backportq.services",
    )
    assert [name for name in sorted(imported) if name.startswith(heavy)] == []


def test_verb_help_imports_only_its_own_verb() -> None:
    imported = {name for name in _imported_by("path", "-h") if name.startswith("backportq.cli.commands.")}
    assert imported == {"backportq.cli.commands.path"}


@pytest.mark.parametrize("verb", app.available(), ids=lambda verb: verb.name)
def test_verb_module_imports_nothing_heavy(verb: app.Verb) -> None:
    imported = _imported_by(verb.name, "-h")
    assert f"backportq.cli.commands.{verb.module}" in imported
    assert [name for name in sorted(imported) if name.split(".")[0] in ("rich", "pygit2", "tomli", "tomlkit")] == []


def test_status_loads_no_trial_engine() -> None:
    imported = _imported_by("status", "-h")
    assert [name for name in sorted(imported) if name.startswith("backportq.git.trials")] == []


def test_help_takes_less_than_150_milliseconds() -> None:
    spent = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([PROGRAM, "--help"], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 0.15  # of processor time: it waits for nothing, and other tests may have the processor
