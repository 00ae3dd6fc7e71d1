"""Every transcript in `golden/`: the whole output of the real program, as a person sees it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import backportq
from tests.cli.program import run_typed
from tests.cli.transcript import GOLDEN, rerun

UPDATE = bool(os.environ.get("BACKPORTQ_UPDATE_GOLDEN"))  # read now: tests run in an environment of their own
TRANSCRIPTS = sorted(path.stem for path in GOLDEN.glob("*.txt"))


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_transcript_is_as_written(name: str, tmp_path: Path) -> None:
    path = GOLDEN / f"{name}.txt"
    written = path.read_text()
    again = rerun(written, tmp_path)
    if UPDATE:
        path.write_text(again)
    else:
        assert again == written


def test_transcript_that_differs_is_noticed(tmp_path: Path) -> None:
    written = "# A wrong one.\n\n$ echo one; echo two >&2; exit 3\none\n2> too\n=> 3\n"
    assert rerun(written, tmp_path) == "# A wrong one.\n\n$ echo one; echo two >&2; exit 3\none\n2> two\n=> 3\n"


def test_program_behind_a_change_of_directory_is_the_one_under_test(tmp_path: Path) -> None:
    installed = tmp_path / "bin" / "backportq"
    installed.parent.mkdir()
    # `-S`: what is installed beside the interpreter is not looked at.
    installed.write_text(f"#!{sys.executable} -S\nimport backportq\nprint(backportq.__file__)\n")
    installed.chmod(0o755)
    env = {**os.environ, "PATH": f"{installed.parent}{os.pathsep}{os.environ['PATH']}"}
    out, err, status = run_typed("cd / && backportq", cwd=tmp_path, env=env)
    assert (out.decode(), err, status) == (f"{Path(backportq.__file__).resolve()}\n", b"", 0)
