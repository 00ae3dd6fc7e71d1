"""The entry point of `backportq` and `git-backportq`.

It holds nothing but the way into `boundary`, so that an interrupt that comes while the program is still being loaded
ends it as quietly as a later one. It must not import anything of ours at its top.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with `arguments` (those of the process if None) and return its exit code."""
    try:
        from backportq.cli.boundary import run  # takes 20 ms, in which a person may press Ctrl-C

        return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return 130
