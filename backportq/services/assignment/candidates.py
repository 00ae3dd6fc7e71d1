"""The people who could be assigned a backport, one entry per step of `[assign]`, with the reason as text.

They come from the history, the branch's own MAINTAINERS and CODEOWNERS, and `people.toml`. All lookups are made in bulk
by `load`. The choice among them is in `model/assignment/proposal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backportq.git.read.lookup import read_commits
from backportq.model.assignment.policy import AssignStep, TaskPolicy
from backportq.model.assignment.proposal import OwnerCandidate
from backportq.model.commit import Commit, Identity
from backportq.model.ids import Oid, short
from backportq.model.items.item import Item
from backportq.model.items.nomination import Via
from backportq.model.people.path_patterns import maintainers_patterns
from backportq.model.people.people import People
from backportq.model.words import counted
from backportq.services.assignment.file_experts import FileKnowledge
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.people.identities import Identities
from backportq.services.people.ownership import Ownership

_EXPERTS = 3
_OWNERS = 4
_DAYS_IN_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Question:
    """What an item asks of the steps.

    - `targets`: the commits that it fixes or follows up.
    - `newer`: the pick of it on the next newer branch, with that branch's name.
    - `conflicts`: the paths that conflict.
    """

    commit: Oid
    entry: BranchFacts
    targets: tuple[Oid, ...] = ()
    newer: tuple[Oid, str] | None = None
    conflicts: tuple[str, ...] = ()


def question_of(item: Item, entry: BranchFacts, conflicts: Sequence[str] = ()) -> Question:
    """Return the question of `item`, from its nominations."""
    targets = [
        nomination.target
        for nomination in item.nominations
        if nomination.via in {Via.FIXES, Via.FOLLOW_UP} and nomination.target
    ]
    newer = [
        (nomination.commit, nomination.branch) for nomination in item.nominations if nomination.via is Via.NEWER_BRANCH
    ]
    found = next(((commit, branch) for commit, branch in newer if commit is not None and branch is not None), None)
    return Question(item.commit, entry, tuple(dict.fromkeys(targets)), found, tuple(conflicts))


@dataclass(slots=True)
class CandidateFinder:
    """Finds the candidates of each item: `load` all questions of a run, then ask for each.

    `ownership` maps the commit of a branch's tip to what its files say.
    """

    facts: Facts
    people: People
    policy: TaskPolicy
    identities: Identities
    knowledge: FileKnowledge
    ownership: Mapping[Oid, Ownership]
    now: datetime
    _older: dict[Oid, Commit] = field(default_factory=dict)
    _paths: dict[Oid, tuple[str, ...]] = field(default_factory=dict)
    _last_seen: dict[str, datetime] | None = field(default=None)

    def load(self, questions: Iterable[Question]) -> None:
        """Read what the questions need, in a fixed number of git processes."""
        asked = list(questions)
        named = {oid for question in asked for oid in (question.commit, *question.targets)}
        self._older = read_commits(self.identities.repository, [oid for oid in named if oid not in self.facts.commits])
        self._paths = dict(self.knowledge.paths_of({question.commit for question in asked}))
        people = [person for oid in named for person in _both(self._commit(oid))]
        people += [person for question in asked if question.newer for person in _both(self._commit(question.newer[0]))]
        for ownership in self.ownership.values():
            people += [contact.identity for contact in ownership.maintainers.contacts]
            people += [person for section in ownership.maintainers.sections for person in section.maintainers]
        self.identities.load(people)

    def candidates(self, question: Question) -> tuple[OwnerCandidate, ...]:
        """Return everybody who could be assigned it, in no particular order of the steps."""
        return (
            *self._of_targets(question),
            *self._of_the_fix(question),
            *self._of_files(question),
            *self._of_owners(question),
            *self._of_the_branch(question),
        )

    def _of_targets(self, question: Question) -> Iterator[OwnerCandidate]:
        if question.newer is not None:
            pick, branch = question.newer
            commit = self._commit(pick)
            if commit is not None:
                why = f"backported it to {branch} as {short(pick)}"
                yield from self._people_of(AssignStep.FIXED_BACKPORTER, commit, commit.maker, why)
        for target in question.targets:
            pick_there = question.entry.landed(target)
            picked = self._commit(pick_there.commit) if pick_there is not None else None
            if pick_there is not None and picked is not None:
                why = f"backported {short(target)} as {short(pick_there.commit)}, which this fixes"
                yield from self._people_of(AssignStep.FIXED_BACKPORTER, picked, picked.maker, why)
            fixed = self._commit(target)
            if fixed is not None:
                why = f"wrote {short(target)}, which this fixes"
                yield from self._people_of(AssignStep.FIXED_AUTHOR, fixed, fixed.author, why)

    def _of_the_fix(self, question: Question) -> Iterator[OwnerCandidate]:
        commit = self._commit(question.commit)
        if commit is not None:
            yield from self._people_of(AssignStep.AUTHOR, commit, commit.author, "wrote the fix")
            yield from self._people_of(AssignStep.COMMITTER, commit, commit.maker, "committed the fix upstream")

    def _of_files(self, question: Question) -> Iterator[OwnerCandidate]:
        if not question.conflicts:
            return
        experts = [
            expert
            for expert in self.knowledge.experts(question.conflicts, question.commit, question.entry)
            if not self.identities.robots.has(expert.identity)
        ]
        for expert in experts[:_EXPERTS]:
            count = counted(expert.commits, "commit")
            lacking = f", {expert.lacked} of them missing on {question.entry.branch.name}" if expert.lacked else ""
            if expert.lines:
                count = f"last wrote {counted(expert.lines, 'line')} of what it changes, {count}"
            why = f"knows {_listed(question.conflicts)}: {count} there{lacking}"
            yield self._candidate(AssignStep.FILES, expert.identity, why)

    def _of_owners(self, question: Question) -> Iterator[OwnerCandidate]:
        paths = question.conflicts or self._paths.get(question.commit, ())
        for person in self.people.people:
            patterns = [pattern for area in person.areas for pattern in maintainers_patterns(area)]
            mine = [path for path in paths if any(pattern.matches(path) for pattern in patterns)]
            if mine:
                yield OwnerCandidate(
                    AssignStep.MAINTAINERS, person.key, f"looks after {_listed(mine)} (people.toml)", person.name
                )
        ownership = self.ownership.get(question.entry.tip)
        if ownership is None:
            return
        for owner, count in ownership.owners_of(paths)[:_OWNERS]:
            where = f"{owner.section} in MAINTAINERS of {question.entry.branch.name}"
            why = f"maintains {where} ({count} of {len(paths)} files)"
            yield self._candidate(AssignStep.MAINTAINERS, owner.identity, why, is_named=True)
        for text, count in ownership.code_owners_of(paths)[:_OWNERS]:
            why = f"owns {count} of {len(paths)} files in {ownership.codeowners_path}"
            yield self._code_owner(text, why)

    def _of_the_branch(self, question: Question) -> Iterator[OwnerCandidate]:
        branch = question.entry.branch
        if branch.maintainer is not None:
            yield OwnerCandidate(
                AssignStep.BRANCH_MAINTAINER, branch.maintainer, f"maintains {branch.name} (config.toml)"
            )
        for person in self.people.people:
            if branch.name in person.branches:
                yield OwnerCandidate(
                    AssignStep.BRANCH_MAINTAINER, person.key, f"looks after {branch.name} (people.toml)", person.name
                )
        ownership = self.ownership.get(question.entry.tip)
        for contact in ownership.contacts_for(self._paths.get(question.commit, ())) if ownership is not None else ():
            topic = f" for {contact.topic}" if contact.topic is not None else ""
            why = f"maintains {branch.name}{topic} (MAINTAINERS)"
            yield self._candidate(AssignStep.BRANCH_MAINTAINER, contact.identity, why, is_named=True)

    def _code_owner(self, text: str, why: str) -> OwnerCandidate:
        if text.startswith("@"):
            # A handle of a forge is matched with keys of people.toml; nothing else connects the two.
            handle = text[1:].casefold()
            key = next((person.key for person in self.people.people if person.key.casefold() == handle), None)
            return OwnerCandidate(AssignStep.MAINTAINERS, key, why, text)
        return self._candidate(AssignStep.MAINTAINERS, Identity(text, text), why, is_named=True)

    def _people_of(self, step: AssignStep, commit: Commit, identity: Identity, why: str) -> Iterator[OwnerCandidate]:
        """Yield the candidate for who made a commit, or where that is a robot the people whom the commit names."""
        if not self.identities.robots.has(identity):
            yield self._candidate(step, identity, why)
            return
        for human in self.identities.robots.humans_beside(commit):
            yield self._candidate(step, human, f"{why}, with {identity.name}")

    def _candidate(self, step: AssignStep, identity: Identity, why: str, *, is_named: bool = False) -> OwnerCandidate:
        """Return the candidate for an identity. Whoever `is_named` in a file of the project needs no recent commit."""
        match = self.identities.find(identity)
        name = identity.name or identity.mail
        if match.rivals:
            rivals = " and ".join(f"'{key}'" for key in match.rivals)
            # Rejected, not guessed: which of them it is nobody can tell.
            return OwnerCandidate(step, match.rivals[0], why, name, f"shares the mail {identity.mail}: {rivals}")
        return OwnerCandidate(step, match.key, why, name, None if is_named else self._rejection(identity, match.key))

    def _rejection(self, identity: Identity, key: str | None) -> str | None:
        canonical = self.identities.canonical(identity)
        person = self.people.find(key) if key is not None else None
        mails = (*(person.mails if person is not None else ()), canonical.mail, identity.mail)
        if self.policy.domains and not any(_is_within(mail, self.policy.domains) for mail in mails):
            return f"is outside of the project's domains with {canonical.mail}"
        if self.policy.active_months == 0:
            return None
        seen = [moment for mail in mails if (moment := self._seen(mail)) is not None]
        cutoff = self.now - timedelta(days=self.policy.active_months * _DAYS_IN_MONTH)
        if seen and max(seen) >= cutoff:
            return None
        if not seen and self._first_known() > cutoff:
            return None  # the history at hand does not reach back far enough to say
        return f"last had a commit upstream in {max(seen):%Y-%m}" if seen else "had no commit upstream for long"

    def _seen(self, mail: str) -> datetime | None:
        if self._last_seen is None:
            # Committers too: who only merges other people's work is active.
            last: dict[str, datetime] = {}
            for oid in self.facts.order:
                commit = self.facts.commits[oid]
                moment = commit.committed
                for person in (commit.author, commit.committer):
                    key = person.mail.casefold()
                    if key not in last or last[key] < moment:
                        last[key] = moment
            self._last_seen = last
        return self._last_seen.get(mail.casefold())

    def _first_known(self) -> datetime:
        oldest = min(self.facts.order, key=self.facts.order.__getitem__, default=None)
        return self.facts.commits[oldest].committed if oldest is not None else self.now

    def _commit(self, oid: Oid) -> Commit | None:
        return self.facts.commits.get(oid) or self._older.get(oid)


def _both(commit: Commit | None) -> tuple[Identity, ...]:
    return (commit.author, commit.committer) if commit is not None else ()


def _is_within(mail: str, domains: Sequence[str]) -> bool:
    domain = mail.rpartition("@")[2].casefold()
    suffixes = [suffix.removeprefix("@").casefold() for suffix in domains]
    return any(domain == suffix or domain.endswith(f".{suffix}") for suffix in suffixes)


def _listed(paths: Sequence[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
