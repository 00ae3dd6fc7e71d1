"""Every system call on the write path made to fail once, and every one from a certain moment on, as on a full disk."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from backportq.queue import store as store_module
from tests.cli.program import run
from tests.faults.victims import DEEP, Command, Victim, goes_on

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="the preloaded library is compiled with gcc")

_STATE = struct.Struct("4i")
_KINDS = [(errno.ENOSPC, True), (errno.EIO, False)]
_MORE_KINDS = [(errno.EACCES, False), (errno.ENOSPC, False), (errno.EROFS, True), (errno.EDQUOT, False)]


class Faults:
    """The preloaded library, and the file by which it is told which call fails."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.library = folder / "failing_calls.so"
        self.state = folder / "state"
        self.root = root
        source = Path(__file__).with_name("failing_calls.c")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", self.library, source, "-ldl"], check=True)

    def env(self) -> Mapping[str, str]:
        return {"LD_PRELOAD": str(self.library), "FAULT_STATE": str(self.state), "FAULT_ROOT": str(self.root)}

    def arm(self, number: int, error: int = 0, *, forever: bool = False) -> None:
        """Let the call of this number fail; 0 only counts."""
        self.state.write_bytes(_STATE.pack(0, number, error, int(forever)))

    def counted(self) -> int:
        """Return how many calls there were."""
        return int(_STATE.unpack(self.state.read_bytes())[0])


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return Victim(tmp_path_factory.mktemp("victim"))


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory, victim: Victim) -> Faults:
    return Faults(tmp_path_factory.mktemp("faults"), Path(os.path.realpath(victim.repo.path / ".git")))


_COMMANDS = [Command(("note", "{item}", "-m", "seen by two users"))]
if DEEP:
    _COMMANDS += [
        Command(("init",), starts="absent"),
        Command(("undo",), (("note", "{item}", "-m", "wrong"),)),
        Command(("scan",), starts="created"),
    ]


@pytest.mark.parametrize(("error", "forever"), [*_KINDS, *(_MORE_KINDS if DEEP else [])], ids=str)
@pytest.mark.parametrize("command", _COMMANDS, ids=str)
def test_failing_call_leaves_the_old_queue_or_the_new_one(
    victim: Victim, faults: Faults, command: Command, error: int, *, forever: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_LOCKED_ATTEMPTS", 2)
    old = victim.prepared(command)
    words = victim.words_of(command)
    objects = victim.objects()
    faults.arm(0)
    assert victim.run(*words, env=faults.env()).status == 0
    new = victim.tip()
    calls = faults.counted()
    assert calls > 10, "the library is not loaded, or counts nothing"
    for number in range(1, calls + 1, 1 if DEEP else 4):
        victim.reset(old)
        victim.forget(objects)
        faults.arm(number, error, forever=forever)
        ended = victim.run(*words, env=faults.env())
        assert faults.counted() >= number, "the call did not come"
        found = victim.tip()
        assert found in (old, new), number
        if ended.status == 0:
            assert found == new, "a decision that was told to be made is lost"
        else:
            assert ended.status == 3, (number, ended)
            assert ended.err.startswith("error: "), (number, ended)
            assert "Traceback" not in ended.err
        victim.is_sound()
        goes_on(victim, started=found is not None)
    victim.reset(old)
    victim.forget(objects)


def test_failing_call_of_the_program_itself_does_not_end_a_reading_command(victim: Victim, faults: Faults) -> None:
    """The cache is what the program writes without git; it must work without."""
    victim.remember()  # what the commands before had to write again
    victim.reset(victim.starts["scanned"])
    shutil.rmtree(victim.repo.path / ".git/backportq")
    faults.arm(0)
    expected = run("pending", cwd=victim.repo.path, env=faults.env())
    assert (expected.status, expected.err) == (0, "")
    calls = faults.counted()
    assert calls > 10
    for number in range(1, calls + 1, 1 if DEEP else max(1, calls // 8)):
        shutil.rmtree(victim.repo.path / ".git/backportq", ignore_errors=True)
        faults.arm(number, errno.ENOSPC, forever=True)
        assert run("pending", cwd=victim.repo.path, env=faults.env()) == expected, number
