"""Where the kept inputs of the fuzzer are: one folder for each target, one file for each input."""

from __future__ import annotations

from pathlib import Path

SEEDS = Path(__file__).with_name("seeds")
