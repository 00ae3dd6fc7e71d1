"""Fuzz one target with atheris: `python -m tests.fuzz.run TARGET CORPUS… [-max_total_time=SECONDS]`.

The first corpus folder collects what is found; the kept seeds are read as well. Needs `pip install backportq[fuzz]`.
"""

from __future__ import annotations

import sys

import atheris

from tests.fuzz.seeds_folder import SEEDS


def main() -> None:
    """Run until the time is up, or until something breaks: the input is then in `crash-…`."""
    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["backportq"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    (SEEDS / name).mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], *options, str(SEEDS / name)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
