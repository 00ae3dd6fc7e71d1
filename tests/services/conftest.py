"""The history that several tests of the facts begin with."""

from __future__ import annotations

import pytest

from tests.driver import TestRepo


@pytest.fixture
def forked(repo: TestRepo) -> TestRepo:
    """master: old, base, new; stable-1 forks at base."""
    repo.commit("old", {"file": "1\n"})
    repo.commit("base", {"file": "2\n"})
    repo.git("branch", "stable-1")
    repo.commit("new", {"file": "3\n"})
    return repo
