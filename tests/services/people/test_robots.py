"""Robots and addresses that lead nowhere: who is imported, asked, written to and counted; and whose mailmap counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backportq.model.assignment.proposal import Proposal
from backportq.model.commit import Identity
from backportq.model.config import PeopleSettings
from backportq.model.items.queue import QueueState
from backportq.model.mail.letter import LetterKind
from backportq.model.people.people import People, Person
from backportq.services.assignment.propose import propose_owners
from backportq.services.mail.outgoing import MailSelection, SkippedRecipient, letters_due
from backportq.services.people.identities import identities_of
from backportq.services.people.people_list import import_people
from backportq.services.project import Project
from backportq.services.reports.stats import stats
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue

_BRANCH = "stable-1.0"
_GITHUB = "GitHub <noreply@github.com>"
_ADA = "Ada Author <ada@example.org>"
_HIDDEN = "Hilda Hidden <7+hilda@users.noreply.github.com>"
_BOT = "merge-bot <bot@ci.example.org>"


def _as(author: str, committer: str | None = None) -> dict[str, str]:
    def parts(text: str) -> tuple[str, str]:
        name, _, mail = text.rstrip(">").partition(" <")
        return name, mail

    wrote, made = parts(author), parts(committer or author)
    return {
        "GIT_AUTHOR_NAME": wrote[0],
        "GIT_AUTHOR_EMAIL": wrote[1],
        "GIT_COMMITTER_NAME": made[0],
        "GIT_COMMITTER_EMAIL": made[1],
    }


def _commit(repo: TestRepo, who: dict[str, str], message: str, path: str, content: str) -> str:
    repo.write(path, content)
    repo.git("add", path)
    repo.git("commit", "-q", "-F", "-", stdin=message, env=who)
    return repo.id("HEAD")


@pytest.fixture
def fixes(repo: TestRepo) -> dict[str, str]:
    """A bug, and fixes of it by a robot for a person, by one for nobody, and by somebody without an address."""
    repo.tick = 1_330_000
    bug = _commit(repo, _as("Old Hand <old@example.org>"), "bug", "a", "1\n")
    repo.git("branch", _BRANCH)
    said = f"\n\nFixes: {bug[:12]}\n"
    found = {
        "for ada": _commit(repo, _as(_BOT), f"b{said}Co-authored-by: {_ADA}\n", "b", "1\n"),
        "for nobody": _commit(
            repo, _as("renovate[bot] <9+renovate[bot]@example.org>", _GITHUB), f"c{said}", "c", "1\n"
        ),
        "by hilda": _commit(repo, _as(_HIDDEN, _GITHUB), f"d{said}", "d", "1\n"),
    }
    _commit(repo, _as("cicero <cicero@ci.example.org>"), "more", "e", "1\n")
    return found


def _start(repo: TestRepo, *people: Person) -> Project:
    project = start_queue(
        repo, stable(_BRANCH), people=PeopleSettings(("*@ci.example.org",)), assign={"active_months": 0}
    )

    def with_people(state: QueueState) -> QueueState:
        return replace(state, people=People(people))

    project.store.change(with_people, command="test", summary="people", actor=project.actor(), at=project.clock())
    scan(project)
    return project


def test_robots_are_not_imported(repo: TestRepo, fixes: dict[str, str]) -> None:
    assert fixes
    found = import_people(_start(repo), least=1)
    assert [person.name for person in found.added] == ["Hilda Hidden", "Old Hand"]
    assert found.robots == ("GitHub", "cicero", "merge-bot", "renovate[bot]")


def test_robots_take_no_tasks_and_the_people_beside_them_do(repo: TestRepo, fixes: dict[str, str]) -> None:
    people = (
        Person("ada", "Ada Author", ("ada@example.org",)),
        Person("bot", "merge-bot", ("bot@ci.example.org",)),
        Person("renovate", "renovate[bot]", ("9+renovate[bot]@example.org",)),
    )
    made: dict[str, Proposal] = {
        each.proposal.commit: each.proposal for each in propose_owners(_start(repo, *people)).proposed
    }
    assert (made[fixes["for ada"]].key, made[fixes["for ada"]].why) == ("ada", "wrote the fix, with merge-bot")
    assert {proposal.key for proposal in made.values()} == {"ada"}


def test_who_hides_the_address_is_written_to_at_another_or_named(repo: TestRepo, fixes: dict[str, str]) -> None:
    assert fixes
    hilda = Person("hilda", "Hilda Hidden", ("7+hilda@users.noreply.github.com",))
    project = _start(repo, hilda)
    decide(project, fixes["by hilda"], _BRANCH, assignee="hilda")
    due = letters_due(project, MailSelection(LetterKind.CALL))
    reason = "cannot be reached: nobody reads '7+hilda@users.noreply.github.com', and no other address is known"
    assert (due.letters, due.skipped) == ((), (SkippedRecipient("Hilda Hidden", reason, 1),))
    _commit(repo, _as("Hilda Hidden <hilda@example.org>"), "from home", "f", "1\n")
    (letter,) = letters_due(project, MailSelection(LetterKind.CALL)).letters
    assert letter.to == (Identity("Hilda Hidden", "hilda@example.org"),)


def test_author_that_is_a_robot_gets_no_letter(repo: TestRepo, fixes: dict[str, str]) -> None:
    assert fixes
    due = letters_due(_start(repo), MailSelection(LetterKind.QUEUED))
    assert {each.who: each.why for each in due.skipped if "bot" in each.who} == {
        "merge-bot": "is a robot",
        "renovate[bot]": "is a robot",
    }


@pytest.mark.parametrize("way", ["merged", "named", "original"])
def test_backport_of_a_robot_counts_for_a_person(repo: TestRepo, way: str) -> None:
    repo.commit("start", {"a": "a\n"})
    repo.git("branch", _BRANCH)
    fix = _commit(repo, _as("Ora Original <ora@example.org>"), "fix", "b", "1\n")
    repo.checkout(_BRANCH)
    named = f"\nCo-authored-by: {_ADA}" if way == "named" else ""
    if way == "merged":
        repo.checkout("topic", _BRANCH)
    _commit(repo, _as(_BOT), f"fix\n\n(cherry picked from commit {fix}){named}\n", "b", "1\n")
    if way == "merged":
        repo.checkout(_BRANCH)
        merged = "Merge pull request #5 from bot/topic"
        repo.git("merge", "-q", "--no-ff", "-m", merged, "topic", env=_as("Mara Merger <mara@example.org>", _GITHUB))
    (share,) = stats(start_queue(repo, stable(_BRANCH))).total.people
    assert share.who == {"merged": "Mara Merger", "named": "Ada Author", "original": "Ora Original"}[way]


@pytest.mark.parametrize("checked_out", ["master", _BRANCH])
def test_mailmap_is_that_of_upstream_whatever_is_checked_out(repo: TestRepo, checked_out: str) -> None:
    repo.commit("start", {"a": "a\n", ".mailmap": "Wrong Name <wrong@example.org> <mo@home.example.org>\n"})
    repo.git("branch", _BRANCH)
    repo.commit("mailmap", {".mailmap": "Mo Many <mo@example.org> <mo@home.example.org>\n"})
    repo.checkout(checked_out)
    repo.write(".mailmap", "Other Name <other@example.org> <mo@home.example.org>\n")
    project = start_queue(repo, stable(_BRANCH))
    found = identities_of(project.repository, project.store.snapshot().state)
    assert found.canonical(Identity("mmany", "mo@home.example.org")) == Identity("Mo Many", "mo@example.org")
