"""A repository whose commands meet faults, and these commands: every one that writes the queue, with what comes before.

Commands run as the program runs them, in processes forked from one that has everything loaded, so that a fault meets
the work and not the start of an interpreter.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from backportq.errors import QueueBusyError
from backportq.git.repository import discover
from backportq.model.ids import Oid
from backportq.queue.store import QueueStore
from fixtures.build import build
from tests.driver import TestRepo
from tests.queue.shared_queue import ADA, B1, at, setting

QUEUE = "refs/heads/backportq"
DEEP = bool(os.environ.get("BACKPORTQ_DEEP"))

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.faults.preloaded"])
_UNMADE = re.compile(r"^error: worktrees/[^/]*/HEAD: detached HEAD points at nothing$", re.MULTILINE)
_EDITOR = 'sh -c \'printf "\\n# by hand\\n" >>"$1"\' --'


@dataclass(frozen=True)
class Command:
    """What is typed, and what is typed before it to make it possible; `{item}` is an open item, `{next}` another one,
    `{conflict}` one that conflicts, `{fresh}` an upstream commit that is none, `{other}` one more. `starts` is the
    queue it begins with, `file` what it writes into the working tree."""

    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    starts: str = "scanned"
    env: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None

    def __str__(self) -> str:
        return "-".join(word.removeprefix("--") for word in self.words[:2] if not word.startswith("{"))


_ADA = ("people", "add", "Ada Author <ada@example.org>", "--key", "ada")
_CORA = ("people", "add", "Cora Committer <cora@example.org>", "--key", "cora")
_TAG = ("tag", "{fresh}", "--branch", "stable-1.2", "-m", "wanted")

COMMANDS = (
    Command(("init",), starts="absent"),
    Command(("scan",), starts="created"),
    Command(_TAG),
    Command(("untag", "{fresh}"), (_TAG,)),
    Command(("assign", "{item}", "--to", "ada"), (_ADA,)),
    Command(("unassign", "{item}"), (_ADA, ("assign", "{item}", "--to", "ada"))),
    Command(("take", "{item}"), (_CORA,)),
    Command(("hand-back", "{item}", "-m", "no time"), (_CORA, ("take", "{item}"))),
    Command(("decline", "{item}", "-m", "too risky")),
    Command(("defer", "{item}", "--until", "2027-01-01")),
    Command(("reopen", "{item}"), (("decline", "{item}", "-m", "no"),)),
    Command(("note", "{item}", "-m", "seen by two users")),
    Command(("need", "{item}", "{other}")),
    Command(("need", "--from-explain", "{conflict}", "--branch", "stable-1.2")),
    Command(("link", "{next}", "stable-1.1")),
    Command(("approve", "{item}")),
    Command(("object", "{item}", "-m", "breaks the ABI")),
    Command(("people", "add", "Bo Builder <bo@example.org>")),
    Command(("people", "import", "--least", "1")),
    Command(
        ("mail", "call", "--mbox", "letters.mbox"),
        (_ADA, ("assign", "{item}", "--to", "ada")),
        file="letters.mbox",
    ),
    Command(("edit", "config"), env={"GIT_EDITOR": _EDITOR}),
    Command(("undo",), (("note", "{item}", "-m", "wrong"),)),
)

_DATED = {"GIT_COMMITTER_DATE": "2026-06-01T12:00:00+00:00"}
_ONTO = ("--onto", "topic")

PICKS = (
    Command(("pick", "{item}", "{next}", "--branch", "stable-1.0", *_ONTO), env=_DATED),
    Command(("apply", "stable-1.0", *_ONTO), env=_DATED),
    Command(("apply", "--exec", "true", "stable-1.0", *_ONTO), env=_DATED),
)
"""Every command that also makes a branch, `topic`; the date makes the ids of the commits the same every time."""

CONFLICT = Command(("pick", "{item}", "{conflict}", "--branch", "stable-1.0", *_ONTO), env=_DATED)
"""The one that stops, and leaves a worktree for a person."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status (negative: a signal) and what it said."""

    status: int
    out: str
    err: str


class Victim:
    """The demo repository with a scanned queue."""

    def __init__(self, folder: Path) -> None:
        self.repo = TestRepo(folder / "demo")
        self.output = folder / "output"
        self.aside = folder / "aside"
        build("demo", self.repo.path)
        self.starts: dict[str, str | None] = {"absent": None}
        self.objects_of = {"absent": self.objects()}
        for verb, name in (("init", "created"), ("scan", "scanned")):
            self.check(verb)
            self.starts[name] = self.tip()
            self.objects_of[name] = self.objects()
        store = QueueStore(discover(self.repo.path))
        state = store.snapshot().state
        items = [each for queue in state.branches.values() for each in queue.open]
        known = {each.commit for queue in state.branches.values() for each in (*queue.open, *queue.closed)}
        fresh = [oid for oid in self.repo.git("rev-list", "master").split() if Oid(oid) not in known]
        self.places = {"{item}": items[0].commit, "{other}": fresh[1], "{fresh}": fresh[0]}
        for place, subject in (("{next}", "pilot: serve the ship"), ("{conflict}", "berth: do not moor")):
            self.places[place] = self.repo.id(f":/^{subject}")

    def tip(self) -> str | None:
        """Return where the queue is."""
        return self.repo.git("for-each-ref", "--format=%(objectname)", QUEUE) or None

    def written(self, command: Command) -> bytes | None:
        """Return the content of the file that `command` writes, None if there is none."""
        path = self.repo.path / command.file if command.file is not None else None
        return path.read_bytes() if path is not None and path.exists() else None

    def reset(self, tip: str | None) -> None:
        """Put the queue at `tip`, and take away what a dead process left."""
        self.repo.git("clean", "-q", "-f", "-d")
        for lock in (self.repo.path / ".git").rglob("*.lock"):
            lock.unlink()
        for kept in (self.repo.path / ".git/backportq/edit").glob("*"):
            kept.unlink()
        self.repo.git("update-ref", *(["-d", QUEUE] if tip is None else [QUEUE, tip]))

    def prepared(self, command: Command) -> str | None:
        """Type what comes before `command`; return the tip it begins with."""
        self.remember()
        self.reset(self.starts[command.starts])
        self.forget(self.objects_of[command.starts])
        for words in command.before:
            self.check(*words)
        return self.tip()

    def objects(self) -> frozenset[Path]:
        """Return the files of all objects."""
        return frozenset(path for path in (self.repo.path / ".git/objects").rglob("*") if path.is_file())

    def forget(self, kept: frozenset[Path]) -> None:
        """Put the files of all other objects aside, so that they have to be written again."""
        for path in self.objects() - kept:
            aside = self.aside / path.relative_to(self.repo.path)
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.rename(aside)
            with contextlib.suppress(OSError):
                path.parent.rmdir()
        (self.repo.path / ".git/logs" / QUEUE).unlink(missing_ok=True)  # it names what is gone

    def remember(self) -> None:
        """Put all objects back."""
        for aside in [path for path in self.aside.rglob("*") if path.is_file()]:
            path = self.repo.path / aside.relative_to(self.aside)
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.rename(path)

    def words_of(self, command: Command) -> tuple[str, ...]:
        """Return the words of a command with commits in their places."""
        return tuple(self.places.get(word, word) for word in command.words)

    def check(self, *words: str) -> None:
        """Run a command that must succeed."""
        ended = self.run(*(getattr(self, "places", {}).get(word, word) for word in words))
        assert ended.status == 0, ended

    def run(self, *words: str, env: Mapping[str, str] | None = None, kill_after: float | None = None) -> Ended:
        """Run a command; kill it and its children after so many seconds of work."""
        mine, its = _SERVER.Pipe(duplex=False)
        process = _SERVER.Process(target=_work, args=(self.repo.path, words, dict(env or {}), self.output, its))
        process.start()
        its.close()
        with contextlib.suppress(EOFError):
            mine.recv()
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid or 0, signal.SIGKILL)
        process.join(120)
        status = process.exitcode
        process.close()
        mine.close()
        assert status is not None
        return Ended(status, self.output.with_suffix(".out").read_text(), self.output.with_suffix(".err").read_text())

    def is_sound(self) -> None:
        """Fail unless git finds nothing wrong with any object or ref.

        A linked worktree that git was killed in the making of has no commit yet; whoever makes one has to see to it
        that it goes, which `git worktree list` tells.
        """
        done = subprocess.run(
            ["git", "fsck", "--strict", "--no-dangling"], cwd=self.repo.path, capture_output=True, text=True
        )
        wrong = [line for line in done.stderr.splitlines() if line.startswith("error: ") and not _UNMADE.match(line)]
        assert (done.stdout, wrong) == ("", []), done
        assert done.returncode == 0 or _UNMADE.search(done.stderr), done


def _work(
    path: Path, words: tuple[str, ...], env: Mapping[str, str], output: Path, started: Connection
) -> None:  # pragma: no cover - runs elsewhere
    os.setsid()
    os.environ.update(env)
    os.chdir(path)
    out, err = (os.open(output.with_suffix(end), os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for end in (".out", ".err"))
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    from tests.faults.preloaded import boundary

    started.send(None)
    started.close()
    status = boundary.run(words)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def goes_on(victim: Victim, *, started: bool) -> None:
    """The next command works, or says what to type and works then."""
    if not started:
        ended = victim.run("init")
        if ended.status != 0:
            type_hint(next(line.removeprefix("hint: ") for line in ended.err.split("\n") if line.startswith("hint: ")))
            victim.check("init")
    store = QueueStore(discover(victim.repo.path))
    try:
        _decide(store)
    except QueueBusyError as error:
        type_hint(error.hints[0])
        _decide(store)


def type_hint(hint: str) -> None:
    """Do what a hint says: take away a lock."""
    command = hint.split(",", maxsplit=1)[0]
    assert command.startswith("rm "), hint
    Path(command.removeprefix("rm ")).unlink()


def _decide(store: QueueStore) -> None:
    change = store.change(setting(1, B1, note="after"), command="note", summary="after", actor=ADA, at=at(0))
    assert change.commit is not None
