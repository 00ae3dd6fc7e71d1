"""Proposals on real repositories: every step of the chain, with its reason in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backportq.errors import DecisionError
from backportq.git.read.queue_files import StoredFiles
from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.people.people import People, Person
from backportq.model.priority import Priority
from backportq.services.assignment.propose import assign_proposed, propose_owners
from backportq.services.decisions import verbs
from backportq.services.decisions.select import Asked
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decided, fixed, project_of, stable, start_queue

LINES = "".join(f"line {number}\n" for number in range(20))
PEOPLE = (
    Person("ada", "Ada Author", ("ada@example.org",)),
    Person("ben", "Ben Builder", ("ben@example.org",)),
    Person("cora", "Cora Committer", ("cora@example.org",)),
    Person("dot", "Dot Driver", ("dot@old.example", "dot@example.org")),
)
AS_BEN = {"GIT_AUTHOR_NAME": "Ben Builder", "GIT_AUTHOR_EMAIL": "ben@example.org"}
ACTIVE = {"active_months": 0}


def with_people(project: Project, *people: Person) -> Project:
    def decide(state: QueueState) -> QueueState:
        return replace(state, people=People(people))

    project.store.change(decide, command="test", summary="people", actor=project.actor(), at=project.clock())
    return project


def commit_as(repo: TestRepo, who: dict[str, str], message: str, files: dict[str, str]) -> str:
    for path, content in files.items():
        repo.write(path, content)
    repo.tick += 1
    repo.git("commit", "-q", "-F", "-", stdin=message, env=who)
    return repo.id("HEAD")


def said(project: Project, *commits: str, query: str = "") -> list[tuple[str, str, str | None, str]]:
    made = propose_owners(project, Asked(commits, query=query))
    return [
        (entry.entry.item.subject, entry.entry.branch, entry.proposal.key, entry.proposal.why)
        for entry in made.proposed
    ]


def test_propose_names_who_wrote_what_is_fixed_and_says_why(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    bug = commit_as(repo, AS_BEN, "add a thing", {"a": LINES + "bug\n"})
    repo.git("branch", "stable-1.0")
    repo.commit(f'fix a thing\n\nFixes: {bug[:12]} ("add a thing")', {"a": LINES + "fix\n"})
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)

    assert said(project) == [("fix a thing", "stable-1.0", "ben", f"wrote {bug[:12]}, which this fixes")]


def test_propose_names_who_backported_what_is_fixed(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    repo.git("branch", "stable-1.0")
    bug = repo.commit("add a thing", {"a": LINES + "bug\n"})
    repo.commit(f'fix a thing\n\nFixes: {bug[:12]} ("add a thing")', {"a": LINES + "fix\n"})
    repo.checkout("stable-1.0")
    repo.tick += 1
    repo.git("cherry-pick", "-x", bug, env={"GIT_COMMITTER_NAME": "Dot", "GIT_COMMITTER_EMAIL": "dot@example.org"})
    pick = repo.id("HEAD")
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)

    assert said(project) == [
        ("fix a thing", "stable-1.0", "dot", f"backported {bug[:12]} as {pick[:12]}, which this fixes")
    ]


def test_propose_respects_the_mailmap(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, ".mailmap": "Dot Driver <dot@example.org> <ben@example.org>\n"})
    repo.git("branch", "stable-1.0")
    commit_as(repo, AS_BEN, "fix it\n\nBackport: 1.0", {"a": LINES + "fix\n"})
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), PEOPLE[3])
    scan(project)

    assert said(project) == [("fix it", "stable-1.0", "dot", "wrote the fix")]


def test_propose_gives_a_conflict_to_who_knows_the_files_the_branch_lacks(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, "b": LINES})
    repo.git("branch", "stable-1.0")
    commit_as(repo, AS_BEN, "rework a", {"a": LINES.replace("line 3", "row 3")})
    commit_as(
        repo,
        {"GIT_AUTHOR_NAME": "Gone", "GIT_AUTHOR_EMAIL": "gone@example.org"},
        "fix a\n\nBackport: 1.0",
        {"a": LINES.replace("line 3", "tier 3")},
    )
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)
    made = propose_owners(project).proposed[0]

    assert (made.verdict, made.proposal.key, made.proposal.why) == (
        "conflict",
        "ben",
        "knows a: last wrote 1 line of what it changes, 1 commit there, 1 of them missing on stable-1.0",
    )
    assert [(candidate.name, candidate.why) for candidate in made.proposal.rejected] == [
        ("Gone", "wrote the fix, but is not among the people of the queue")
    ]


def test_propose_reads_maintainers_of_the_stable_branch_itself(repo: TestRepo) -> None:
    heading = "The maintainer for this branch is:\n\n\tDot Driver <dot@example.org>\n\n"
    of_branch = f"{heading}NET\nM:\tBen <ben@example.org>\nF:\tnet/\n"
    repo.commit("start", {"a": LINES, "MAINTAINERS": of_branch})
    repo.git("branch", "stable-1.0")
    who = {"GIT_AUTHOR_NAME": "Gone", "GIT_AUTHOR_EMAIL": "gone@example.org"}
    who |= {"GIT_COMMITTER_NAME": "Gone", "GIT_COMMITTER_EMAIL": "gone@example.org"}
    commit_as(repo, who, "new maintainers", {"MAINTAINERS": "NET\nM:\tCora <cora@example.org>\nF:\tnet/\n"})
    commit_as(repo, who, "net: fix\n\nBackport: 1.0", {"net/core": "x\n"})
    commit_as(repo, who, "docs: fix\n\nBackport: 1.0", {"docs/x": "x\n"})
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)

    assert said(project) == [
        ("docs: fix", "stable-1.0", "dot", "maintains stable-1.0 (MAINTAINERS)"),
        ("net: fix", "stable-1.0", "ben", "maintains NET in MAINTAINERS of stable-1.0 (1 of 1 files)"),
    ]


def test_propose_reports_malformed_maintainers_with_its_line(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, "MAINTAINERS": "NET\nM:\tSupported\nF:\tnet/\n"})
    repo.git("branch", "stable-1.0")
    repo.commit("fix it\n\nBackport: 1.0", {"a": LINES + "fix\n"})
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)

    assert propose_owners(project).problems == (
        "MAINTAINERS of stable-1.0, line 2: M: wanted 'Name <mail>', found 'Supported'",
    )


def test_propose_asks_code_owners_and_areas_of_the_people(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, ".github/CODEOWNERS": "/net/ @Ben\n/usb/ dot@example.org\n"})
    repo.git("branch", "stable-1.0")
    for path in ("net/x", "usb/x", "tools/x"):
        repo.commit(f"fix {path}\n\nBackport: 1.0", {path: "x\n"})
    people = (*PEOPLE[1:2], PEOPLE[3], Person("eve", "Eve", ("eve@example.org",), areas=("tools/",)))
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *people)
    scan(project)

    assert said(project) == [
        ("fix tools/x", "stable-1.0", "eve", "looks after tools/x (people.toml)"),
        ("fix usb/x", "stable-1.0", "dot", "owns 1 of 1 files in .github/CODEOWNERS"),
        ("fix net/x", "stable-1.0", "ben", "owns 1 of 1 files in .github/CODEOWNERS"),
    ]


def test_propose_passes_over_the_inactive_and_those_outside_of_the_domains(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    repo.git("branch", "stable-1.0")
    commit_as(repo, AS_BEN, "fix it\n\nBackport: 1.0", {"a": LINES + "fix\n"})
    long_ago = {"active_months": 12}
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=long_ago), *PEOPLE)
    scan(project)
    rejected = propose_owners(project).proposed[0].proposal.rejected
    assert [(candidate.name, candidate.why) for candidate in rejected] == [
        ("Ben Builder", "last had a commit upstream in 2023-11"),
        ("Cora Committer", "last had a commit upstream in 2023-11"),
    ]

    def outside(state: QueueState) -> QueueState:
        rules = {"active_months": 0, "domains": ["old.example"]}
        return replace(state, config=replace(state.config, assign=rules))

    project.store.change(outside, command="test", summary="rules", actor=project.actor(), at=project.clock())
    rejected = propose_owners(project_of(repo.path)).proposed[0].proposal.rejected
    assert rejected[0].why == "is outside of the project's domains with ben@example.org"


def test_assign_proposed_is_one_change_with_the_reasons_and_leaves_what_others_took(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, "b": "b\n"})
    repo.git("branch", "stable-1.0")
    first = commit_as(repo, AS_BEN, "fix a\n\nBackport: 1.0", {"a": LINES + "fix\n"})
    second = commit_as(repo, AS_BEN, "fix b\n\nBackport: 1.0", {"b": "fixed\n"})
    rules = {"active_months": 0, "due_days": 14}
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=rules), *PEOPLE)
    scan(project)
    made = propose_owners(project)
    before = project.store.tip()

    def taken(state: QueueState) -> QueueState:
        queue = state.queue_of(BranchName("stable-1.0"))
        items = tuple(replace(item, assignee="cora") if item.commit == first else item for item in queue.open)
        return replace(state, branches={queue.branch: replace(queue, open=items)})

    project.store.change(taken, command="test", summary="taken", actor=project.actor(), at=project.clock())
    outcome = assign_proposed(project, made)

    assert [decision.commit for decision in outcome.decided] == [second]
    items = {item.commit: item for item in project.store.snapshot().state.queue_of(BranchName("stable-1.0")).open}
    assert items[first].assignee == "cora"  # type: ignore[index]
    given: Item = items[second]  # type: ignore[index]
    assert (given.assignee, given.due) == ("ben", date(2026, 6, 15))
    assert [(event.what, event.who, event.text, event.by) for event in given.tasks] == [
        ("asked", "ben", "wrote the fix", str(Identity("Cora Committer", "cora@example.org")))
    ]
    assert before is not None
    assert repo.git("rev-list", "--count", f"{before}..backportq") == "2"


def test_propose_query_chooses_the_items(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, "b": "b\n"})
    repo.git("branch", "stable-1.0")
    repo.commit("fix a\n\nBackport: 1.0", {"a": LINES + "fix\n"})
    repo.commit("fix b\n\nBackport: 1.0", {"b": "fixed\n"})
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)

    assert [row[0] for row in said(project, query="path:b verdict:clean")] == ["fix b"]


def test_propose_people_who_share_a_mail_are_named_instead_of_guessed(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    repo.git("branch", "stable-1.0")
    repo.commit("fix a\n\nBackport: 1.0", {"a": LINES + "fix\n"})
    twins = (Person("ada", "Ada Author", ("ada@example.org",)), Person("adb", "Ada B", ("ADA@example.org",)))
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *twins)
    scan(project)
    proposal = propose_owners(project).proposed[0].proposal

    assert [(candidate.name, candidate.why) for candidate in proposal.rejected] == [
        ("Ada Author", "shares the mail ada@example.org: 'ada' and 'adb'"),
        ("Cora Committer", "committed the fix upstream, but is not among the people of the queue"),
    ]
    assert proposal.key == "ada"
    assert proposal.why == "is next in turn, with 0 items"


def test_propose_treats_items_of_people_who_left_as_unassigned(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    repo.git("branch", "stable-1.0")
    fix = repo.commit("fix a\n\nBackport: 1.0", {"a": LINES + "fix\n"})
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)

    def gone(state: QueueState) -> QueueState:
        queue = state.queue_of(BranchName("stable-1.0"))
        return replace(state, branches={queue.branch: replace(queue, open=(replace(queue.open[0], assignee="left"),))})

    project.store.change(gone, command="test", summary="gone", actor=project.actor(), at=project.clock())
    made = propose_owners(project)
    assign_proposed(project, made)

    item = project.store.snapshot().state.queue_of(BranchName("stable-1.0")).find(made.proposed[0].entry.item.commit)
    assert (fix, item.assignee if item is not None else None) == (made.proposed[0].entry.item.commit, "ada")


def test_propose_unknown_commit_is_refused(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    repo.git("branch", "stable-1.0")
    project = start_queue(repo, stable("stable-1.0"))

    with pytest.raises(DecisionError):
        propose_owners(project, Asked((repo.id("master"),)))


def test_propose_reads_the_queue_once_and_mixes_no_two_states(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    fixed(repo, "stable-1.0")
    project = with_people(start_queue(repo, stable("stable-1.0"), assign=ACTIVE), *PEOPLE)
    scan(project)
    reader = project_of(repo.path)
    read = reader.store.files

    def overtaken(commit: Oid | None = None) -> StoredFiles | None:
        """Read, and have somebody else decline the item right after."""
        files = read(commit)
        decided(project, verbs.decline(project, "no"), [repo.id("master")])
        return files

    monkeypatch.setattr(reader.store, "files", overtaken)
    assert [each.entry.item.commit for each in propose_owners(reader).proposed] == [repo.id("master")]


def test_propose_gives_the_urgent_first_and_ten_a_person_unless_told(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    repo.git("branch", "stable-1.0")
    for at in range(12):
        repo.commit(f"fix {at}\n\nBackport: 1.0", {f"f{at}": "x\n"})
    ben = Person("ben", "Ben", ("ben@example.org",))
    project = with_people(start_queue(repo, stable("stable-1.0")), ben)
    scan(project)
    state = project.store.snapshot().state
    oldest = state.queue_of(BranchName("stable-1.0")).open[0].commit
    decided(project, verbs.prioritise(project, Priority.HIGH), [oldest])

    given = [each.proposal.commit for each in propose_owners(project).proposed if each.proposal.key == "ben"]
    assert (given[0], len(given)) == (oldest, 10)
    assert sum(each.proposal.key == "ben" for each in propose_owners(project, capacity=3).proposed) == 3
