"""Every writing command killed, with its children, at random instants."""

from __future__ import annotations

import random
import time

import pytest

from backportq.queue import store as store_module
from tests.faults.victims import COMMANDS, DEEP, Command, Victim, goes_on

KILLS = 30 if DEEP else 2
"""Of each command: more than 600 of all together when it is meant."""


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return Victim(tmp_path_factory.mktemp("victim"))


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_killed_command_leaves_the_old_queue_or_the_new_one(
    victim: Victim, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_LOCKED_ATTEMPTS", 2)
    old = victim.prepared(command)
    words = victim.words_of(command)
    begin = time.monotonic()
    ended = victim.run(*words, env=command.env)
    needed = time.monotonic() - begin
    assert ended.status == 0, ended
    new = victim.tip()
    assert new != old
    whole = victim.written(command)
    assert (whole is not None) == (command.file is not None)
    instants = random.Random(f"{command}")  # the same ones every time, as far as a machine repeats itself
    met = set()
    for _ in range(KILLS):
        victim.reset(old)
        ended = victim.run(*words, env=command.env, kill_after=instants.uniform(0, needed))
        found = victim.tip()
        assert found in (old, new)
        met.add(found)
        if ended.status == 0 or ended.out:
            assert found == new, "a decision that was told to be made is lost"
        assert victim.written(command) in (None, whole)
        assert found == old or victim.written(command) == whole, "told in the queue, and not handed out"
        victim.is_sound()
        goes_on(victim, started=found is not None)
    assert not DEEP or met == {old, new}, "kills that come too early or too late try nothing"
