"""Hostile messages are read in time linear in their length: four times as long takes no more than about four times.

Compared with itself and not with a clock, so that a slow machine does not fail.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from backportq.model.trailers.dialects import DIALECTS, grammar_of
from backportq.model.trailers.message import trailers_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers

_GRAMMAR = grammar_of(list(DIALECTS))
_ID = "0123456789abcdef0123456789abcdef01234567"

_HOSTILE: dict[str, Callable[[int], str]] = {
    "trailers": lambda n: f"Fixes: {_ID} (x)\n" * (n // 50),
    "malformed trailers": lambda n: "Backport: soon\n" * (n // 15),
    "trailers between prose": lambda n: "prose\nBackport: 4.9+\n" * (n // 21),
    "open quotes": lambda n: f'Fixes: {_ID} ("x\nmore\n' * (n // 60),
    "one folded line": lambda n: f"Cc: a@example.org,\n{' b@example.org,' * 1}" + " c@example.org,\n" * (n // 16),
    "many folded lines": lambda n: "Cc: a@example.org,\n stable@vger.kernel.org # 5.10+\n" * (n // 50),
    "recipients in one line": lambda n: "Cc: " + "stable@vger.kernel.org, " * (n // 24),
    "ids in one line": lambda n: "Fixes: " + f"{_ID}, " * (n // 42),
    "ids over lines": lambda n: "(cherry picked from commits " + f"{_ID}\n" * (n // 41),
    "pick starts": lambda n: "(cherry picked from commit\n" * (n // 27),
    "versions in one line": lambda n: "Backport: " + "4.9, " * (n // 5),
    "dots": lambda n: "Backport: " + "1." * (n // 2),
    "spaces": lambda n: "This reverts" + " " * n,
    "spaces after a key": lambda n: "Fixes:" + " " * n + "x",
    "spaces before a colon": lambda n: "MFC" + " " * n + "after: 2 weeks",
    "space lines": lambda n: "Fixes: x\n" + " \n" * (n // 2),
    "line ends": lambda n: "(cherry picked from commit" + "\n" * n,
    "brackets": lambda n: "[" * n,
    "bracketed lines": lambda n: f"[ Upstream commit {_ID}\n" * (n // 60),
    "hex digits": lambda n: "Fixes: " + "a" * n,
    "words before a colon": lambda n: "fixes " * (n // 6) + ":",
    "slashes": lambda n: "Fixes: https://" + "a/commit/" * (n // 9),
    "comments": lambda n: "Cc: stable@vger.kernel.org " + "# after " * (n // 8),
    "sign-offs": lambda n: "Signed-off-by: A <a@example.org>\n" * (n // 33),
}


def _seconds(message: str) -> float:
    raw = message.encode()
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        _GRAMMAR.tag_hint.search(raw)
        _GRAMMAR.pick_hint.search(raw)
        read_trailers(message, _GRAMMAR)
        read_picks(message, _GRAMMAR)
        trailers_of(message)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("name", _HOSTILE)
def test_reading_hostile_message_takes_linear_time(name: str) -> None:
    make = _HOSTILE[name]
    gc.disable()  # a collection looks at all that the test process holds
    try:
        short, long = (_seconds(f"subject\n\nbody\n\n{make(length)}\n") for length in (25_000, 100_000))
    finally:
        gc.enable()
    # Quadratic would be 16 times; the constant absorbs the noise of what takes next to no time.
    assert long < 8 * short + 0.02
