"""Handing finished picks in for review: pushed as the project wants it, or as patches for `git send-email`.

- `prepare` checks what was typed against the configuration, before anything is picked.
- `publish` hands in, and records with the items where they are. What fails then is told; the branch stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from backportq.errors import BackportqError, UsageError
from backportq.git.picking.patches import PatchHeads, format_patches, refuse_used
from backportq.git.read.lookup import read_commits
from backportq.git.refs import DEFAULT_REMOTE
from backportq.git.remote import check_remote, push_address, push_topic
from backportq.model.commit import Commit, parse_identity
from backportq.model.config import PublishSettings, PublishWay
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.mail.letter import is_mail, is_message_id, people_named
from backportq.model.mail.policy import mail_policy
from backportq.model.picks.provenance import one_line
from backportq.model.picks.publish import PushPlan, full_ref, plan_push, review_address
from backportq.model.picks.record import FinishedPick
from backportq.model.words import counted, typed
from backportq.services.picks.queue_update import tell_published
from backportq.services.picks.targets import Target, refuse_protected
from backportq.services.project import Project
from backportq.services.reports.release_notes import topic_notes

_FEW = 3
"""Up to so many patches, those who know of any get a copy of all; `git send-email` adds who is named in each."""

_TITLE = 200


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What was typed: the remote to `push` to (empty: the project's), `push_as` another name there, further push
    `options`; or the `directory` for patches."""

    push: str | None = None
    push_as: str | None = None
    options: tuple[str, ...] = ()
    directory: Path | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether anything is to be handed in."""
        return self.push is not None or self.directory is not None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What came of handing in.

    - `pushed`: the remote and the ref there; `said`: what the server answered; `address`: where a person opens a pull
      request.
    - `files`: the patches that were written.
    - `problem`: why it failed, with `hints`.
    """

    pushed: tuple[str, str] | None = None
    said: tuple[str, ...] = ()
    address: str | None = None
    files: tuple[Path, ...] = ()
    problem: str | None = None
    hints: tuple[str, ...] = ()


def settings_of(target: Target) -> PublishSettings:
    """Return how the project takes in backports; where there is no queue, the defaults."""
    return target.config.publish if target.config is not None else PublishSettings()


def prepare(project: Project, target: Target, request: PublishRequest) -> PublishRequest:
    """Return the request with the remote filled in.

    Raise `UsageError`, `RefError` or `RepositoryError` for what cannot be meant.
    """
    if request.directory is not None:
        if request.push is not None:
            raise UsageError("only one of --push and --format-patch can be given")
        refuse_used(request.directory)
    if request.push is None:
        for given, option in ((request.push_as, "--push-as"), (request.options, "--push-option")):
            if given:
                raise UsageError(f"{option} needs --push", hints=("--push REMOTE",))
        return request
    remote = request.push or _remote_of(target)
    check_remote(project.repository, remote)
    if request.push_as is None:
        # Pushing to a branch of the project takes two options, so that it is never an accident.
        refuse_protected(target.state, target.topic, project)
    elif ":" in request.push_as or full_ref(request.push_as) in {"refs/heads/", "refs/"}:
        name = request.push_as.rpartition(":")[2]
        raise UsageError(
            f"--push-as is '{request.push_as}', wanted a branch or a full ref there",
            hints=(f"--push-as {typed(name)}",),
        )
    return PublishRequest(remote, request.push_as, request.options)


def plan_of(target: Target, request: PublishRequest, title: str) -> PushPlan:
    """Return what would be pushed."""
    settings = settings_of(target)
    options = (*(_filled(option, target) for option in settings.options), *request.options)
    title = one_line(title)[:_TITLE]
    return plan_push(settings.how, target.landing, target.topic, title, push_as=request.push_as, options=options)


def publish(
    project: Project,
    target: Target,
    request: PublishRequest,
    picks: Sequence[FinishedPick],
    tip: Oid,
    *,
    record: bool = True,
) -> HandedIn:
    """Hand in the topic branch of `target`, which is at `tip` and carries `picks`; a failure is in the result."""
    if not request.is_wanted or not picks:
        return HandedIn()
    try:
        if request.directory is not None:
            done = _patches(project, target, request.directory, picks, tip)
            where = "patches"
        else:
            done, where = _pushed(project, target, request, picks)
    except BackportqError as error:
        return HandedIn(problem=error.message, hints=tuple(error.hints))
    if record:
        tell_published(project, target.branch, target.topic, [pick.upstream for pick in picks], where)
    return done


def _pushed(
    project: Project, target: Target, request: PublishRequest, picks: Sequence[FinishedPick]
) -> tuple[HandedIn, str]:
    repository, remote = project.repository, request.push or DEFAULT_REMOTE
    plan = plan_of(target, request, title_of(project, target, picks))
    said = push_topic(repository, remote, target.topic, plan.ref, plan.options)
    address = None
    if plan.is_branch and settings_of(target).how in {PublishWay.PUSH, PublishWay.FORMAT_PATCH}:
        url = push_address(repository, remote)
        name = BranchName(plan.ref.removeprefix("refs/heads/"))
        address = review_address(url, target.landing, name) if url is not None and name != target.landing else None
    return HandedIn((remote, plan.ref), said, address), f"{remote} {plan.ref}"


def title_of(project: Project, target: Target, picks: Sequence[FinishedPick]) -> str:
    """Return the title of a review: the subject of a single pick, else how many there are; with the branch in front."""
    if len(picks) != 1:
        return f"[{target.branch}] {counted(len(picks), 'backport')}"
    commit = read_commits(project.repository, [picks[0].upstream]).get(picks[0].upstream)
    return f"[{target.branch}] {commit.subject if commit is not None else picks[0].upstream}"


def _patches(
    project: Project,
    target: Target,
    directory: Path,
    picks: Sequence[FinishedPick],
    tip: Oid,
) -> HandedIn:
    commits = read_commits(project.repository, [pick.upstream for pick in picks])
    queue = target.state.queue_of(target.branch) if target.state is not None else None
    items = [item for pick in picks if queue is not None and (item := queue.find(pick.upstream)) is not None]
    to, cc = _recipients(project, target, commits.values() if len(picks) <= _FEW else (), items)
    asked = [reason.message_id for item in items for reason in item.nominations if reason.message_id]
    heads = PatchHeads(
        _prefix(target),
        to,
        cc,
        asked[0] if len(picks) <= _FEW and asked and is_message_id(asked[0]) else None,
        _cover(project, target, tip, len(picks)) if len(picks) > 1 and target.state is not None else None,
    )
    return HandedIn(files=format_patches(project.repository, target.start, target.topic, directory, heads))


def _recipients(
    project: Project, target: Target, commits: Iterable[Commit], items: Sequence[Item]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return whom patches go to, and who gets a copy: what the project says, the branch's maintainer, and those who
    wrote, reviewed or asked for what is picked. Nobody is written to twice, nor who wants no mail, nor oneself."""
    settings, policy = settings_of(target), mail_policy(target.config.mail if target.config is not None else {})
    people = target.state.people if target.state is not None else None
    to = [parse_identity(text) for text in settings.to]
    maintainer = target.stable.maintainer if target.stable is not None else None
    keeper = people.find(maintainer) if people is not None and maintainer is not None else None
    copies = [parse_identity(text) for text in settings.cc]
    if keeper is not None and keeper.mails:
        (copies if to else to).append(parse_identity(f"{keeper.name} <{keeper.mails[0]}>"))
    for commit in commits:
        copies.append(commit.author)
        copies += people_named(commit.message)
    copies += [
        parse_identity(reason.by) for item in items for reason in item.nominations if reason.is_decided and reason.by
    ]
    seen = {project.actor().mail.casefold()}
    lists: list[tuple[str, ...]] = []
    for group in (to, copies):
        kept = []
        for person in group:
            unwanted = people is not None and any(person.mail in each.mails and each.no_mail for each in people.people)
            if not is_mail(person.mail) or person.mail.casefold() in seen or policy.refuses(person.mail) or unwanted:
                continue
            seen.add(person.mail.casefold())
            kept.append(f"{_plain_name(person.name)} <{person.mail}>" if person.name else person.mail)
        lists.append(tuple(kept))
    return lists[0], lists[1]


def _plain_name(name: str) -> str:
    """Return a name as it may stand in a header that git copies as it is."""
    plain = one_line(name).replace('"', "").replace("<", "").replace(">", "")[:100]
    return plain if all(sign.isalnum() or sign in " '-_" for sign in plain) else f'"{plain}"'


def _cover(project: Project, target: Target, tip: Oid, count: int) -> tuple[str, str]:
    """Return the subject and the text of a cover letter: what the series brings, as the release notes will say it."""
    notes = topic_notes(project, target.branch, target.start, tip)
    lines = [f"{counted(count, 'backport')} for {target.branch}, on top of {short(target.start)}."]
    if notes.security:
        lines += ["", "security:"]
        lines += [f"  {one_line(change.subject)} ({', '.join(change.security)})" for change in notes.security]
    for area, changes in notes.areas:
        lines += ["", f"{one_line(area)}:"]
        for change in changes:
            original = f" ({short(change.upstream)})" if change.upstream is not None else ""
            lines.append(f"  {one_line(change.subject.removeprefix(f'{area}: '))}{original}")
    return f"backports for {target.branch}", "\n".join(lines)


def hand_in_command(project: Project, target: Target, picks: Sequence[FinishedPick]) -> str:
    """Return the plain git command that hands in the topic branch as the project wants it."""
    settings = settings_of(target)
    if settings.how is PublishWay.FORMAT_PATCH:
        prefix = f"--subject-prefix={_prefix(target)}"
        return f"git format-patch -o DIR {typed(prefix)} {short(target.start)}..{typed(target.topic)}"
    plan = plan_of(target, PublishRequest(), title_of(project, target, picks))
    remote = _remote_of(target)
    has_remote = remote in project.repository.git.text("remote").splitlines()
    return plan.command(remote if has_remote else settings.remote or "REMOTE", target.topic)


def _remote_of(target: Target) -> str:
    """Return the remote that topic branches are pushed to where none is named."""
    return settings_of(target).remote or (target.config.remote if target.config else None) or DEFAULT_REMOTE


def _prefix(target: Target) -> str:
    version = target.stable.version if target.stable is not None else target.branch
    return one_line(Template(settings_of(target).prefix).safe_substitute(version=version, branch=target.branch))


def _filled(option: str, target: Target) -> str:
    return Template(option).safe_substitute(branch=target.branch, landing=target.landing, topic=target.topic)
