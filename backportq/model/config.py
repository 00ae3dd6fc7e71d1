"""The project's configuration: upstream, stable branches, dialects, rules; the values of `config.toml`.

Reading and writing the file is for `backportq.queue`; whether the branches exist is for `backportq.git`. To add a key,
declare it in its class: reading, writing, the warnings about misspelt keys and the check of the documentation follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from enum import StrEnum

from backportq.model.declared import Shape, declared, no_extra
from backportq.model.ids import BranchName
from backportq.model.priority import Priority


class Support(StrEnum):
    """What a stable branch still takes: every fix, security fixes only, or nothing."""

    FULL = "full"
    SECURITY = "security"
    END_OF_LIFE = "end-of-life"


@dataclass(frozen=True, slots=True)
class StableBranch:
    """One maintained branch.

    `version` is the project's own spelling (`4.18`, `13`, `24.1`). `full_until` and `security_until` are the last days
    of each support level; without dates `support` holds as it stands. `maintainer` is a key of `people.toml`. Where
    `paths` are given, only commits that touch one of them are nominated here: globs as in `Rule.path`.
    """

    name: BranchName = field(metadata=declared(Shape.BRANCH, meaning="the name of a stable branch"))
    version: str = field(metadata=declared(Shape.NAME))
    staging: BranchName | None = field(default=None, metadata=declared(Shape.BRANCH))
    support: Support = field(default=Support.FULL, metadata=declared(Shape.WORD, Support))
    full_until: date | None = field(default=None, metadata=declared(Shape.DAY))
    security_until: date | None = field(default=None, metadata=declared(Shape.DAY))
    maintainer: str | None = field(default=None, metadata=declared(Shape.TEXT))
    paths: tuple[str, ...] = field(default=(), metadata=declared(Shape.PATHS))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    def support_on(self, day: date) -> Support:
        """Return the support level on `day`: the configured one, lowered by the dates that have passed."""
        level = self.support
        if level is Support.FULL and self.full_until is not None and day > self.full_until:
            level = Support.SECURITY
        if level is Support.SECURITY and self.security_until is not None and day > self.security_until:
            level = Support.END_OF_LIFE
        return level


class RuleEffect(StrEnum):
    """What a rule does to the commits that it matches, by the word of its key `nominate`: nominate them, only give
    those nominated otherwise a priority, or keep all of them out."""

    NOMINATE = "true"
    RANK = "false"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the project's own, about the commits that match every given condition.

    `pattern` is a regular expression searched in `search_in` (`subject` or `message`), `path` a glob over touched paths
    (`**` crosses folders), `author` a part of `Name <mail>`, `branches` limits the rule to these (empty: all). What
    becomes of a match is `effect`: a nomination with `priority`, the priority alone, or with `reason` that the commit
    is never nominated by the history. A rule without a name is called by its first condition.
    """

    name: str = field(default="", metadata=declared(Shape.TEXT))
    pattern: str | None = field(default=None, metadata=declared(Shape.PATTERN))
    search_in: str = field(default="message", metadata=declared(Shape.WORD, ("subject", "message"), name="in"))
    path: str | None = field(default=None, metadata=declared(Shape.TEXT))
    author: str | None = field(default=None, metadata=declared(Shape.TEXT))
    branches: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    priority: Priority | None = field(default=None, metadata=declared(Shape.WORD, Priority))
    effect: RuleEffect = field(
        default=RuleEffect.NOMINATE, metadata=declared(Shape.FLAG_OR_WORD, RuleEffect, name="nominate")
    )
    reason: str | None = field(default=None, metadata=declared(Shape.TEXT))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    @property
    def title(self) -> str:
        """What the rule is called in nominations and messages."""
        return self.name or self.pattern or self.path or self.author or ""


@dataclass(frozen=True, slots=True)
class CustomTrailer:
    """A trailer of the project's own: `key` as written before the colon, `meaning` one of the words of `docs/tags.md`,
    `value` the grammar of what follows. A trailer that means `same` has a value that the original and its picks share;
    it has no grammar."""

    key: str = field(metadata=declared(Shape.NAME))
    meaning: str = field(
        metadata=declared(
            Shape.WORD, ("nominate", "fixes", "opt-out", "prerequisite", "wait", "foreign", "pick", "same")
        )
    )
    value: str = field(
        default="versions", metadata=declared(Shape.WORD, ("versions", "since", "none", "commit", "delay"))
    )
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """How the project names a change without an id: the group `key` of `pattern`, found in `search_in` (`subject` or
    `body`), is the same in the original and in its picks, such as the number of a pull request."""

    pattern: str = field(metadata=declared(Shape.PATTERN))
    search_in: str = field(default="subject", metadata=declared(Shape.WORD, ("subject", "body"), name="in"))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class PickLinePattern:
    """How the project's picks name their original: the group `id` of `pattern`, found in `search_in` (`subject` or
    `body`), is the original's id or an abbreviation of it."""

    pattern: str = field(metadata=declared(Shape.PATTERN))
    search_in: str = field(default="body", metadata=declared(Shape.WORD, ("subject", "body"), name="in"))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Who is nobody to give tasks to: `robots` are globs over mail addresses (`*-bot@example.org`)."""

    robots: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


class PublishWay(StrEnum):
    """How finished picks are handed in for review."""

    PUSH = "push"
    PUSH_OPTIONS = "push-options"
    AGIT = "agit"
    GERRIT = "gerrit"
    FORMAT_PATCH = "format-patch"


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """How the project takes in backports.

    `remote` is where they are pushed to, `options` are further push options, `to` and `cc` get patches by mail, whose
    subjects begin with `prefix` (`$version` is that of the branch).
    """

    how: PublishWay = field(default=PublishWay.PUSH, metadata=declared(Shape.WORD, PublishWay))
    remote: str | None = field(default=None, metadata=declared(Shape.TEXT))
    options: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    to: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    cc: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    prefix: str = field(default="PATCH $version", metadata=declared(Shape.TEXT))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class Config:
    """All of `config.toml`. `branches` are in the order of the file; `in_release_order` where it matters. A fix counts
    from wherever it lands first: on `upstream`, or on one of `more_upstreams`. `notes` are the full names of the refs
    whose notes are read with the messages, `refusal_lists` the paths of the files in which stable branches list what
    they are not to take; None leaves these to the dialects. `policy`, `assign` and `mail` are read by what they
    govern: `model.items.votes` and `model.picks.provenance`, `model.assignment.policy`, `model.mail.policy`."""

    upstream: BranchName = field(metadata=declared(Shape.BRANCH, meaning="the name of the upstream branch"))
    branches: tuple[StableBranch, ...] = field(
        default=(), metadata=declared(Shape.RECORDS, StableBranch, name="branch")
    )
    _: KW_ONLY
    remote: str | None = field(default=None, metadata=declared(Shape.TEXT))
    dialects: tuple[str, ...] = field(default=("generic",), metadata=declared(Shape.TEXTS, always=True))
    notes: tuple[str, ...] | None = field(default=None, metadata=declared(Shape.NOTES))
    refusal_lists: tuple[str, ...] | None = field(default=None, metadata=declared(Shape.PATHS))
    policy: Mapping[str, object] = field(default_factory=no_extra, hash=False, metadata=declared(Shape.TABLE))
    assign: Mapping[str, object] = field(default_factory=no_extra, hash=False, metadata=declared(Shape.TABLE))
    mail: Mapping[str, object] = field(default_factory=no_extra, hash=False, metadata=declared(Shape.TABLE))
    people: PeopleSettings = field(default_factory=PeopleSettings, metadata=declared(Shape.RECORD, PeopleSettings))
    publish: PublishSettings = field(default_factory=PublishSettings, metadata=declared(Shape.RECORD, PublishSettings))
    rules: tuple[Rule, ...] = field(default=(), metadata=declared(Shape.RECORDS, Rule, name="rule"))
    trailers: tuple[CustomTrailer, ...] = field(
        default=(), metadata=declared(Shape.RECORDS, CustomTrailer, name="trailer")
    )
    keys: tuple[KeyPattern, ...] = field(default=(), metadata=declared(Shape.RECORDS, KeyPattern, name="key"))
    pick_lines: tuple[PickLinePattern, ...] = field(
        default=(), metadata=declared(Shape.RECORDS, PickLinePattern, name="pick_line")
    )
    more_upstreams: tuple[BranchName, ...] = ()
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    @property
    def upstreams(self) -> tuple[BranchName, ...]:
        """Every branch on which fixes land first, the main one first."""
        return (self.upstream, *self.more_upstreams)
