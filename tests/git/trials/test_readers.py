"""Objects are the same whoever reads them: git over a pipe, or libgit2 in this process with git behind it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backportq.git.object_database import WORTH_IT, ObjectDatabase
from backportq.git.repository import discover
from backportq.git.trials import Application, TrialSession, readers
from backportq.git.trials.quarantine import Quarantine
from backportq.git.trials.readers import ObjectReader
from backportq.model.ids import Oid
from fixtures.build import build
from tests.driver import TestRepo


def _objects(repo: TestRepo) -> list[str]:
    return [line.split()[0] for line in repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()]


@pytest.fixture
def quarantine(repo: TestRepo) -> Iterator[Quarantine]:
    """A quarantine over a history with every kind of object, packed and loose."""
    start = repo.commit("start", {"a": "one\n", "folder/b": "two\n"})
    repo.git("tag", "-a", "-m", "a tag", "v1")
    repo.git("repack", "-adq")
    repo.commit("more", {"folder/c": "three\n"})
    assert start
    with Quarantine(discover(repo.path), "sha1") as made:
        yield made


def test_libgit2_reads_every_object_as_git_does(repo: TestRepo, quarantine: Quarantine) -> None:
    database = ObjectDatabase.open(quarantine.objects, hash_name="sha1")
    assert database is not None
    by_git = ObjectReader(quarantine)
    oids = _objects(repo)
    assert len(oids) > 8
    assert [database.read(oid) for oid in oids] == [by_git.read(oid) for oid in oids]
    by_git.close()


def test_reader_takes_libgit2_only_where_much_is_read(repo: TestRepo, quarantine: Quarantine) -> None:
    oids = _objects(repo)
    opened = []
    for expected in (0, WORTH_IT + 1):
        reader = ObjectReader(quarantine)
        reader.expect(expected)
        reader.read(oids[0])
        opened.append(reader._database is not None)
        reader.close()
    assert opened == [False, True]


def test_reader_sees_what_is_written_while_it_reads(quarantine: Quarantine) -> None:
    reader = ObjectReader(quarantine)
    reader.expect(WORTH_IT + 1)
    assert reader.read("1" * 40) is None
    made = quarantine.write_object(b"blob", b"new\n")
    assert reader.read(made) == (b"blob", b"new\n")
    reader.close()


def test_object_that_libgit2_does_not_give_is_asked_of_git(
    repo: TestRepo, quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    oid = _objects(repo)[0]
    reader = ObjectReader(quarantine)
    reader.expect(WORTH_IT + 1)
    monkeypatch.setattr(ObjectDatabase, "read", lambda *_: None)
    assert reader.read(oid) is not None
    reader.close()


def test_replace_refs_change_nothing_whoever_reads(repo: TestRepo, quarantine: Quarantine) -> None:
    blob, other = repo.git("rev-parse", "HEAD:a"), repo.git("rev-parse", "HEAD:folder/b")
    repo.git("replace", blob, other)
    for expected in (0, WORTH_IT + 1):
        reader = ObjectReader(quarantine)
        reader.expect(expected)
        assert reader.read(blob) == (b"blob", b"one\n")
        reader.close()


def test_reason_for_an_unreadable_object_is_git_s(repo: TestRepo, quarantine: Quarantine) -> None:
    oid = repo.git("rev-parse", "HEAD:folder/c")
    path = repo.path / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    reader = ObjectReader(quarantine)
    assert reader.read(oid) is None
    assert oid in reader.why_unreadable()
    reader.close()


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("scenario", ["conflicts", "renames"])
def test_trials_are_the_same_whoever_reads(
    scenario: str, object_format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DEFAULT_HASH", object_format)
    repo = TestRepo(tmp_path / "repo")
    build(scenario, repo.path)
    branches = [name for name in repo.git("branch", "--format=%(refname:short)").split("\n") if name != "master"]
    asked = [
        Application(Oid(commit), Oid(repo.id(branch)))
        for branch in branches
        for commit in repo.git("rev-list", f"{branch}..master").split()
    ]
    answers = []
    for worth_it in (1 << 40, -1):
        monkeypatch.setattr(readers, "WORTH_IT", worth_it)
        subprocess.run(["rm", "-rf", str(repo.path / ".git" / "backportq")], check=True)
        with TrialSession(discover(repo.path)) as session:
            answers.append(session.apply(asked))
    assert answers[0] == answers[1]


def test_few_trials_do_not_import_libgit2(repo: TestRepo) -> None:
    repo.commit("start", {"a": "one\n"})
    repo.commit("change", {"a": "two\n"})
    script = (
        "import sys, pathlib; from backportq.git.repository import discover; from backportq.git.trials import *\n"
        "run_trials(discover(pathlib.Path(sys.argv[1])), [(sys.argv[2], sys.argv[3])])\n"
        "sys.exit('pygit2' in sys.modules)"
    )
    arguments = [str(repo.path), repo.id("HEAD"), repo.id("HEAD~1")]
    subprocess.run([sys.executable, "-c", script, *arguments], check=True)
