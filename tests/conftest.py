"""The environment of every test: sealed from the machine's git configuration, locale, time zone and terminal."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pygit2
import pytest

from tests.driver import SEALED_ENV, TestRepo

# `make deep` sets BACKPORTQ_DEEP: every law with two hundred times the examples, and the long trials at full size. The
# usual run takes the same examples each time, so that it is green or red for a reason; the long one takes new ones.
hypothesis.settings.register_profile("usual", deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=20_000)
hypothesis.settings.load_profile("deep" if os.environ.get("BACKPORTQ_DEEP") else "usual")


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _sealed_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the whole test process an environment of its own; libgit2 ignores the variables, so blank its paths too."""
    home = tmp_path_factory.mktemp("home")
    kept = {
        key: os.environ[key] for key in ("PATH", "TMPDIR", "VIRTUAL_ENV", "GIT_DEFAULT_REF_FORMAT") if key in os.environ
    }
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(SEALED_ENV)
    os.environ.update(HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"), XDG_CACHE_HOME=str(home / ".cache"))
    for level in (
        pygit2.enums.ConfigLevel.SYSTEM,
        pygit2.enums.ConfigLevel.XDG,
        pygit2.enums.ConfigLevel.GLOBAL,
    ):
        pygit2.settings.search_path[level] = ""
    # `nohup make test &`, too: what the tests' parent has them ignore would be ignored by all that they start.
    ignored = {each: signal.signal(each, signal.SIG_DFL) for each in (signal.SIGHUP, signal.SIGQUIT)}
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        ignored[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for each, handler in ignored.items():
        signal.signal(each, handler)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    """An empty repository with the branch `master`."""
    return TestRepo.create(tmp_path / "repo")
