"""Which follow-ups and reverts are urgent on a branch: those of what its last release brought, and those that say harm.

Separate from the nominations because it asks git about tags, once for all branches and only if anything follows up what
a branch took. This module must not nominate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from backportq.git.read.release_tags import is_candidate, tags_of_commits
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import BranchName, Oid
from backportq.model.items.harm_words import is_cosmetic, says_harm
from backportq.model.items.nomination import Nomination, Via
from backportq.services.history.facts import BranchFacts, Facts

FOLLOWING = frozenset({Via.FOLLOW_UP, Via.REVERT})
"""What follows up something that the branch has."""

_FEW_REVERTS = 5  # reverts of picks; fewer left lying say nothing of a project's habits


class LastReleases:
    """What each branch took for its last release or since, read when it is first asked for."""

    def __init__(self, repository: Repository | None = None) -> None:
        self._repository = repository
        self._tags: Mapping[Oid, Sequence[str]] | None = None
        self._recent: dict[BranchName, Collection[Oid]] = {}
        self._young: set[BranchName] = set()

    def has_taken(self, entry: BranchFacts, pick: Oid) -> bool:
        """Tell whether the branch took `pick` after the release before its last one.

        Of a branch with fewer releases, nothing that it ever took was released long ago.
        """
        return pick in self._recent_on(entry)

    def is_young(self, entry: BranchFacts) -> bool:
        """Tell whether all that the branch was made with came out with its last release, or still has to."""
        self._recent_on(entry)
        return entry.branch.name in self._young

    def _recent_on(self, entry: BranchFacts) -> Collection[Oid]:
        if entry.branch.name not in self._recent:
            self._recent[entry.branch.name] = self._find_recent(entry)
        return self._recent[entry.branch.name]

    def _find_recent(self, entry: BranchFacts) -> Collection[Oid]:
        if self._tags is None:
            self._tags = tags_of_commits(self._repository) if self._repository is not None else {}
        tags = self._tags
        own = list(entry.own)
        releases = [at for at, oid in enumerate(own) if any(not is_candidate(name) for name in tags.get(oid, ()))]
        if len(releases) > 1:
            return frozenset(own[releases[-2] + 1 :])
        self._young.add(entry.branch.name)
        return frozenset(own)


def takes_reverts(facts: Facts) -> bool:
    """Tell whether reverts of picks are taken here: one was, or too few came up to tell."""
    reverted_by, branches = facts.reverted_by, facts.branches
    facts.prepare((*reverted_by, *reverted_by.values()))
    if any(entry.by_upstream.get(revert) for entry in branches for revert in set(reverted_by.values())):
        return True
    return sum(entry.landed(reverted) is not None for entry in branches for reverted in reverted_by) < _FEW_REVERTS


def is_urgent(
    entry: BranchFacts,
    releases: LastReleases,
    commit: Commit | None,
    reasons: Collection[Nomination],
    *,
    takes_reverts: bool,
) -> bool:
    """Tell whether a commit with these `reasons` is of high priority on the branch because of what it follows up.

    - What is cosmetic never is.
    - A fix of a pick is if the branch took that lately, or if it says harm.
    - The revert of a pick is unless the project never takes reverts (`takes_reverts`), or if it says harm: a project
      that takes things back in another way has no use for the reminder.
    - The revert of what the branch was made with is until its second release, or if it says harm.
    """
    following = [reason for reason in reasons if reason.via in FOLLOWING and reason.target is not None]
    if not following or commit is None or is_cosmetic(commit.subject):
        return False
    picks = [(reason, entry.landed(reason.target)) for reason in following if reason.target is not None]
    if says_harm(commit.message):
        return True
    reverted = [pick for reason, pick in picks if reason.via is Via.REVERT]
    if (None in reverted and releases.is_young(entry)) or (any(reverted) and takes_reverts):
        return True
    return any(
        pick is not None and reason.via is Via.FOLLOW_UP and releases.has_taken(entry, pick.commit)
        for reason, pick in picks
    )
