"""What the documents tell a reader to type without showing what comes of it is run, too, line by line.

Lines of console blocks are compared with what they print in `test_documents.py`. Here are those of indented blocks and
of blocks for a shell. What a page leaves to its reader (a commit, a file, another project's branch) has a stand-in;
every other word is typed as it stands. A page that is not listed fails, and so does a stand-in for what no page says.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import PROGRAM

ROOT = Path(__file__).parent.parent
_PROGRAMS = re.compile(
    r"(\. |(export|backportq|git|gh|glab|make|pip|pipx|python3?|cd|source|day=|~/\.backportq/\S+)\b)"
)
_FENCED = re.compile(r"^```(?P<language>[a-z]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"\s{2,}\S.*$|\s+# .*$")
_EXEMPT = {
    "docs/cli.md": "a synopsis, written from the program",
    "docs/design.md": "shapes",
    "docs/architecture.md": "a drawing",
    "docs/testing.md": "the tests themselves",
    "docs/server.md": "run by test_server.py",
}
_UNTYPED = {
    "make demo": "prints what demo.sh runs, in an environment that `make` sets up",
    "source (pipx": "for fish; completion is asked of it in tests/cli/docs",
    "backportq board": "needs a terminal; tests/cli/board has one",
    "backportq report --html site --serve": "never ends; tests/web/test_serve.py",
}
MOOR = "6d75c1bb99dac7c4344e1bf85592e373d40e7992"  # conflicts on each branch of the demo
_LABELLED = (
    f'[{{"number": 1, "title": "t", "labels": [{{"name": "backport-1.2"}}], "mergeCommit": {{"oid": "{MOOR}"}}}}]'
)
_PICK_STATUS = f'[{{"sha": "{MOOR}", "description": "berth", "nominated": true, "resolution": 0}}]'
_STATUS_FILE = f" * {MOOR}\n   berth: do not moor where a ship lies\n"
_PERSON = "backportq people add 'Cora Committer <cora@example.org>'"
_MAIL = f"From: Anne Anchor <anne@harbor.example>\nMessage-ID: <1@harbor.example>\n\nbackport: {MOOR} 1.2\n"


@dataclass(frozen=True)
class Typed:
    """How the lines of a page are typed: in which repository, with a queue or without, after what, and with what in
    the place of what."""

    repository: str = "demo"
    queue: bool = True
    before: str = ""
    stand_ins: Mapping[str, str] = field(default_factory=dict)


PAGES = {
    "README.md": Typed(
        queue=False,
        stand_ins={
            "cd your/clone": "cd .",
            "backportq people import": f"{_PERSON}; backportq people import",
            "--mail FILE": "--mail mail --dry-run",
            "--mbox FILE": "--mbox calls",
            "check stable-1.2": "check stable-1.2 || test $? = 1",
        },
    ),
    "docs/cadence.md": Typed(
        before="git clone -q --bare . xen.git; git -C xen.git branch -q -D backportq",
        stand_ins={
            "[--months 36] [--json]": "--months 36 --json",
            "2018-07-31T12": "2026-04-12T12",
            "day=2018-07-31": "day=2026-04-12",
            "stable-4.10": "stable-1.1",
        },
    ),
    "docs/import.md": Typed(
        stand_ins={
            "git show origin/staging/24.2:.pick_status.json": "cat pick_status",
            "--branch 24.2": "--branch 1.2",
            "git show origin/1.14.x:STATUS": "cat status",
            "--branch 1.14.x": "--branch 1.2",
        }
    ),
    "docs/lint.md": Typed(
        stand_ins={"lint A..B": "lint HEAD~1..HEAD", "--write MSG": "--write message"},
    ),
    "docs/picking.md": Typed(
        stand_ins={
            "backportq pick COMMIT… --branch 4.18": f"backportq pick {MOOR} --branch 1.2 || test $? = 4",
            "cd …/worktree": 'cd "$(backportq pick --status --json | jq -r .picks[0].worktree)" &&'
            " git checkout -q --theirs . && git add -A",
            "backportq pick --skip": f'cd "$HERE"; backportq pick {MOOR} -b 1.1 || test $? = 4;'
            " backportq pick --skip || test $? = 1",
            "backportq pick --abort": f"backportq pick {MOOR} -b 1.0 || test $? = 4; backportq pick --abort",
            "4.18 [--mine] [--priority security] [--query …] [--exec 'make -j2' --timeout 20m]": "1.2 --mine"
            " --priority security --query path:harbor/ --exec 'make -j2' --timeout 20m || test $? = 1",
        },
    ),
    "docs/projects.md": Typed(
        queue=False,
        before="git remote remove origin; git clone -q --bare . ../stable.git; git branch -q -D stable-1.0",
        stand_ins={"URL-OF-THE-STABLE-REPOSITORY": "../stable.git", "NAME": "stable-1.0"},
    ),
    "docs/report.md": Typed(),
    "docs/tutorial.md": Typed(stand_ins={"python -m fixtures.build demo demo": "mkdir demo"}),
    "docs/verdicts.md": Typed(),
    "docs/howto/ci.md": Typed(),
    "docs/howto/freebsd.md": Typed("freebsd"),
    "docs/howto/linux.md": Typed(
        "linux",
        queue=False,
        before="git remote remove origin; git clone -q --bare . ../stable.git",
        stand_ins={"stable URL": "stable ../stable.git", "make -j8'": "make -j8' || test $? = 1"},
    ),
    "docs/howto/xen.md": Typed("xen", stand_ins={"check stable-4.18": "check stable-4.18 || test $? = 1"}),
    "docs/coming-from/backport-bots.md": Typed(),
    "docs/coming-from/mesa-pick-ui.md": Typed(
        stand_ins={"git show origin/staging/25.2:.pick_status.json": "cat pick_status", "--branch 25.2": "--branch 1.2"}
    ),
    "docs/coming-from/svn-status.md": Typed(
        stand_ins={"git show origin/1.14.x:STATUS": "cat status", "--branch 1.14.x": "--branch 1.2 --yes"}
    ),
}
_NAMES = [str(page.relative_to(ROOT)) for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))]


def _lines(page: Path) -> list[str]:
    """Return what a page tells its reader to type, block by block; a block for a shell is one script."""
    found: list[str] = []
    text = page.read_text()
    for match in _FENCED.finditer(text):
        if match["language"] == "sh":
            found.append(match["body"])
        elif not match["language"]:
            found += [line for line in match["body"].split("\n") if _PROGRAMS.match(line)]
    plain = _FENCED.sub("", text)
    found += [line.strip() for line in plain.split("\n") if line.startswith("    ") and _PROGRAMS.match(line.strip())]
    return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Programs that would install something or ask a forge are stubs; all others are the machine's."""
    home = tmp_path_factory.mktemp("typing")
    scripts = dict.fromkeys(("make", "pip", "python3"), "exit 0")
    scripts |= dict.fromkeys(("gh", "glab"), f"echo '{_LABELLED}'")
    scripts["pipx"] = f'test "$1" = install || echo "{home}"'
    environment_bin, stubs = home / ".backportq" / "bin", home / "bin"
    for folder in (environment_bin, stubs):
        folder.mkdir(parents=True)
    for name, script in scripts.items():
        (stubs / name).write_text(f"#!/bin/sh\n{script}\n")
        (stubs / name).chmod(0o755)
    (environment_bin / "pip").symlink_to(stubs / "pip")
    (environment_bin / "backportq").symlink_to(PROGRAM)
    (environment_bin / "activate").touch()
    for shell in ("share/bash-completion/completions", "share/zsh/site-functions"):
        (home / "backportq" / shell).mkdir(parents=True)
        for name in ("backportq", "_backportq"):
            (home / "backportq" / shell / name).touch()
    path = os.pathsep.join((str(stubs), str(PROGRAM.parent), os.environ["PATH"]))
    return {**os.environ, "PATH": path, "HOME": str(home), "BACKPORTQ_NOW": "2026-04-15T09:00:00+00:00"}


@pytest.fixture(scope="module")
def made() -> dict[tuple[str, bool], Path]:
    """Repositories that were built, by name and by whether they have a queue."""
    return {}


@pytest.mark.parametrize("name", _NAMES)
def test_what_a_page_tells_its_reader_to_type_works(
    name: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    environment: Mapping[str, str],
    made: dict[tuple[str, bool], Path],
) -> None:
    lines = [] if name in _EXEMPT else _lines(ROOT / name)
    assert bool(lines) == (name in PAGES)
    if not lines:
        return
    page = PAGES[name]
    key = (page.repository, page.queue)
    if key not in made:
        made[key] = _prepared(tmp_path_factory.mktemp("typed"), page.repository, environment, queue=page.queue)
    shutil.copytree(made[key], tmp_path, symlinks=True, dirs_exist_ok=True)
    work = tmp_path / "work"
    files = {"pick_status": _PICK_STATUS, "status": _STATUS_FILE, "mail": _MAIL, "message": "tide: say why\n"}
    for file, text in files.items():
        (work / file).write_text(text)
    script = ["set -e -o pipefail", 'HERE="$PWD"']
    script.append(page.before)
    typed = [line for line in lines if not line.startswith(tuple(_UNTYPED))]
    for line in typed:
        script += [f"echo {shlex.quote(f'@@ {line}')} >&2", _typed(line, page.stand_ins)]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[done.stderr.rfind("@@ ") :]
    assert done.stderr.count("@@ ") == len(typed)
    assert [old for old in page.stand_ins if not any(old in line for line in lines)] == []


def _prepared(folder: Path, repository: str, environment: Mapping[str, str], *, queue: bool) -> Path:
    """Build a repository with a remote that has the same, and with a queue if that is wanted."""
    work = folder / "work"
    build(repository, work)
    commands = ["git clone -q --bare . ../origin.git", "git remote add origin ../origin.git", "git fetch -q"]
    commands += ["backportq init", "backportq scan", _PERSON] if queue else []
    subprocess.run(["bash", "-ec", "\n".join(commands)], cwd=work, env=environment, check=True, capture_output=True)
    return folder


def _typed(line: str, stand_ins: Mapping[str, str]) -> str:
    """Return what is typed: without the words that describe it, and with what stands for what the reader fills in."""
    bare = line if "\n" in line else _COMMENT.sub("", line)
    for old, new in stand_ins.items():
        bare = bare.replace(old, new)
    return bare
