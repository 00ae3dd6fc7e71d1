"""Committing picks: who commits, whether to sign, and the commit object itself.

Apart from the sequence so that what is asked of the user's git (identity, signing, encoding) is asked once for a run.
This module must not move a ref.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.picking.commit_bytes import commit_bytes
from backportq.git.repository import Repository
from backportq.git.trials.quarantine import Quarantine
from backportq.git.user import run_as_user, user_environment, user_setting
from backportq.model.commit import Identity, parse_identity
from backportq.model.ids import Oid
from backportq.model.picks.provenance import CleanupMode, MessageCleanup

_SHA256_DIGITS = 64
_PERSON = re.compile(rb"(?P<name>.*?) ?<(?P<mail>[^>]*)> (?P<date>-?\d+ [+-]\d+)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Committer:
    """How the user commits. `line` is the raw `Name <mail> seconds zone`, `encoding` is `i18n.commitEncoding` where
    that is set, `signs` whether commits are signed (`commit.gpgSign`), `cleanup` is `commit.cleanup`."""

    line: bytes
    encoding: str | None
    signs: bool
    cleanup: MessageCleanup | None = None

    @property
    def who(self) -> Identity:
        """The committer as a person."""
        return parse_identity(self.line.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class CommitDraft:
    """A pick before it is a commit: `author` as the raw line of the original, `message` encoded."""

    tree: Oid
    parent: Oid
    author: bytes
    message: bytes


def find_committer(repository: Repository) -> Committer:
    """Return how the user commits; raise `RepositoryError` where git knows no identity."""
    answer = run_as_user(repository, "var", "GIT_COMMITTER_IDENT", ok=(0, 128))
    if answer.status != 0:
        raise RepositoryError(
            "git does not know who you are, and a pick is committed with a name",
            hints=('git config --global user.name "Your Name"', "git config --global user.email you@example.org"),
        )
    signs = user_setting(repository, "commit.gpgSign", kind="bool") == "true"
    encoding = user_setting(repository, "i18n.commitEncoding")
    return Committer(answer.out.rstrip(b"\n"), encoding, signs, _cleanup(repository))


def _cleanup(repository: Repository) -> MessageCleanup | None:
    """Return what `commit.cleanup` asks for, None where it says nothing that git knows; as the sequencer reads it,
    `scissors` means `whitespace`."""
    word = user_setting(repository, "commit.cleanup")
    mode = {**{str(mode): mode for mode in CleanupMode}, "scissors": CleanupMode.WHITESPACE}.get(word or "")
    if mode is None:
        return None
    comment = user_setting(repository, "core.commentChar") if mode is CleanupMode.STRIP else None
    return MessageCleanup(mode, comment if comment not in (None, "", "auto") else "#")


def assemble(committer: Committer, draft: CommitDraft) -> tuple[Oid, bytes]:
    """Return the commit object of an unsigned pick and its id."""
    raw = commit_bytes(
        tree=draft.tree,
        parent=draft.parent,
        author=draft.author,
        committer=committer.line,
        message=draft.message,
        encoding=committer.encoding,
    )
    name = "sha256" if len(draft.tree) == _SHA256_DIGITS else "sha1"
    digest = hashlib.new(name, b"commit %d\0%s" % (len(raw), raw), usedforsecurity=False)
    return Oid(digest.hexdigest()), raw


def sign_commit(repository: Repository, quarantine: Quarantine, committer: Committer, draft: CommitDraft) -> Oid:
    """Have git sign a pick, since it knows the formats and programs that the user configured; return its id.

    Tree and parent are in `quarantine` or the repository, and so will the commit be. Raise `GitFailedError` where
    signing fails: that is never taken for anything else.
    """
    author, tree, parent, message = draft.author, draft.tree, draft.parent, draft.message
    env = {**_dated("AUTHOR", author), **_dated("COMMITTER", committer.line), **_borrowing(repository, quarantine)}
    vector = ["git", f"--git-dir={repository.git_dir}", "commit-tree", "-S", "-p", parent, tree]
    done = subprocess.run(
        vector,
        cwd=repository.git.directory,
        env=user_environment({**dict(repository.git.extra_env), **env}),
        input=message,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = "; ".join(line.removeprefix("error: ").removeprefix("fatal: ") for line in said[:4])
        raise GitFailedError(
            f"the pick could not be signed: {why or f'git commit-tree ended with status {done.returncode}'}",
            hints=(
                "git config --get-regexp '^(user.signingkey|gpg|commit.gpgsign)'",
                "git config commit.gpgSign false",
            ),
        )
    made = Oid(done.stdout.decode("ascii").strip())
    stored = _read(repository, quarantine, made)
    if b"\nauthor %s\n" % author not in stored:
        raise GitFailedError(
            "the author of the original cannot be kept in a signed commit: git trims the name "
            f"'{author.decode('utf-8', 'replace')}'",
            hints=("git -c commit.gpgSign=false backportq pick …",),
        )
    return made


def lending(quarantine: Quarantine) -> Mapping[str, str]:
    """Return the environment in which git reads the objects of `quarantine` beside those of any repository."""
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(quarantine.objects)}


def _read(repository: Repository, quarantine: Quarantine, oid: Oid) -> bytes:
    git = repository.git.with_env(**_borrowing(repository, quarantine))
    return git.run("cat-file", "commit", oid).out


def _borrowing(repository: Repository, quarantine: Quarantine) -> Mapping[str, str]:
    return {
        "GIT_OBJECT_DIRECTORY": str(quarantine.objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(repository.objects_dir),
    }


def _quoted(path: Path) -> str:
    """Return the path as git reads it in a list that colons separate."""
    text = os.fspath(path)
    if ":" not in text and not text.startswith('"'):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dated(role: str, line: bytes) -> Mapping[str, str]:
    match = _PERSON.match(line)
    if match is None:
        raise GitFailedError(f"git cannot read the person '{line.decode('utf-8', 'replace')}'")
    name, mail, date = (os.fsdecode(part) for part in match.groups())
    return {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": mail, f"GIT_{role}_DATE": f"@{date}"}
