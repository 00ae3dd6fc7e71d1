"""The examples for the CI of forges: valid by the published schemas, and their shell parts do what they say.

What only a host has (a checkout of theirs, Pages, tokens) is not run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.build import build
from tests.driver import TestRepo

EXAMPLES = Path(__file__).parents[1] / "docs/examples"
GITHUB, GITLAB = EXAMPLES / "github-workflow.yml", EXAMPLES / "gitlab-ci.yml"


@pytest.mark.parametrize(("path", "schema"), [(GITHUB, "vendor.github-workflows"), (GITLAB, "vendor.gitlab-ci")])
def test_example_fits_the_published_schema(path: Path, schema: str) -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [str(checker)] if checker.exists() else [sys.executable, "-m", "check_jsonschema"]
    done = subprocess.run([*command, "--builtin-schema", schema, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestRepo:
    """A fresh clone of a project with a queue, as a job of CI finds it."""
    build("demo", tmp_path / "work")
    subprocess.run(["git", "clone", "-q", "--bare", tmp_path / "work", tmp_path / "server.git"], check=True)
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for name in ("pip", "pipx"):  # what they would install is this program
        (stubs / name).write_text("#!/bin/sh\nexit 0\n")
        (stubs / name).chmod(0o755)
    path = os.pathsep.join((str(stubs), str(Path(sys.executable).parent), os.environ["PATH"]))
    monkeypatch.setenv("PATH", path)
    first = _clone(tmp_path, "first")
    for command in (["backportq", "init"], ["backportq", "scan"], ["git", "push", "-q", "origin", "backportq"]):
        subprocess.run(command, cwd=first.path, check=True, capture_output=True)
    return _clone(tmp_path, "clone")


def _clone(folder: Path, name: str) -> TestRepo:
    subprocess.run(["git", "clone", "-q", folder / "server.git", folder / name], check=True)
    return TestRepo(folder / name, tick=3_000_000)


def _steps_of_github(job: str) -> list[str]:
    steps: list[dict[str, Any]] = yaml.safe_load(GITHUB.read_text())["jobs"][job]["steps"]
    return [step["run"] for step in steps if "run" in step]


def _steps_of_gitlab(job: str) -> list[str]:
    found = yaml.safe_load(GITLAB.read_text())
    lines = [*found[found[job]["extends"]]["before_script"], *found[job]["script"]]
    return ["\n".join(line for line in lines if "set-url" not in line)]  # the token and the host are theirs


def _run(repo: TestRepo, steps: list[str], **env: str) -> int:
    """Run steps as a host does: each in a shell that ends with the first command that fails."""
    for step in steps:
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", step], cwd=repo.path, env={**os.environ, **env})
        if done.returncode:
            return done.returncode
    return 0


@pytest.mark.parametrize(
    ("steps", "folder"),
    [(_steps_of_github("report"), "site"), (_steps_of_gitlab("pages"), "public")],
    ids=["github", "gitlab"],
)
def test_nightly_job_shares_the_queue_and_writes_the_report(clone: TestRepo, steps: list[str], folder: str) -> None:
    env = {"PAGES": "https://example.org/p/", "CI_PAGES_URL": "https://example.org/p/", "CI_SERVER_HOST": "example.org"}
    assert _run(clone, steps, **env) == 0
    assert (clone.path / folder / "index.html").is_file()
    assert 'href="https://example.org/p/feed.atom"' in (clone.path / folder / "feed.atom").read_text()
    assert clone.git("status", "--porcelain") == f"?? {folder}/"


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_job_of_a_request_fails_on_a_tag_that_cannot_be_read(clone: TestRepo, forge: str) -> None:
    steps = _steps_of_github("lint") if forge == "github" else _steps_of_gitlab("backport-tags")
    base = clone.id("HEAD")

    def run() -> int:
        ends = {"BASE": base, "HEAD": clone.id("HEAD")}
        return _run(clone, steps, **ends, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, CI_COMMIT_SHA=clone.id("HEAD"))

    clone.commit("crane: paint it", {"paint": "1\n"})
    assert run() == 0
    clone.commit('crane: mend it\n\nFixes: 123456789abc ("what nobody wrote")\n', {"mend": "1\n"})
    assert run() == 1


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_job_of_a_stable_branch_says_whether_it_is_ready(clone: TestRepo, forge: str) -> None:
    steps = _steps_of_github("check") if forge == "github" else _steps_of_gitlab("release-check")
    assert _run(clone, steps, BRANCH="stable-1.2", CI_COMMIT_BRANCH="stable-1.2") == 1
