"""The documents: the commands that they show are run, and a site can be made of them without a warning.

A page with console blocks names the made-up repository on which they run: `<!-- repository: demo -->`. With
BACKPORTQ_UPDATE_GOLDEN=1 the pages are written anew; read the difference.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.build import build
from tests.test_readme import refreshed

DOCS = Path(__file__).parent.parent / "docs"
UPDATE = bool(os.environ.get("BACKPORTQ_UPDATE_GOLDEN"))
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if "```console" in page.read_text()]
_REPOSITORY = re.compile(r"<!-- repository: ([a-z-]+) -->")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_page_shows_what_the_program_says(page: Path, tmp_path: Path) -> None:
    written = page.read_text()
    named = _REPOSITORY.search(written)
    assert named is not None, "which repository do its commands run on?"
    build(named[1], tmp_path / named[1])
    again = refreshed(written, tmp_path / named[1])
    if UPDATE:
        page.write_text(again)
    else:
        assert again == written


def test_site_is_made_without_a_warning(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(tmp_path / "site")],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "site" / "tutorial.html").is_file()
    assert (tmp_path / "site" / "howto" / "xen.html").is_file()
