"""Files for people that were not finished, because the run was killed: the next run takes them away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from backportq.git.whole_file import remove_unfinished
from tests.cli.program import run
from tests.web.harbor import harbor, pending

_KILLED_BEFORE_THE_MOVE = """
import os, signal, sys
from pathlib import Path
from backportq.cli.main import run_process
last, moved = sys.argv[1], Path.replace
def replace(path, target):
    if path.name == f".{Path(target).name[:60]}.{os.getpid()}" and Path(target).name.endswith(last):
        os.kill(os.getpid(), signal.SIGKILL)
    return moved(path, target)
Path.replace = replace
sys.argv[:2] = ["backportq"]
run_process()
"""
HOOK = "#!/bin/sh\necho ours\n"


def _killed(last: str, *arguments: str, cwd: Path) -> None:
    command = [sys.executable, "-c", _KILLED_BEFORE_THE_MOVE, last, *arguments]
    done = subprocess.run(command, cwd=cwd, env=os.environ, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done


def _unfinished(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*.[0-9]*")]


def test_next_run_takes_away_what_a_killed_one_left(tmp_path: Path) -> None:
    repo = harbor(tmp_path / "harbor")
    hooks = repo.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "pre-push").write_text(HOOK)
    (hooks / "pre-push").chmod(0o755)
    for last, folder, *command in (
        ("index.html", tmp_path / "site", "report", "--html", str(tmp_path / "site")),
        (".eml", tmp_path / "letters", "mail", "call", "--out", str(tmp_path / "letters")),
        ("box", tmp_path, "mail", "call", "--mbox", str(tmp_path / "box")),
        ("pre-push", hooks, "hook", "install", "pre-push"),
    ):
        _killed(last, *command, cwd=repo.path)
        assert len(_unfinished(folder)) == 1, command
        if folder == hooks:
            assert os.access(hooks / "pre-push", os.X_OK)
            assert (hooks / "pre-push").read_text() == HOOK  # at no moment is a person without the hook
        again = run(*command, cwd=repo.path)
        assert again.status == 0, again.err
        assert _unfinished(folder) == [], command
        if last == ".eml":  # that letter went out; another one for the next command
            item = pending(repo, "answer None")
            assert run("assign", item, "--to", "bert", "--branch", "stable-1.1", cwd=repo.path).status == 0
    assert (hooks / "pre-push.before-backportq").read_text() == HOOK


def test_files_of_others_stay(tmp_path: Path) -> None:
    living = f".site.{os.getppid()}"
    for name in (living, ".other.999999999", ".site.999999999x", "site.999999999", ".site.999999999", ".site.9.part"):
        (tmp_path / name).touch()
    (tmp_path / ".site.999999998").mkdir()
    remove_unfinished(tmp_path, "site".__eq__)
    left = {path.name for path in tmp_path.iterdir()}
    assert left >= {living, ".other.999999999", ".site.999999999x", "site.999999999", ".site.999999998"}
    assert ".site.999999999" not in left
