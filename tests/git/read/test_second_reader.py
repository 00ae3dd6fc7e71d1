"""libgit2 as a second opinion: an independent reader of the same repositories must see the same commits and paths.

Trials are compared with git alone, whose merge they must equal; for what is plainly in the object database two
implementations that agree are better than one.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pygit2
import pytest

from backportq.git.read.history import merge_base, walk
from backportq.git.read.touched_paths import touched_paths
from backportq.git.repository import Repository, discover
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from fixtures.build import build, scenarios

# `thousand` would only take longer, and libgit2 trims control characters off the names of which `hostile` has many.
SMALL = sorted(set(scenarios()) - {"thousand", "hostile"})


@pytest.fixture(params=SMALL)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Repository, pygit2.Repository]]:
    build(request.param, tmp_path / "repo", bare=True)
    second = pygit2.Repository(str(tmp_path / "repo"))
    yield discover(tmp_path / "repo"), second
    second.free()


def tips_of(second: pygit2.Repository) -> list[Oid]:
    found = (second.references[name].peel(pygit2.Commit) for name in second.references)
    return sorted({Oid(str(commit.id)) for commit in found})


def seen_by_us(commit: Commit) -> tuple[object, ...]:
    return (
        commit.oid,
        commit.parents,
        (commit.author.name, commit.author.mail, commit.authored),
        (commit.committer.name, commit.committer.mail, commit.committed),
        without_trailing_space(commit.message),
    )


def seen_by_libgit2(commit: pygit2.Commit) -> tuple[object, ...]:
    encoding = known(commit.message_encoding or "utf-8")
    message = without_trailing_space(commit.raw_message.decode(encoding, "replace"))

    def person(one: pygit2.Signature) -> tuple[object, ...]:
        zone = timezone(timedelta(minutes=one.offset))
        return (
            one.raw_name.decode(encoding, "replace"),
            one.raw_email.decode(encoding, "replace"),
            datetime.fromtimestamp(one.time, UTC).astimezone(zone),
        )

    parents = tuple(str(parent) for parent in commit.parent_ids)
    return (str(commit.id), parents, person(commit.author), person(commit.committer), message)


def known(encoding: str) -> str:
    """Return `encoding` if there is such a one; bytes in an invented one are shown as they are."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "latin-1"


def without_trailing_space(message: str) -> str:
    """Return the message as git prints it, who ends each line at its last visible character."""
    return "\n".join(line.rstrip(" \t\r") for line in message.split("\n")).rstrip("\n")


def test_walk_reads_every_commit_as_libgit2_does(both: tuple[Repository, pygit2.Repository]) -> None:
    ours, second = both
    read = {commit.oid: commit for commit in walk(ours, tips_of(second))}
    walker = second.walk(tips_of(second)[0])
    for tip in tips_of(second)[1:]:
        walker.push(tip)
    expected = {str(commit.id): seen_by_libgit2(commit) for commit in walker}
    assert {oid: seen_by_us(commit) for oid, commit in read.items()} == expected


def test_touched_paths_are_those_of_libgit2(both: tuple[Repository, pygit2.Repository]) -> None:
    ours, second = both
    oids = [commit.oid for commit in walk(ours, tips_of(second))]
    expected: dict[str, set[bytes]] = {}
    for oid in oids:
        commit = second[oid].peel(pygit2.Commit)
        if commit.parents:
            # git shows a changed type as one path, libgit2 as a removed and an added one: the same set of paths.
            diff = second.diff(commit.parents[0], commit, context_lines=0)
        else:
            diff = commit.tree.diff_to_tree(swap=True)
        expected[oid] = {file.raw_path for delta in diff.deltas for file in (delta.old_file, delta.new_file)}
    touched = {
        oid: {path.encode("utf-8", "surrogateescape") for path in paths}
        for oid, paths in touched_paths(ours, oids).items()
    }
    assert touched == expected


def test_merge_base_is_that_of_libgit2(both: tuple[Repository, pygit2.Repository]) -> None:
    ours, second = both
    tips = tips_of(second)
    for tip in tips:
        best: pygit2.Oid | None = second.merge_base(tips[0], tip)  # its type hint forgets unrelated histories
        assert merge_base(ours, tips[0], tip) == (str(best) if best is not None else None)
