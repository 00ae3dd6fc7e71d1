"""What letters say: the built-in templates, and the list of items with reasons, verdicts and commands.

A person who gets such a mail must be able to do what it asks from the mail alone, with this program or with plain git.
This module must not look anything up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import Template

from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.work import is_picked
from backportq.model.mail.letter import LetterKind
from backportq.model.words import typed

_CONFLICTS_SHOWN = 6
_OTHERS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """One item as a letter shows it.

    `onto` is the branch to pick to (the staging branch where there is one), with its remote in front. `verdict` is
    `clean`, `conflict` or `empty`, None where it could not be tried. `conflicts` are path and kind; `prerequisites` are
    commits that would help, with their subjects and whether they are in the queue; `first` are those of the queue that
    are to be picked before, in pick order. `alternative` is a pick of the same commit on another branch that applies,
    `source` the one to take in place of the commit, None for the commit itself. `why` says why the recipient is asked;
    `task` since when, by when.
    """

    item: Item
    branch: BranchName
    onto: str
    verdict: str | None = None
    conflicts: tuple[tuple[str, str], ...] = ()
    prerequisites: tuple[tuple[Oid, str, bool], ...] = ()
    first: tuple[Oid, ...] = ()
    alternative: tuple[Oid, BranchName] | None = None
    source: Oid | None = None
    why: str | None = None
    task: str | None = None


_SIGNATURE = "\n-- \n$sender, by backportq for $project\n"

_DO_OR_SAY = """
If you can't, say so, and it goes to somebody else:
  backportq hand-back COMMIT -m REASON, or answer this mail.
If it should not be backported:
  backportq decline COMMIT -m REASON, or answer this mail.
"""

_TEMPLATES: Mapping[LetterKind, str] = {
    LetterKind.CALL: """\
Subject: [$project] $count to backport to $branches

Hello $name,

you are asked to backport the following to the stable branches of
$project.

$items
"""
    + _DO_OR_SAY,
    LetterKind.REMINDER: """\
Subject: [$project] reminder: $count to backport to $branches

Hello $name,

the following backports to the stable branches of $project
are still waiting for you.

$items
"""
    + _DO_OR_SAY,
    LetterKind.HELP: """\
Subject: [$project] does not apply to $branches, help wanted: $subject

Hello $name,

this is wanted on the stable branches of $project, but does not apply
there. You know the code: a backport by you, a hint at what is missing,
or a word that it is not needed would help.

$items
""",
    LetterKind.QUEUED: """\
Subject: [$project] queued for $branches: $subject

Hello $name,

the following is queued for the stable branches of $project.
If you object, please say so until $date; otherwise it will be
picked then.

$items

To object: backportq object COMMIT -m REASON, or answer this mail.
""",
    LetterKind.ESCALATION: """\
Subject: [$project] overdue on $branches: $count

Hello $name,

you maintain these branches of $project. The following backports are long
past the day they were wanted by; please take them, give them to somebody
else (backportq assign COMMIT --to PERSON), or decline them.

$items
""",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the placeholders of a template stand for, besides `$items`, `$count` and `$branches`."""

    name: str
    project: str
    sender: str
    day: date


def letter_text(
    kind: LetterKind, subjects: Sequence[Subject], words: Words, templates: Mapping[str, str]
) -> tuple[str, str]:
    """Return the subject line and the body of a letter; `templates` override the built-in ones by kind."""
    template = templates.get(kind.value) or _TEMPLATES[kind] + _SIGNATURE
    head, _, body = template.partition("\n\n")
    branches = list(dict.fromkeys(one.branch for one in subjects))
    commits = len({one.item.commit for one in subjects})
    values = {
        "name": words.name,
        "project": words.project,
        "sender": words.sender,
        "date": words.day.isoformat(),
        "count": "1 commit" if commits == 1 else f"{commits} commits",
        "branches": _listed(branches),
        "subject": subjects[0].item.subject if commits == 1 else f"{commits} commits",
        "items": "\n\n".join(_paragraph(kind, one) for one in subjects),
    }
    title = Template(head.removeprefix("Subject:").strip()).safe_substitute({**values, "items": values["count"]})
    return title, Template(body).safe_substitute(values)


def _paragraph(kind: LetterKind, one: Subject) -> str:
    item = one.item
    lines = [f"* {short(item.commit)} ({item.subject})", f"  for {one.branch}: {_verdict(one)}"]
    lines += [f"    {path}: {conflict}" for path, conflict in one.conflicts[:_CONFLICTS_SHOWN]]
    if len(one.conflicts) > _CONFLICTS_SHOWN:
        lines.append(f"    and {len(one.conflicts) - _CONFLICTS_SHOWN} more files")
    lines += [f"  nominated by: {_reason(reason)}" for reason in item.nominations[:_OTHERS_SHOWN]]
    if one.why is not None and kind in {LetterKind.CALL, LetterKind.REMINDER}:
        lines.append(f"  why you: {one.why}")
    if one.task is not None and kind is not LetterKind.CALL:
        lines.append(f"  {one.task}")
    if item.note:
        lines += [f"  note: {line}" for line in item.note.splitlines()]
    if one.prerequisites:
        lines.append("  it would apply, or come closer, after:")
        for oid, subject, queued in one.prerequisites[:_OTHERS_SHOWN]:
            lines.append(f"    {short(oid)} ({subject}){', in the queue too' if queued else ''}")
    if one.alternative is not None:
        commit, branch = one.alternative
        lines.append(f"  {short(commit)}, as {branch} has it, applies to {one.branch}")
    if kind is not LetterKind.QUEUED:
        lines += _commands(one)
    return "\n".join(lines)


def _verdict(one: Subject) -> str:
    if one.verdict == "clean":
        return "applies (no textual conflict, which is not the same as correct)"
    if one.verdict == "conflict":
        return "does not apply, conflicts in" if one.conflicts else "does not apply"
    return "changes nothing there" if one.verdict == "empty" else "not tried"


def _commands(one: Subject) -> list[str]:
    """Return how to do it, with this program and with plain git; where it is done, where that is."""
    commit, topic = one.item.commit, one.item.topic
    if is_picked(one.item):
        return [f"  on the branch {topic}, but not yet on {one.branch}"]
    source = one.source or commit
    # The option would ask for alternatives of all; a pick that is named itself stands for its original.
    named = [*one.first, source] if one.first else [commit]
    option = " --from-alternative" if one.source is not None and not one.first else ""
    branch = f"backport-{short(commit)}-{one.branch.replace('/', '-')}"
    return [
        f"  backportq:  backportq pick {' '.join(map(short, named))} --branch {typed(one.branch)}{option}",
        f"  plain git:  git switch -c {typed(branch)} {typed(one.onto)}",
        *(f"              git cherry-pick -x {oid}" for oid in (*one.first, source)),
    ]


def _reason(reason: Nomination) -> str:
    if reason.via is Via.NEWER_BRANCH and reason.branch is not None and reason.commit is not None:
        return f"{reason.branch} has it as {short(reason.commit)}"
    target = short(reason.target) if reason.target is not None else None
    words = reason.text or target or reason.rule or str(reason.via)
    return f"{words} ({reason.by})" if reason.by is not None and reason.is_decided else words


def _listed(branches: Sequence[BranchName]) -> str:
    if len(branches) <= 3:
        return ", ".join(branches)
    return f"{branches[0]} and {len(branches) - 1} other branches"
