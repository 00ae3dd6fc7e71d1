"""What a dialect is declared with: rules as data.

Adding a project's habits means adding data; `grammar` compiles it, and the engine (`backportq.model.trailers.reader`,
`backportq.model.trailers.pick_lines`) reads messages with that. This module must not look at messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ID = r"[0-9a-f]{6,64}(?![0-9a-z_])"
"""A commit id or an abbreviation of one, inside a rule's pattern; patterns are matched in any case."""

IDS = rf"{ID}(?:(?:\s{{0,4}},\s{{0,4}}(?:and\s)?|\s{{1,4}}(?:and\s{{1,4}}|&\s)?)(?=[a-f]{{0,40}}[0-9]){ID}){{0,400}}"
"""One or more ids, separated by commas, spaces, `and` or line ends. Words such as `facade` are no second id."""

PARAGRAPH = r"(?:(?<=\n\n)|(?<=\n\r\n))"
"""The beginning of a paragraph."""


class Meaning(StrEnum):
    """What a tag says; the words that a project's configuration uses too."""

    NOMINATE = "nominate"
    FIXES = "fixes"
    OPT_OUT = "opt-out"
    PREREQUISITE = "prerequisite"
    WAIT = "wait"
    FOREIGN = "foreign"
    PICK = "pick"
    REVERT = "revert"
    REAPPLY = "reapply"
    IGNORE_FIXES = "ignore-fixes"


class Value(StrEnum):
    """The grammar of what follows the key of a trailer."""

    VERSIONS = "versions"
    NONE = "none"
    COMMIT = "commit"
    DELAY = "delay"
    COMMIT_OR_VERSIONS = "commit-or-versions"
    SINCE = "since"
    """In a configuration alone: versions, of which a bare one means it and all newer ones."""


@dataclass(frozen=True, slots=True)
class TrailerRule:
    """`KEY: value`. Keys are compared in any case; spaces in a key stand for one or more spaces. `nominates`: a
    prerequisite that asks for the commit as well, where nothing else does."""

    keys: tuple[str, ...]
    meaning: Meaning
    value: Value
    single_is_minimum: bool = False
    nominates: bool = False


@dataclass(frozen=True, slots=True)
class RecipientRule:
    """A `Cc:` to the address of a stable team. `address` is a pattern without groups.

    `versions_before`: versions stand before the address (Mesa) and not only in a comment after it (the kernel).
    `needs_versions`: without any there it asks for nothing.
    `single_is_minimum`: one bare version means it and all newer ones. `keyword` is a part of every such address, in
    lower case, by which messages without one are passed over quickly.
    """

    address: str
    keyword: str
    meaning: Meaning = Meaning.NOMINATE
    versions_before: bool = False
    needs_versions: bool = False
    single_is_minimum: bool = False


@dataclass(frozen=True, slots=True)
class SentenceRule:
    """A fixed wording at the beginning of a line that names commits.

    `start` is what the line begins with (a pattern that needs no backtracking, for the prefilter), `pattern` the whole
    wording with the group `ids`. `unless` is what must not follow on the rest of the line. `like_trailer`: it counts
    only where people write trailers, because wrapped prose has the same words.
    """

    start: str
    pattern: str
    meaning: Meaning
    unless: str | None = None
    like_trailer: bool = False


@dataclass(frozen=True, slots=True)
class SubjectRule:
    """A wording in the subject, at its beginning, that names commits: `start` and `pattern` as in `SentenceRule`."""

    start: str
    pattern: str


@dataclass(frozen=True, slots=True)
class ProseRule:
    """Requests in sentences of prose, which `backportq.model.trailers.prose` reads.

    `verb` is a pattern of the word for a backport without its ending, `version` one of a version, `urgent` one of the
    subjects of urgent changes. `imperative`: the word alone asks ("Back-patch to v14"), wherever a clause begins.
    """

    verb: str
    version: str
    urgent: str | None = None
    imperative: bool = False


Rule = TrailerRule | RecipientRule | SentenceRule | SubjectRule | ProseRule


@dataclass(frozen=True, slots=True)
class Dialect:
    """The habits of one project: its rules and, for people, where they are written down.

    `notes` are the full names of the refs in which it keeps notes with more tags (git-notes(1)); `branches` is a
    pattern of names of stable branches that no other project uses. `refusal_lists` are the paths of files in which a
    stable branch lists commits that it is not to take (see `backportq.model.trailers.refusal_lists`). `request` is the
    line by which an author asks for a backport, with `VERSION` for the oldest branch that is meant.
    """

    name: str
    summary: str
    source: str
    rules: tuple[Rule, ...]
    notes: tuple[str, ...] = ()
    branches: str | None = None
    refusal_lists: tuple[str, ...] = ()
    request: str | None = None
