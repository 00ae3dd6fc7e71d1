"""The error boundary: every way for a command to end has its exit code and its words."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
import typer

from backportq import __version__
from backportq.cli import app
from backportq.cli.main import main
from backportq.cli.terminal import output
from backportq.errors import BackportqError, ConflictError, ExitCode, RefError
from backportq.model.priority import Priority
from tests.cli.program import PROGRAM, Ran, run
from tests.driver import TestRepo

VERB = app.Verb("probe", "test", "a verb of the tests")

Probe = Callable[..., Ran]


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Probe:
    """Runs `backportq probe ARGUMENTS` in this process, with a function as the verb."""

    def start(function: Callable[..., object], *arguments: str) -> Ran:
        monkeypatch.setattr(app, "available", lambda: (VERB,))
        monkeypatch.setattr(app, "implementation", lambda _verb: function)
        monkeypatch.setattr(sys, "argv", ["/usr/bin/backportq"])
        status = main(["probe", *arguments])
        sys.stdout.flush()
        said = capfd.readouterr()
        return Ran(said.out, said.err, status)

    return start


def _raise(problem: BaseException) -> Callable[[], None]:
    def fail() -> None:
        output.say("before")
        raise problem

    return fail


def test_main_verb_returns_nothing_is_done(probe: Probe) -> None:
    assert probe(lambda: output.say("done")) == Ran("done\n", "", 0)


def test_main_verb_returns_no_is_1(probe: Probe) -> None:
    assert probe(lambda: ExitCode.NO) == Ran("", "", 1)


def test_main_failure_shows_message_and_hints(probe: Probe) -> None:
    failure = RefError("no branch 'stabel'", hints=("did you mean 'stable'?", "backportq status"))
    assert probe(_raise(failure)) == Ran(
        "before\n", "error: no branch 'stabel'\nhint: did you mean 'stable'?\nhint: backportq status\n", 3
    )


def test_main_conflict_is_4(probe: Probe) -> None:
    assert probe(_raise(ConflictError("1 path conflicts"))) == Ran("before\n", "error: 1 path conflicts\n", 4)


def test_main_failure_with_escapes_and_lines_cannot_forge_a_message(probe: Probe) -> None:
    failure = BackportqError("git says \x1b[2J\nhint: rm -rf /\n\n")
    assert probe(_raise(failure)) == Ran("before\n", "error: git says \\x1b[2J\n  hint: rm -rf /\n\n\n", 3)


def test_main_interrupt_is_130_and_silent(probe: Probe) -> None:
    assert probe(_raise(KeyboardInterrupt())) == Ran("before\n", "", 130)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_main_signal_that_surfaces_as_another_error_is_still_the_signal(probe: Probe, number: signal.Signals) -> None:
    def fail() -> None:
        try:
            signal.raise_signal(number)
        except BaseException as ending:
            raise RefError("git was ended too") from ending

    assert probe(fail) == Ran("", "", 128 + number)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_main_signal_that_hits_a_finalizer_is_not_lost(probe: Probe, number: signal.Signals, status: int) -> None:
    class LetGo:
        def __del__(self) -> None:
            signal.raise_signal(number)  # Python cannot raise anything out of here

    def verb() -> None:
        held = LetGo()
        del held
        time.sleep(10)
        output.say("went on as if nothing had been")

    def status_of_process() -> int:
        try:
            return probe(verb).status
        except SystemExit as end:  # as `run_process` takes it
            return int(str(end.code))

    assert status_of_process() == status


def test_main_signal_that_the_parent_ignores_is_ignored(probe: Probe) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert probe(lambda: signal.raise_signal(signal.SIGHUP)) == Ran("", "", 0)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_main_memory_exhausted_is_said(probe: Probe) -> None:
    assert probe(_raise(MemoryError())) == Ran("before\n", "error: out of memory\n", 3)


def test_main_machine_that_lacks_something_is_no_bug(probe: Probe) -> None:
    problem = OSError(errno.ENOSPC, "whatever", "/tmp/a\x1bb")
    assert probe(_raise(problem)) == Ran(
        "before\n", "error: the system refused to go on: no space left on device ('/tmp/a\\x1bb')\n", 3
    )
    assert probe(_raise(OSError(errno.EMFILE, "whatever"))) == Ran(
        "before\n", "error: the system refused to go on: too many open files\n", 3
    )


def test_main_bug_is_short_and_says_how_to_see_more(probe: Probe) -> None:
    hint = "hint: run it again with BACKPORTQ_DEBUG=1 to see where, and report that\n"
    assert probe(_raise(ZeroDivisionError("division by zero"))) == Ran(
        "before\n", f"error: internal error: ZeroDivisionError: division by zero\n{hint}", 3
    )


@pytest.mark.parametrize("problem", [ZeroDivisionError("\x1b[2J"), RefError("no branch \x1b[2J")])
def test_main_failure_while_debugging_shows_where_and_is_the_same(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    plain = probe(_raise(problem))
    monkeypatch.setenv("BACKPORTQ_DEBUG", "1")
    traced = probe(_raise(problem))
    assert (traced.out, traced.status) == (plain.out, plain.status)
    assert traced.err.startswith("note: Traceback (most recent call last):\n")
    assert traced.err.endswith(plain.err)
    assert "    raise problem\n" in traced.err
    assert "\x1b" not in traced.err


def _options(
    commits: Annotated[list[str], typer.Argument(metavar="COMMIT...")],
    to: Annotated[str, typer.Option("--to")],
    priority: Annotated[Priority, typer.Option("--priority")] = Priority.NORMAL,
) -> None:
    output.say(f"{commits} {to} {priority}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a", "--too", "b"], "error: unknown option '--too'\nhint: did you mean '--to'?\n"),
        (["a", "--zzzz"], "error: unknown option '--zzzz'\n"),
        (["--to", "b"], "error: missing argument 'COMMIT...'\n"),
        (["a"], "error: missing option '--to'\n"),
        (["a", "--to"], "error: option '--to' requires an argument\n"),
        (
            ["a", "--to", "b", "--priority", "x"],
            "error: invalid value for '--priority': 'x' is not one of 'security', 'high', 'normal', 'low'\n",
        ),
    ],
    ids=["misspelt option", "unknown option", "no argument", "no option", "option without value", "bad value"],
)
def test_main_wrong_usage_is_2_with_a_next_step(probe: Probe, arguments: list[str], expected: str) -> None:
    assert probe(_options, *arguments) == Ran("", f"{expected}hint: backportq probe -h\n", 2)


def test_main_unexpected_argument_is_named(probe: Probe) -> None:
    assert probe(lambda: None, "a\x1b[2J") == Ran(
        "", "error: unexpected argument 'a\\x1b[2J'\nhint: backportq probe -h\n", 2
    )


def test_main_version_is_printed(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path) == Ran(f"backportq {__version__}\n", "", 0)


def test_main_run_as_a_module_is_the_program(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "backportq", "pendign"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr.splitlines()[:2] == [
        "error: 'pendign' is not a backportq command",
        "hint: did you mean 'backportq pending'?",
    ]


def test_main_misspelt_command_names_near_ones(tmp_path: Path) -> None:
    assert run("hand-bakc", cwd=tmp_path) == Ran(
        "",
        """\
error: 'hand-bakc' is not a backportq command
hint: did you mean 'backportq hand-back'?
hint: backportq --help
""",
        2,
    )


def test_main_no_command_is_wrong_usage_and_says_how_to_begin_in_24_lines(tmp_path: Path) -> None:
    helped = run("--help", cwd=tmp_path)
    alone = run(cwd=tmp_path)
    assert (alone.out, alone.status) == ("", 2)
    lines = alone.err.splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert set(re.findall(r"(?m)^   ([a-z-]+)", helped.out)) <= set(alone.err.split())
    assert "backportq init " in alone.err


def test_main_unknown_global_option_is_refused(tmp_path: Path) -> None:
    assert run("--upload-pack=x", "path", cwd=tmp_path) == Ran(
        "", "error: unknown option '--upload-pack=x'\nhint: backportq --help\n", 2
    )


def test_main_directory_option_without_value_is_refused(tmp_path: Path) -> None:
    assert run("-C", cwd=tmp_path) == Ran("", "error: no directory given for '-C'\nhint: backportq -C DIR COMMAND\n", 2)


def test_main_directory_options_add_up_as_in_git(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert run("-C", "a", "-Cb", "path", cwd=tmp_path) == Ran(
        "", "error: cannot change to 'a/b': no such directory\n", 3
    )


def test_main_called_through_git_names_itself_so(tmp_path: Path) -> None:
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["git", "backportq", "hand-bak"], cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert (done.stdout, done.stderr, done.returncode) == (
        "",
        (
            "error: 'hand-bak' is not a git backportq command\n"
            "hint: did you mean 'git backportq hand-back'?\nhint: git backportq --help\n"
        ),
        2,
    )


@pytest.mark.parametrize("by_variable", [False, True], ids=["option of git", "variable"])
def test_main_works_in_the_repository_that_git_was_told(tmp_path: Path, *, by_variable: bool) -> None:
    here, there = TestRepo.create(tmp_path / "here"), TestRepo.create(tmp_path / "there")
    commit = ""
    for repo in (here, there):
        repo.commit("start", {"file": "broken\n"})
        repo.git("branch", "stable-1.0")
        commit = repo.commit("fix the thing", {"file": "fixed\n"})
        assert run("init", cwd=repo.path).status == 0
    before = here.id("backportq")
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    told = [] if by_variable else ["--git-dir=../there/.git"]
    variables = {"GIT_DIR": "../there/.git"} if by_variable else {}
    done = subprocess.run(
        ["git", *told, "backportq", "tag", commit, "--branch", "stable-1.0"],
        cwd=here.path,
        capture_output=True,
        env={**os.environ, "PATH": path, **variables},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert here.id("backportq") == before
    assert commit in there.git("show", "backportq:queue/stable-1.0.toml")


def test_main_output_closed_early_ends_quietly(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f"'{PROGRAM}' --help; echo $? >&2"],
        stdout=_closed_pipe(),
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert done.stderr == f"{128 + signal.SIGPIPE}\n"


def test_main_output_device_full_is_an_error(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert (done.stderr, done.returncode) == ("error: cannot write the output: No space left on device\n", 3)


def test_main_standard_output_closed_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run(["sh", "-c", f"'{PROGRAM}' --version >&-"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("error: cannot write the output: standard output is closed\n", 3)
    assert subprocess.run(["sh", "-c", f"'{PROGRAM}' --version >&- 2>&- <&-"], cwd=tmp_path).returncode == 3


@pytest.mark.parametrize("closing", [">/dev/full", ">&-"])
def test_main_change_that_is_stored_is_done_whatever_becomes_of_the_output(repo: TestRepo, closing: str) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    commit = repo.commit("fix", {"file": "2\n"})
    assert run("init", "--branch", "stable-1.0", cwd=repo.path).status == 0
    done = subprocess.run(
        ["sh", "-c", f"'{PROGRAM}' tag {commit} -b stable-1.0 {closing}"], cwd=repo.path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("warning: the queue was changed, and cannot write the output: ")
    assert commit in repo.git("show", "backportq:queue/stable-1.0.toml")
    done = subprocess.run(["sh", "-c", f"'{PROGRAM}' pending {closing}"], cwd=repo.path, capture_output=True, text=True)
    assert done.returncode == 3


@pytest.mark.parametrize("year", ["0001", "1969", "9999"])
def test_main_moment_that_is_no_time_of_ours_is_refused(repo: TestRepo, year: str) -> None:
    repo.commit("start")
    repo.git("branch", "stable-1.0")
    done = run("init", cwd=repo.path, env={"BACKPORTQ_NOW": f"{year}-12-31T23:00:00-14:00"})
    assert (done.out, done.status) == ("", 2)
    assert done.err.startswith(f"error: BACKPORTQ_NOW is '{year}-12-31T23:00:00-14:00', wanted a year from 1970 to ")


def _closed_pipe() -> int:
    read, write = os.pipe()
    os.close(read)
    return write


def test_main_called_by_a_script_that_ends_while_git_is_read_beside_ends_in_order(
    repo: TestRepo, tmp_path: Path
) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.commit("next", {"file": "2\n"})
    assert run("init", cwd=repo.path).status == 0
    shutil.rmtree(repo.path / ".git" / "backportq")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom backportq.cli.main import main\nsys.exit(main(['landed', 'stable-1.0', '--json']))\n"
    )
    env = {**os.environ, "PATH": f"{_slow_git(tmp_path, seconds=1).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([sys.executable, script], cwd=repo.path, env=env, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["landed"] == []


def _slow_git(folder: Path, seconds: int = 30) -> Path:
    """Return a git that hardly gets on with the older history, and leaves the file `told` beside it when asked."""
    slow = folder / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(
        f"#!/bin/sh\ncase $* in *'--format=%H %s'*) echo x > '{folder / 'told'}'; sleep {seconds};; esac\n"
        f"exec '{shutil.which('git')}' \"$@\"\n"
    )
    slow.chmod(0o755)
    return slow


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_main_interrupted_while_git_is_read_beside_ends_at_once(
    repo: TestRepo, tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    bug = repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.commit(f"fix\n\nFixes: {bug[:12]}", {"file": "2\n"})
    assert run("init", cwd=repo.path).status == 0
    shutil.rmtree(repo.path / ".git" / "backportq")
    # The scan has to wait for the older history at its very end.
    slow, told = _slow_git(tmp_path), tmp_path / "told"
    started = subprocess.Popen(
        [PROGRAM, "scan"],
        cwd=repo.path,
        env={**os.environ, "PATH": f"{slow.parent}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)  # until it waits
    started.send_signal(sent)
    out, err = started.communicate(timeout=20)
    assert (out, err, started.returncode) == ("", "", status)
