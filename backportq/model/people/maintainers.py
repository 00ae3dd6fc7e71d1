"""MAINTAINERS: who looks after which files, as Linux and Xen write it down, and who maintains the stable branch.

The rules are those of the projects' own `scripts/get_maintainer.pl`, so the answer is the one that `git send-email
--cc-cmd` gives their developers. A line that makes no sense is reported with its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from backportq.model.commit import Identity
from backportq.model.linear_patterns import LinearPattern, find_pattern
from backportq.model.people.path_patterns import MaintainersPattern, maintainers_patterns

_ENTRY = re.compile(r"([A-Z]):\s*(.*)")
_ADDRESS = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<mail>[^<>@\s]+@[^<>@\s]+)>\s*(?:\([^()]*\))?\s*\Z")
_BARE_ADDRESS = re.compile(r"(?P<mail>[^<>@\s()]+@[^<>@\s()]+)\s*(?:\([^()]*\))?\s*\Z")
_BRANCH_HEADING = re.compile(r"the\s+maintainers?\s+(?:for|of)\s+this\s+branch\s+(?:is|are)\b.*:?\s*\Z", re.IGNORECASE)
_TOPIC_HEADING = re.compile(r"(\w+)\s+backport requests should also be copied to\s*:?\s*\Z", re.IGNORECASE)
_REST = "THE REST"
_MAX_LINE = 2_000


class Role(StrEnum):
    """What a person does for a section."""

    MAINTAINER = "maintainer"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    - `maintainers` are the people of `M:`, `reviewers` those of `R:`.
    - `files` and `excluded` are the patterns of `F:` and `X:`.
    - `names` are the regular expressions of `N:`. Those of `K:` match contents, which are not looked at.
    """

    title: str
    maintainers: tuple[Identity, ...] = ()
    reviewers: tuple[Identity, ...] = ()
    files: tuple[MaintainersPattern, ...] = ()
    excluded: tuple[MaintainersPattern, ...] = ()
    names: tuple[LinearPattern, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_rest(self) -> bool:
        """Whether it is `THE REST`, which counts only where no other section covers a file."""
        return self.title == _REST

    def depth_of(self, path: str) -> int | None:
        """Return how exactly the section covers `path`, deeper being more exact; None if it does not cover it."""
        if any(pattern.matches(path) for pattern in self.excluded):
            return None
        text = path.encode("utf-8", "surrogateescape")
        depths = [pattern.depth for pattern in self.files if pattern.matches(path)]
        if any(name.search(text) for name in self.names):
            depths.append(0)
        return depths[-1] if depths else None


@dataclass(frozen=True, slots=True)
class Owner:
    """A person named in MAINTAINERS for a path, with the section and the role."""

    identity: Identity
    role: Role
    section: str


@dataclass(frozen=True, slots=True)
class BranchContact:
    """A person whom a stable branch's file names for the branch, or only for one `topic` of it (a top folder)."""

    identity: Identity
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class MalformedLine:
    """A line that could not be read: its number from 1, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Maintainers:
    """A whole file. `contacts` are the maintainers of the stable branch, named in the prose before the sections."""

    sections: tuple[Section, ...] = ()
    contacts: tuple[BranchContact, ...] = ()
    malformed: tuple[MalformedLine, ...] = ()

    def owners_of(self, path: str) -> tuple[Owner, ...]:
        """Return who is named for `path`: the most exact section first, maintainers before reviewers.

        `THE REST` counts only where no other section has a maintainer for the path.
        """
        covering = [
            (depth, index, section)
            for index, section in enumerate(self.sections)
            if (depth := section.depth_of(path)) is not None
        ]
        chosen = [section for _, _, section in sorted(covering, key=lambda entry: (-entry[0], entry[1]))]
        if any(section.maintainers and not section.is_rest for section in chosen):
            chosen = [section for section in chosen if not section.is_rest]
        owners = [
            *(Owner(person, Role.MAINTAINER, section.title) for section in chosen for person in section.maintainers),
            *(Owner(person, Role.REVIEWER, section.title) for section in chosen for person in section.reviewers),
        ]
        # Somebody named twice counts by the first entry, which is the more exact one.
        return tuple({owner.identity.mail.casefold(): owner for owner in reversed(owners)}.values())[::-1]


def parse_maintainers(text: str) -> Maintainers:
    """Return the content of a MAINTAINERS file; lines that could not be read are in `malformed`."""
    return _Parser().parse(text)


@dataclass(slots=True)
class _Draft:
    """A section while its lines are being read."""

    title: str
    entries: list[tuple[int, str, str]] = field(default_factory=list)


class _Parser:
    """Reads the file line by line; a heading is any line before a block of `X: value` lines."""

    def __init__(self) -> None:
        self.malformed: list[MalformedLine] = []

    def parse(self, text: str) -> Maintainers:
        lines = text.splitlines()
        drafts: list[_Draft] = []
        heading: str | None = None
        current: _Draft | None = None
        for number, line in enumerate(lines, 1):
            entry = _ENTRY.match(line)
            if entry is not None and len(line) <= _MAX_LINE:
                if current is None:
                    if heading is None:
                        self._report(number, "an entry before the title of its section")
                    current = _Draft(heading or "")
                    drafts.append(current)
                current.entries.append((number, entry[1], entry[2].strip()))
            elif len(line) > _MAX_LINE:
                self._report(number, f"a line of {len(line)} characters, wanted at most {_MAX_LINE}")
            elif line.strip():
                # get_maintainer.pl ignores empty lines: entries may go on after one, a title ends the section.
                heading, current = line.strip(), None
        return Maintainers(
            tuple(self._section(draft) for draft in drafts),
            tuple(_contacts(lines)),
            tuple(sorted(self.malformed, key=lambda problem: problem.line)),
        )

    def _section(self, draft: _Draft) -> Section:
        people: dict[str, list[Identity]] = {"M": [], "R": []}
        patterns: dict[str, list[MaintainersPattern]] = {"F": [], "X": []}
        names: list[LinearPattern] = []
        for number, letter, value in draft.entries:
            if letter in people:
                identity = parse_address(value)
                if identity is None:
                    self._report(number, f"{letter}: wanted 'Name <mail>', found {_quoted(value)}")
                else:
                    people[letter].append(identity)
            elif letter in patterns:
                if not value:
                    self._report(number, f"{letter}: wanted a file pattern, found nothing")
                patterns[letter] += maintainers_patterns(value) if value else ()
            elif letter == "N":
                compiled = find_pattern(value)
                if compiled is None:
                    self._report(number, f"N: wanted a regular expression, found {_quoted(value)}")
                else:
                    names.append(compiled)
        return Section(
            title=draft.title,
            maintainers=tuple(people["M"]),
            reviewers=tuple(people["R"]),
            files=tuple(patterns["F"]),
            excluded=tuple(patterns["X"]),
            names=tuple(names),
        )

    def _report(self, line: int, why: str) -> None:
        self.malformed.append(MalformedLine(line, why))


def parse_address(text: str) -> Identity | None:
    """Return the person of `Name <mail>`, `"Name" <mail>` or a bare mail; None for anything else.

    A remark in round brackets may follow.
    """
    match = _ADDRESS.match(text) or _BARE_ADDRESS.match(text)
    if match is None:
        return None
    name = " ".join((match.groupdict().get("name") or "").split()).strip('"').strip()
    return Identity(name or match["mail"].partition("@")[0], match["mail"])


def _contacts(lines: list[str]) -> Iterator[BranchContact]:
    """Yield the people named below the headings of Xen's stable branches."""
    topic: str | None = None
    listening = False
    for line in lines:
        if _ENTRY.match(line):
            return
        text = line.strip()
        if not text:
            continue
        heading = _TOPIC_HEADING.search(text)
        if _BRANCH_HEADING.search(text) or heading:
            topic, listening = (heading[1].lower() if heading else None), True
            continue
        identity = parse_address(text) if listening and line[:1].isspace() else None
        if identity is not None:
            yield BranchContact(identity, topic)
        else:
            listening = False


def _quoted(text: str) -> str:
    return f"'{text[:60]}'" if text else "nothing"
