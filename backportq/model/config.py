"""The project's configuration: upstream, stable branches, dialects, rules; the values of `config.toml`.

Reading and writing the file is for `backportq.queue`; whether the branches exist is for `backportq.git`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from backportq.model.ids import BranchName
from backportq.model.items.item import Priority
from backportq.model.items.nomination import no_extra
from backportq.model.versions import parse_version


class Support(StrEnum):
    """What a stable branch still takes: every fix, security fixes only, or nothing."""

    FULL = "full"
    SECURITY = "security"
    END_OF_LIFE = "end-of-life"


@dataclass(frozen=True, slots=True)
class StableBranch:
    """One maintained branch.

    `version` is the project's own spelling (`4.18`, `13`, `24.1`). `full_until` and `security_until` are the last days
    of each support level; without dates `support` holds as it stands. `maintainer` is a key of `people.toml`.
    """

    name: BranchName
    version: str
    staging: BranchName | None = None
    support: Support = Support.FULL
    full_until: date | None = None
    security_until: date | None = None
    maintainer: str | None = None
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    def support_on(self, day: date) -> Support:
        """Return the support level on `day`: the configured one, lowered by the dates that have passed."""
        level = self.support
        if level is Support.FULL and self.full_until is not None and day > self.full_until:
            level = Support.SECURITY
        if level is Support.SECURITY and self.security_until is not None and day > self.security_until:
            level = Support.END_OF_LIFE
        return level


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the project's own: commits that match every given condition get a nomination and a priority.

    `pattern` is a regular expression searched in `search_in` (`subject` or `message`), `path` a glob over touched paths
    (`**` crosses folders), `author` a part of `Name <mail>`, `branches` limits the rule to these (empty: all). With
    `nominate = false` a rule only sets the priority of commits nominated otherwise.
    """

    name: str
    pattern: str | None = None
    search_in: str = "message"
    path: str | None = None
    author: str | None = None
    branches: tuple[str, ...] = ()
    priority: Priority | None = None
    nominate: bool = True
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class CustomTrailer:
    """A trailer of the project's own: `key` as written before the colon, `meaning` one of the words of `docs/tags.md`
    (`nominate`, `fixes`, `opt-out`, `prerequisite`, `wait`, `foreign`, `pick`), `value` the grammar of what follows
    (`versions`, `since`, `none`, `commit`, `delay`)."""

    key: str
    meaning: str
    value: str = "versions"
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class Config:
    """All of `config.toml`. `branches` are in the order of the file; `in_release_order` where it matters. `notes` are
    the full names of the refs whose notes are read with the messages, `refusal_lists` the paths of the files in which
    stable branches list what they are not to take; None leaves these to the dialects."""

    upstream: BranchName
    branches: tuple[StableBranch, ...] = ()
    dialects: tuple[str, ...] = ("generic",)
    remote: str | None = None
    rules: tuple[Rule, ...] = ()
    trailers: tuple[CustomTrailer, ...] = ()
    notes: tuple[str, ...] | None = None
    refusal_lists: tuple[str, ...] | None = None
    policy: Mapping[str, object] = field(default_factory=no_extra, hash=False)
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


def in_release_order(branches: Sequence[StableBranch]) -> tuple[StableBranch, ...]:
    """Return `branches` oldest release first: by version, or as they stand where a version is a name (`zed`).

    Names have no order of their own, and between some of them and numbers there is none that could be told.
    """
    versions = {branch.name: parse_version(branch.version) for branch in branches}
    known = {name: (version.parts, version.candidate, name) for name, version in versions.items() if version}
    if len(known) < len(versions):
        return tuple(branches)
    return tuple(sorted(branches, key=lambda branch: known[branch.name]))
