"""Whoever runs the program, with whatever settings and variables: the same answers, and the same bytes in the queue.

Usually all settings of a kind are set at once; with BACKPORTQ_DEEP each by itself, so that none hides another.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.driver import TestRepo

_SETTINGS = {
    "i18n.logOutputEncoding": "UTF-16",
    "i18n.commitEncoding": "ISO-8859-1",
    "blame.blankBoundary": "true",
    "blame.date": "relative",
    "blame.ignoreRevsFile": "{home}/all-ids",
    "blame.markIgnoredLines": "true",
    "blame.markUnblamableLines": "true",
    "blame.showEmail": "true",
    "blame.showRoot": "true",
    "branch.sort": "-committerdate",
    "color.ui": "always",
    "color.diff": "always",
    "column.ui": "always",
    "core.abbrev": "4",
    "core.attributesFile": "{home}/attributes",
    "core.autocrlf": "true",
    "core.bigFileThreshold": "1",
    "core.commentChar": "F",
    "core.commitGraph": "false",
    "core.compression": "0",
    "core.disambiguate": "blob",
    "core.eol": "crlf",
    "core.excludesFile": "{home}/everything",
    "core.fileMode": "false",
    "core.fsmonitor": "{home}/run",
    "core.hooksPath": "{home}/hooks",
    "core.ignoreCase": "true",
    "core.logAllRefUpdates": "always",
    "core.multiPackIndex": "false",
    "core.notesRef": "refs/notes/mine",
    "core.pager": "{home}/run",
    "core.precomposeUnicode": "true",
    "core.preloadIndex": "false",
    "core.quotePath": "true",
    "core.symlinks": "false",
    "core.useReplaceRefs": "true",
    "core.warnAmbiguousRefs": "false",
    "core.whitespace": "cr-at-eol",
    "diff.algorithm": "patience",
    "diff.colorMoved": "zebra",
    "diff.context": "0",
    "diff.default.textconv": "{home}/run",
    "diff.dirstat": "lines",
    "diff.external": "{home}/run",
    "diff.ignoreSubmodules": "all",
    "diff.indentHeuristic": "false",
    "diff.interHunkContext": "100",
    "diff.mnemonicPrefix": "true",
    "diff.noPrefix": "true",
    "diff.orderFile": "{home}/everything",
    "diff.relative": "true",
    "diff.renameLimit": "1",
    "diff.renames": "copies",
    "diff.submodule": "log",
    "diff.suppressBlankEmpty": "true",
    "diff.wordRegex": ".",
    "diff.wsErrorHighlight": "all",
    "format.notes": "*",
    "format.pretty": "%s",
    "gc.auto": "1",
    "grep.fullName": "true",
    "grep.lineNumber": "true",
    "grep.patternType": "perl",
    "init.defaultBranch": "other",
    "log.abbrevCommit": "true",
    "log.date": "relative",
    "log.decorate": "full",
    "log.diffMerges": "combined",
    "log.follow": "true",
    "log.mailmap": "false",
    "log.showRoot": "false",
    "log.showSignature": "true",
    "mailmap.blob": "HEAD:everything",
    "mailmap.file": "{home}/mailmap",
    "merge.conflictStyle": "zdiff3",
    "merge.default": "union",
    "merge.directoryRenames": "true",
    "merge.renameLimit": "1",
    "merge.renames": "false",
    "notes.displayRef": "*",
    "pager.log": "{home}/run",
    "rerere.enabled": "true",
    "sendemail.smtpServer": "nowhere.example.org",
    "status.renames": "false",
    "tag.sort": "-version:refname",
    "trailer.separators": "=",
    "uploadpack.packObjectsHook": "{home}/run",
    "versionsort.suffix": ".9",
}
_VARIABLES = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "{home}",
    "GIT_ATTR_SOURCE": "HEAD",
    "GIT_CONFIG": "{home}/everything",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_DIFF_OPTS": "-u0",
    "GIT_EXTERNAL_DIFF": "{home}/run",
    "GIT_FLUSH": "1",
    "GIT_GLOB_PATHSPECS": "1",
    "GIT_GRAFT_FILE": "{home}/grafts",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_INDEX_FILE": "{home}/everything",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_MERGE_VERBOSITY": "5",
    "GIT_NAMESPACE": "other",
    "GIT_NOTES_DISPLAY_REF": "*",
    "GIT_NOTES_REF": "refs/notes/mine",
    "GIT_OBJECT_DIRECTORY": "{home}",
    "GIT_PAGER": "{home}/run",
    "GIT_REF_PARANOIA": "0",
    "GIT_REPLACE_REF_BASE": "refs/mine/",
    "GIT_SEQUENCE_EDITOR": "{home}/run",
    "GIT_SHALLOW_FILE": "{home}/grafts",
    "GIT_TRACE": "1",
    "GIT_TRACE2": "1",
    "GIT_TRACE_SETUP": "1",
    "LESS": "-X",
    "PAGER": "{home}/run",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONHASHSEED": "7",
    "PYTHONIOENCODING": "latin-1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONUNBUFFERED": "1",
    "TZ": "Pacific/Kiritimati",
}
_LOCALES: tuple[dict[str, str], ...] = (
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "de_DE.ISO-8859-1", "LANG": "de_DE", "LANGUAGE": "de"},
    {"LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "1"},
)

_READING: tuple[tuple[str, ...], ...] = (
    ("scan", "--json"),
    ("pending", "--json"),
    ("show", "{fix}", "--json"),
    ("landed", "stable-1", "--json"),
    ("log", "--json"),
    ("try", "{fix}", "--onto", "größe-2", "--json"),
    ("pending", "größe-2", "--json"),
)


class _Story:
    """A history with all that a setting could bend; a clone with a queue for each run, always at the same path."""

    def __init__(self, place: Path) -> None:
        self.repo = TestRepo.create(place / "here")
        self.kept = place / "kept"
        self.home = place / "home"
        self._write_history()
        assert run("init", "--branch", "stable-1", "--branch", "größe-2", cwd=self.repo.path).status == 0
        shutil.copytree(self.repo.path, self.kept, symlinks=True)
        self._write_home()

    def answers(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return what each command says in a fresh copy, and the queue that is there in the end."""
        shutil.rmtree(self.repo.path)
        shutil.copytree(self.kept, self.repo.path, symlinks=True)
        said = {}
        for words in _READING:
            done = run(*(word.format(fix=self.fix) for word in words), cwd=self.repo.path, env=env)
            said[" ".join(words)] = f"{done.status} {done.out}"
        said["queue"] = self.repo.git("rev-parse", "refs/heads/backportq^{tree}")
        said["ran"] = str((self.home / "ran").exists())
        return said

    def _write_history(self) -> None:
        repo = self.repo
        umlauts = {"GIT_AUTHOR_NAME": "Jörg Größe", "GIT_AUTHOR_EMAIL": "jörg@example.org"}
        body = "\n\n".join(f"def function_{number}():\n    return {number}" for number in range(40))
        bug = repo.commit("core: add the thing", {"Straße.py": body, "old.c": body, "bin": b"\0" + body.encode()})
        repo.git("branch", "stable-1")
        repo.git("branch", "größe-2")
        for version in ("stable-1", "größe-2"):
            repo.git("tag", f"v-{version}")
        repo.git("mv", "old.c", "new.c")
        repo.commit("core: rename")
        with pytest.MonkeyPatch.context() as patched:
            for name, value in umlauts.items():
                patched.setenv(name, value)
            fixes = f'Fixes: {bug[:12]} ("core: add the thing")\n'
            self.fix = repo.commit(f"größe: fix the thing\n\n{fixes}", {"Straße.py": body.replace("n 7\n", "n 70\n")})
            latin = f"größe: fix more\n\n{fixes}".encode("latin-1").decode("latin-1")
            repo.write("new.c", body.replace("n 30", "n 31"))
            repo.tick += 1
            message = latin.encode("latin-1")
            repo.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-F", "-", stdin=message)
            other = repo.commit("bin: change it\n", {"bin": b"\0" + body.encode() + b"\0", "x y": "1\n"})
        last = repo.commit(f"größe: undo nothing\n\n{fixes}", {"Straße.py": body.replace("n 7\n", "n 71\n")})
        repo.checkout("stable-1")
        repo.pick(other)
        repo.git("commit", "-q", "--amend", "-m", "bin: by another name")  # left to the patch-id
        repo.pick(last, "-Xtheirs")
        repo.git("commit", "-q", "--amend", "-m", f"größe: picked\n\n(cherry picked from commit {last})")
        repo.checkout("master")
        # A private replacement and graft: as if the branch had the fix.
        repo.git("replace", last, bug)
        repo.git("update-ref", f"refs/mine/{self.fix}", bug)
        tip = repo.id("stable-1")
        (repo.path / ".git" / "info" / "grafts").write_text(f"{tip} {self.fix}\n")

    def _write_home(self) -> None:
        self.home.mkdir()
        (self.home / "run").write_text(f'#!/bin/sh\ntouch "{self.home}/ran"\ncat\n')
        (self.home / "run").chmod(0o755)
        (self.home / "hooks").mkdir()
        for hook in ("reference-transaction", "post-commit", "pre-commit"):
            shutil.copy(self.home / "run", self.home / "hooks" / hook)
        (self.home / "everything").write_text("*\n")
        (self.home / "attributes").write_text("* -diff\n*.c diff=default\n")
        (self.home / "mailmap").write_text("Somebody Else <else@example.org> <ada@example.org>\n")
        (self.home / "all-ids").write_text(self.repo.git("rev-list", "--all") + "\n")
        (self.home / "grafts").write_text(f"{self.repo.id('stable-1')} {self.fix}\n")

    def configured(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the variable that makes these the user's settings."""
        file = self.home / "gitconfig"
        file.unlink(missing_ok=True)
        for name, value in settings.items():
            self.repo.git("config", "--file", str(file), name, value.format(home=self.home))
        return {"GIT_CONFIG_GLOBAL": str(file)}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> _Story:
    return _Story(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def plain(story: _Story) -> dict[str, str]:
    """What the story answers to somebody who has set nothing."""
    said = story.answers({})
    assert json.loads(said["pending --json"].partition(" ")[2])["items"]
    assert "größe: fix more" in said["pending --json"]
    return said


def _each(values: Mapping[str, str]) -> list[dict[str, str]]:
    if os.environ.get("BACKPORTQ_DEEP"):
        return [{name: value} for name, value in values.items()]
    return [dict(values)]


@pytest.mark.parametrize("settings", _each(_SETTINGS), ids=lambda one: next(iter(one)))
def test_settings_of_one_user_change_no_answer(story: _Story, plain: dict[str, str], settings: dict[str, str]) -> None:
    assert story.answers(story.configured(settings)) == plain


@pytest.mark.parametrize("variables", _each(_VARIABLES), ids=lambda one: next(iter(one)))
def test_variables_of_one_user_change_no_answer(
    story: _Story, plain: dict[str, str], variables: dict[str, str]
) -> None:
    assert story.answers({name: value.format(home=story.home) for name, value in variables.items()}) == plain


@pytest.mark.parametrize("variables", _LOCALES, ids=lambda one: str(one["LC_ALL"]))
def test_language_of_one_user_changes_no_answer(
    story: _Story, plain: dict[str, str], variables: dict[str, str]
) -> None:
    assert story.answers(variables) == plain


def _replaced(path: Path) -> list[str]:
    listed = subprocess.run(["git", "replace", "-l"], cwd=path, check=True, capture_output=True, text=True)
    return listed.stdout.split()


def test_replacements_and_grafts_change_no_answer(story: _Story, plain: dict[str, str]) -> None:
    assert story.kept.joinpath(".git", "info", "grafts").exists()
    shutil.move(story.kept, story.kept.with_name("bent"))
    shutil.copytree(story.kept.with_name("bent"), story.kept, symlinks=True)
    try:
        subprocess.run(
            ["git", "replace", "-d", *_replaced(story.kept)], cwd=story.kept, check=True, capture_output=True
        )
        (story.kept / ".git" / "info" / "grafts").unlink()
        assert story.answers({}) == plain
    finally:
        shutil.rmtree(story.kept)
        shutil.move(story.kept.with_name("bent"), story.kept)


def test_at_least_so_many_settings_are_tried() -> None:
    assert len(_SETTINGS) + len(_VARIABLES) + sum(map(len, _LOCALES)) >= 75
