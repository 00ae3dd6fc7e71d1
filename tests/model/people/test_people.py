"""Who is meant: keys, names, mails, near matches, and saying so where it may be several."""

from __future__ import annotations

import pytest

from backportq.errors import DecisionError
from backportq.model.commit import Identity
from backportq.model.people.people import People, Person, find_person, proposed_key, resolve_person

ADA = Person("ada", "Ada Author", ("ada@example.org", "ada@old.example"))
BOB = Person("bob", "Bob Builder", ("bob@example.org",))
ROB = Person("rob", "Rob Builder", ("rob@example.org",))
PEOPLE = People((ADA, BOB, ROB))


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        ("ada", ADA),
        ("ADA", ADA),
        ("Ada Author", ADA),
        ("ada author", ADA),
        ("ADA@old.EXAMPLE", ADA),
        ("Somebody Else <ada@example.org>", ADA),
        ("Ada Author <new@example.org>", ADA),
        ("<bob@example.org>", BOB),
        ("author", ADA),
        ("nobody", None),
        ("", None),
    ],
)
def test_find_person_by_key_name_or_mail(typed: str, person: Person | None) -> None:
    assert find_person(PEOPLE, typed) == person


def test_find_person_key_beats_a_part_of_a_name() -> None:
    people = People((Person("jan", "Jane Doe"), Person("x", "Jan Smith")))
    assert find_person(people, "jan") == people.people[0]


def test_find_person_through_the_mailmap() -> None:
    mapped = {Identity("A", "away@example.net"): Identity("Ada Author", "ada@example.org")}
    assert find_person(PEOPLE, "A <away@example.net>", lambda identity: mapped.get(identity, identity)) == ADA
    assert find_person(PEOPLE, "A <away@example.net>") is None


def test_find_person_that_may_be_several_lists_them() -> None:
    with pytest.raises(DecisionError) as caught:
        find_person(PEOPLE, "builder")
    assert str(caught.value) == (
        "'builder' may be several people: 'bob' (Bob Builder <bob@example.org>), 'rob' (Rob Builder <rob@example.org>)"
    )
    assert caught.value.hints == ("use the key 'bob'", "use the key 'rob'")


def test_resolve_person_where_nobody_is_listed_offers_those_of_the_history() -> None:
    with pytest.raises(DecisionError) as caught:
        resolve_person(People(()), "Ada")
    assert caught.value.hints == (
        "backportq people add 'Ada <MAIL>'",
        "backportq people import, to list those of the history",
    )


def test_resolve_person_typo_suggests_the_near_one() -> None:
    with pytest.raises(DecisionError) as caught:
        resolve_person(PEOPLE, "Ada Auhtor")
    assert str(caught.value) == "nobody in the people of this queue is 'Ada Auhtor'"
    assert caught.value.hints == (
        "did you mean 'ada' (Ada Author <ada@example.org>)?",
        "backportq people add 'Ada Auhtor <MAIL>'",
    )


def test_proposed_key_is_made_of_the_mail_and_unique() -> None:
    assert proposed_key(PEOPLE, Identity("X", "New.Person@example.org")) == "new.person"
    assert proposed_key(PEOPLE, Identity("X", "ada@example.net")) == "ada2"
    assert proposed_key(PEOPLE, Identity("\x1b[1m", "")) == "1m"
    assert proposed_key(PEOPLE, Identity("", "")) == "person"


def test_proposed_key_of_a_mail_that_tells_nobody_apart_is_made_of_the_name() -> None:
    assert proposed_key(PEOPLE, Identity("Dora Dock", "Work@dock.example")) == "dora.dock"
    assert proposed_key(PEOPLE, Identity("", "git@dock.example")) == "git"
    assert proposed_key(PEOPLE, Identity("Dora Dock", "123+dora-d@users.noreply.github.com")) == "dora-d"
