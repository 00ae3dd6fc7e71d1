"""People from MAINTAINERS and CODEOWNERS: who is added, whose branches grow, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backportq.errors import DecisionError
from backportq.model.items.queue import QueueState
from backportq.model.people.people import People, Person
from backportq.services.people.import_files import import_from_files
from backportq.services.people.people_list import Terms, add_person
from backportq.services.project import Project
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

HEADING = """\
The maintainer for this branch is:

	Ben Branch <ben@example.org>

Tools backport requests should also be copied to:

	Tom Tool <tom@example.org>

"""
OLD = f"{HEADING}NET\nM:\tAda Author <ada@old.example>\nR:\tRea Reviewer <rea@example.org>\nM:\tSupported\nF:\tnet/\n"
NEW = "NET\nM:\tAda Author <ada@example.org>\nF:\tnet/\n\nUSB\nM:\tDot <dot@example.org>\nF:\tusb/\n"


def people_of(project: Project) -> tuple[Person, ...]:
    return project.store.snapshot().state.people.people


def set_up(repo: TestRepo) -> Project:
    repo.commit("start", {"MAINTAINERS": OLD})
    repo.git("branch", "stable-1.0")
    repo.commit("new", {"MAINTAINERS": NEW, "CODEOWNERS": "/x @cody\n/y eve@example.org @team/core\n/z nobody\n"})
    return start_queue(repo, stable("stable-1.0"))


def test_import_adds_maintainers_and_who_maintains_a_branch(repo: TestRepo) -> None:
    project = set_up(repo)
    made = import_from_files(project, maintainers=True, codeowners=False)

    assert people_of(project) == (
        Person("ada", "Ada Author", ("ada@example.org",)),
        Person("dot", "Dot", ("dot@example.org",)),
        Person("ben", "Ben Branch", ("ben@example.org",), branches=("stable-1.0",)),
        Person("tom", "Tom Tool", ("tom@example.org",)),
    )
    assert made.added == people_of(project)
    assert made.problems == ("MAINTAINERS of stable-1.0, line 12: M: wanted 'Name <mail>', found 'Supported'",)


def test_import_adds_code_owners_but_no_teams(repo: TestRepo) -> None:
    project = set_up(repo)
    made = import_from_files(project, maintainers=False, codeowners=True)

    assert people_of(project) == (Person("cody", "cody"), Person("eve", "eve@example.org", ("eve@example.org",)))
    assert made.problems == (
        "CODEOWNERS of master, line 3: wanted a mail or a handle such as @name, found 'nobody'",
        "'@team/core' is a team, which cannot be given a task",
    )


def test_import_a_second_time_changes_nothing(repo: TestRepo) -> None:
    project = set_up(repo)
    import_from_files(project, maintainers=True, codeowners=True)
    before = project.store.tip()
    made = import_from_files(project, maintainers=True, codeowners=True)

    assert (made.added, made.changed, project.store.tip()) == ((), (), before)


def test_import_knows_people_by_mail_name_and_mailmap(repo: TestRepo) -> None:
    project = set_up(repo)
    repo.commit("map", {".mailmap": "Dorothea <thea@example.org> <dot@example.org>\n"})
    known = (
        Person("a1", "ADA AUTHOR"),
        Person("b1", "B", ("BEN@example.org",)),
        Person("d1", "D", ("thea@example.org",)),
    )

    def decide(state: QueueState) -> QueueState:
        return replace(state, people=People(known))

    project.store.change(decide, command="test", summary="people", actor=project.actor(), at=project.clock())
    made = import_from_files(project, maintainers=True, codeowners=False)

    assert [person.key for person in made.added] == ["tom"]
    assert made.changed == (Person("b1", "B", ("BEN@example.org",), branches=("stable-1.0",)),)


def test_import_dry_run_writes_nothing(repo: TestRepo) -> None:
    project = set_up(repo)
    made = import_from_files(project, maintainers=True, codeowners=False, dry_run=True)

    assert [person.key for person in made.added] == ["ada", "dot", "ben", "tom"]
    assert people_of(project) == ()


def test_add_person_keeps_terms_and_refuses_the_mail_of_another(repo: TestRepo) -> None:
    project = set_up(repo)
    add_person(project, "Ada <ada@example.org>", terms=Terms(capacity=3, away_until=date(2026, 7, 1), no_mail=True))
    add_person(project, "Ada <ada@example.org>", terms=Terms(no_mail=False, no_tasks=True))
    add_person(project, "Ben <ben@example.org>")

    assert people_of(project)[0] == Person(
        "ada", "Ada", ("ada@example.org",), capacity=3, away_until=date(2026, 7, 1), no_tasks=True
    )
    with pytest.raises(DecisionError, match=r"'ADA@example\.org' is a mail of 'ada' \(Ada\) already"):
        add_person(project, "Ben <ben@example.org>", mails=["ADA@example.org"])
