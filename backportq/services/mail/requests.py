"""Requests that came by mail: matched against history and configuration, shown, then nominated with the mail's id.

What cannot be matched is reported and never guessed. Only what was shown is nominated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from backportq.errors import UsageError
from backportq.git.read.lookup import resolve_abbreviations
from backportq.git.refs import read_refs
from backportq.model.commit import Identity
from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid
from backportq.model.items.nomination import Via
from backportq.model.items.queue import QueueState
from backportq.model.items.records import Actor
from backportq.model.mail.letter import one_line
from backportq.model.mail.request import MailRequest, read_request
from backportq.model.mail.versions_asked import VersionRequest, VersionRequests, match_versions
from backportq.services.branches import choose_branches, refuse_gone
from backportq.services.decisions.decide import DecisionResult, decider
from backportq.services.decisions.nominate import Request, obstacle_to, tag
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import facts_of
from backportq.services.mail.mailbox import Mail, MalformedMailError, iter_mails, read_mail
from backportq.services.project import Project

_MAX_REQUESTS = 1_000
# base64: an encoded body does not show its words.
_HINT = re.compile(rb"back-?port|stable|cherry-?pick|base64", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MatchedCommit:
    """One commit that a mail names.

    - `how`: by what it was found, `id`, `number` or `subject`.
    - `branches`: those to nominate it for; `left_out` says of the others why not.
    - `range`: what the mail says of this commit, where it wants different versions for different commits.
    - `unclear`: where that cannot be told, everything the mail says; then there are no `branches` and no `range`.
    """

    commit: Oid
    subject: str
    how: str
    branches: tuple[BranchName, ...]
    left_out: tuple[str, ...] = ()
    range: str | None = None
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailMatch:
    """What one mail asks for.

    - `range`: the versions in the mail's own words; None where it names none, which means all branches.
    - `unknown`: ids in the mail that are no commits here.
    """

    mail: Mail
    range: str | None
    matched: tuple[MatchedCommit, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_request(self) -> bool:
        """Whether there is anything to nominate."""
        return any(commit.branches for commit in self.matched)

    @property
    def unclear(self) -> tuple[Oid, ...]:
        """The commits for which the wanted versions cannot be told."""
        return tuple(commit.commit for commit in self.matched if commit.unclear)


@dataclass(frozen=True, slots=True)
class MailIn:
    """All requests of a file, how many mails it has, and which of them could not be read, in words."""

    requests: tuple[MailMatch, ...]
    mails: int
    malformed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Matching:
    """One run over a file."""

    project: Project
    state: QueueState
    facts: Facts
    chosen: tuple[BranchName, ...] | None

    def match(self, mail: Mail) -> tuple[MailRequest, MailMatch]:
        config = self.state.config
        names = [branch.name for branch in config.branches]
        versions = [branch.version for branch in config.branches]
        request = read_request(mail.subject, mail.text, branch_names=names, versions=versions)
        named, unknown = self._commits(request)
        found: dict[Oid, str] = {}
        for oid, how in named.values():
            found.setdefault(oid, how)
        wanted = None
        # Only a mail about several commits can want different versions for them.
        if self.chosen is None and len(found) > 1:
            commits = {text: oid for text, (oid, _) in named.items()}
            wanted = match_versions(request.named, request.version_requests, commits, self._meaning)
        if wanted is not None:
            matched = tuple(self._with_own_versions(oid, how, wanted) for oid, how in found.items())
            return request, MailMatch(mail, "; ".join(_texts(wanted.all)), matched, unknown)
        meant = [entry for entry in self.facts.branches if self._is_meant(entry, request)]
        matched = tuple(self._matched(oid, how, meant) for oid, how in found.items())
        words = ", ".join(
            filter(None, (", ".join(request.branches), request.versions.text if request.versions else ""))
        )
        return request, MailMatch(mail, words or None, matched, unknown)

    def _with_own_versions(self, oid: Oid, how: str, wanted: VersionRequests) -> MatchedCommit:
        """Match a commit of a mail that wants different versions for different commits."""
        requests = wanted.of.get(oid)
        meant = frozenset().union(*(self._meaning(request) for request in requests or wanted.all))
        matched = self._matched(oid, how, [entry for entry in self.facts.branches if entry.branch.name in meant])
        if requests is not None:
            return replace(matched, range=", ".join(_texts(requests)))
        if not matched.branches:  # whatever was meant, there is nothing to do
            return matched
        return replace(matched, branches=(), left_out=(), unclear=_texts(wanted.all))

    def _meaning(self, request: VersionRequest) -> frozenset[BranchName]:
        return frozenset(
            branch.name
            for branch in self.state.config.branches
            if branch.name in request.branches
            or (request.versions is not None and request.versions.includes(branch.version))
        )

    def _commits(self, request: MailRequest) -> tuple[dict[str, tuple[Oid, str]], tuple[str, ...]]:
        """Return the commit of each text with how it was found, and the ids that are no commits here."""
        resolved = resolve_abbreviations(self.project.repository, request.ids)
        found: dict[str, tuple[Oid, str]] = {}
        unknown = []
        for text in request.ids:
            oids = resolved.get(text, ())
            if len(oids) != 1:
                unknown.append(text if not oids else f"{text} (ambiguous)")
            else:
                found[text] = self.facts.original_of(oids[0]), "id"
        for number in request.numbers:
            changes = self.facts.named.with_number(number)
            if len(changes) == 1:
                found[number] = changes[0], "number"
        for subject in request.subjects:
            candidates = [oid for oid in self.facts.named.with_title(subject) if oid in self.facts.order]
            if len(candidates) == 1:
                found[subject] = candidates[0], "subject"
        return found, tuple(unknown)

    def _matched(self, oid: Oid, how: str, meant: Sequence[BranchFacts]) -> MatchedCommit:
        commit = self.facts.commits.get(oid)
        kept: list[BranchName] = []
        left_out: list[str] = []
        for entry in meant:
            obstacle = obstacle_to(self.facts, self.state, oid, entry)
            if obstacle is None:
                kept.append(entry.branch.name)
            else:
                left_out.append(f"{entry.branch.name} {obstacle}")
        return MatchedCommit(oid, commit.title if commit is not None else "", how, tuple(kept), tuple(left_out))

    def _is_meant(self, entry: BranchFacts, request: MailRequest) -> bool:
        branch = entry.branch
        if self.chosen is not None:
            return branch.name in self.chosen
        if branch.name in request.branches:
            return True
        if request.versions is not None:
            return request.versions.includes(branch.version)
        # Without a version in the mail, branches at the end of their life are not meant.
        is_over = branch.support_on(self.project.clock().date()) is Support.END_OF_LIFE
        return not request.branches and not is_over


def read_requests(project: Project, file: IO[bytes], branches: tuple[str, ...] = ()) -> MailIn:
    """Return what the mails of `file` ask for; `branches` override what the mails say.

    A single mail is taken as a request whatever it says; of an mbox only the mails that speak of backports are. Raise
    `UsageError` where the file holds no mail or too many requests, `ConfigError` for an unknown branch.
    """
    state = project.store.snapshot().state
    chosen = tuple(branch.name for branch in choose_branches(state.config, branches)) if branches else None
    if chosen is not None:
        refuse_gone(state.config, read_refs(project.repository), chosen)
    facts = facts_of(project.repository, state)
    work = _Matching(project, state, facts, chosen)
    found: list[tuple[MailRequest, MailMatch]] = []
    malformed: list[str] = []
    count = 0
    for raw in _relevant(file):
        count += 1
        if raw is None:
            continue
        try:
            mail = read_mail(raw)
        except MalformedMailError as error:
            malformed.append(f"mail {count} cannot be read: {error}")
            continue
        found.append(work.match(mail))
        if len(found) > _MAX_REQUESTS:
            raise UsageError(f"there are more than {_MAX_REQUESTS} requests in it", hints=("split the mbox",))
    if not count:
        raise UsageError("there is no mail in it", hints=("give a mail as a file, an mbox, or '-' for standard input",))
    if count == 1:
        return MailIn(tuple(match for _, match in found), count, tuple(malformed))
    requests = tuple(match for request, match in found if request.asks and match.matched)
    return MailIn(requests, count, tuple(malformed))


def nominate_requests(project: Project, requests: tuple[MailMatch, ...]) -> list[DecisionResult]:
    """Nominate what was matched, one change per commit; the mail's subject and id are kept."""
    now = decider(project)
    outcomes = []
    for match in requests:
        mail = match.mail
        who = mail.sender if mail.sender.mail else Identity(mail.sender.name, "unknown")
        request = Request(
            text=one_line(mail.subject, 200) or None,
            via=Via.MAIL,
            message_id=mail.message_id,
            requester=Actor(who, _sensible(mail.date, now.at)),
        )
        outcomes += [
            tag(project, [commit.commit], commit.branches, request) for commit in match.matched if commit.branches
        ]
    return outcomes


def open_mail_file(name: str) -> IO[bytes]:
    """Open a file of mails; raise `UsageError` where it can't be read."""
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"'{name}' cannot be read: {error.strerror}") from error


def _texts(requests: Iterable[VersionRequest]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(request.text for request in requests))


def _sensible(date: datetime | None, now: datetime) -> datetime:
    """Return the mail's date, or the present where it has none or lies in the future, as mails' dates may."""
    return now if date is None or date > now else date.replace(microsecond=0)


def _relevant(file: IO[bytes]) -> Iterator[bytes | None]:
    """Yield the mails. Those of an mbox that cannot be requests are yielded as None, so that they need not be
    parsed."""
    first: bytes | None = None
    for number, raw in enumerate(iter_mails(file)):
        # A single mail is a request whatever it says, so the first is judged only once a second one is seen.
        if number == 0:
            first = raw
            continue
        if first is not None:
            yield first if _HINT.search(first) else None
            first = None
        yield raw if _HINT.search(raw) else None
    if first is not None:
        yield first
