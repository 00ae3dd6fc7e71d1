"""Running the installed program in a process of its own, as a person would, and keeping all that it says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("backportq")


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
    done = subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=None if stdin is None else stdin.encode("utf-8", "surrogateescape"),
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=timeout,
    )
    return Ran(done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "replace"), done.returncode)
