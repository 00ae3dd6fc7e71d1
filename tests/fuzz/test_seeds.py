"""Every kept input of the fuzzer, the first seeds and what it found later, through its target."""

from __future__ import annotations

import pytest

from tests.fuzz.seeds_folder import SEEDS
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_kept_inputs_are_read_or_refused_as_designed(name: str) -> None:
    inputs = sorted((SEEDS / name).iterdir())
    assert inputs, "each target has seeds"
    for path in inputs:
        TARGETS[name](path.read_bytes())
