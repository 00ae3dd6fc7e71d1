"""MAINTAINERS files: made-up ones with every kind of line, and real ones where a clone is given."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.commit import Identity
from backportq.model.people.maintainers import (
    BranchContact,
    MalformedLine,
    Owner,
    Role,
    parse_address,
    parse_maintainers,
)
from backportq.model.people.path_patterns import maintainers_patterns

ADA = Identity("Ada Author", "ada@example.org")
BEN = Identity("Ben Branch", "ben@example.org")
CID = Identity("Cid Core", "cid@example.org")
DOT = Identity("Dot Device", "dot@example.org")

FILE = """\
\tList of maintainers
\t===================

Remember to copy the appropriate stable branch maintainer.

The maintainer for this branch is:

\tBen Branch <ben@example.org>

Tools backport requests should also be copied to:

       Cid\N{NO-BREAK SPACE}Core <cid@example.org>

\tUnstable Subsystem Maintainers
\t==============================

\tM: Maintainer: FullName <address@domain>

NETWORK
M:\tAda Author <ada@example.org>
R:\t"Dot Device" <dot@example.org> (only the drivers)
L:\tnet@lists.example.org
S:\tSupported
F:\tnet/
X:\tnet/ipv6/
N:\t[^a-z]wifi
K:\tsocket_.*

DRIVERS
M:\tdot@example.org
S:\tOdd Fixes
F:\tdrivers/*/core?.c
F:\tinclude/{net,dev}/*.h

THE REST
M:\tCid Core <cid@example.org>
S:\tSupported
F:\t*
F:\t*/
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("net/core.c", [Owner(ADA, Role.MAINTAINER, "NETWORK"), Owner(DOT, Role.REVIEWER, "NETWORK")]),
        ("net/ipv6/core.c", [Owner(CID, Role.MAINTAINER, "THE REST")]),
        ("arch/x86/wifi.c", [Owner(ADA, Role.MAINTAINER, "NETWORK"), Owner(DOT, Role.REVIEWER, "NETWORK")]),
        ("drivers/usb/core1.c", [Owner(Identity("dot", "dot@example.org"), Role.MAINTAINER, "DRIVERS")]),
        ("drivers/usb/deep/core1.c", [Owner(CID, Role.MAINTAINER, "THE REST")]),
        ("drivers/usb/core.c", [Owner(CID, Role.MAINTAINER, "THE REST")]),
        ("include/dev/a.h", [Owner(Identity("dot", "dot@example.org"), Role.MAINTAINER, "DRIVERS")]),
        ("README", [Owner(CID, Role.MAINTAINER, "THE REST")]),
    ],
)
def test_owners_of_path_follows_patterns_of_the_sections(path: str, owners: list[Owner]) -> None:
    assert list(parse_maintainers(FILE).owners_of(path)) == owners


def test_parse_maintainers_reads_contacts_of_the_stable_branch() -> None:
    assert parse_maintainers(FILE).contacts == (BranchContact(BEN), BranchContact(CID, "tools"))


def test_parse_maintainers_malformed_lines_are_reported_with_their_number() -> None:
    text = "M: Lost <lost@example.org>\nNET\nM:\tSupported\nF:\nN:\t(\nR:\tX <x y@example.org>\nF:\tnet/\n"

    found = parse_maintainers(text)

    assert found.malformed == (
        MalformedLine(1, "an entry before the title of its section"),
        MalformedLine(3, "M: wanted 'Name <mail>', found 'Supported'"),
        MalformedLine(4, "F: wanted a file pattern, found nothing"),
        MalformedLine(5, "N: wanted a regular expression, found '('"),
        MalformedLine(6, "R: wanted 'Name <mail>', found 'X <x y@example.org>'"),
    )
    assert [section.title for section in found.sections] == ["", "NET"]


@pytest.mark.parametrize("text", ["", "Ada", "Ada <ada>", "<>", "Ada <a@b> <c@d>", "a@b c@d", "Ada <a@b"])
def test_parse_address_of_what_is_none_returns_none(text: str) -> None:
    assert parse_address(text) is None


@given(st.text(alphabet="ab/*?.", max_size=12), st.text(alphabet="ab/.", min_size=1, max_size=12))
def test_maintainers_pattern_matches_as_the_regular_expression_of_get_maintainer(pattern: str, path: str) -> None:
    """The oracle is what the script does: turn the pattern into a regular expression and compare slashes."""
    translated = pattern.replace(".", r"\.").replace("*", ".*").replace("?", ".")
    expected = re.match(translated, path, re.DOTALL) is not None and (
        pattern.endswith("/") or path.count("/") == pattern.count("/")
    )
    below_folder = not re.search(r"[*?]", pattern) and path.startswith(f"{pattern}/")
    assert maintainers_patterns(pattern)[0].matches(path) == (expected or below_folder)


def test_maintainers_pattern_of_many_stars_is_quick() -> None:
    pattern = maintainers_patterns("*a" * 500 + "b")[0]
    started = time.perf_counter()

    assert not pattern.matches("a" * 4_000)
    assert time.perf_counter() - started < 0.5


def test_maintainers_pattern_of_too_many_braces_stays_as_it_is() -> None:
    assert [pattern.text for pattern in maintainers_patterns("{a,b}" * 7)] == ["{a,b}" * 7]
    assert [pattern.text for pattern in maintainers_patterns("x/{a,b}/{c,}")] == ["x/a/c", "x/a/", "x/b/c", "x/b/"]


@pytest.fixture(scope="module")
def xen() -> Path:
    """A clone of Xen, given by an environment variable, since it is too large to be kept here."""
    given_path = _GIVEN
    if not given_path:
        pytest.skip("BACKPORTQ_XEN names no clone of Xen")
    return Path(given_path)


_GIVEN = os.environ.get("BACKPORTQ_XEN")  # read before the environment of the tests is sealed


def test_parse_maintainers_of_every_stable_branch_of_xen_names_its_maintainer(xen: Path) -> None:
    for minor in range(6, 22):
        text = _show(xen, f"stable-4.{minor}:MAINTAINERS")
        found = parse_maintainers(text)
        assert found.malformed == ()
        assert next(contact.identity.name for contact in found.contacts if contact.topic is None) == "Jan Beulich", (
            minor
        )


def test_owners_of_equals_the_script_of_xen_on_a_thousand_files(xen: Path, tmp_path: Path) -> None:
    archive = subprocess.run(["git", "-C", str(xen), "archive", "master"], capture_output=True, check=True).stdout
    subprocess.run(["tar", "x", "-C", str(tmp_path)], input=archive, check=True)
    found = parse_maintainers((tmp_path / "MAINTAINERS").read_text())
    files = _list(xen)[::3]
    options = ["--nogit", "--nogit-fallback", "--nol", "--norolestats", "--nokeywords", "--non"]
    for path in files:
        said = subprocess.run(
            ["perl", "scripts/get_maintainer.pl", *options, "-f", path], cwd=tmp_path, capture_output=True, text=True
        ).stdout
        expected = {line.split(" (")[0].strip().casefold() for line in said.splitlines()}
        assert {owner.identity.mail.casefold() for owner in found.owners_of(path)} == expected, path


def _show(xen: Path, name: str) -> str:
    return subprocess.run(["git", "-C", str(xen), "show", name], capture_output=True, check=True, text=True).stdout


def _list(xen: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "-C", str(xen), "ls-tree", "-r", "-z", "--name-only", "master"], capture_output=True, check=True
    )
    return [name for name in listed.stdout.decode().split("\0") if name]
