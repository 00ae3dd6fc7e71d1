"""`suggest`: commits that nothing names but that look like what this project takes, ranked, with reasons.

The ranking is that of the learned weights on the queue branch. Whatever the queue knows of a branch, open or closed, is
not suggested again, so that a refusal is remembered. This module must not decide anything: `tag` takes what a person
chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backportq.errors import UsageError
from backportq.git.read.lookup import read_commits
from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid, short
from backportq.model.likelihood.judgement import Judgement
from backportq.services.branches import choose_branches
from backportq.services.commits import find_commit
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.ranking import RankedCommit, Ranking, read_ranking


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A commit that looks like it belongs on `branch`: the chance, 0 to 1, and the reasons in words. `judge` is what
    the person's own judge said, where it was asked."""

    branch: BranchName
    commit: Oid
    subject: str
    author: str
    likely: float
    reasons: tuple[str, ...]
    judge: Judgement | None = None

    def judged(self, judgement: Judgement | None) -> Suggestion:
        """Return the same with what the judge said."""
        return replace(self, judge=judgement)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`rows` are the likeliest first, branch by branch. `is_learned` tells whether there are weights to rank by, and
    `problem` why not, if something was learned that is of no use."""

    rows: tuple[Suggestion, ...]
    is_learned: bool
    problem: str | None


def suggest(project: Project, branches: Sequence[str] = (), *, limit: int) -> Suggestions:
    """Return at most `limit` suggestions for each of `branches` (all that still take anything if none is named).

    Raise `ConfigError` for an unknown branch.
    """
    state = project.store.snapshot().state
    day = project.clock().date()
    chosen = choose_branches(state.config, branches)
    names = [each.name for each in chosen if branches or each.support_on(day) is not Support.END_OF_LIFE]
    history = HistoryOfQueue(project.repository, state)
    history.tell_left_out()
    ranking = read_ranking(project, history)
    picked: list[tuple[BranchName, RankedCommit]] = []
    for name in names:
        queue = state.queue_of(name)
        known = {item.commit for item in (*queue.open, *queue.closed)}
        free = [row for row in ranking.rows(name) if not row.is_named and row.commit not in known]
        picked += [(name, row) for row in free[:limit]]
    return Suggestions(_described(project, picked), ranking.is_learned, ranking.problem)


def explain_suggestion(project: Project, commit: str, branch: str) -> Suggestion:
    """Return how likely one upstream commit is on one branch, whatever the queue says of it.

    Raise `RefError` for a commit that is not there, `UsageError` for one that the branch has or upstream lacks, and
    where nothing was learned.
    """
    state = project.store.snapshot().state
    oid = find_commit(project.repository, state, commit)
    (chosen,) = choose_branches(state.config, (branch,))
    history = HistoryOfQueue(project.repository, state)
    history.tell_left_out()
    facts = history.facts.find_branch(chosen.name)
    if facts is not None and facts.contains(oid):
        raise UsageError(f"{chosen.name} has '{short(oid)}' already", hints=(f"backportq show {short(oid)}",))
    ranking = read_ranking(project, history)
    if not ranking.is_learned:
        raise nothing_learned(ranking)
    row = next((row for row in ranking.rows(chosen.name) if row.commit == oid), None)
    if row is None:
        raise UsageError(
            f"'{short(oid)}' is not among what {chosen.name} could take: upstream lacks it, the branch is newer, it "
            "was taken back, it is older than 300 days, or too unlikely to be kept",
            hints=(f"backportq show {short(oid)}",),
        )
    return _described(project, [(chosen.name, row)])[0]


def nothing_learned(ranking: Ranking | Suggestions) -> UsageError:
    """Return the error for asking what only learned weights could answer."""
    return UsageError(ranking.problem or "nothing was learned yet", hints=("backportq suggest --learn",))


def _described(project: Project, picked: Sequence[tuple[BranchName, RankedCommit]]) -> tuple[Suggestion, ...]:
    commits = read_commits(project.repository, [row.commit for _, row in picked])
    return tuple(
        Suggestion(
            name, row.commit, commits[row.commit].subject, str(commits[row.commit].author), row.likely, row.reasons
        )
        for name, row in picked
        if row.commit in commits
    )
