"""Work beside other work: its result, or its failure, comes to whoever waits."""

from __future__ import annotations

import threading

import pytest

from backportq.git.background import Background


def test_background_work_goes_on_beside_and_its_result_is_waited_for() -> None:
    gate = threading.Event()
    work = Background(lambda: gate.wait(10))
    states = [work.is_done]
    gate.set()
    results = [work.result(), work.result()]
    states.append(work.is_done)
    assert (states, results) == ([False, True], [True, True])


def test_background_failure_is_raised_to_everybody_who_waits() -> None:
    def fail() -> None:
        raise LookupError("nothing there")

    work = Background(fail)
    for _ in range(2):
        with pytest.raises(LookupError, match="nothing there"):
            work.result()
