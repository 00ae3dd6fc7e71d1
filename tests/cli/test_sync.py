"""`sync` as a person runs it: what it says, its JSON, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import Ran, run
from tests.cli.pseudo_terminal import answered
from tests.cli.test_json_shapes import SHAPES
from tests.driver import TestRepo
from tests.queue.shared_queue import Clone, cloned, item, setting, shared


def test_sync_tells_what_it_exchanged_and_overruled(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.decide(setting(1, priority_by="Ada Author <ada@example.org>", note="\x1b[31mred"), minute=9)
    bo.decide(setting(1, note="plain"), minute=5)
    assert run("sync", cwd=ada.repo.path) == Ran("given to 'origin': 1 change\n", "", 0)
    assert run("sync", "-n", cwd=bo.repo.path).out.startswith(
        "would have taken from 'origin': 1 change\nwould have given to 'origin': 1 change\n"
    )
    assert run("sync", cwd=bo.repo.path) == Ran(
        "taken from 'origin': 1 change\n"
        "given to 'origin': 1 change\n"
        "  backportq log COMMIT    who decided what, and when\n",
        "warning: 000000000000 stable-1: note is '\\x1b[31mred', overruled: 'plain'\n",
        0,
    )
    assert run("sync", cwd=bo.repo.path) == Ran("the queue and that of 'origin' are the same\n", "", 0)


def test_sync_json_is_one_document(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"), minute=9)
    bo.decide(setting(1, assignee="bo"), minute=5)
    ada.sync()
    ran = run("sync", "--json", cwd=bo.repo.path)
    assert list(SHAPES["sync"].faults(json.loads(ran.out), "")) == []
    assert (json.loads(ran.out), ran.err, ran.status) == (
        {
            "schema": 1,
            "remote": "origin",
            "result": "merged",
            "queue": remote.id("backportq"),
            "taken": 1,
            "given": 1,
            "pushed": True,
            "overruled": [
                {
                    "branch": "stable-1",
                    "commit": item(1).commit,
                    "field": "assignee",
                    "kept": {"value": "ada", "by": None, "at": "2026-06-01T12:09:00+00:00"},
                    "lost": {"value": "bo", "by": None, "at": "2026-06-01T12:05:00+00:00"},
                }
            ],
            "revived": [],
            "settings": [],
            "files": [],
            "verdicts_published": [],
            "verdicts_taken": [],
            "adopted": [],
            "dry_run": False,
        },
        "",
        0,
    )


def test_sync_without_or_with_an_unknown_remote_says_which_there_are(tmp_path: Path) -> None:
    _, ada, _ = shared(tmp_path, item(1))
    ran = run("sync", "--", "--upload-pack=touch x", cwd=ada.repo.path)
    assert ran == Ran(
        "",
        f"error: cannot exchange with '--upload-pack=touch x': the remotes are origin\n"
        f"hint: git -C {ada.repo.path} remote add NAME URL\n",
        3,
    )
    alone = TestRepo.create(tmp_path / "alone")
    assert run("sync", cwd=alone.path).status == 3
    assert run("sync", "--restore", "--accept", cwd=alone.path).status == 2


def test_sync_takes_the_remote_that_is_configured(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    other = TestRepo.create(tmp_path / "other.git", bare=True)
    ada.repo.git("remote", "add", "team", str(other.path))
    ada.repo.git("config", "backportq.remote", "team")
    made = "given to 'team': 1 change\nbranch 'backportq' {} new there\n"
    assert run("sync", "-n", cwd=ada.repo.path).out == "would have " + made.format("would be")
    assert run("sync", cwd=ada.repo.path).out == made.format("is")
    assert other.id("backportq") == remote.id("backportq")


def _first(folder: Path) -> tuple[TestRepo, Clone, str]:
    """Return a remote without a queue, a clone with one, and what is asked there."""
    remote = TestRepo.create(folder / "remote.git", bare=True)
    ada = cloned(remote, "ada")
    ada.create(item(1))
    return remote, ada, f"'origin' ({remote.path}) has no queue yet: create branch 'backportq' there? [y/N]: "


def test_sync_on_a_terminal_asks_before_it_makes_the_branch_on_the_remote(tmp_path: Path) -> None:
    remote, ada, question = _first(tmp_path)
    refused = (
        "nothing was pushed to 'origin'\n"
        "  git config backportq.remote NAME    exchanges the queue with another remote\n"
        "  git config backportq.repository PATH    keeps it in a repository of its own\n"
    )
    for no in ("", "n"):
        assert answered(ada.repo.path, question, no, "sync") == (f"{question}{no}\n{refused}", 1)
    assert remote.git("for-each-ref") == ""
    assert answered(ada.repo.path, question, "y", "sync") == (
        f"{question}y\ngiven to 'origin': 1 change\nbranch 'backportq' is new there\n",
        0,
    )
    assert remote.id("backportq") == ada.store.tip()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--json",), '{"schema":1,"remote":"origin","result":"gave",'),
        (("--dry-run",), "would have given to 'origin': 1 change\nbranch 'backportq' would be new there\n"),
        (("--no-push",), "made here: 1 change, not pushed\n"),
    ],
)
def test_sync_on_a_terminal_does_not_ask_a_script_or_where_nothing_is_made(
    tmp_path: Path, words: tuple[str, ...], shown: str
) -> None:
    _, ada, question = _first(tmp_path)
    said, status = answered(ada.repo.path, question, "n", "sync", *words)
    assert status == 0
    assert shown in said  # where the machine is busy, behind a line of progress
    assert question not in said


def test_sync_on_a_terminal_does_not_ask_about_a_branch_that_is_put_back(tmp_path: Path) -> None:
    remote, ada, question = _first(tmp_path)
    assert run("sync", cwd=ada.repo.path).status == 0
    remote.git("update-ref", "-d", "refs/heads/backportq")
    said, status = answered(ada.repo.path, question, "n", "sync", "--restore")
    assert (said, status) == ("given to 'origin': 1 change\nbranch 'backportq' is new there\n", 0)


def test_sync_on_a_terminal_shows_the_address_without_its_password(tmp_path: Path) -> None:
    remote, ada, _ = _first(tmp_path)
    ada.repo.git("remote", "set-url", "origin", f"file://ada:secret@localhost{remote.path}")
    question = f"'origin' (file://localhost{remote.path}) has no queue yet: create branch 'backportq' there? [y/N]: "
    said, _ = answered(ada.repo.path, question, "n", "sync")
    assert said.startswith(question)
    assert "secret" not in said


def test_sync_goes_where_the_users_git_goes(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    ada.repo.git("remote", "set-url", "origin", "made-up:queue.git")
    ada.decide(setting(1, assignee="ada"))
    settings = tmp_path / "gitconfig"
    settings.write_text(f'[url "{remote.path}"]\n\tinsteadOf = made-up:queue.git\n')
    ran = run("sync", cwd=ada.repo.path, env={"GIT_CONFIG_GLOBAL": str(settings)})
    assert ran == Ran("given to 'origin': 1 change\n", "", 0)
    assert remote.id("backportq") == ada.store.tip()


@pytest.mark.parametrize("command", ["status", "pending"])
def test_reading_commands_say_how_far_the_queue_is_from_its_remote(tmp_path: Path, command: str) -> None:
    """What was last fetched is compared, without asking the remote."""
    remote, ada, bo = shared(tmp_path)
    for clone in (ada, bo):
        clone.repo.commit("one")
        clone.repo.git("branch", "stable-1")
        clone.repo.git("branch", "release/2")
    assert run(command, cwd=bo.repo.path).err == ""
    ada.decide(setting(1, assignee="ada"))
    ada.decide(setting(1, note="x"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    assert "note: the queue is 1 ahead of 'origin' as last fetched; run 'backportq sync'\n" in run(
        command, cwd=bo.repo.path
    ).err.replace("\n  ", " ")
    bo.repo.git("fetch", "-q")
    remote.path.rename(tmp_path / "offline")
    assert "note: the queue is 1 ahead of and 2 behind 'origin' as last fetched; run 'backportq sync'\n" in run(
        command, cwd=bo.repo.path
    ).err.replace("\n  ", " ")
    if command == "status":
        assert json.loads(run("status", "--json", cwd=bo.repo.path).out)["remote"] == {
            "name": "origin",
            "ahead": 1,
            "behind": 2,
        }
