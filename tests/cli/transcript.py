"""Transcripts: what a person types and the whole of what comes back, as files that a person can read.

A file in `tests/cli/golden/` names a made-up repository and lists commands; the test runs them with the installed
program and compares every line of standard output and error and the exit status. Object ids are replaced by labels made
from subjects, of the same width, so that tables stay aligned:

    # What it shows, in a sentence.
    repository: demo
    env: COLUMNS=40

    $ backportq show {berth-free-t}
    commit berth-free-t............................
    2> warning: lines of standard error
    => 3

Commands are run by `sh`; `{label}` stands for the full id. `BACKPORTQ_UPDATE_GOLDEN=1 pytest tests/cli` writes the
files anew: read the difference before committing it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from fixtures.build import build
from tests.cli.program import for_shell, run_typed

GOLDEN = Path(__file__).parent / "golden"
_HEX = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{7,40}(?![0-9a-zA-Z])")
_LABEL_LENGTH = 12
_SAID_BY_NEWER_GIT = {
    "If you want to integrate the remote changes, use 'git pull'\n  hint: before pushing again.": (
        "Check out this branch and integrate the remote changes\n  hint: (e.g. 'git pull ...') before pushing again."
    ),
}
"""Words of git that are quoted and changed since 2.39, and what transcripts have in their place."""


@dataclass
class Labels:
    """Commit ids of one repository and the labels that stand for them."""

    repository: Path
    of_id: dict[str, str] = field(default_factory=dict)

    def learn(self) -> None:
        """Give labels to the commits that have none yet, oldest first."""
        shown = subprocess.run(
            ["git", "log", "--all", "--reflog", "--reverse", "--date-order", "--format=%H%x00%s"],
            cwd=self.repository,
            capture_output=True,
            check=False,
        ).stdout.decode("utf-8", "replace")
        for line in shown.splitlines():
            oid, _, subject = line.partition("\0")
            if oid not in self.of_id:
                self.of_id[oid] = self._unused(subject)

    def hide(self, text: str) -> str:
        """Return `text` with each known id, or abbreviation of one, replaced by its label in the same width."""

        def label(match: re.Match[str]) -> str:
            known = [name for oid, name in self.of_id.items() if oid.startswith(match[0])]
            return known[0].ljust(len(match[0]), ".")[: len(match[0])] if len(known) == 1 else match[0]

        return _HEX.sub(label, text)

    def reveal(self, command: str) -> str:
        """Return `command` with each `{label}` replaced by its id."""
        of_label = {name: oid for oid, name in self.of_id.items()}
        return re.sub(r"\{([\w~-]+)\}", lambda match: of_label[match[1]], command)

    def _unused(self, subject: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "-", subject.lower()).strip("-") or "empty"
        name, number = plain[:_LABEL_LENGTH].strip("-"), 1
        while name in self.of_id.values():
            number += 1
            name = f"{plain[: _LABEL_LENGTH - 2].strip('-')}~{number}"
        return name


def rerun(script: str, folder: Path) -> str:
    """Run the commands of the transcript `script` in a fresh repository below `folder`; return the new transcript."""
    lines = script.splitlines()
    settings = dict(line.split(": ", 1) for line in lines if re.match(r"(repository|env|setup): ", line))
    repository = folder / settings.get("repository", "nowhere")
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    env |= dict(pair.split("=", 1) for pair in settings.get("env", "").split())
    if "repository" in settings:
        build(settings["repository"], repository)
    else:
        repository.mkdir()
    if "setup" in settings:
        setup = ["sh", "-ec", settings["setup"]]
        subprocess.run(setup, cwd=repository, env=for_shell(env), check=True, capture_output=True)
    labels = Labels(repository)
    first = next((at for at, line in enumerate(lines) if line.startswith("$ ")), len(lines))
    written = lines[:first]
    for line in lines[first:]:
        if line.startswith("#"):
            written += ["", line] if written[-1] else [line]
        elif line.startswith("$ "):
            labels.learn()
            written += [line, *_run(labels.reveal(line[2:]), repository, env, labels, folder), ""]
    return "\n".join(written).rstrip("\n") + "\n"


def _run(command: str, repository: Path, env: dict[str, str], labels: Labels, folder: Path) -> list[str]:
    out, err, status = run_typed(command, cwd=repository, env=env, timeout=120)
    labels.learn()
    shown = []
    for stream, prefix in ((out, ""), (err, "2> ")):
        text = labels.hide(stream.decode("utf-8", "backslashreplace")).replace(str(folder), "/tmp")
        for newer, older in _SAID_BY_NEWER_GIT.items():
            text = text.replace(newer, older)
        shown += [f"{prefix}{line}" for line in text.removesuffix("\n").split("\n")] if text else []
    if status != 0:
        shown.append(f"=> {status}")
    return shown
