"""Timing whole processes in turn, so that a drifting machine does not favour one side of a comparison."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Contestant:
    """One thing to time: a shell command run in `directory`, after `prepare`, whose time is not counted."""

    name: str
    command: str
    directory: Path
    prepare: Callable[[], None] = lambda: None


def race(contestants: Sequence[Contestant], *, rounds: int) -> Mapping[str, list[float]]:
    """Run all contestants in turn, `rounds` times after one warm-up round; return wall seconds by name."""
    seconds: dict[str, list[float]] = {one.name: [] for one in contestants}
    # As after an installation, which compiles our modules once and for all.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    for number in range(rounds + 1):
        for one in contestants:
            one.prepare()
            start = time.perf_counter()
            subprocess.run(
                one.command, shell=True, cwd=one.directory, env=environment, check=True, stdout=subprocess.DEVNULL
            )
            if number > 0:
                seconds[one.name].append(time.perf_counter() - start)
    return seconds


def report(seconds: Mapping[str, list[float]], ratios: Sequence[tuple[str, str]] = ()) -> None:
    """Print the median, least and greatest seconds of each contestant, and the ratio of each pair round by round."""
    width = max(len(name) for name in seconds)
    for name, values in seconds.items():
        print(f"{name:<{width}}  median {statistics.median(values):7.3f} s  ({min(values):.3f} to {max(values):.3f})")
    for one, other in ratios:
        pairs = [a / b for a, b in zip(seconds[one], seconds[other], strict=True)]
        print(f"{one} / {other}: median {statistics.median(pairs):.2f}  ({min(pairs):.2f} to {max(pairs):.2f})")
