"""What letters say: the built-in templates, and the list of changes with reasons, verdicts and commands.

- A person who gets such a mail must be able to do what it asks from the mail alone, with this program or plain git.
- It is about changes: what holds of a commit on several branches is said once.
- It is short. The first changes are told in full, of the others only how many there are, and so with each list.

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
from backportq.model.mail.letter import LetterKind
from backportq.model.trials.verdict import SENTENCES, Verdict
from backportq.model.words import counted, typed

MOST_CHANGES = 10
"""How many changes a letter tells in full."""

_MOST_LINES = 110
_CONFLICTS_SHOWN = 2
_OTHERS_SHOWN = 3
_BRANCHES_SHOWN = 3
_NOTE_LINES = 2
_TOPICS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class LetterItem:
    """One item as a letter shows it.

    - `onto` is the branch to pick to (the staging branch where there is one), with its remote in front; `topic` is the
      branch that `pick` would make.
    - `provenance` is what the messages of the picks of `first` and of the commit have to say, nothing where
      `git cherry-pick -x` says it.
    - `verdict` is None where it could not be tried; `conflicts` are path and kind.
    - `prerequisites` are commits that would help, with their subjects and whether they are in the queue; `first` are
      those of the queue that are to be picked before, in pick order; with `applies_in_order` it applies then.
    - `alternative` is a pick of the same commit on another branch that applies, `source` the one to take in place of
      the commit, None for the commit itself.
    - `why` says why the recipient is asked; `task` since when, by when.
    """

    item: Item
    branch: BranchName
    onto: str
    topic: str
    provenance: tuple[str, ...] = ()
    verdict: Verdict | None = None
    conflicts: tuple[tuple[str, str], ...] = ()
    prerequisites: tuple[tuple[Oid, str, bool], ...] = ()
    first: tuple[Oid, ...] = ()
    applies_in_order: bool = False
    alternative: tuple[Oid, BranchName] | None = None
    source: Oid | None = None
    why: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class PickedTopic:
    """A topic branch with picks of items that the recipient has: by whom, for which branch, how many, and whether they
    are in review or wait to be pushed."""

    topic: str
    branch: BranchName
    count: int
    by: str | None
    in_review: bool


_SIGNATURE = "\n-- \n$sender, by backportq for $project\n"

_BEGIN = "\n$begin\n"

_BEGIN_INSTALLED = """\
backportq keeps this list in the repository of $project. To begin, in your clone:
  $install && backportq sync && backportq mine"""

_BEGIN_PLAIN = """\
backportq keeps this list in the repository of $project. Where you have it, in
your clone: backportq sync && backportq mine. Plain git does as well, as above;
an answer to this mail is enough for the rest."""

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
    + _DO_OR_SAY
    + _BEGIN,
    LetterKind.REMINDER: """\
Subject: [$project] reminder: $count to backport to $branches

Hello $name,

the following backports to the stable branches of $project
are still waiting for you.

$items
"""
    + _DO_OR_SAY
    + _BEGIN,
    LetterKind.HELP: """\
Subject: [$project] does not apply to $branches, help wanted: $subject

Hello $name,

this is wanted on the stable branches of $project, but does not apply
there. You know the code: a backport by you, a hint at what is missing,
or a word that it is not needed would help.

$items
"""
    + _BEGIN,
    LetterKind.QUEUED: """\
Subject: [$project] queued for $branches: $subject

Hello $name,

the following is queued for the stable branches of $project.
If you object, please say so by $date; otherwise it will be
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
    """What the placeholders of a template stand for, besides those that are made of the items.

    `branches` are all that the letter is about, `changes` counts its commits, also those that are not told in full.
    """

    name: str
    project: str
    sender: str
    day: date
    install: str
    branches: tuple[BranchName, ...]
    changes: int


def letter_text(
    kind: LetterKind,
    entries: Sequence[LetterItem],
    words: Words,
    templates: Mapping[str, str],
    picked: Sequence[PickedTopic] = (),
) -> tuple[str, str]:
    """Return the subject line and the body of a letter about `entries`, which stand in the order of urgency.

    `templates` override the built-in ones by kind. `picked` is told below: nothing of it is left to do.
    """
    template = templates.get(kind.value) or _TEMPLATES[kind] + _SIGNATURE
    head, _, body = template.partition("\n\n")
    values = {
        "name": words.name,
        "project": words.project,
        "sender": words.sender,
        "date": words.day.isoformat(),
        "install": words.install,
        "begin": Template(_BEGIN_INSTALLED if words.install else _BEGIN_PLAIN).safe_substitute(
            project=words.project, install=words.install
        ),
        "count": counted(words.changes, "commit"),
        "branches": _listed(words.branches),
        "subject": entries[0].item.subject if words.changes == 1 else counted(words.changes, "commit"),
        "items": _items(kind, entries, words.changes, picked),
    }
    title = Template(head.removeprefix("Subject:").strip()).safe_substitute({**values, "items": values["count"]})
    return title, Template(body).safe_substitute(values)


def _items(kind: LetterKind, entries: Sequence[LetterItem], changes: int, picked: Sequence[PickedTopic]) -> str:
    groups: dict[Oid, list[LetterItem]] = {}
    for entry in entries:
        groups.setdefault(entry.item.commit, []).append(entry)
    paragraphs: list[str] = []
    lines = 0
    for group in list(groups.values())[:MOST_CHANGES]:
        paragraph = _paragraph(kind, group)
        lines += paragraph.count("\n") + 2
        if paragraphs and lines > _MOST_LINES:
            break
        paragraphs.append(paragraph)
    more = changes - len(paragraphs)
    if more > 0:
        listing = "backportq pending" if kind is LetterKind.ESCALATION else "backportq mine"
        paragraphs.append(f"And {more} more, less urgent: {listing} lists all of them.")
    if picked:
        paragraphs.append(_picked(picked))
    return "\n\n".join(paragraphs)


def _paragraph(kind: LetterKind, group: Sequence[LetterItem]) -> str:
    """Return what is to be said of one change, on all branches that it is wanted on."""
    item = group[0].item
    urgent = min((entry.item.priority for entry in group), key=lambda priority: priority.rank)
    mark = f"  [{urgent}]" if urgent.is_urgent else ""
    lines = [f"* {short(item.commit)} ({item.subject}){mark}", *_verdicts(group), *_reasons(group)]
    whys = list(dict.fromkeys(entry.why for entry in group if entry.why is not None))
    if whys and kind in {LetterKind.CALL, LetterKind.REMINDER}:
        lines.append(f"  why you: {whys[0]}")
    tasks = list(dict.fromkeys(entry.task for entry in group if entry.task is not None))
    if tasks and kind is not LetterKind.CALL:
        lines.append(f"  {tasks[0]}")
    for entry in group:
        if entry.item.note:
            lines += [f"  note: {line}" for line in entry.item.note.splitlines()[:_NOTE_LINES]]
            break
    for entry in group:
        lines += _helps(entry)
    if kind is not LetterKind.QUEUED:
        lines += _commands(group)
    return "\n".join(lines)


def _verdicts(group: Sequence[LetterItem]) -> list[str]:
    """Return a line for each verdict, with the branches that have it: `  4.17, 4.18: applies`."""
    branches: dict[str, list[BranchName]] = {}
    for entry in group:
        branches.setdefault(_verdict(entry), []).append(entry.branch)
    return [f"  {_listed(names, most=4)}: {verdict}" for verdict, names in branches.items()][: _BRANCHES_SHOWN + 1]


def _verdict(entry: LetterItem) -> str:
    if entry.verdict is Verdict.CONFLICT:
        if entry.applies_in_order:
            return "applies after the " + counted(len(entry.first), "commit") + " below"
        paths = ", ".join(f"{path} ({kind})" for path, kind in entry.conflicts[:_CONFLICTS_SHOWN])
        others = len(entry.conflicts) - _CONFLICTS_SHOWN
        return f"conflicts in {paths}" + (f" and {others} more" if others > 0 else "") if paths else "conflicts"
    return SENTENCES[entry.verdict] if entry.verdict is not None else "not tried"


def _reasons(group: Sequence[LetterItem]) -> list[str]:
    reasons = list(dict.fromkeys(_reason(each) for entry in group for each in entry.item.nominations))
    if not reasons:
        return []
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return [f"  nominated by: {reasons[0]}{more}"]


def _helps(entry: LetterItem) -> list[str]:
    """Return what would make it apply: commits to pick first, or the pick of another branch."""
    lines = []
    if entry.prerequisites:
        lines.append(f"  {entry.branch}: it would apply, or come closer, after")
        for oid, title, queued in entry.prerequisites[:_OTHERS_SHOWN]:
            lines.append(f"    {short(oid)} ({title}){', in the queue too' if queued else ''}")
        if len(entry.prerequisites) > _OTHERS_SHOWN:
            lines.append(f"    and {len(entry.prerequisites) - _OTHERS_SHOWN} more (backportq explain names them)")
    if entry.alternative is not None:
        commit, branch = entry.alternative
        lines.append(f"  {short(commit)}, as {branch} has it, applies to {entry.branch}")
    return lines


def _commands(group: Sequence[LetterItem]) -> list[str]:
    """Return how to do it, with this program on each branch, and with plain git on the first; both make the same
    branch, and say the same of where the pick came from."""
    lines = [f"  backportq:  {_pick_command(entry)}" for entry in group[:_BRANCHES_SHOWN]]
    rest = [entry.branch for entry in group[_BRANCHES_SHOWN:]]
    if rest:
        lines.append(f"              the same with --branch {_listed(rest, most=4)}")
    entry = group[0]
    lines.append(f"  plain git:  git switch -c {typed(entry.topic)} {typed(entry.onto)}")
    picks = (*entry.first, entry.source or entry.item.commit)
    for at, oid in enumerate(picks):
        lines.append(f"              git cherry-pick{'' if entry.provenance else ' -x'} {oid}")
        if entry.provenance:
            lines += [f"                in its message: {line}" for line in entry.provenance[at].splitlines()]
    return lines


def _pick_command(entry: LetterItem) -> str:
    # The option would ask for alternatives of all; a pick that is named itself stands for its original.
    named = [*entry.first, entry.source or entry.item.commit] if entry.first else [entry.item.commit]
    option = " --from-alternative" if entry.source is not None and not entry.first else ""
    return f"backportq pick {' '.join(map(short, named))} --branch {typed(entry.branch)}{option}"


def _picked(picked: Sequence[PickedTopic]) -> str:
    lines = ["Picked already, nothing to do but to push it, or to wait:"]
    for each in picked[:_TOPICS_SHOWN]:
        by = f" by {each.by}" if each.by is not None else ""
        waits = "in review" if each.in_review else "not pushed"
        lines.append(f"  {each.branch}: {counted(each.count, 'commit')} on the branch {each.topic}{by}, {waits}")
    if len(picked) > _TOPICS_SHOWN:
        lines.append(f"  and {len(picked) - _TOPICS_SHOWN} more branches")
    return "\n".join(lines)


def _reason(reason: Nomination) -> str:
    if reason.via is Via.NEWER_BRANCH and reason.branch is not None and reason.commit is not None:
        return f"{reason.branch} has it as {short(reason.commit)}"
    target = short(reason.target) if reason.target is not None else None
    words = reason.text or target or reason.rule or str(reason.via)
    return f"{words} ({reason.by})" if reason.by is not None and reason.is_decided else words


def _listed(branches: Sequence[BranchName], *, most: int = 3) -> str:
    if len(branches) <= most:
        return ", ".join(branches)
    return f"{branches[0]} and {len(branches) - 1} other branches"
