"""`sync` as a person runs it: what it says, its JSON, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import Ran, run
from tests.cli.test_json_shapes import SHAPES
from tests.driver import TestRepo
from tests.queue.shared_queue import item, setting, shared


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
    assert run("sync", cwd=ada.repo.path).out == "given to 'team': 1 change\n"
    assert other.id("backportq") == remote.id("backportq")


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
