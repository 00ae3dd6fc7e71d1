"""The people of a queue, taken from who writes the history."""

from __future__ import annotations

from backportq.services.people.people_list import import_people
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue


def test_import_people_takes_each_mail_of_a_person_once(repo: TestRepo) -> None:
    repo.tick = 1_330_000  # lately, on the day of the tests
    repo.commit("start", {"file": "0\n"})
    repo.git("branch", "stable-1.0")
    names = ("Dora Dock <work@dock.example>", "Dora Dock <Work@Dock.example>", "dora dock <work@dock.example>")
    for number, author in enumerate((*names, names[0], "Dora Dock <dora@corp.example>")):
        repo.write("file", f"change {number}\n")
        repo.git("add", "file")
        repo.git("commit", "-q", f"--author={author}", "-m", f"change {number}")
    added = {person.key: person for person in import_people(start_queue(repo, stable("stable-1.0")), least=5).added}
    assert added["dora.dock"].mails == ("work@dock.example", "dora@corp.example")
