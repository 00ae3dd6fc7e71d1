"""A process that has loaded the program and forks for each run: the same run without a tenth of a second of imports.

Each run is still a process of its own, with its own descriptors, directory, environment and exit status; it is forked
from one that has run nothing. What Python and its libraries read only when they start (locale, home, `PYTHON…`,
`LD_…`) is that of the server, so `can_serve` refuses runs in which that differs. `BACKPORTQ_DEEP` and systems without
file descriptors of processes always start the installed program.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_READ_AT_START = ("LC_", "LANG", "PYTHON", "LD_", "HOME", "XDG_", "MALLOC_")
_LARGEST_PART = 1 << 20
_LENGTH = 4  # bytes in front of a request that say how long it is
_LOADED_WHEN_NEEDED = ("pygit2", "sqlite3", "tomli", "typer", "rich.console")
_NOT_LOADED = ("backportq.cli.board", "backportq.cli.commands.board", "backportq.__main__")


def can_serve(env: Mapping[str, str]) -> bool:
    """Tell whether a run in this environment would not differ from one of the installed program."""
    if os.environ.get("BACKPORTQ_DEEP") or not hasattr(os, "pidfd_open"):
        return False
    started_with, _ = _server()
    return _at_start(env) == _at_start(started_with)


def run_forked(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: bytes | None, timeout: float
) -> tuple[bytes, bytes, int]:
    """Run the program; return what it wrote to standard output and error, and its status as `subprocess` tells it."""
    _, address = _server()
    request = json.dumps([list(arguments), str(cwd), dict(env)]).encode("ascii")
    readable, writable = zip(*(os.pipe() for _ in range(3)), strict=True)
    if stdin is None:
        os.close(readable[0])
        readable = (os.open(os.devnull, os.O_RDONLY), *readable[1:])
    given = [readable[0], *writable[1:]]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        message = len(request).to_bytes(_LENGTH, "big") + request
        sent = socket.send_fds(connection, [message], given)
        connection.sendall(message[sent:])
        for each in given:
            os.close(each)
        found: dict[int, bytes] = {}
        readers = [threading.Thread(target=_read_all, args=(each, found)) for each in readable[1:]]
        for reader in readers:
            reader.start()
        with contextlib.suppress(BrokenPipeError), os.fdopen(writable[0], "wb") as file:
            file.write(stdin or b"")
        answer = connection.makefile("r")
        pid = int(answer.readline())
        connection.settimeout(timeout)
        try:
            status = int(answer.readline())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(["backportq", *arguments], timeout) from None
        for reader in readers:
            reader.join(timeout)
    return found[readable[1]], found[readable[2]], status


def _at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in env.items() if key.startswith(_READ_AT_START)}


def _read_all(descriptor: int, found: dict[int, bytes]) -> None:
    with os.fdopen(descriptor, "rb") as file:
        found[descriptor] = file.read()


@functools.cache
def _server() -> tuple[dict[str, str], str]:
    """Start the server of this test process; return the environment that it has and its address."""
    folder = tempfile.mkdtemp(prefix="bq-")
    address = f"{folder}/socket"
    env = dict(os.environ)
    # It ends when the pipe to it does: with the test process, however that ends.
    process = subprocess.Popen([sys.executable, "-m", "tests.cli.forking", address], cwd=ROOT, stdin=subprocess.PIPE)
    atexit.register(process.communicate)
    for _ in range(3_000):
        if Path(address).exists():
            return env, address
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError(f"the server of runs did not start: {process.poll()}")


def _serve(address: str) -> None:
    """Answer on `address` until standard input ends."""
    _load()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{address}.new")
    listening.listen(64)
    Path(f"{address}.new").rename(address)
    waiting: dict[int, tuple[int, socket.socket]] = {}
    while True:
        ready: list[int] = select.select([0, listening.fileno(), *waiting], [], [])[0]
        for each in ready:
            if each == 0:
                Path(address).unlink()
                Path(address).parent.rmdir()
                os._exit(0)
            elif each == listening.fileno():
                connection, _ = listening.accept()
                pid = _fork(connection, [each, *waiting])
                connection.sendall(b"%d\n" % pid)
                waiting[os.pidfd_open(pid)] = pid, connection
            else:
                pid, connection = waiting.pop(each)
                os.close(each)
                status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with contextlib.suppress(OSError), connection:
                    connection.sendall(b"%d\n" % status)


def _load() -> None:
    import backportq

    for name in _LOADED_WHEN_NEEDED:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(backportq.__path__, "backportq."):
        if not module.name.startswith(_NOT_LOADED):
            with contextlib.suppress(ImportError):  # what an extra brings is not always there
                importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


def _fork(connection: socket.socket, others: Sequence[int]) -> int:
    message, given, _, _ = socket.recv_fds(connection, _LARGEST_PART, 3)
    while len(message) - _LENGTH < int.from_bytes(message[:_LENGTH], "big"):
        message += connection.recv(_LARGEST_PART)
    pid = os.fork()
    if pid:
        for each in given:
            os.close(each)
        return pid
    arguments, cwd, env = json.loads(message[_LENGTH:])
    for target, descriptor in enumerate(given):
        os.dup2(descriptor, target)
    for each in (*given, *others, connection.fileno()):
        os.close(each)
    _become(arguments, cwd, env)
    raise AssertionError("not reached")


def _become(arguments: Sequence[str], cwd: str, env: Mapping[str, str]) -> None:
    """Be the program as if it had been started so."""
    from backportq.cli.main import run_process

    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    # As the interpreter makes them in a locale of UTF-8 that is named C.
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(
        open(2, "wb", closefd=False),  # noqa: SIM115
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    sys.argv = [str(Path(sys.executable).with_name("backportq")), *arguments]
    run_process()


if __name__ == "__main__":
    _serve(sys.argv[1])
