"""Running git: one way to start it, one sealed environment, one translation of its failures.

Every other module of this package goes through `Git`, so that no option can be injected, nothing of a scanned
repository is run, and no prompt can hang a command. This module must not know what any git command means.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from backportq.errors import GitFailedError, RepositoryError

MINIMUM_GIT = (2, 39, 0)
"""`merge-tree --write-tree --stdin` came with 2.39; trials are many merges in one process, so nothing older will do."""
# `merge-tree --merge-base` (2.40) is not used: a synthetic commit gives the base in every version, and works on trees.

_SEALED_CONFIG = (
    # A reading command must not run what a stranger put into the repository's configuration or working tree.
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "log.showSignature=false",
    "submodule.recurse=false",
    # What is read goes into a queue that others share, so it must not depend on the taste of who reads. Every setting
    # that a reading command of ours obeys stands here with git's own default; all others are proved irrelevant by
    # tests/hostile/test_settings.py.
    "i18n.logOutputEncoding=UTF-8",  # rev-list --header, log: else names and subjects arrive in it
    "core.useReplaceRefs=false",  # a private `git replace` must not close an item of everybody's
    "core.disambiguate=none",
    "core.quotePath=false",
    "core.attributesFile=/dev/null",  # a private `*.c -diff` changes patch-ids
    "core.bigFileThreshold=512m",
    "color.ui=false",
    "diff.algorithm=default",  # patch-ids and ranges of lines
    "diff.context=3",
    "diff.ignoreSubmodules=none",
    "diff.indentHeuristic=true",
    "diff.interHunkContext=0",
    "diff.mnemonicPrefix=false",
    "diff.noPrefix=false",
    "diff.orderFile=/dev/null",
    "diff.relative=false",
    "diff.renameLimit=1000",
    "diff.renames=true",
    "diff.submodule=short",
    "diff.suppressBlankEmpty=false",
    "blame.ignoreRevsFile=",
    "log.follow=false",
    "mailmap.blob=HEAD:.mailmap",  # the project's, in bare repositories too
    "mailmap.file=",
    "merge.conflictStyle=merge",
    # How much of the packs a process maps at once: by default all that it touches, which of a million commits is 1 GB.
    "core.packedGitWindowSize=16m",
    "core.packedGitLimit=64m",
)
_REPLY_BYTES_IN_ERROR = 2_000


LOCATION_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR")
"""How a person, or `git --git-dir=X backportq`, says which repository is meant (git(1))."""

OF_ANOTHER_REPOSITORY = frozenset(
    {
        *LOCATION_VARIABLES,
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REFLOG_ACTION",
    }
)
"""What tells git about one repository; a process that we start is told by `--git-dir`."""


def given_location() -> dict[str, str]:
    """Return the variables by which somebody said which repository is meant.

    Git sets the same ones for its own hooks and shell aliases, where they name the repository that git runs in and stay
    when a hook changes the directory. There they are left out, and the current directory decides:

    - `GIT_PREFIX` is set in aliases and in the hooks of a clone, never for `git backportq`;
    - `GIT_QUARANTINE_PATH` is set in `pre-receive`;
    - the other hooks of a push get `GIT_DIR=.`, which is where they start.
    """
    env = os.environ
    if "GIT_PREFIX" in env or "GIT_QUARANTINE_PATH" in env or (env.get("GIT_DIR") == "." and "GIT_EXEC_PATH" in env):
        return {}
    return {name: env[name] for name in LOCATION_VARIABLES if env.get(name)}


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """A git process that ended: exit status, standard output and standard error."""

    status: int
    out: bytes
    err: bytes


@dataclass(frozen=True, slots=True)
class Git:
    """A way to run git in one repository.

    `directory` is where git starts; `git_dir`, once known, is passed as `--git-dir` so that `safe.directory` and the
    discovery rules are applied once and not per process. `extra_env` is added to the environment of each process.
    """

    directory: Path
    git_dir: Path | None = None
    extra_env: tuple[tuple[str, str], ...] = ()

    def with_env(self, **env: str) -> Git:
        """Return the same with more environment variables for each process."""
        return Git(self.directory, self.git_dir, (*self.extra_env, *env.items()))

    def command(self, args: Sequence[str], *, config: Sequence[str] = ()) -> list[str]:
        """Return the argument vector of `git ARGS`, with the sealed configuration and `config` (`key=value`)."""
        vector = ["git", "--no-pager"]
        for setting in (*_SEALED_CONFIG, *config):
            vector += ["-c", setting]
        if self.git_dir is not None:
            vector.append(f"--git-dir={self.git_dir}")
        return [*vector, *args]

    def environment(self) -> dict[str, str]:
        """Return the environment of each process: the user's, without what redirects git or makes it ask."""
        return sealed_environment(dict(self.extra_env))

    def run(
        self, *args: str, stdin: bytes | None = None, ok: Sequence[int] = (0,), config: Sequence[str] = ()
    ) -> ProcessResult:
        """Run `git ARGS` to its end; raise `GitFailedError` unless its exit status is one of `ok`."""
        vector = self.command(args, config=config)
        try:
            done = subprocess.run(
                vector,
                cwd=self.directory,
                env=self.environment(),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise _not_startable(self.directory) from error
        except OSError as error:
            raise GitFailedError(f"git could not be started: {error}") from error
        if done.returncode not in ok:
            raise failure(args, done.returncode, done.stderr)
        return ProcessResult(done.returncode, done.stdout, done.stderr)

    def text(self, *args: str, stdin: bytes | None = None, ok: Sequence[int] = (0,)) -> str:
        """Run `git ARGS` and return its output as text without the final line end."""
        return self.run(*args, stdin=stdin, ok=ok).out.decode("utf-8", "surrogateescape").removesuffix("\n")

    def start(
        self,
        *args: str,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        stderr: int | IO[bytes] = subprocess.PIPE,
        config: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        """Start `git ARGS` with its output piped; whoever reads it waits for its end, and raises `failure`."""
        try:
            return subprocess.Popen(
                self.command(args, config=config),
                cwd=self.directory,
                env=self.environment(),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                bufsize=1 << 20,
            )
        except FileNotFoundError as error:
            raise _not_startable(self.directory) from error
        except OSError as error:
            raise GitFailedError(f"git could not be started: {error}") from error


_KEPT = re.compile(
    # Identity, configuration, where git and its helpers are, how a person is asked: all else changes what git answers.
    r"GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)\Z"
    r"|GIT_CONFIG_(?:NOSYSTEM|SYSTEM|GLOBAL|COUNT|PARAMETERS|(?:KEY|VALUE)_[0-9]+)\Z"
    r"|GIT_(?:EXEC_PATH|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|ASKPASS|EDITOR)\Z"
)


def sealed_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the user's environment without whatever would make git answer differently, ask questions, use the network
    or translate its messages, and with `extra` added."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or _KEPT.match(key)}
    env.update(
        LC_ALL="C",
        LANGUAGE="",
        GIT_TERMINAL_PROMPT="0",
        GIT_OPTIONAL_LOCKS="0",
        GIT_MERGE_AUTOEDIT="no",
        GIT_ATTR_NOSYSTEM="1",
        GIT_NO_REPLACE_OBJECTS="1",
        GIT_GRAFT_FILE="/dev/null/none",  # no file can stand there; of an empty one git says that it is deprecated
        # GIT_NO_LAZY_FETCH came with 2.45; before it, forbidding every transport makes the lazy fetch fail at once.
        GIT_NO_LAZY_FETCH="1",
        GIT_ALLOW_PROTOCOL="none",
    )
    env.update(extra)
    return env


def hermetic_environment() -> dict[str, str]:
    """Return an environment in which git reads no configuration or attributes but those of the repository it is given:
    none of the user's, none of the system's, none passed on by an outer `git -c`."""
    sealed = sealed_environment({})
    env = {key: value for key, value in sealed.items() if not key.startswith(("GIT_CONFIG", "GIT_AUTHOR", "GIT_COMM"))}
    env.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull)
    return env


def failure(args: Sequence[str], status: int, err: bytes) -> GitFailedError:
    """Return the error for `git ARGS` that ended with `status`, in git's own words (bounded); raise `RepositoryError`
    where git is too old, which explains every failure."""
    installed_version()
    said = err.decode("utf-8", "replace").strip()[:_REPLY_BYTES_IN_ERROR] or f"exit status {status}"
    said = re.sub(r"^(fatal|error): ", "", said)
    return GitFailedError(f"'git {args[0]}' failed: {said}")


@functools.cache
def installed_version() -> tuple[int, int, int]:
    """Return the version of the installed git; raise `RepositoryError` if there is none or it is too old."""
    try:
        said = subprocess.run(["git", "version"], capture_output=True, check=False, env=sealed_environment({})).stdout
    except OSError as error:
        raise _no_git() from error
    match = re.search(rb"(\d+)\.(\d+)(?:\.(\d+))?", said)
    if match is None:
        raise RepositoryError(f"'git version' says {said.decode('utf-8', 'replace').strip()!r}, which names no version")
    version = (int(match[1]), int(match[2]), int(match[3] or 0))
    if version < MINIMUM_GIT:
        wanted = ".".join(map(str, MINIMUM_GIT[:2]))
        found = ".".join(map(str, version))
        raise RepositoryError(
            f"git {wanted} or newer is needed, found git {found}",
            hints=("install a newer git, for example from your distribution's backports",),
        )
    return version


def _not_startable(directory: Path) -> RepositoryError:
    if not directory.is_dir():
        return RepositoryError(f"cannot change to '{directory}': no such directory")
    return _no_git()


def _no_git() -> RepositoryError:
    return RepositoryError("'git' was not found on PATH", hints=("install git 2.39 or newer",))
