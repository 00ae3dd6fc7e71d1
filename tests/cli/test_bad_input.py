"""Surroundings that a transcript cannot make: another git or none, no identity, no permission, terminals, signals."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from backportq.cli.terminal.table import width_of
from backportq.errors import ExitCode
from fixtures.build import build
from tests.cli.program import PROGRAM, Ran, run
from tests.cli.pseudo_terminal import shown

IDENTITY = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with a queue; not to be changed."""
    path = tmp_path_factory.mktemp("scanned") / "demo"
    build("demo", path)
    assert run("init", cwd=path).status == 0
    assert run("scan", cwd=path).status == 0
    return path


def _state(repository: Path) -> str:
    """Everything that no failed command may change: refs and the objects that they reach."""
    refs = subprocess.run(["git", "for-each-ref"], cwd=repository, capture_output=True, text=True, check=True).stdout
    subprocess.run(["git", "fsck", "--strict", "--full"], cwd=repository, capture_output=True, check=True)
    return refs


def _fake_git(folder: Path, says: str) -> str:
    folder.mkdir()
    script = folder / "git"
    script.write_text(f"#!/bin/sh\necho '{says}'\n")
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_git_missing_is_said(scanned: Path, tmp_path: Path) -> None:
    assert run("pending", cwd=scanned, env={"PATH": str(tmp_path)}) == Ran(
        "", "error: 'git' was not found on PATH\nhint: install git 2.39 or newer\n", 3
    )


def test_git_too_old_is_said(scanned: Path, tmp_path: Path) -> None:
    path = _fake_git(tmp_path / "old", "git version 2.30.2")
    assert run("pending", cwd=scanned, env={"PATH": path}) == Ran(
        "",
        """\
error: git 2.39 or newer is needed, found git 2.30.2
hint: install a newer git, for example from your distribution's backports
""",
        3,
    )


def test_git_that_names_no_version_is_said(scanned: Path, tmp_path: Path) -> None:
    path = _fake_git(tmp_path / "odd", "no such thing")
    assert run("pending", cwd=scanned, env={"PATH": path}) == Ran(
        "", "error: 'git version' says 'no such thing', which names no version\n", 3
    )


def test_identity_missing_is_asked_for_only_by_decisions(scanned: Path) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    before = _state(scanned)
    commit = _commit(scanned, "pilot: serve")
    # A machine may make up an identity from its own name; forbidding that is what `user.useConfigOnly` is for.
    env |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"}

    def without(*arguments: str) -> Ran:
        done = subprocess.run([PROGRAM, *arguments], cwd=scanned, env=env, capture_output=True, text=True)
        return Ran(done.stdout, done.stderr, done.returncode)

    assert without("pending").status == 0
    assert without("decline", commit, "-m", "no") == Ran(
        "",
        """\
error: git does not know who you are, and a decision is recorded with a name
hint: git config --global user.name "Your Name"
hint: git config --global user.email you@example.org
""",
        3,
    )
    assert _state(scanned) == before


def _commit(repository: Path, subject: str) -> str:
    done = subprocess.run(
        ["git", "rev-parse", f":/^{subject}"], cwd=repository, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


# Root may write everywhere; without these capabilities it is held to the permissions of the files, as others are.
_BOUND = [] if os.geteuid() != 0 else ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner", "--"]


@pytest.mark.skipif(bool(_BOUND) and shutil.which("setpriv") is None, reason="root is bound by permissions only so")
def test_repository_without_write_permission_can_be_read_and_says_why_not_written(tmp_path: Path) -> None:
    path = tmp_path / "demo"
    build("demo", path)
    assert run("init", cwd=path).status == 0
    assert run("scan", cwd=path).status == 0
    expected = run("pending", cwd=path)
    commit = _commit(path, "pilot: serve")
    before = _state(path)
    _make_writable(path, writable=False)

    def bound(*arguments: str) -> Ran:
        done = subprocess.run([*_BOUND, PROGRAM, *arguments], cwd=path, capture_output=True, text=True)
        return Ran(done.stdout, done.stderr, done.returncode)

    try:
        assert bound("pending") == expected
        assert bound("scan").status == 0  # nothing is new
        refused = bound("decline", commit, "-m", "no")
    finally:
        _make_writable(path, writable=True)
    assert refused == Ran(
        "",
        f"""\
error: the queue could not be written and is as it was: 'git unpack-objects' failed: insufficient permission for \
adding an object to repository database {path}/.git/objects
  fatal: failed to write object
hint: get write access to the repository, or keep the queue elsewhere: git config backportq.repository PATH
""",
        3,
    )
    assert _state(path) == before


def _make_writable(path: Path, *, writable: bool) -> None:
    for entry in (path, *path.rglob("*")):
        mode = entry.stat().st_mode
        entry.chmod(mode | 0o200 if writable else mode & ~0o222)


def _terminal_environment(columns: int, env: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "GIT_PAGER": "cat", **env}


def _on_terminal(cwd: Path, columns: int, *arguments: str, only: dict[str, str] | None = None, **env: str) -> str:
    """Return what `backportq ARGUMENTS` shows on a terminal of so many columns; `only` is its whole environment."""
    return shown(cwd, arguments, only or _terminal_environment(columns, env))[0]


_PAINT = re.compile(r"\x1b\[[\d;]*m")


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("command", [("pending",), ("status",), ("scan",), ("landed", "stable-1.2")], ids=" ".join)
def test_tables_on_a_terminal_fit_it(scanned: Path, columns: int, command: tuple[str, ...]) -> None:
    shown = _on_terminal(scanned, columns, *command)
    assert "\x1b[" in shown
    table_like = [line for line in _PAINT.sub("", shown).split("\n") if re.search(r"\S  +\S", line)]
    assert [line for line in table_like if width_of(line) > columns] == []


def test_error_on_a_terminal_is_folded_and_its_hints_are_not(scanned: Path) -> None:
    assert _on_terminal(scanned, 40, "landed", "stabel-1.2", NO_COLOR="1").split("hint: ")[:2] == [
        "error: 'stabel-1.2' is not a configured\n  stable branch\n",
        "did you mean 'stable-1.2' or 'stable-1.1' or 'stable-1.0'?\n",
    ]


def test_terminal_without_wish_for_color_gets_none(scanned: Path) -> None:
    plain = _on_terminal(scanned, 80, "pending", NO_COLOR="1")
    assert "\x1b" not in plain
    assert _on_terminal(scanned, 80, "--no-color", "pending") == plain
    assert _on_terminal(scanned, 80, "pending", TERM="dumb") == plain
    assert _PAINT.sub("", _on_terminal(scanned, 80, "pending")) == plain


def test_terminal_output_goes_through_the_pager_warnings_too(scanned: Path) -> None:
    plain = _on_terminal(scanned, 80, "--no-pager", "pending", "--all")
    paged = _on_terminal(scanned, 80, "pending", "--all", GIT_PAGER="sed 's/^/> /'")
    assert paged == "".join(f"> {line}\n" for line in plain.splitlines())
    assert _on_terminal(scanned, 80, "pending", "--all", GIT_PAGER="cat") == plain
    assert _on_terminal(scanned, 80, "--no-pager", "pending", "--all", GIT_PAGER="sed 's/^/> /'") == plain
    assert _on_terminal(scanned, 80, "path", GIT_PAGER="sed 's/^/> /'") == _on_terminal(scanned, 80, "path")
    document = _on_terminal(scanned, 80, "status", "--json", GIT_PAGER="sed 's/^/> /'")
    assert document.startswith('{"schema":1,')


def test_terminal_pager_is_never_taken_from_the_repository(tmp_path: Path) -> None:
    path = tmp_path / "demo"
    build("demo", path)
    assert run("init", cwd=path).status == 0
    subprocess.run(["git", "config", "core.pager", f"touch '{tmp_path}/owned'; cat"], cwd=path, check=True)
    environment = _terminal_environment(80, {"PAGER": "sed 's/^/> /'"})
    del environment["GIT_PAGER"]
    assert _on_terminal(path, 80, "status", only=environment).startswith("> ")
    assert not (tmp_path / "owned").exists()


def test_terminal_pager_left_early_is_enough(scanned: Path) -> None:
    shown = _on_terminal(scanned, 80, "pending", "--all", GIT_PAGER="sed 1q; sleep 0.1; echo left")
    assert shown.splitlines()[1:] == ["left"]


def test_output_closed_early_ends_quietly(tmp_path: Path) -> None:
    path = tmp_path / "thousand"
    build("thousand", path)
    assert run("init", cwd=path).status == 0
    assert run("scan", cwd=path).status == 0
    done = subprocess.run(
        ["sh", "-c", f"('{PROGRAM}' pending; echo $? >&2) | head -n 1"], cwd=path, capture_output=True, text=True
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr in ("0\n", f"{128 + signal.SIGPIPE}\n")  # a short list fits into the pipe


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_interrupt_during_a_scan_leaves_everything_as_it_was(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "thousand"
    build("thousand", path)
    assert run("init", cwd=path).status == 0
    before = _state(path)
    scan = subprocess.Popen(
        [PROGRAM, "scan"], cwd=path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True
    )
    _wait_for_a_child(scan.pid)
    time.sleep(delay)
    os.killpg(scan.pid, signal.SIGINT)  # as a terminal does: to the children as well
    out, err = scan.communicate(timeout=20)
    state = _state(path)
    if out:  # it had done its work; the interpreter may have been hit while it was closing
        assert scan.returncode in (0, ExitCode.INTERRUPTED, -signal.SIGINT)
    else:
        assert (err, scan.returncode) == ("", 130)
    assert run("scan", cwd=path).status == 0
    after = _state(path)
    assert state in (before, after)  # nothing between: the clock stands still, so the whole scan has one result
    assert after != before


def test_list_terminated_during_trials_leaves_no_word_no_children_and_no_temporary_files(tmp_path: Path) -> None:
    path = tmp_path / "thousand"
    build("thousand", path)
    assert run("init", cwd=path).status == 0
    assert run("scan", cwd=path).status == 0
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for delay in (0.02, 0.1, 0.3):  # each goes on where the one before was ended
        pending = subprocess.Popen(
            [PROGRAM, "pending", "--json"], cwd=path, env={**os.environ, "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        _wait_for_a_child(pending.pid)
        time.sleep(delay)
        pending.terminate()
        out, err = pending.communicate(timeout=20)
        # Ended before, unwound, or hit while the interpreter was closing, when there is nothing left to unwind.
        assert pending.returncode in (0, 128 + signal.SIGTERM, -signal.SIGTERM)
        assert err == b""
        assert bool(out) == (pending.returncode == 0)
        deadline = time.monotonic() + 5
        while _alive(pending.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _alive(pending.pid)
        assert list(temporary.iterdir()) == []


def _wait_for_a_child(pid: int) -> None:
    """Wait until the process has started its first git, so that a signal meets the program and not the interpreter."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and children.exists() and not children.read_text():
        time.sleep(0.001)


def _alive(session: int) -> bool:
    """Tell whether any process of the session is still there."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[3] == str(session) and fields[0] != "Z":
            return True
    return False
