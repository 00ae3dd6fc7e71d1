"""Running the installed program in a process of its own, as a person would, and keeping all that it says.

Runs that only look at what the program says and does are forked from one that has loaded it (`tests.cli.forking`);
those about how it starts and ends start `PROGRAM` themselves.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import backportq
from tests.cli.forking import can_serve, run_forked

PROGRAM = Path(sys.executable).with_name("backportq")
_OF_SHELL = re.compile(r"[$`*?\\\[\n]|(^|\s)[~#]")
_OPERATORS = frozenset("();<>|&")


@dataclass(frozen=True)
class Ran:
    """What one run said and how it ended."""

    out: str
    err: str
    status: int


def run(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    program: Path = PROGRAM,
    timeout: float = 60,
) -> Ran:
    """Run `backportq ARGUMENTS` in `cwd` with the sealed environment of the tests and `env` added."""
    data = None if stdin is None else stdin.encode("utf-8", "surrogateescape")
    whole = {**os.environ, **(env or {})}
    if program == PROGRAM and can_serve(whole):
        out, err, status = run_forked(arguments, cwd=cwd, env=whole, stdin=data, timeout=timeout)
        return Ran(out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "replace"), status)
    done = subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env=whole,
        input=data,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=timeout,
    )
    return Ran(done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "replace"), done.returncode)


def run_typed(command: str, *, cwd: Path, env: Mapping[str, str], timeout: float = 60) -> tuple[bytes, bytes, int]:
    """Run a command as `sh` does, in the environment `env`, whose `PATH` has the program; return output, error output
    and status."""
    words = _words_without_shell(command)
    if words is not None and can_serve(env):
        return run_forked(words, cwd=cwd, env=env, stdin=None, timeout=timeout)
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=cwd,
        env=for_shell(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
    )
    return done.stdout, done.stderr, done.returncode


def for_shell(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` for a shell in which the program is the one under test, wherever that was loaded from: what is
    installed beside the interpreter may be of another checkout."""
    return {**env, "PYTHONPATH": str(Path(backportq.__file__).resolve().parents[1])}


def _words_without_shell(command: str) -> list[str] | None:
    """Return the arguments of a command that is the program alone; None where a shell has anything to do."""
    if not command.startswith("backportq ") or _OF_SHELL.search(command):
        return None
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    _, *arguments = words
    return None if any(set(word) <= _OPERATORS for word in arguments) else arguments
