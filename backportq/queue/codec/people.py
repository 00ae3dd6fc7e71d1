"""People between TOML and values: `people.toml`.

Like `config.toml` it is written by people, and single keys are changed in place. The keys are those that
`backportq.model.people.people` declares. Who somebody is on a given day, or whether a key is used by an item, is not
asked here.
"""

from __future__ import annotations

import re

from backportq.model.items.queue import SCHEMA
from backportq.model.people.people import People
from backportq.queue.codec.declared import read_record
from backportq.queue.codec.writing import record_table
from backportq.queue.toml.reader import InvalidValueError, Table, TomlSource, quoted_found

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
    return {"schema": SCHEMA, **record_table(people)}


def _people(table: Table) -> People:
    people = read_record(People, table)
    keys = [person.key for person in people.people]
    for index, key in enumerate(keys):
        if not is_person_key(key):
            raise InvalidValueError(
                ("person", index, "key"), "letters, digits, '_', '.', '+' and '-'", quoted_found(key)
            )
        if key in keys[:index]:
            raise InvalidValueError(("person", index, "key"), "each key once", f"{quoted_found(key)} a second time")
    return people
