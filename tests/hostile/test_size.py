"""Messages of many megabytes, and bombs: bounded time, bounded memory, a clear word."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.program import PROGRAM, Ran, run
from tests.driver import TestRepo

SECONDS = 60  # what a person would wait at most, on a machine that does other things too; linear reading takes a few
MEMORY = 1 << 30  # bytes; the design's promise


def _bounded(*arguments: str, cwd: Path) -> Ran:
    """Run the program with at most the memory that the design promises."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

    begin = time.monotonic()
    done = subprocess.run(
        [PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, timeout=SECONDS * 2, preexec_fn=limit
    )
    assert time.monotonic() - begin < SECONDS
    return Ran(done.stdout, done.stderr, done.returncode)


def _repo(folder: Path, *messages: bytes) -> TestRepo:
    repo = TestRepo.create(folder / "repo")
    start = repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    for message in messages:
        text = message.replace(b"START", start.encode())
        stream = b"commit refs/heads/master\ncommitter M <m@example.org> 1700000100 +0000\ndata %d\n" % len(text)
        stream += text + b"\nfrom refs/heads/master^0\n"
        repo.git("fast-import", "--quiet", "--force", stdin=stream)
    assert run("init", "--branch", "stable-1.0", "--dialect", "xen", "--dialect", "linux", cwd=repo.path).status == 0
    return repo


DEEP = bool(os.environ.get("BACKPORTQ_DEEP"))
MANY = 1_000_000 if DEEP else 50_000
"""Lines of a message, each of some twenty bytes: 20 MB when it is meant."""


@pytest.mark.parametrize(
    "message",
    [
        b'fix\n\nFixes: START ("start")\n\n' + b"lorem ipsum dolor\n" * MANY,
        b"fix\n\n" + b"lorem ipsum dolor" * MANY + b'\n\nFixes: START ("start")\n',
        b"fix\n\n" + b'Fixes: START ("start")\n' * MANY,
        b"fix\n\n" + b"".join(b'Fixes: START ("start %d")\n' % number for number in range(MANY)),
        b"fix\n\n" + b"Backport: soon\n" * MANY,
        b"lorem ipsum dolor" * MANY,
    ],
    ids=["prose", "one-line", "the-same-fixes", "different-fixes", "malformed", "subject"],
)
def test_message_of_twenty_megabytes_is_scanned(tmp_path: Path, message: bytes) -> None:
    repo = _repo(tmp_path, message, b'another\n\nFixes: START ("start")\n')
    scanned = _bounded("scan", cwd=repo.path)
    assert scanned.status == 0, scanned.err[:500]
    assert len(scanned.out) + len(scanned.err) < 100_000
    for command in (("pending",), ("status",), ("show", "master~1"))[:: 1 if DEEP else 2]:
        ran = _bounded(*command, cwd=repo.path)
        assert ran.status == 0, ran.err[:500]
    items = json.loads(_bounded("pending", "--json", cwd=repo.path).out)["items"]
    assert "another" in [each["subject"] for each in items]
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def _configure(repo: TestRepo, text: str) -> None:
    """Commit a configuration by hand, as somebody who may push could."""
    blob = repo.git("hash-object", "-w", "--stdin", stdin=text)
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tconfig.toml\n")
    repo.git("update-ref", "refs/heads/backportq", repo.git("commit-tree", tree, "-p", "backportq", "-m", "by hand"))


CONFIG = 'schema = 1\nupstream = "master"\n\n[[branch]]\nname = "stable-1.0"\nversion = "1.0"\n\n'


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*b", "(.*)*x", "(?:a?){50}a{50}", "([a-z]+)*[A-Z]"])
def test_rule_with_an_exponential_pattern_takes_linear_time(tmp_path: Path, pattern: str) -> None:
    repo = _repo(tmp_path, b"a" * 100_000 + b"!\n\n" + b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n" * 20_000)
    _configure(repo, f"{CONFIG}[[rule]]\nname = \"bomb\"\npattern = '{pattern}'\n")
    ran = _bounded("scan", cwd=repo.path)
    assert ran.status == 0, ran.err


@pytest.mark.parametrize("pattern", ["(a)\\\\1", "(?=a)", "((a{100}){100}){100}", "(" * 500 + ")" * 500])
def test_rule_whose_pattern_cannot_be_bounded_is_refused_by_name(tmp_path: Path, pattern: str) -> None:
    repo = _repo(tmp_path, b"a\n")
    _configure(repo, f'{CONFIG}[[rule]]\nname = "bomb"\npattern = "{pattern}"\n')
    ran = _bounded("scan", cwd=repo.path)
    assert ran.status in (0, 3)
    assert "Traceback" not in ran.err
    if ran.status == 3:
        assert "config.toml" in ran.err or "bomb" in ran.err


BOMBS = {
    "deep arrays": "x = " + "[" * 100_000 + "]" * 100_000,
    "deep tables": "x = " + "{a = " * 50_000 + "1" + "}" * 50_000,
    "a long dotted key": "a" + ".a" * 100_000 + " = 1",
    "deep headers": "[" + "a." * 100_000 + "a]",
    "many keys": "\n".join(f"k{number} = {number}" for number in range(300_000)),
    "a long string": 'x = "' + "y" * 20_000_000 + '"',
    "a huge number": "x = " + "9" * 100_000,
    "no end": 'x = """' + "\n" * 1_000_000,
    "NUL": "x = 1\0",
    "too large": "#" * (65 << 20),
}


@pytest.mark.parametrize("name", BOMBS)
def test_toml_bomb_is_refused_with_the_file(tmp_path: Path, name: str) -> None:
    repo = _repo(tmp_path, b"a\n")
    _configure(repo, f'schema = 1\nupstream = "master"\n{BOMBS[name]}\n')
    for command in (("pending",), ("scan",))[: 2 if DEEP else 1]:
        ran = _bounded(*command, cwd=repo.path)
        assert "Traceback" not in ran.err
        assert ran.status in (0, 3), ran.err[:500]
        if ran.status == 3:
            assert ran.err.startswith("error: config.toml:"), ran.err[:500]
            assert len(ran.err) < 2_000
