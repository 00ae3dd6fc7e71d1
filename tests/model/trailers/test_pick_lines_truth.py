"""Pick lines of a real history against a list of what is known of it; runs only where both are given.

BACKPORTQ_TRUTH_REPO is a repository, BACKPORTQ_TRUTH_TSV a file with the columns branch, commit on it, kind, upstream
commits (comma-separated, `-` for none). Rows of a kind known from lines of the message are compared.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks

_REPO = os.environ.get("BACKPORTQ_TRUTH_REPO")
_TSV = os.environ.get("BACKPORTQ_TRUTH_TSV")
_DIALECT = os.environ.get("BACKPORTQ_TRUTH_DIALECT", "xen")
_KNOWN_FROM_LINES = {"master-commit", "cherry-picked", "both", "text"}


def _messages(repository: str, commits: list[str]) -> list[str]:
    out = subprocess.run(
        ["git", "-C", repository, "log", "--no-walk=unsorted", "--stdin", "-z", "--format=%B"],
        input="\n".join(commits).encode(),
        capture_output=True,
        check=True,
    ).stdout
    return [message.decode("utf-8", "replace") for message in out.removesuffix(b"\0").split(b"\0")]


@pytest.mark.skipif(_REPO is None or _TSV is None, reason="BACKPORTQ_TRUTH_REPO and BACKPORTQ_TRUTH_TSV are not set")
def test_picks_of_a_real_history_name_every_known_upstream() -> None:
    assert _REPO is not None
    assert _TSV is not None
    text = Path(_TSV).read_text()
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    grammar = grammar_of([_DIALECT])
    missed: list[tuple[str, str]] = []
    unexpected: list[str] = []
    for (_, commit, kind, upstreams), message in zip(rows, _messages(_REPO, [row[1] for row in rows]), strict=True):
        found = [mark.hex for mark in read_picks(message, grammar)]
        if kind in _KNOWN_FROM_LINES:
            known = [] if upstreams == "-" else upstreams.split(",")
            missed += [(commit, oid) for oid in known if not any(oid.startswith(hex_id) for hex_id in found)]
        elif found:
            unexpected.append(commit)
    assert (missed, unexpected) == ([], [])
