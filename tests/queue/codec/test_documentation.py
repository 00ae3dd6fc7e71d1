"""docs/queue-format.md: every key of the files is in it, and its examples are read by the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backportq.cli.docs.queue_format import with_item_keys
from backportq.model.config import (
    Config,
    CustomTrailer,
    KeyPattern,
    PeopleSettings,
    PickLinePattern,
    PublishSettings,
    Rule,
    StableBranch,
)
from backportq.model.declared import known_keys
from backportq.model.people.people import Person
from backportq.queue.codec.config import read_config
from backportq.queue.codec.people import read_people
from backportq.queue.codec.stored_state import source_of

KINDS = (
    Config,
    StableBranch,
    Rule,
    CustomTrailer,
    KeyPattern,
    PickLinePattern,
    PeopleSettings,
    PublishSettings,
    Person,
)
TEXT = (Path(__file__).parents[3] / "docs/queue-format.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_documented(kind: type) -> None:
    words = set(re.findall(r"\w+", TEXT))
    assert [name for name in known_keys(kind) if name not in words] == []


def test_the_table_of_an_items_keys_is_what_the_classes_declare() -> None:
    assert with_item_keys(TEXT) == TEXT, "make docs writes it"


def test_examples_are_read_by_the_program() -> None:
    config = read_config(source_of("config.toml", EXAMPLES[1].encode()))
    assert [branch.name for branch in config.branches] == ["stable-4.18"]
    assert [rule.name for rule in config.rules] == ["xsa", ""]
    people = read_people(source_of("people.toml", EXAMPLES[2].encode()))
    assert [person.key for person in people.people] == ["ada"]
