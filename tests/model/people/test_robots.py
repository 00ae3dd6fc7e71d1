"""Who is a robot, and which addresses nobody reads."""

from __future__ import annotations

import pytest

from backportq.model.commit import parse_identity
from backportq.model.people.robots import Robots, is_read


@pytest.mark.parametrize(
    "text",
    [
        "renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>",
        "GitHub <noreply@github.com>",
        "merge-bot <bot@ci.example.org>",
        "Release Robot <releases@example.org>",
        "Thing CI Robot <thing-ci-robot@example.org>",
        "k8s_bot <ci@example.org>",
        "Copilot <198982749+Copilot@users.noreply.github.com>",
        "Thing Backport Bot <thing-bot@example.org>",
        "nightly <nightly-robot@example.org>",
        "Ops <ops-42@ci.example.org>",
    ],
)
def test_robots_are_known_by_name_or_address(text: str) -> None:
    assert Robots(("ops-*@ci.example.org",)).has(parse_identity(text))


@pytest.mark.parametrize(
    "text",
    [
        "Ada Abbot <abbot@example.org>",
        "Jan Bot <jan@example.org>",
        "Roberta Botha <botha@example.org>",
        "Octo Cat <12345+octocat@users.noreply.github.com>",
        "Hub <hub@example.org>",
    ],
)
def test_people_are_no_robots(text: str) -> None:
    assert not Robots().has(parse_identity(text))


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ("ada@example.org", True),
        ("noreply.fan@example.org", True),
        ("12345+octocat@users.noreply.github.com", False),
        ("7-octocat@users.noreply.gitlab.example.org", False),
        ("octocat@noreply.forge.example.org", False),
        ("noreply@github.com", False),
        ("ada@laptop.local", False),
        ("ada@localhost", False),
    ],
)
def test_is_read(mail: str, *, expected: bool) -> None:
    assert is_read(mail) is expected
