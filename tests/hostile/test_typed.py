"""What is printed to be typed is quoted for the shell: a name of a stranger's branch runs nothing when it is copied."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.words import typed
from tests.cli.program import run
from tests.driver import TestRepo

_NAME = "v1;touch${IFS}X"
_COMMAND = re.compile(r"(?:^hint: |^ +(?:backportq: +|plain git: +)?)((?:backportq|git|cd|rm|--\w+) .*)", re.MULTILINE)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_typed_word_is_one_word_for_a_shell(text: str) -> None:
    assert shlex.split(typed(text)) == [text]


def _commands(text: str) -> list[str]:
    return [line for line in _COMMAND.findall(text) if "touch" in line]


@pytest.fixture
def hostile(tmp_path: Path) -> tuple[TestRepo, str]:
    repo = TestRepo.create(tmp_path / "a;touch b")
    bug = repo.commit("add the thing", {"file": "1\n2\n3\n", "other": "1\n"})
    repo.git("branch", _NAME)
    repo.git("branch", f"{_NAME}-9.9")
    repo.commit("change it", {"file": "1\n2 changed\n3\n"})
    fix = repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"file": "1\n2 fixed\n3\n"})
    repo.commit(f'fix the other\n\nFixes: {bug[:12]} ("add the thing")\n', {"other": "2\n"})
    return repo, fix


def test_every_command_that_is_shown_quotes_the_branch(hostile: tuple[TestRepo, str]) -> None:
    repo, fix = hostile
    shown: list[str] = []

    def ran(*words: str) -> None:
        done = run(*words, cwd=repo.path)
        assert done.status in (0, 1, 2, 3, 4), (words, done)
        assert "internal error" not in done.err, done.err
        shown.extend(_commands(done.out + done.err))

    ran("init", "--branch", _NAME)
    for words in (
        ("scan",), ("pending",), ("show", fix), ("explain", fix, _NAME), ("need", fix, "--from-explain", "-b", _NAME),
        ("people", "add", "me"), ("mail", "call", "--mbox", "-"), ("mail", "help", "--mbox", "-"), ("check", _NAME),
        ("pick", fix, "--branch", _NAME), ("pick", "--status"), ("pick", "--continue"), ("pick", "--skip"),
        ("pick", fix, "--branch", _NAME, "--print"), ("pick", fix, "--branch", _NAME), ("pick", "--abort"),
        ("apply", _NAME), ("apply", _NAME, "--push-as", _NAME), ("apply", _NAME, "--push", "nowhere;touch x"),
        ("tag", _NAME), ("tag", fix, "--branch", f"{_NAME}-9.9"), ("decline", fix, "-m", "no; touch x"),
        ("note", fix, "-m", "x"), ("edit", f"{_NAME}-9.9"), ("edit", "--resume", _NAME), ("edit", "--closed", _NAME),
        ("undo",), ("take", fix), ("landed", _NAME), ("-C", "no;touch x", "scan"), ("scan", "--fetch"), ("sync",),
    ):  # fmt: skip
        ran(*words)
    repo.git("checkout", "-q", "backportq")
    ran("note", fix, "-m", "x")
    repo.git("checkout", "-q", "master")
    repo.ref_lock("backportq").touch()
    ran("note", fix, "-m", "y")
    assert len(shown) > 15
    for line in shown:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        assert not {";", "&", "|"} & set(lexer), line
