"""What a letter says first: whose project it is, and where the program is to be had, which works for all who read."""

from __future__ import annotations

import json

import pytest

from backportq.services.mail.introduction import command_for, project_name
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

INSTALLED_FROM = {
    "a repository": (
        {"url": "https://forge.example/ada/backportq.git", "vcs_info": {"vcs": "git", "commit_id": "0" * 40}},
        "pipx install git+https://forge.example/ada/backportq.git",
    ),
    "an archive": (
        {"url": "https://forge.example/backportq.zip?x=1&y", "archive_info": {}},
        "pipx install 'https://forge.example/backportq.zip?x=1&y'",
    ),
    "a folder here": ({"url": "file:///home/ada/backportq", "dir_info": {"editable": True}}, ""),
    "no address": ({"url": 3}, ""),
    "no record": ([], ""),
}


@pytest.mark.parametrize("case", list(INSTALLED_FROM))
def test_command_for_what_the_program_was_installed_from(case: str) -> None:
    record, command = INSTALLED_FROM[case]
    assert command_for(json.dumps(record)) == command


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_command_for_what_is_no_record_is_none(text: str) -> None:
    assert command_for(text) == ""


def test_project_is_called_as_its_remote_calls_it(repo: TestRepo) -> None:
    repo.commit("start", {"a": "1\n"})
    repo.git("branch", "stable-1.0")
    project = start_queue(repo, stable("stable-1.0"))
    assert project_name(project) == "repo"
    for address in ("https://example.org/group/harbor.git", "git@example.org:harbor", "/srv/harbor/.git", "../harbor/"):
        repo.git("config", "remote.origin.url", address)
        assert project_name(project) == "harbor"
