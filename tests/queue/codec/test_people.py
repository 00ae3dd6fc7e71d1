"""people.toml: read and written back, strict about values."""

from __future__ import annotations

from datetime import date

import pytest

from backportq.errors import ConfigError
from backportq.model.people.people import People, Person
from backportq.queue.codec.people import people_table, read_people
from backportq.queue.codec.stored_state import source_of
from backportq.queue.toml.kept_layout import document_bytes


def people_of(text: str | bytes) -> People:
    return read_people(source_of("people.toml", text.encode() if isinstance(text, str) else text))


def test_people_round_trip_and_defaults_left_out() -> None:
    people = People(
        (
            Person("ada", "Ada Author", ("ada@example.org",), ("xen/**",), ("stable-4.18",), 3, date(2026, 7, 1)),
            Person("bob", "Bob"),
        ),
        {"x": 1},
    )
    text = document_bytes(people_table(people)).decode()
    assert text == (
        'schema = 1\nx = 1\n\n[[person]]\nkey = "ada"\nname = "Ada Author"\nmails = ["ada@example.org"]\n'
        'areas = ["xen/**"]\nbranches = ["stable-4.18"]\ncapacity = 3\naway_until = 2026-07-01\n\n'
        '[[person]]\nkey = "bob"\nname = "Bob"\n'
    )
    assert people_of(text) == people


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[person]]\nname = "A"\n', "2:1: key 'person.key': wanted a string, found nothing"),
        (
            '[[person]]\nkey = "a b"\nname = "A"\n',
            "3:1: key 'person.key': wanted letters, digits, '_', '.', '+' and '-', found 'a b'",
        ),
        (
            '[[person]]\nkey = "a"\nname = "A"\ncapacity = -1\n',
            "5:1: key 'person.capacity': wanted a number from 0, found '-1'",
        ),
        (
            '[[person]]\nkey = "a"\nname = "A"\n[[person]]\nkey = "a"\nname = "B"\n',
            "6:1: key 'person.key': wanted each key once, found 'a' a second time",
        ),
    ],
)
def test_people_malformed_says_where_which_key_what_was_wanted_and_found(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        people_of(f"schema = 1\n{text}")
    assert str(caught.value) == f"people.toml:{said}"
    assert caught.value.hints == ("backportq edit people",)
