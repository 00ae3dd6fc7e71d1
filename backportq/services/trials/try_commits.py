"""`try`: would these commits apply there, as git's own cherry-pick would have it?

It needs no queue and no configuration, so scripts can use it on anything; where there is a queue, its versions name
branches. This module must not look at what has landed: it tries what it is told to try.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backportq.errors import ConfigError, RefError
from backportq.git.missing import GET_CONTENTS, speaks_of_missing
from backportq.git.read.lookup import resolve_many
from backportq.git.read.pick_target import branch_to_pick_onto
from backportq.git.refs import BranchTip, read_refs, resolve_configured
from backportq.git.repository import Repository
from backportq.git.trials import TrialSession
from backportq.model.change_names import commit_in_url, is_number
from backportq.model.ids import BranchName, Oid, is_oid
from backportq.model.trials.verdict import Trial, TrialFailure, TrialOutcome
from backportq.services.branches import choose_branches
from backportq.services.commits import find_commit, state_of
from backportq.services.project import Project
from backportq.services.trials.mainlines import default_mainlines


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """One trial that was asked for: a commit and where to apply it, as typed; `line` where it came from a list.

    `branch` is the branch that was meant, where that was typed which git does not know; `onto` is its tip then.
    """

    commit: str
    onto: str
    line: int | None = None
    branch: BranchName | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that could not be tried, and why, in git's grammar; `hints` say what to do."""

    why: str
    line: int | None = None
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A trial with the words it was asked in."""

    asked: TrialRequest
    trial: Trial


def read_requests(lines: Iterable[bytes]) -> list[TrialRequest | Refused]:
    """Return what each line `COMMIT REV` asks for; empty lines and those that start with `#` ask nothing."""
    found: list[TrialRequest | Refused] = []
    for number, raw in enumerate(lines, start=1):
        text = raw.decode("utf-8", "surrogateescape").strip()
        if not text or text.startswith("#"):
            continue
        words = text.split()
        if len(words) == 2:
            found.append(TrialRequest(words[0], words[1], number))
        else:
            found.append(Refused(f"wanted 'COMMIT REV', found {len(words)} words", number))
    return found


def name_branches(project: Project, requests: Sequence[TrialRequest | Refused]) -> list[TrialRequest | Refused]:
    """Return the same with versions (and names) of the queue's branches in place of what git does not know, and with
    ids in place of numbers and addresses of requests.

    A version stands for where picks go: the staging branch where one is ahead, as everywhere else. Whatever git knows
    by that name wins. Nothing is changed where there is no queue that can be read.
    """
    changes = _changes(project, requests)
    requests = [
        replace(each, commit=changes[each.commit])
        if isinstance(each, TrialRequest) and each.commit in changes
        else each
        for each in requests
    ]
    asked = [request for request in requests if isinstance(request, TrialRequest)]
    texts = dict.fromkeys(each.onto for each in asked if not is_oid(each.onto))
    unknown = [text for text, oid in resolve_many(project.repository, texts).items() if isinstance(oid, RefError)]
    found = _branches(project, unknown) if unknown and project.store.tip() is not None else {}
    return [
        replace(each, onto=found[each.onto].oid, branch=found[each.onto].name)
        if isinstance(each, TrialRequest) and each.onto in found
        else each
        for each in requests
    ]


def _changes(project: Project, requests: Sequence[TrialRequest | Refused]) -> dict[str, Oid]:
    """Return the commits that are asked for by the number or address of a request."""
    texts = dict.fromkeys(each.commit for each in requests if isinstance(each, TrialRequest))
    named = [text for text in texts if is_number(text) or commit_in_url(text) is not None]
    state = state_of(project) if named else None
    return {text: find_commit(project.repository, state, text) for text in named}


def _branches(project: Project, texts: Sequence[str]) -> dict[str, BranchTip]:
    found: dict[str, BranchTip] = {}
    try:
        config = project.store.snapshot().state.config
    except ConfigError:
        return found
    refs = read_refs(project.repository)
    for text in texts:
        with contextlib.suppress(ConfigError, RefError):
            branch = choose_branches(config, [text])[0]
            if text == branch.name:
                found[text] = resolve_configured(refs, config, branch.name)
            else:
                found[text] = branch_to_pick_onto(project.repository, refs, config, branch)
    return found


def try_pairs(
    repository: Repository,
    requests: Sequence[TrialRequest | Refused],
    *,
    mainline: int | None = None,
    upstream: Sequence[Oid] = (),
) -> list[Answered | Refused]:
    """Return the answer to each request, in order; what cannot be tried is refused and leaves the others answered.

    Merges on the first-parent line of the `upstream` tips are tried against their first parent, unless `mainline` names
    another.

    Remembered verdicts cost a lookup each, new ones about a millisecond. Raise `RepositoryError` where temporary
    objects cannot be written.
    """
    asked = [request for request in requests if isinstance(request, TrialRequest)]
    # A full id needs no look-up: the trial itself notices what does not exist, and only then is the text looked at.
    known: dict[str, Oid | RefError] = {text: Oid(text) for text in _texts(asked) if is_oid(text)}
    known.update(resolve_many(repository, (text for text in _texts(asked) if text not in known)))
    outcomes: dict[TrialRequest, TrialOutcome | RefError] = {}
    mainlines: dict[Oid, int] = {}
    if mainline is None and upstream:
        commits = (known[each.commit] for each in asked)
        mainlines = default_mainlines(repository, upstream, (oid for oid in commits if not isinstance(oid, RefError)))
    with TrialSession(repository, mainlines=mainlines) as session:
        outcomes.update(_try(session, asked, known, mainline))
        failed = [each for each, outcome in outcomes.items() if isinstance(outcome, TrialFailure)]
        ids = [text for text in _texts(failed) if is_oid(text)]
        if ids:
            # An id may be that of a tag, or of nothing: look it up as what it is, and try once more.
            known.update(resolve_many(repository, ids))
            again = [each for each in failed if (known[each.commit], known[each.onto]) != (each.commit, each.onto)]
            outcomes.update(_try(session, again, known, mainline))
    answers: list[Answered | Refused] = []
    for request in requests:
        if isinstance(request, Refused):
            answers.append(request)
            continue
        outcome = outcomes[request]
        if isinstance(outcome, Trial):
            answers.append(Answered(request, outcome))
        elif isinstance(outcome, RefError):
            answers.append(Refused(outcome.message, request.line, outcome.hints))
        else:
            answers.append(Refused(outcome.why, request.line, hints_for(outcome.why)))
    return answers


def _texts(asked: Iterable[TrialRequest]) -> list[str]:
    return list(dict.fromkeys(text for each in asked for text in (each.commit, each.onto)))


def _try(
    session: TrialSession, asked: Sequence[TrialRequest], known: dict[str, Oid | RefError], mainline: int | None
) -> dict[TrialRequest, TrialOutcome | RefError]:
    outcomes: dict[TrialRequest, TrialOutcome | RefError] = {}
    resolved: list[TrialRequest] = []
    pairs: list[tuple[Oid, Oid]] = []
    for each in asked:
        commit, onto = known[each.commit], known[each.onto]
        if isinstance(commit, RefError):
            outcomes[each] = commit
        elif isinstance(onto, RefError):
            outcomes[each] = onto
        else:
            resolved.append(each)
            pairs.append((commit, onto))
    outcomes.update(zip(resolved, session.run(pairs, mainline=mainline), strict=True))
    return outcomes


def hints_for(why: str) -> tuple[str, ...]:
    """Return what to type where a commit could not be tried for this reason."""
    if speaks_of_missing(why):
        return GET_CONTENTS
    if "no mainline was given" in why:
        return ("--mainline 1 takes the changes against the first parent",)
    if "shallow clone" in why:
        return ("git fetch --unshallow",)
    return ()


def at_line(refused: Refused) -> Refused:
    """Return the same with the line number in its text, as it is shown to people."""
    return refused if refused.line is None else replace(refused, why=f"line {refused.line}: {refused.why}")
