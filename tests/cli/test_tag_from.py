"""`tag --from FILE`: matched with a real history, shown, confirmed, one change of the queue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backportq.cli.main import main
from fixtures.build import build
from tests.driver import TestRepo


@pytest.fixture
def demo(tmp_path: Path) -> TestRepo:
    build("demo", tmp_path / "demo")
    repo = TestRepo(tmp_path / "demo")
    for verb in ("init", "scan"):
        assert main(["-C", str(repo.path), verb]) == 0
    return repo


def _tag(repo: TestRepo, text: str, *options: str) -> int:
    (repo.path / "list").write_text(text)
    return main(["-C", str(repo.path), "tag", "--from", str(repo.path / "list"), *options])


def _log(repo: TestRepo) -> int:
    return int(repo.git("rev-list", "--count", "backportq"))


def test_list_is_nominated_in_one_change_and_once(demo: TestRepo, capfd: pytest.CaptureFixture[str]) -> None:
    readme = demo.git("log", "-1", "--format=%H", "--grep=number of the harbour master", "master")
    crane = demo.git("log", "-1", "--format=%h %s", "--grep=lower boxes", "master").split(" ", 1)[1]
    text = f"commit,subject,branch,why\n{readme[:12]},,1.1 1.2 9.9,the old number\n,{crane},stable-1.2,\ndeadbeef,,,\n"
    before = _log(demo)
    capfd.readouterr()
    assert _tag(demo, text, "--yes") == 0
    said = capfd.readouterr().out
    assert "table, 3 rows, 2 to nominate" in said
    assert "not 9.9 is no stable branch here" in said
    assert "line 4: deadbeef is no commit here" in said
    assert _log(demo) == before + 1
    assert main(["-C", str(demo.path), "show", readme, "--json"]) == 0
    branches = json.loads(capfd.readouterr().out)["branches"]
    assert [place["status"] for place in branches] == ["not-nominated", "pending", "pending"]
    assert [reason["text"] for reason in branches[1]["nominations"]] == ["the old number"]
    assert _tag(demo, text, "--yes") == 0
    assert _log(demo) == before + 1


def test_without_a_terminal_nothing_is_nominated_unasked(demo: TestRepo, capfd: pytest.CaptureFixture[str]) -> None:
    before, commit = _log(demo), demo.id("master")
    assert _tag(demo, f"{commit}\n") == 2
    assert "--yes nominates what is shown" in capfd.readouterr().err
    assert _tag(demo, f"{commit}\n", "--dry-run") == 0
    assert _log(demo) == before
    capfd.readouterr()
    assert _tag(demo, f"{commit}\n", "--dry-run", "--json") == 0
    (entry,) = json.loads(capfd.readouterr().out)["entries"]
    assert (entry["commits"], entry["found_by"], entry["problem"]) == ([commit], "id", None)


def test_revisions_of_subversion_are_found_by_what_messages_say(
    demo: TestRepo, capfd: pytest.CaptureFixture[str]
) -> None:
    demo.tick = 3_000_000
    message = "fix the log\n\ngit-svn-id: https://svn.example.org/repos/trunk@1890013 13f79535-47bb\n"
    fixed = demo.commit(message, {"log": "1\n"})
    capfd.readouterr()
    status = "Candidate changes:\n\n * r1890013\n   Fix the log.\n\n * r1\n   Nothing.\n"
    assert _tag(demo, status, "--branch", "stable-1.1", "--yes", "--json") == 0
    first, second = json.loads(capfd.readouterr().out)["entries"]
    assert (first["commits"], first["branches"], first["found_by"]) == ([fixed], ["stable-1.1"], "revision")
    assert second["problem"] == "r1 is no commit here"


def test_numbers_of_requests_and_labels(demo: TestRepo, capfd: pytest.CaptureFixture[str]) -> None:
    demo.tick = 3_000_000
    merged = demo.commit("berth: paint it (#42)", {"paint": "1\n"})
    capfd.readouterr()
    requests = [{"number": 42, "title": "paint", "labels": [{"name": "backport-1.2"}], "mergeCommit": None}]
    assert _tag(demo, json.dumps(requests), "--yes", "--json") == 0
    (entry,) = json.loads(capfd.readouterr().out)["entries"]
    assert (entry["commits"], entry["branches"], entry["found_by"]) == ([merged], ["stable-1.2"], "number")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--label", "backport"), "says nothing of the branch"),
        (("--priority", "high"), "--from takes no commits"),
        (("HEAD",), "--from takes no commits"),
    ],
)
def test_options_that_do_not_fit_are_told(
    demo: TestRepo, capfd: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    assert _tag(demo, "[]", *options) == 2
    assert words in capfd.readouterr().err
    assert main(["-C", str(demo.path), "tag", "--from", str(demo.path / "absent")]) == 2
