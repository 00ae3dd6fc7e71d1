"""What the shells offer after a tab: asked of real ones, in a repository with a queue."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from backportq.cli import app
from backportq.cli.docs.completion import SHELLS as FILES
from backportq.cli.docs.completion import completion
from tests.cli.docs.completing_shells import SCRIPTS, offered, said
from tests.cli.program import run
from tests.driver import TestRepo

GIT_COMPLETION = Path("/usr/share/bash-completion/completions/git")


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    """Each of the shells that is installed here."""
    name = str(request.param)
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed: apt-get install {name}")
    return name


@pytest.fixture(scope="module")
def queued(tmp_path_factory: pytest.TempPathFactory) -> TestRepo:
    """A repository with two stable branches, an open item, and a person."""
    repo = TestRepo.create(tmp_path_factory.mktemp("completion") / "repo")
    start = repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.git("branch", "stable-1.1")
    repo.git("branch", "topic")
    repo.commit(f'repair\n\nFixes: {start[:12]} ("start")', {"file": "2\n"})
    for arguments in (
        ("init", "--upstream", "master", "--branch", "stable-1.0", "--branch", "stable-1.1", "--dialect", "linux"),
        ("scan",),
        ("people", "add", "Ada Author <ada@example.org>"),
    ):
        assert run(*arguments, cwd=repo.path).status == 0
    return repo


@pytest.mark.parametrize("file", FILES)
def test_scripts_are_the_files(file: str) -> None:
    assert (SCRIPTS / file).read_text() == completion(file), "if the change is meant: make docs"


def test_commands_are_offered(shell: str, queued: TestRepo) -> None:
    assert offered(shell, queued.path, "backportq ") == sorted(verb.name for verb in app.available())
    assert offered(shell, queued.path, "backportq --no-") == ["--no-color", "--no-pager"]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("backportq unt", ["untag"]),
        ("backportq pending --st", ["--state"]),
        ("backportq pending sta", ["stable-1.0", "stable-1.1"]),
        ("backportq pending stable-1.0 stable-1.1", ["stable-1.1"]),
        ("backportq pending --state ", ["deferred", "in-progress", "pending", "waiting"]),
        ("backportq pending --verdict c", ["clean", "conflict"]),
        ("backportq pending --verdict clean --priority h", ["high"]),
        ("backportq assign --to ", ["ada"]),
        ("backportq tag --priority s", ["security"]),
        ("backportq explain master st", ["stable-1.0", "stable-1.1"]),
        ("backportq people i", ["import"]),
        ("backportq mail q", ["queued"]),
        ("backportq mail call st", ["stable-1.0", "stable-1.1"]),
        ("backportq priority h", ["high"]),
        ("backportq mine a", ["ada"]),
        ("backportq try master st", ["stable-1.0", "stable-1.1"]),
        ("backportq people remove ", ["ada"]),
        ("backportq edit ", ["config", "people", "stable-1.0", "stable-1.1"]),
        ("backportq init --upstream t", ["topic"]),
        ("backportq take top", ["topic"]),
        ("backportq tag --mail fi", ["file"]),
        ("backportq pending -q over", ["overdue"]),
        ("backportq pending -q 'overdue una", ["overdue unassigned"]),
        ("backportq pending -q 'overdue branch:st", ["overdue branch:stable-1.0", "overdue branch:stable-1.1"]),
        ("backportq pending -q '-verdict:c", ["-verdict:clean", "-verdict:conflict"]),
        ("backportq pending -q 'assignee:me,a", ["assignee:me,ada"]),
    ],
)
def test_what_a_command_takes_is_offered(shell: str, queued: TestRepo, line: str, wanted: list[str]) -> None:
    assert offered(shell, queued.path, line) == wanted


def test_values_after_an_equals_sign_are_offered(shell: str, queued: TestRepo) -> None:
    before = "--verdict=" if shell == "fish" else ""  # fish replaces the whole word
    assert offered(shell, queued.path, "backportq pending --verdict=c") == [f"{before}clean", f"{before}conflict"]


def test_bare_query_is_completed_after_its_colon(shell: str, queued: TestRepo) -> None:
    before = "" if shell == "bash" else "branch:"  # bash replaces what is after the colon only
    wanted = [f"{before}stable-1.0", f"{before}stable-1.1"]
    assert offered(shell, queued.path, "backportq pending -q branch:sta") == wanted


def test_commits_of_open_items_are_offered(shell: str, queued: TestRepo) -> None:
    item = queued.git("rev-parse", "master")[:12]
    assert offered(shell, queued.path, f"backportq show {item[:3]}") == [item]


def test_repository_of_minus_c_is_asked(shell: str, queued: TestRepo, tmp_path: Path) -> None:
    assert offered(shell, tmp_path, f"backportq -C {queued.path} status stable-1.0") == ["stable-1.0"]


def test_nothing_is_offered_or_said_outside_a_repository(shell: str, tmp_path: Path) -> None:
    assert offered(shell, tmp_path, "backportq status ") == []


def test_names_of_refs_run_nothing(shell: str, queued: TestRepo) -> None:
    """A name that a shell would expand is offered as what it reads as that name."""
    name = "evil$(touch${IFS}seen)"
    queued.git("branch", name)
    found = offered(shell, queued.path, "backportq show evil")
    queued.git("branch", "-D", name)
    assert [shlex.split(one) if shell == "bash" else [one] for one in found] == [[name]]
    assert not (queued.path / "seen").exists()


def test_shells_show_the_subjects_of_commits(queued: TestRepo) -> None:
    item = queued.git("rev-parse", "master")[:12]
    assert run("--complete", "COMMIT", item[:4], cwd=queued.path).out == f"{item}\trepair\n"


@pytest.mark.parametrize("line", ["git backportq unt", "git backportq pending --verdict e"])
def test_git_completes_its_command(shell: str, queued: TestRepo, line: str) -> None:
    wanted = {"git backportq unt": ["untag"], "git backportq pending --verdict e": ["empty"]}[line]
    if shell != "bash":
        assert offered(shell, queued.path, line) == wanted
        return
    if not GIT_COMPLETION.exists():
        pytest.skip("git's own completion is not installed: apt-get install bash-completion")
    words = line.split()
    asked = f"COMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}"
    sourced = "; ".join(f". {shlex.quote(str(path))}" for path in (GIT_COMPLETION, SCRIPTS / "backportq.bash"))
    script = f"{sourced}; {asked}; __git_wrap__git_main; printf '%s\n' \"${{COMPREPLY[@]}}\""
    assert said(["bash", "--norc", "-c", script], queued.path) == [f"{word} " for word in wanted]


def test_files_that_git_and_fish_look_for_read_the_ones_beside_them(queued: TestRepo, tmp_path: Path) -> None:
    for file, installed in (("backportq.bash", "backportq"), ("git-backportq.bash", "git-backportq")):
        shutil.copy(SCRIPTS / file, tmp_path / installed)
    asked = "words=(git backportq unt); cword=2; _git_backportq"
    script = f". {shlex.quote(str(tmp_path / 'git-backportq'))}; {asked}; printf '%s\n' \"${{COMPREPLY[@]}}\""
    assert said(["bash", "--norc", "-c", script], queued.path) == ["untag "]
