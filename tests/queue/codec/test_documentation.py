"""docs/queue-format.md: every key of the files is in it, and its examples are read by the program."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from backportq.model.config import Config, CustomTrailer, Rule, StableBranch
from backportq.model.items.item import Item
from backportq.model.items.nomination import Nomination
from backportq.model.people.people import Person
from backportq.queue.codec.config import read_config
from backportq.queue.codec.people import read_people
from backportq.queue.codec.stored_state import source_of

TEXT = (Path(__file__).parents[3] / "docs/queue-format.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
SPELLED = {"search_in": "in", "rules": "[[rule]]", "trailers": "[[trailer]]"}


@pytest.mark.parametrize("kind", [Item, Nomination, Config, StableBranch, Rule, CustomTrailer, Person])
def test_every_key_is_documented(kind: type) -> None:
    names = [field.name for field in dataclasses.fields(kind) if field.name != "extra"]
    words = set(re.findall(r"[\w\[\]]+", TEXT))
    missing = [name for name in names if SPELLED.get(name, name) not in words and f"[[{name[:-2]}]]" not in words]
    assert missing == []


def test_examples_are_read_by_the_program() -> None:
    config = read_config(source_of("config.toml", EXAMPLES[1].encode()))
    assert [branch.name for branch in config.branches] == ["stable-4.18"]
    assert [rule.name for rule in config.rules] == ["xsa"]
    people = read_people(source_of("people.toml", EXAMPLES[2].encode()))
    assert [person.key for person in people.people] == ["ada"]
