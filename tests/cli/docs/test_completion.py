"""What bash offers after a tab: asked of a real bash, in a repository with a queue."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from backportq.cli import app
from backportq.cli.docs.completion import completion
from tests.cli.program import run
from tests.driver import TestRepo

SCRIPT = Path(__file__).parents[3] / "docs/completion/backportq.bash"
GIT_COMPLETION = Path("/usr/share/bash-completion/completions/git")

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


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


def _bash(script: str, cwd: Path) -> list[str]:
    done = subprocess.run(["bash", "--norc", "-c", script], cwd=cwd, capture_output=True, text=True)
    assert done.stderr == ""
    return sorted(done.stdout.split("\n")[:-1])


def _offered(repo: Path, *words: str) -> list[str]:
    """Return what is offered for the last of `words`, which follow the program."""
    line = shlex.join(["backportq", *words])
    asked = f"COMP_WORDS=({line}); COMP_CWORD={len(words)}; _backportq"
    return _bash(f". {shlex.quote(str(SCRIPT))}; {asked}; printf '%s\\n' \"${{COMPREPLY[@]}}\"", repo)


def test_script_is_the_file() -> None:
    assert SCRIPT.read_text() == completion(), "if the change is meant: make docs"


def test_file_that_git_looks_for_reads_the_one_beside_it(queued: TestRepo, tmp_path: Path) -> None:
    shutil.copy(SCRIPT, tmp_path / "backportq")  # the names under which both are installed
    shutil.copy(SCRIPT.with_name("git-backportq.bash"), tmp_path / "git-backportq")
    asked = "words=(git backportq unt); cword=2; _git_backportq"
    script = f". {shlex.quote(str(tmp_path / 'git-backportq'))}; {asked}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    assert _bash(script, queued.path) == ["untag "]


def test_commands_are_offered(queued: TestRepo) -> None:
    assert _offered(queued.path, "") == sorted(verb.name for verb in app.available())
    assert _offered(queued.path, "un") == ["unassign", "undo", "untag"]
    assert _offered(queued.path, "--no-") == ["--no-color", "--no-pager"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("pending", "--s"), ["--since", "--state"]),
        (("pending", ""), ["stable-1.0", "stable-1.1"]),
        (("pending", "stable-1.0", "stable-1.1"), ["stable-1.1"]),
        (("pending", "--state", ""), ["deferred", "in-progress", "pending", "waiting"]),
        (("pending", "--verdict", "c"), ["clean", "conflict"]),
        (("pending", "--verdict", "=", "cl"), ["clean"]),
        (("pending", "--verdict", "="), ["clean", "conflict", "empty"]),
        (("pending", "--verdict", "clean", "--priority", "h"), ["high"]),
        (("assign", "--to", ""), ["ada"]),
        (("tag", "--priority", "s"), ["security"]),
        (("tag", "-m", "st"), [""]),
        (("explain", "master", "st"), ["stable-1.0", "stable-1.1"]),
        (("people", "i"), ["import"]),
        (("people", "remove", ""), ["ada"]),
        (("edit", ""), ["config", "people", "stable-1.0", "stable-1.1"]),
        (("init", "--upstream", "t"), ["topic"]),
        (("tag", "--mail", "fi"), ["file"]),
        (("undo", ""), [""]),
    ],
    ids=" ".join,
)
def test_what_a_command_takes_is_offered(queued: TestRepo, words: tuple[str, ...], offered: list[str]) -> None:
    assert _offered(queued.path, *words) == offered


def test_commits_of_open_items_and_refs_are_offered(queued: TestRepo) -> None:
    item = queued.git("rev-parse", "master")[:12]
    assert _offered(queued.path, "show", item[:3]) == [item]
    assert _offered(queued.path, "take", "top") == ["topic"]


def test_repository_of_minus_c_is_asked(queued: TestRepo, tmp_path: Path) -> None:
    assert _offered(tmp_path, "-C", str(queued.path), "status", "stable-1.0") == ["stable-1.0"]


def test_queue_of_another_repository_is_asked(queued: TestRepo, tmp_path: Path) -> None:
    other = TestRepo.create(tmp_path / "other")
    other.git("config", "backportq.repository", str(queued.path))
    assert _offered(other.path, "status", "") == ["stable-1.0", "stable-1.1"]
    other.git("config", "backportq.ref", "elsewhere")
    assert _offered(other.path, "status", "") == [""]


def test_nothing_is_offered_or_said_outside_a_repository(tmp_path: Path) -> None:
    assert _offered(tmp_path, "pending", "") == [""]


def test_names_of_refs_run_nothing(queued: TestRepo) -> None:
    """A name that bash would expand is offered as what bash reads as that name."""
    name = "evil$(touch${IFS}seen)"
    queued.git("branch", name)
    offered = _offered(queued.path, "show", "evil")
    queued.git("branch", "-D", name)
    assert [shlex.split(word) for word in offered] == [[name]]
    assert not (queued.path / "seen").exists()


@pytest.mark.skipif(not GIT_COMPLETION.exists(), reason="git's own completion is not installed")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("git", "backportq", "unt"), ["untag"]),
        (("git", "backportq", "status", "stable-1.1"), ["stable-1.1"]),
        (("git", "--no-pager", "backportq", "pending", "--verdict", "e"), ["empty"]),
    ],
    ids=" ".join,
)
def test_git_completes_its_command(queued: TestRepo, words: tuple[str, ...], offered: list[str]) -> None:
    line = shlex.join(words)
    asked = f"COMP_LINE={shlex.quote(line)}; COMP_POINT={len(line)}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}"
    sourced = "; ".join(f". {shlex.quote(str(path))}" for path in (GIT_COMPLETION, SCRIPT))
    said = _bash(f"{sourced}; {asked}; __git_wrap__git_main; printf '%s\\n' \"${{COMPREPLY[@]}}\"", queued.path)
    assert said == [f"{word} " for word in offered]
