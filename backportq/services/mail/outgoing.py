"""The letters that are due: to whom, about which items.

What went out is kept with each item (`model/items/tasks`), so two people who both run `mail` do not write twice.
Nothing is written, sent or stored here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import assert_never

from backportq.git.read.identities import find_addresses
from backportq.git.read.lookup import read_commits
from backportq.model.assignment.policy import TaskPolicy, task_policy
from backportq.model.commit import Commit, Identity, parse_identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.query import ItemQuery
from backportq.model.items.queue import QueueState
from backportq.model.items.records import LETTERS, TaskEvent, TaskWord
from backportq.model.items.tasks import asked_at, current_task, in_time, is_overdue, last_event
from backportq.model.items.votes import is_approved
from backportq.model.items.work import is_picked
from backportq.model.likelihood.outlook import Outlook
from backportq.model.mail.letter import Letter, LetterKind, is_mail, message_id_of, people_named
from backportq.model.mail.letter_text import MOST_CHANGES, PickedTopic, Words, letter_text
from backportq.model.mail.policy import MailPolicy, mail_policy
from backportq.model.people.people import Person, is_away, resolve_person
from backportq.model.people.robots import is_read
from backportq.model.picks.topic import WorkStage
from backportq.model.trials.verdict import Verdict
from backportq.services.items.my_tasks import branch_maintainers, is_done, is_to_escalate
from backportq.services.items.open_items import EffectiveState, OpenItem, open_items
from backportq.services.items.query import NO_QUERY, filter_entries
from backportq.services.items.tried_items import TriedItem, try_items
from backportq.services.mail.introduction import install_command, project_name
from backportq.services.mail.items_in_mail import LetterItemWriter
from backportq.services.people.identities import identities_of
from backportq.services.people.myself import mailmap_of
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook

EVENT_OF_LETTER = {
    LetterKind.CALL: TaskWord.MAILED,
    LetterKind.HELP: TaskWord.MAILED,
    LetterKind.QUEUED: TaskWord.MAILED,
    LetterKind.REMINDER: TaskWord.REMINDED,
    LetterKind.ESCALATION: TaskWord.ESCALATED,
}
"""The event that a letter of each kind leaves with its items."""

_MOST_COPIES = 12


@dataclass(frozen=True, slots=True)
class SkippedRecipient:
    """Somebody who gets no letter although one is due, and why."""

    who: str
    why: str
    items: int


@dataclass(frozen=True, slots=True)
class LettersDue:
    """The letters to write, by recipient, and the recipients who are left out."""

    letters: tuple[Letter, ...]
    skipped: tuple[SkippedRecipient, ...] = ()


@dataclass(frozen=True, slots=True)
class MailSelection:
    """The letters asked for: the kind, and only these people, branches and items; with `again` also what was said
    lately. `project` is its name where neither `[mail]` nor a remote gives one."""

    kind: LetterKind
    people: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    query: ItemQuery = NO_QUERY
    again: bool = False
    project: str = ""


def letters_due(project: Project, selection: MailSelection) -> LettersDue:
    """Return the letters of one kind that are due now.

    Raise `DecisionError` for an unknown person, `ConfigError` for a wrong `[mail]` or `[assign]`, `RepositoryError`
    where git has no identity to write as.
    """
    return _Mailing(project, selection).run()


class _Mailing:
    """One run. It is a class because every step reads the same policies and people."""

    def __init__(self, project: Project, selection: MailSelection) -> None:
        self.project = project
        self.selection = selection
        self.opened = open_items(project, branches=selection.branches)
        self.state: QueueState = self.opened.state
        self.mail: MailPolicy = mail_policy(self.state.config.mail)
        self.tasks: TaskPolicy = task_policy(self.state.config.assign)
        self.now: datetime = project.clock().replace(microsecond=0)
        self.today: date = self.now.astimezone(UTC).date()
        self.sender = self.mail.sender or project.actor()
        self.identities = identities_of(project.repository, self.state)
        self.skipped: dict[tuple[str, str], int] = {}
        self.commits: dict[Oid, Commit] = {}
        self.outlook: Outlook | None = None
        self.letter_items = LetterItemWriter(project, self.state, selection.kind, self.today)
        people = [resolve_person(self.state.people, text, mailmap_of(project)).key for text in selection.people]
        self.only = frozenset(people)

    def run(self) -> LettersDue:
        entries = filter_entries(self.project, self.opened.items, self.selection.query, self.today)
        tried = self._tried(entries)
        self.commits = read_commits(self.project.repository, {entry.item.commit for entry in entries})
        groups: dict[tuple[str, ...], list[TriedItem]] = {}
        for item in tried:
            for recipient in self._recipients(item):
                groups.setdefault(recipient, []).append(item)
        letters = []
        # Sorted, so that the numbered files of two runs are the same.
        for recipient in sorted(groups):
            letter = self._letter(recipient[0], groups[recipient])
            if letter is not None:
                letters.append(letter)
        shown = tuple(SkippedRecipient(who, why, count) for (who, why), count in self.skipped.items())
        return LettersDue(tuple(letters), shown)

    def _tried(self, entries: Sequence[OpenItem]) -> list[TriedItem]:
        wanted = set(entries)
        items = self.opened.items
        if self.selection.kind is LetterKind.QUEUED:  # in order as `apply` builds it, not upon what lacks votes
            items = tuple(entry for entry in items if is_approved(entry.item, self.state.config.policy))
        tried = try_items(self.project.repository, items, self.opened.elsewhere)
        return [item for item in tried if item.entry in wanted]

    def _recipients(self, tried: TriedItem) -> Iterable[tuple[str, ...]]:
        """Yield who is written to about the item. Items with an equal tuple share a letter; its first member is the
        person."""
        item, kind = tried.entry.item, self.selection.kind
        if tried.entry.standing in {EffectiveState.DEFERRED, EffectiveState.WAITING}:
            return
        # Deferred and waiting items are not due; a letter about them would be noise.
        owner = item.assignee
        if kind is LetterKind.CALL:
            asked = asked_at(item)
            if owner is not None and not is_picked(item) and self._is_news(item.tasks, kind, owner, since=asked):
                yield (owner,)
        elif kind is LetterKind.REMINDER:
            if owner is not None and self._needs_reminding(tried.entry):
                yield (owner,)
        elif kind is LetterKind.ESCALATION:
            if owner is not None and is_to_escalate(tried.entry, self.tasks, self.today):
                for key in self._maintainers().get(tried.entry.branch, ()):
                    if self._is_news(item.tasks, kind, key):
                        yield (key,)
        elif kind is LetterKind.HELP or kind is LetterKind.QUEUED:
            author = self._key_of(item.author)
            is_meant = _is_taken(tried) if kind is LetterKind.QUEUED else _is_stuck(tried)
            if is_meant and self._is_news(item.tasks, kind, author):
                # One commit, one letter: what is asked about it is answered by those who know that commit.
                yield (author, item.commit)
        else:
            assert_never(kind)

    def _needs_reminding(self, entry: OpenItem) -> bool:
        item = entry.item
        asked = asked_at(item)
        pause = timedelta(days=self.tasks.remind_days)
        is_late = is_overdue(item, self.today) or (asked is not None and asked + pause <= self.now)
        last = last_event(current_task(item), TaskWord.MAILED, TaskWord.REMINDED)
        return is_late and (self.selection.again or last is None or last.at + pause <= self.now)

    def _is_news(
        self, events: Sequence[TaskEvent], kind: LetterKind, who: str, *, since: datetime | None = None
    ) -> bool:
        """Tell whether this person was not told this since they were asked, or within `remind_days`."""
        if self.selection.again:
            return True
        earlier = [
            event
            for event in events
            if event.what is EVENT_OF_LETTER[kind] and event.who == who and (event.text or kind.value) == kind.value
        ]
        last = in_time(earlier)[-1] if earlier else None
        if last is None:
            return True
        if since is not None:
            return last.at < since
        return last.at + timedelta(days=self.tasks.remind_days) <= self.now

    def _maintainers(self) -> Mapping[BranchName, tuple[str, ...]]:
        return branch_maintainers(self.project, self.state.config, self.state.people)

    def _key_of(self, identity: Identity) -> str:
        """Return the key of this identity's person, or its mail if it is not among the people."""
        match = self.identities.find(identity)
        return match.key or self.identities.canonical(identity).mail

    def _letter(self, who: str, about: Sequence[TriedItem]) -> Letter | None:
        if self.only and who not in self.only:
            return None
        person = self.state.people.find(who)
        name = person.name if person is not None else about[0].entry.item.author.name
        mail = self._address(person, who, name)
        # Told to the caller, not dropped: somebody has to reach this person in another way.
        obstacle = self._obstacle(person, name, mail)
        if obstacle is not None:
            key = (name or who, obstacle)
            self.skipped[key] = self.skipped.get(key, 0) + len(about)
            return None
        kind = self.selection.kind
        to_do = [tried for tried in about if not is_done(tried.entry)]
        if not to_do:
            return None
        ranked = self._ranked(to_do)
        commits = list(dict.fromkeys(tried.entry.item.commit for tried in ranked))
        shown = set(commits[:MOST_CHANGES])
        order = [branch.name for branch in self.state.config.branches]
        words = Words(
            name=name,
            project=self.mail.project or self.selection.project or project_name(self.project),
            sender=self.sender.name,
            day=self.today + timedelta(days=self.mail.objection_days),
            install=self.mail.install or install_command(),
            branches=tuple(sorted({tried.entry.branch for tried in to_do}, key=order.index)),
            changes=len(commits),
        )
        # What is only counted need not be looked into.
        letter_items = [self.letter_items.of(tried) for tried in ranked if tried.entry.item.commit in shown]
        title, body = letter_text(kind, letter_items, words, self.mail.templates, _picked_topics(about))
        items = tuple((tried.entry.branch, tried.entry.item.commit) for tried in about)
        earlier = [event.message_id for tried in about for event in _letters_to(who, tried) if event.message_id]
        asked = [reason.message_id for tried in about for reason in tried.entry.item.nominations if reason.message_id]
        # Part of the id: a letter made twice has one id and is sent once; after a new event it is a new letter.
        state = [f"{tried.entry.branch} {tried.entry.item.commit} {_last_letter(who, tried)}" for tried in about]
        return Letter(
            kind=kind,
            who=who,
            sender=self.sender,
            to=(Identity(name, mail),),
            cc=self._copies(kind, about, mail),
            subject=title,
            body=body,
            date=self.now,
            message_id=message_id_of(kind, who, state, self.sender),
            items=items,
            # Mail programs then show it below the request, or below the earlier letter.
            references=tuple(dict.fromkeys((*asked, *earlier))),
        )

    def _ranked(self, about: Sequence[TriedItem]) -> list[TriedItem]:
        """Return the items with the most urgent change first: by priority, then what is overdue, then the likeliest;
        those of one change together, in the order of the branches."""
        if self.outlook is None:
            self.outlook = read_outlook(self.project, self.state)
        keys: dict[Oid, tuple[float, ...]] = {}
        for tried in about:
            item = tried.entry.item
            likely = self.outlook.of(item, tried.entry.branch, self.now).likely
            key = (item.priority.rank, not is_overdue(item, self.today), -likely, -item.committed.timestamp())
            keys[item.commit] = min(key, keys.get(item.commit, key))
        order = [branch.name for branch in self.state.config.branches]
        return sorted(
            about,
            key=lambda tried: (
                keys[tried.entry.item.commit],
                tried.entry.item.commit,
                order.index(tried.entry.branch),
            ),
        )

    def _address(self, person: Person | None, who: str, name: str) -> str:
        """Return the address of a person: of their own the first that is read, else another that history knows."""
        mails = person.mails if person is not None and person.mails else (who,)
        written = next((mail for mail in mails if is_mail(mail) and is_read(mail)), None)
        if written is None and is_mail(mails[0]):
            known = find_addresses(self.project.repository, self.identities.tip, name)
            written = next((mail for mail in known if is_mail(mail) and is_read(mail)), None)
        return written or mails[0]

    def _obstacle(self, person: Person | None, name: str, mail: str) -> str | None:
        """Return why this person gets no letter; None where nothing stands against it."""
        if person is not None and person.no_mail:
            return "wants no mail"
        if self.mail.refuses(mail):
            return "is on the list of those who get no mail"
        if person is None and self.identities.robots.has(Identity(name, mail)):
            return "is a robot"
        if not is_mail(mail):
            return f"has no usable mail address ('{mail}')"
        if not is_read(mail):
            return f"cannot be reached: nobody reads '{mail}', and no other address is known"
        if person is not None and is_away(person, self.today) and self.selection.kind is LetterKind.REMINDER:
            return f"is away until {person.away_until}"
        return None

    def _copies(self, kind: LetterKind, about: Sequence[TriedItem], to: str) -> tuple[Identity, ...]:
        """Return who gets a copy: the project's addresses; for letters to authors also the assignee and the commit's
        trailers."""
        copies = list(self.mail.cc)
        if kind in {LetterKind.HELP, LetterKind.QUEUED}:
            for tried in about:
                owner = self.state.people.find(tried.entry.item.assignee or "")
                if owner is not None and owner.mails:
                    copies.append(Identity(owner.name, self._address(owner, "", owner.name)))
                if self.mail.trailer_copies:
                    copies += self._named_in(tried.entry.item.commit)
        if kind is LetterKind.ESCALATION:
            owners = (self.state.people.find(tried.entry.item.assignee or "") for tried in about)
            copies += [
                Identity(owner.name, self._address(owner, "", owner.name))
                for owner in owners
                if owner is not None and owner.mails
            ]
        unique: dict[str, Identity] = {}
        for copy in copies:
            key = self.identities.find(copy).key
            person = self.state.people.find(key) if key is not None else None
            refuses = (person is not None and person.no_mail) or self.mail.refuses(copy.mail)
            if is_mail(copy.mail) and is_read(copy.mail) and not refuses and copy.mail.casefold() != to.casefold():
                unique.setdefault(copy.mail.casefold(), copy)
        return tuple(unique.values())[:_MOST_COPIES]

    def _named_in(self, oid: Oid) -> list[Identity]:
        commit = self.commits.get(oid)
        named = people_named(commit.message) if commit is not None else ()
        return [self.identities.canonical(person) for person in named if person.mail]


def _is_stuck(tried: TriedItem) -> bool:
    """Tell whether the item applies in no way that is known."""
    return tried.verdict is Verdict.CONFLICT and not tried.blocked_by and tried.alternative is None


def _is_taken(tried: TriedItem) -> bool:
    """Tell whether the item will be picked: by `apply`, or by a person who takes its pick from another branch."""
    return tried.in_order is Verdict.CLEAN or tried.alternative is not None


def _picked_topics(about: Sequence[TriedItem]) -> tuple[PickedTopic, ...]:
    """Return the topic branches of the items that are picked already, by branch."""
    counts: dict[tuple[str, BranchName, str | None, bool], int] = {}
    for tried in about:
        entry, item = tried.entry, tried.entry.item
        if is_done(entry) and item.topic is not None:
            by = parse_identity(item.by).name if item.by is not None else None
            key = (item.topic, entry.branch, by, entry.stage is WorkStage.IN_REVIEW)
            counts[key] = counts.get(key, 0) + 1
    return tuple(
        PickedTopic(topic, branch, count, by, in_review) for (topic, branch, by, in_review), count in counts.items()
    )


def _letters_to(who: str, tried: TriedItem) -> list[TaskEvent]:
    """Return what was written to this person about the item, oldest first."""
    return in_time(event for event in tried.entry.item.tasks if event.what in LETTERS and event.who == who)


def _last_letter(who: str, tried: TriedItem) -> str:
    """Return the moment of the last event that this letter follows. It tells the letter's id from that of the one
    before."""
    item = tried.entry.item
    last = _letters_to(who, tried)
    asked = asked_at(item)
    moment = last[-1].at if last else asked
    return moment.astimezone(UTC).isoformat() if moment is not None else ""
