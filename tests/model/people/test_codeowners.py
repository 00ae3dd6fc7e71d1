"""CODEOWNERS files: GitHub's documented examples, GitLab's sections, and lines that make no sense."""

from __future__ import annotations

import sys

import pytest

from backportq.model.people.codeowners import parse_codeowners
from backportq.model.people.maintainers import MalformedLine, parse_maintainers

FILE = r"""
# the rest
*       @rest  # everybody
*.js    @scripts
/build/logs/ @doctor
docs/*  docs@example.org
apps/   @octo/apps
/scripts/ @doctor @second
**/logs @logs
/apps/github
with\ space.txt @space
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("main.c", ("@rest",)),
        ("deep/down/x.js", ("@scripts",)),
        ("build/logs/a/b", ("@logs",)),
        ("docs/start.md", ("docs@example.org",)),
        ("docs/build/start.md", ("@rest",)),
        ("lib/apps/x", ("@octo/apps",)),
        ("scripts/x/y", ("@doctor", "@second")),
        ("apps/github", ()),
        ("apps/github/x", ()),
        ("deep/logs", ("@logs",)),
        ("with space.txt", ("@space",)),
    ],
)
def test_owners_of_path_is_the_last_matching_line(path: str, owners: tuple[str, ...]) -> None:
    assert parse_codeowners(FILE).owners_of(path) == owners


def test_files_of_owners_are_matched_without_re2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)

    assert parse_codeowners("*.md @writers\n").owners_of("docs/ä.md") == ("@writers",)
    owners = parse_maintainers("WIFI\nM:\tAda Author <ada@example.org>\nN:\twifi\n").owners_of("net/wifi/ä.c")
    assert [owner.section for owner in owners] == ["WIFI"]


def test_parse_codeowners_sections_of_gitlab_give_owners_to_lines_without() -> None:
    found = parse_codeowners("[Docs] @writers\n*.md\n^[Extra][2] x@example.org\n*.txt @own\n*.rst\n")

    owners = [found.owners_of(f"a.{ending}") for ending in ("md", "txt", "rst", "c")]
    assert owners == [("@writers",), ("@own",), ("x@example.org",), ()]


def test_parse_codeowners_malformed_lines_are_reported_with_their_number() -> None:
    found = parse_codeowners("* @ok\n*.c nobody\n*.h @a @b<c>\n")

    assert found.malformed == (
        MalformedLine(2, "wanted a mail or a handle such as @name, found 'nobody'"),
        MalformedLine(3, "wanted a mail or a handle such as @name, found '@b<c>'"),
    )
    assert len(found.lines) == 1
