"""People between TOML and values: `people.toml`.

Like `config.toml` it is written by people, and single keys are changed in place. Who somebody is on a given day, or
whether a key is used by an item, is not asked here.
"""

from __future__ import annotations

import re

from backportq.model.items.queue import SCHEMA
from backportq.model.people.people import People, Person
from backportq.queue.toml.reader import (
    InvalidValueError,
    Table,
    TomlSource,
    count_of,
    day_of,
    each_of,
    extra_of,
    flag_of,
    name_of,
    quoted_found,
    required_text,
    texts_of,
)

PEOPLE_FILE = "people.toml"

_KEY = re.compile(r"[\w][\w.+-]*\Z")


def is_person_key(text: str) -> bool:
    """Tell whether `text` can be the key of a person: letters, digits, `_`, `.`, `+`, `-`, not starting with a sign."""
    return _KEY.match(text) is not None


def read_people(source: TomlSource) -> People:
    """Return the people; raise `ConfigError` or `SchemaError`."""
    return source.read(_people)


def people_table(people: People) -> dict[str, object]:
    """Return the TOML document of the people: keys in the order in which they are written, defaults left out."""
    table: dict[str, object] = {"schema": SCHEMA, **{key: people.extra[key] for key in sorted(people.extra)}}
    if people.people:
        table["person"] = [_person_table(person) for person in people.people]
    return table


def _people(table: Table) -> People:
    people = each_of(table, "person", _person)
    keys = [person.key for person in people]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise InvalidValueError(("person", index, "key"), "each key once", f"{quoted_found(key)} a second time")
    return People(people, extra_of(table))


def _person(table: Table) -> Person:
    key = name_of(table, "key")
    if not is_person_key(key):
        raise InvalidValueError(("key",), "letters, digits, '_', '.', '+' and '-'", quoted_found(key))
    return Person(
        key=key,
        name=required_text(table, "name"),
        mails=texts_of(table, "mails"),
        areas=texts_of(table, "areas"),
        branches=texts_of(table, "branches"),
        capacity=count_of(table, "capacity"),
        away_until=day_of(table, "away_until"),
        no_mail=flag_of(table, "no_mail", default=False),
        no_tasks=flag_of(table, "no_tasks", default=False),
        extra=extra_of(table),
    )


def _person_table(person: Person) -> dict[str, object]:
    table: dict[str, object] = {"key": person.key, "name": person.name}
    for key, values in (("mails", person.mails), ("areas", person.areas), ("branches", person.branches)):
        if values:
            table[key] = list(values)
    if person.capacity is not None:
        table["capacity"] = person.capacity
    if person.away_until is not None:
        table["away_until"] = person.away_until
    for key, flag in (("no_mail", person.no_mail), ("no_tasks", person.no_tasks)):
        if flag:
            table[key] = True
    return {**table, **{key: person.extra[key] for key in sorted(person.extra)}}
