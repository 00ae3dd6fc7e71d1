"""Votes: the approvals and objections that some projects want before a backport is made.

Off unless `[policy] approvals = N` is in `config.toml`. One person has one vote for an item, the last one counts, and
an objection stands until who made it approves. This module must not know who may vote: that is the project's custom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backportq.errors import ConfigError, DecisionError
from backportq.model.commit import parse_identity
from backportq.model.ids import short
from backportq.model.items.item import Item
from backportq.model.items.records import Actor, Ballot, Vote


@dataclass(frozen=True, slots=True)
class VoteTally:
    """How the votes on an item stand: who approves and who objects, in the order of their votes, and how many
    approvals are `wanted` (0: this project does not vote)."""

    approvals: tuple[Vote, ...]
    objections: tuple[Vote, ...]
    wanted: int

    @property
    def is_approved(self) -> bool:
        """Whether enough people approve and nobody objects."""
        return not self.objections and len(self.approvals) >= self.wanted

    @property
    def why_not(self) -> str | None:
        """What is missing, in words; None where nothing is."""
        if self.objections:
            first = self.objections[0]
            return f"{parse_identity(first.by).name} objects: {first.reason or 'no reason given'}"
        if len(self.approvals) < self.wanted:
            return f"{len(self.approvals)} of {self.wanted} approvals"
        return None


def wanted_approvals(policy: Mapping[str, object]) -> int:
    """Return how many approvals `[policy]` of `config.toml` wants; raise `ConfigError` where it is no number from 0."""
    wanted = policy.get("approvals", 0)
    if type(wanted) is not int or wanted < 0:
        raise ConfigError(
            f"config.toml: key 'policy.approvals': wanted a number from 0, found '{wanted}'",
            hints=("backportq edit config",),
        )
    return wanted


def tally(item: Item, policy: Mapping[str, object]) -> VoteTally:
    """Return how the votes on `item` stand under `policy` (`Config.policy`)."""
    last: dict[str, Vote] = {}
    for vote in sorted(item.votes, key=lambda vote: vote.at):  # stable: of one second, the one stored later is later
        voter = _voter(vote)
        last.pop(voter, None)
        last[voter] = vote
    return VoteTally(
        tuple(vote for vote in last.values() if vote.ballot is Ballot.APPROVE),
        tuple(vote for vote in last.values() if vote.ballot is Ballot.OBJECT),
        wanted_approvals(policy),
    )


def is_approved(item: Item, policy: Mapping[str, object]) -> bool:
    """Tell whether `item` may be picked as far as votes go: `policy` is `Config.policy`.

    True where the project does not vote and nobody objected; `tally(item, policy).why_not` says what is missing. What
    `backportq apply` builds is only what is approved.
    """
    return tally(item, policy).is_approved


def approve(item: Item, by: Actor) -> Item:
    """Approve the backport; takes back an objection of the same person. A second approval changes nothing."""
    return _voted(item, Vote(Ballot.APPROVE, str(by.who), by.moment), "approved")


def object_to(item: Item, by: Actor, reason: str) -> Item:
    """Object to the backport, for a reason that helps the others; takes back an approval of the same person."""
    words = reason.strip()
    if not words:
        raise DecisionError(
            f"a reason is needed to object to '{short(item.commit)}'",
            hints=(f"backportq object {short(item.commit)} -m REASON",),
        )
    return _voted(item, Vote(Ballot.OBJECT, str(by.who), by.moment, words), "objected to")


def _voted(item: Item, vote: Vote, done: str) -> Item:
    if not item.state.is_open:
        raise DecisionError(
            f"'{short(item.commit)}' is {item.state} and cannot be {done}",
            hints=(f"backportq show {short(item.commit)}",),
        )
    mine = [old for old in sorted(item.votes, key=lambda old: old.at) if _voter(old) == _voter(vote)]
    if mine and (mine[-1].ballot, mine[-1].reason) == (vote.ballot, vote.reason):
        return item
    return replace(item, votes=(*item.votes, vote))


def _voter(vote: Vote) -> str:
    identity = parse_identity(vote.by)
    return (identity.mail or identity.name).casefold()
