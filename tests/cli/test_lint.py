"""`lint` as a person, an editor and a CI job run it: formats, exit codes, and the line that it adds."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import run
from tests.driver import TestRepo


@pytest.fixture
def queued(repo: TestRepo) -> TestRepo:
    """A queue over one stable branch that has the commit tagged `bug`."""
    repo.commit("crane: lift boxes", {"crane": "1\n2\n"})
    repo.git("tag", "bug")
    repo.git("branch", "stable-1.0")
    repo.commit("more", {"more": "1\n"})
    assert run("init", "--branch", "stable-1.0", "--dialect", "xen", cwd=repo.path).status == 0
    return repo


def _message(repo: TestRepo, text: str) -> str:
    (repo.path / "MSG").write_text(text)
    return "MSG"


def test_lint_says_where_what_and_how_and_fails_for_errors_alone(queued: TestRepo) -> None:
    bug = queued.id("bug")[:12]
    done = run("lint", _message(queued, f"a: b\n\nFixes: {bug}\n"), cwd=queued.path)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f'MSG:3: reminder: this fixes {bug} ("crane: lift boxes"), in stable-1.0 since 2023\n  Backport: 1.0+\n'
    )
    assert run("lint", "--strict", "MSG", cwd=queued.path).status == 1
    assert run("lint", _message(queued, "a: b\n\nBackport: soon\n"), cwd=queued.path).status == 1


def test_lint_write_adds_the_line_where_git_puts_trailers(queued: TestRepo) -> None:
    bug = queued.id("bug")[:12]
    _message(queued, f"a: b\n\nText.\n\nFixes: {bug}\n\n# comment\n")
    assert run("lint", "--write", "MSG", cwd=queued.path).status == 0
    assert (queued.path / "MSG").read_text() == f"a: b\n\nText.\n\nFixes: {bug}\nBackport: 1.0+\n\n# comment\n"
    done = run("lint", "--write", "MSG", cwd=queued.path)
    assert done.out == "1 message checked, nothing to say\n"


@pytest.mark.parametrize("target", ["-", "HEAD", "nowhere"])
def test_lint_write_without_a_file_is_wrong_usage(queued: TestRepo, target: str) -> None:
    assert run("lint", "--write", target, cwd=queued.path, stdin="a\n").status == 2


def test_lint_of_nothing_known_says_what_it_takes(queued: TestRepo) -> None:
    done = run("lint", "nowhere", cwd=queued.path)
    assert done.status == 3
    assert "'nowhere' is neither a commit nor a file" in done.err
    assert "backportq lint A..B, COMMIT, FILE or -" in done.err


def test_lint_json_has_every_key_of_the_contract(queued: TestRepo) -> None:
    document = json.loads(run("lint", "-", "--json", cwd=queued.path, stdin="a: b\n\nBackport: soon\n").out)
    (finding,) = document["findings"]
    assert document["schema"] == 1
    assert finding == {
        "commit": None,
        "source": "(standard input)",
        "line": 3,
        "level": "error",
        "code": "malformed-tag",
        "text": "'Backport: soon': wanted versions such as '4.9+' or '4.14, 4.15', found 'soon'",
        "suggestion": None,
    }


def test_lint_annotations_of_forges_are_what_they_read(queued: TestRepo) -> None:
    _message(queued, "a: 100%\n\nBackport: so,on: 5%\n")
    github = run("lint", "MSG", "--format", "github", cwd=queued.path).out
    assert github.startswith("::error file=MSG,line=3,title=malformed-tag::'Backport: so,on: 5%25': wanted")
    (entry,) = json.loads(run("lint", "MSG", "--format", "gitlab", cwd=queued.path).out)
    assert (entry["severity"], entry["location"]) == ("major", {"path": "MSG", "lines": {"begin": 3}})
    log = json.loads(run("lint", "MSG", "--format", "sarif", cwd=queued.path).out)
    (result,) = log["runs"][0]["results"]
    rule = log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (rule["id"], result["level"]) == (result["ruleId"], "error")


def test_lint_reads_a_mailbox(queued: TestRepo) -> None:
    queued.commit("x: y\n\nBackport: soon\n", {"x": "1\n"})
    patch = queued.git("format-patch", "--stdout", "-1")
    done = run("lint", "-", cwd=queued.path, stdin=patch)
    assert done.status == 1
    assert patch.split("\n")[int(done.out.split(":")[1]) - 1] == "Backport: soon"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
def test_lint_commit_in_another_encoding(queued: TestRepo, encoding: str) -> None:
    queued.git("config", "i18n.commitEncoding", encoding)
    queued.git("commit", "-q", "--allow-empty", "-F", "-", stdin="naïve\n\nBackport: später\n".encode(encoding))
    assert "'Backport: später'" in run("lint", "HEAD", cwd=queued.path).out
