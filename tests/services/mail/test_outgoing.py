"""Which letters are due, to whom, with what in them, and that nothing is said twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backportq.errors import DecisionError
from backportq.model.items.queue import QueueState
from backportq.model.items.records import TaskWord
from backportq.model.mail.letter import Letter, LetterKind
from backportq.model.people.people import People, Person
from backportq.model.priority import Priority
from backportq.services.decisions import verbs
from backportq.services.mail.hand_over import record
from backportq.services.mail.outgoing import MailSelection, letters_due
from backportq.services.picks.apply import ApplyRequest, ApplyResult, apply
from backportq.services.picks.pick import pick
from backportq.services.picks.request import PickRequest
from backportq.services.project import Project
from backportq.services.queue_admin.audit import undo
from backportq.services.scan.scan import scan
from backportq.services.trials.explain import Bounds, explain
from tests.driver import TestRepo
from tests.services.queued import decided, queue_of, stable, start_queue

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
LINES = "".join(f"line {number}\n" for number in range(20))
ADA = Person("ada", "Ada Author", ("ada@example.org",))
BEN = Person("ben", "Ben Branch", ("ben@example.org",), branches=("stable-1.0",))


def at(project: Project, days: float) -> Project:
    """Return the project `days` after the start."""
    return replace(project, clock=lambda: START + timedelta(days=days))


def set_up(repo: TestRepo, *people: Person, mail: dict[str, object] | None = None) -> tuple[Project, str, str]:
    """Return a project with one fix that applies and one that conflicts."""
    repo.commit("start", {"a": LINES, "b": "b\n"})
    repo.git("branch", "stable-1.0")
    good = repo.commit("a: fix\n\nReviewed-by: Rea Reviewer <rea@example.org>\nBackport: 1.0", {"a": LINES + "fix\n"})
    repo.commit("b: rework", {"b": "new b\n"})
    bad = repo.commit("b: fix\n\nAcked-by: Ack Er <ack@example.org>\nBackport: 1.0", {"b": "newer b\n"})
    settings = {"mail": {"project": "harbor", **(mail or {})}, "assign": {"remind_days": 10, "escalate_days": 7}}
    project = at(start_queue(repo, stable("stable-1.0"), **settings), 0)
    with_people(project, *(people or (ADA, BEN)))
    scan(project)
    return project, good, bad


def with_people(project: Project, *people: Person) -> None:
    def decide(state: QueueState) -> QueueState:
        return replace(state, people=People(people))

    project.store.change(decide, command="test", summary="people", actor=project.actor(), at=project.clock())


def due(project: Project, kind: LetterKind, *people: str, again: bool = False) -> tuple[Letter, ...]:
    return letters_due(project, MailSelection(kind, people, again=again)).letters


def told(letters: Sequence[Letter]) -> list[tuple[str, int, str]]:
    return [(letter.who, len(letter.items), letter.subject) for letter in letters]


def test_call_tells_why_the_verdict_and_the_commands(repo: TestRepo) -> None:
    project, good, bad = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good, bad], [])

    (letter,) = due(project, LetterKind.CALL)

    def date(oid: str) -> str:
        return repo.git("log", "-1", "--format=%ci", oid)

    assert letter.subject == "[harbor] 2 commits to backport to stable-1.0"
    assert letter.to[0].mail == "ada@example.org"
    assert (
        letter.body
        == f"""\
Hello Ada Author,

you are asked to backport the following to the stable branches of
harbor.

* {bad[:12]} (b: fix)
  stable-1.0: conflicts in b (content)
  nominated by: Backport: 1.0
  backportq:  backportq pick {bad[:12]} --branch stable-1.0
  plain git:  git switch -c backport/stable-1.0/{bad[:12]} origin/stable-1.0
              git cherry-pick {bad}
                in its message: master commit: {bad}
                in its message: master date: {date(bad)}

* {good[:12]} (a: fix)
  stable-1.0: applies (no textual conflict)
  nominated by: Backport: 1.0
  backportq:  backportq pick {good[:12]} --branch stable-1.0
  plain git:  git switch -c backport/stable-1.0/{good[:12]} origin/stable-1.0
              git cherry-pick {good}
                in its message: master commit: {good}
                in its message: master date: {date(good)}

If you can't, say so, and it goes to somebody else:
  backportq hand-back COMMIT -m REASON, or answer this mail.
If it should not be backported:
  backportq decline COMMIT -m REASON, or answer this mail.

backportq keeps this list in the repository of harbor. Where you have it, in
your clone: backportq sync && backportq mine. Plain git does as well, as above;
an answer to this mail is enough for the rest.

--{" "}
Cora Committer, by backportq for harbor
"""
    )


def test_call_prints_what_the_item_needs_first_in_pick_order(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, "b": "b\n"})
    repo.git("branch", "stable-1.0")
    named = [repo.commit(f"b: {name}\n\nBackport: 1.0", {name: name}) for name in ("one", "two")]
    first = repo.commit("a: first\n\nBackport: 1.0", {"a": LINES.replace("line 5\n", "first\n")})
    last = repo.commit("a: last\n\nBackport: 1.0", {"a": LINES.replace("line 5\n", "last\n")})
    project = at(start_queue(repo, stable("stable-1.0")), 0)
    with_people(project, ADA)
    scan(project)
    decided(project, verbs.need(project, last, [named[1], named[0]]), [last], ["1.0"])
    decided(project, verbs.assign(project, "ada"), [last], [])

    (letter,) = due(project, LetterKind.CALL)

    picks = [named[1], named[0], first, last]
    assert f"backportq pick {' '.join(oid[:12] for oid in picks)} --branch stable-1.0\n" in letter.body
    assert [line.split()[-1] for line in letter.body.splitlines() if "git cherry-pick" in line] == picks
    report = pick(project, PickRequest(tuple(picks), "1.0"))
    assert [done.upstream for done in report.made] == picks


def test_call_takes_the_pick_of_another_branch_after_what_a_person_named(repo: TestRepo) -> None:
    start = repo.commit("start", {"a": LINES, "b": "b\n"})
    repo.checkout("stable-1.0", start)
    for branch in ("stable-1.0", "stable-1.1"):
        repo.git("checkout", "-q", "-B", branch, start)
        repo.commit("own", {"b": "ours\n"})
    repo.git("checkout", "-q", "master")
    needed = repo.commit("a: needed\n\nBackport: 1.0", {"a": LINES + "needed\n"})
    fix = repo.commit("b: fix\n\nBackport: 1.0", {"b": "fixed\n"})
    repo.git("checkout", "-q", "stable-1.1")
    adapted = repo.commit(f"b: fix\n\n(cherry picked from commit {fix})\n", {"b": "ours, fixed\n"})
    repo.git("checkout", "-q", "master")
    project = at(start_queue(repo, stable("stable-1.0"), stable("stable-1.1")), 0)
    with_people(project, ADA)
    scan(project)
    decided(project, verbs.assign(project, "ada"), [fix], ["1.0"])

    (letter,) = due(project, LetterKind.CALL)
    assert f"backportq pick {fix[:12]} --branch stable-1.0 --from-alternative\n" in letter.body
    decided(project, verbs.need(project, fix, [needed]), [fix], ["1.0"])
    (letter,) = due(project, LetterKind.CALL)
    assert f"backportq pick {needed[:12]} {adapted[:12]} --branch stable-1.0\n" in letter.body
    assert letter.body.count("git cherry-pick") == 2
    report = pick(project, PickRequest((needed, adapted), "1.0"))
    assert [done.upstream for done in report.made] == [needed, fix]


def test_call_leaves_out_what_is_picked_and_a_reminder_tells_where(repo: TestRepo) -> None:
    project, good, bad = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good, bad], [])
    pick(project, PickRequest((good,), "1.0", onto="topic"))

    assert [letter.items for letter in due(project, LetterKind.CALL)] == [(("stable-1.0", bad),)]
    (reminder,) = due(at(project, 11), LetterKind.REMINDER)
    assert "  stable-1.0: 1 commit on the branch topic by Cora Committer, not pushed\n" in reminder.body
    assert reminder.subject == "[harbor] reminder: 1 commit to backport to stable-1.0"
    repo.git("update-ref", "refs/remotes/origin/topic", "topic")
    (reminder,) = due(at(project, 11), LetterKind.REMINDER)
    assert "  stable-1.0: 1 commit on the branch topic by Cora Committer, in review\n" in reminder.body
    assert f"backportq pick {good[:12]}" not in reminder.body


def test_call_is_made_once_and_reminded_in_the_same_thread_after_the_days(repo: TestRepo) -> None:
    project, good, _ = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good], [])
    (first,) = due(project, LetterKind.CALL)
    record(project, [first])

    assert due(at(project, 3), LetterKind.CALL) == ()
    assert due(at(project, 9), LetterKind.REMINDER) == ()
    (reminder,) = due(at(project, 11), LetterKind.REMINDER)
    assert reminder.references == (first.message_id,)
    assert reminder.subject == "[harbor] reminder: 1 commit to backport to stable-1.0"
    record(at(project, 11), [reminder])
    assert due(at(project, 20), LetterKind.REMINDER) == ()
    (second,) = due(at(project, 22), LetterKind.REMINDER)
    assert second.references == (first.message_id, reminder.message_id)
    assert second.message_id != reminder.message_id
    assert told(due(at(project, 20), LetterKind.REMINDER, again=True)) == told([reminder])


def test_call_of_the_same_state_is_the_same_letter_and_is_recorded_once(repo: TestRepo) -> None:
    project, good, _ = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good], [])
    (one,) = due(project, LetterKind.CALL)
    (other,) = due(at(project, 0.5), LetterKind.CALL)

    assert one.message_id == other.message_id
    assert record(project, [one]) is not None
    assert record(project, [other]) is None


def test_call_is_made_anew_to_the_next_person(repo: TestRepo) -> None:
    project, good, _ = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good], [])
    record(project, due(project, LetterKind.CALL))
    decided(at(project, 2), verbs.assign(at(project, 2), "ben"), [good], [])

    assert [letter.who for letter in due(at(project, 2), LetterKind.CALL)] == ["ben"]


def test_call_is_about_changes_and_tells_the_ten_most_urgent(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES})
    branches = [f"stable-1.{minor}" for minor in range(5)]
    for branch in branches:
        repo.git("branch", branch)
    message = "f{}: fix\n\nBackport: 1.0+\nFixes: {:012x}\nFixes: {:012x}"
    commits = [repo.commit(message.format(at, at, at + 99), {f"f{at}": "x\n"}) for at in range(40)]
    project = at(start_queue(repo, *map(stable, branches), mail={"install": "get it"}), 0)
    with_people(project, ADA)
    scan(project)
    decided(project, verbs.prioritise(project, Priority.SECURITY), [commits[3]], [])
    decided(project, verbs.note(project, "one\ntwo\nthree"), commits, [])
    decided(project, verbs.assign(project, "ada"), commits, [])

    (letter,) = due(project, LetterKind.CALL)

    assert letter.subject == "[repo] 40 commits to backport to stable-1.0 and 4 other branches"
    assert len(letter.items) == 200
    lines = letter.body.splitlines()
    assert len(lines) < 150
    assert "  get it && backportq sync && backportq mine" in lines
    told = [line for line in lines if line.startswith("* ")]
    assert told[0] == f"* {commits[3][:12]} (f3: fix)  [security]"
    assert 5 <= len(told) <= 10
    assert f"And {40 - len(told)} more, less urgent: backportq mine lists all of them." in lines
    assert "  stable-1.0 and 4 other branches: applies (no textual conflict)" in lines
    assert "  get it && backportq sync && backportq mine" in lines


def test_help_agrees_with_explain_and_a_commit_with_its_revert_is_no_help(repo: TestRepo) -> None:
    repo.commit("start", {"b": "b\n"})
    repo.git("branch", "stable-1.0")
    mistake = repo.commit("b: mistake", {"b": "wrong\n"})
    revert = repo.commit(f'Revert "b: mistake"\n\nThis reverts commit {mistake}.', {"b": "b\n"})
    rework = repo.commit("b: rework", {"b": "new b\n"})
    bad = repo.commit("b: fix\n\nBackport: 1.0", {"b": "newer b\n"})
    project = at(start_queue(repo, stable("stable-1.0")), 0)
    with_people(project, ADA)
    scan(project)

    (letter,) = due(project, LetterKind.HELP)

    found = explain(project, bad, "1.0", bounds=Bounds())
    assert [commit.commit for commit in found.prerequisites] == [rework]
    assert [commit.commit for commit in found.culprits] == [rework]
    assert rework[:12] in letter.body
    assert mistake[:12] not in letter.body
    assert revert[:12] not in letter.body


def test_undo_keeps_that_letters_went_out(repo: TestRepo) -> None:
    project, good, _ = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good], [])
    assigned = project.store.tip()
    record(project, due(project, LetterKind.CALL))
    mailed = project.store.tip()
    undone = undo(project, None)
    assert (undone.change.commit, len(undone.letters)) == (None, 1)
    assert project.store.tip() == mailed
    assert assigned is not None
    undone = undo(project, assigned)
    assert [(letter.who, letter.kind) for letter in undone.letters] == [("ada", "call")]
    item = next(item for item in queue_of(project, "stable-1.0").open if item.commit == good)
    assert (item.assignee, [event.what for event in item.tasks]) == (None, [TaskWord.MAILED])


def test_help_goes_to_the_author_of_what_does_not_apply_with_copies_by_trailers(repo: TestRepo) -> None:
    project, _, bad = set_up(repo, mail={"cc": ["List <list@example.org>"]})
    decided(project, verbs.assign(project, "ben"), [bad], [])

    (letter,) = due(project, LetterKind.HELP)

    assert letter.who == "ada"
    assert letter.subject == "[harbor] does not apply to stable-1.0, help wanted: b: fix"
    assert [copy.mail for copy in letter.cc] == ["list@example.org", "ben@example.org", "ack@example.org"]
    rework = repo.git("rev-parse", f"{bad}^")
    assert "conflicts in b (content)\n" in letter.body
    assert f"after\n    {rework[:12]} (b: rework)\n" in letter.body


def test_queued_announces_what_applies_and_until_when_one_can_object(repo: TestRepo) -> None:
    project, good, _ = set_up(repo, mail={"objection_days": 5, "trailer_copies": False})

    (letter,) = due(project, LetterKind.QUEUED)

    assert [oid for _, oid in letter.items] == [good]
    assert letter.subject == "[harbor] queued for stable-1.0: a: fix"
    assert "please say so by 2026-06-06; otherwise" in letter.body
    assert letter.cc == ()


def test_queued_announces_only_what_apply_takes(repo: TestRepo) -> None:
    repo.commit("start", {"a": LINES, "b": "b\n"})
    repo.git("branch", "stable-1.0")
    first = repo.commit("a: first\n\nBackport: 1.0", {"a": LINES.replace("line 5\n", "first\n")})
    repo.commit("a: second\n\nBackport: 1.0", {"a": LINES.replace("line 5\n", "second\n")})
    other = repo.commit("b: fix\n\nBackport: 1.0", {"b": "new b\n"})
    project = at(start_queue(repo, stable("stable-1.0")), 0)
    with_people(project, ADA, BEN)
    scan(project)
    assert len(due(project, LetterKind.QUEUED)) == 3

    decided(project, verbs.object_to(project, "it breaks a"), [first], [])

    assert [entry.result for entry in apply(project, ApplyRequest("1.0", dry_run=True)).results] == [
        ApplyResult.NOT_APPROVED,
        ApplyResult.CONFLICT,  # it needs the first
        ApplyResult.APPLIED,
    ]
    assert [letter.items for letter in due(project, LetterKind.QUEUED)] == [(("stable-1.0", other),)]


def test_escalation_goes_to_the_maintainer_of_the_branch_after_the_days(repo: TestRepo) -> None:
    project, good, _ = set_up(repo)
    decided(project, verbs.assign(project, "ada", due=START.date() + timedelta(days=3)), [good], [])

    assert due(at(project, 10), LetterKind.ESCALATION) == ()
    (letter,) = due(at(project, 11), LetterKind.ESCALATION)
    assert (letter.who, [copy.mail for copy in letter.cc]) == ("ben", ["ada@example.org"])
    assert "  asked of ada on 2026-06-01, due 2026-06-04 (8 days overdue)\n" in letter.body
    assert told(due(at(project, 4), LetterKind.REMINDER)) == [
        ("ada", 1, "[harbor] reminder: 1 commit to backport to stable-1.0")
    ]


@pytest.mark.parametrize(
    ("person", "mail", "why"),
    [
        (replace(ADA, no_mail=True), {}, "wants no mail"),
        (ADA, {"never": ["@example.org"]}, "is on the list of those who get no mail"),
        (replace(ADA, mails=("ada",)), {}, "has no usable mail address ('ada')"),
        (replace(ADA, mails=("ada@x\nBcc: eve@example.org",)), {}, "has no usable mail address ("),
    ],
)
def test_letters_are_withheld_from_those_who_get_none(
    repo: TestRepo, person: Person, mail: dict[str, object], why: str
) -> None:
    project, good, bad = set_up(repo, person, mail=mail)
    decided(project, verbs.assign(project, "ada"), [good, bad], [])

    found = letters_due(project, MailSelection(LetterKind.CALL))

    assert found.letters == ()
    (withheld,) = found.skipped
    assert (withheld.who, withheld.items) == ("Ada Author", 2)
    assert withheld.why.startswith(why)


def test_letters_of_a_template_of_the_project(repo: TestRepo) -> None:
    project, good, _ = set_up(repo, mail={"templates": {"call": "Subject: $count\n\nDear $name: $branches\n"}})
    decided(project, verbs.assign(project, "ada"), [good], [])

    (letter,) = due(project, LetterKind.CALL)

    assert (letter.subject, letter.body) == ("1 commit", "Dear Ada Author: stable-1.0\n")


def test_letters_only_to_those_who_are_named(repo: TestRepo) -> None:
    project, good, bad = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good], [])
    decided(project, verbs.assign(project, "ben"), [bad], [])

    assert [letter.who for letter in due(project, LetterKind.CALL, "Ben")] == ["ben"]
    with pytest.raises(DecisionError, match="nobody in the people of this queue is 'adda'"):
        due(project, LetterKind.CALL, "adda")
