"""The manual's first page is true: its commands run on the demo and say what it shows, and its links lead somewhere."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from fixtures.build import build
from tests.cli.program import run_typed

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
UPDATE = bool(os.environ.get("BACKPORTQ_UPDATE_GOLDEN"))
_BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)


def refreshed(text: str, repository: Path) -> str:
    """Return `text` with what each `$ command` of its console blocks prints, run one after the other."""
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "BACKPORTQ_NOW": "2026-04-15T09:00:00+00:00",
        "GIT_COMMITTER_DATE": "2026-04-15T09:00:00+00:00",  # of the pick
        "GIT_COMMITTER_NAME": "Dora Dock",
        "GIT_COMMITTER_EMAIL": "dora@harbor.example",
        "GIT_AUTHOR_DATE": "2026-04-15T09:00:00+00:00",  # of a merge
        "GIT_AUTHOR_NAME": "Dora Dock",
        "GIT_AUTHOR_EMAIL": "dora@harbor.example",
    }

    def block(match: re.Match[str]) -> str:
        shown = []
        for command in re.findall(r"^\$ (.*)$", match[0], re.MULTILINE):
            out, err, status = run_typed(command, cwd=repository, env=env)
            assert status == 0, f"{command}: {err.decode()}"
            shown.append(f"$ {command}\n{out.decode()}{err.decode()}")
        return "\n".join(shown)

    return _BLOCK.sub(block, text)


def test_readme_shows_what_the_program_says(tmp_path: Path) -> None:
    build("demo", tmp_path / "demo")
    written = README.read_text()
    again = refreshed(written, tmp_path / "demo")
    if UPDATE:
        README.write_text(again)
    else:
        assert again == written


def test_documents_links_lead_to_files() -> None:
    documents = [README, *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
        if not (document.parent / link).exists()
    ]
    assert broken == []
