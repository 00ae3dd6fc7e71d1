"""What a change is like by itself: who made it, where, how large, and what its message says.

Both `traits_of` and `describe` look at one commit and the files that it changes, and at nothing else, so that the
answer is the same at every moment. This module must not know branches or what was taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log1p, log2

from backportq.model.commit import Commit, Identity

_MOST_PATHS = 60
_MOST_FOLDERS = 8
_TEXT = 4_000  # characters of the body whose words count
_PAIRED = 1_500  # characters of the body of which pairs of words count
_MOST_WORDS = 600
_LONGEST_WORD = 80
_TRAILER = re.compile(r"([A-Za-z][A-Za-z-]{0,24}): *(.*)$")
_WORD = re.compile(r"[a-z][a-z0-9_]{2,24}|[a-z]{2}")
_FIXES = re.compile(r"(?im)^\s*fixes:? (?:commit )?([0-9a-f]{7,40})\b")
_ID = re.compile(r"\b[0-9a-f]{9,40}\b")

_TOPICS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "fix": r"\bfix(es|ed|ing)?\b",
        "crash": r"\b(crash|oops|panic|segfault|assert|bug_on|hang|deadlock|livelock|null pointer|dereference"
        r"|page fault|triple fault|use[- ]after[- ]free|double free|overflow|underflow|out[- ]of[- ]bounds"
        r"|corrupt\w*|race)\b",
        "leak": r"\bleak",
        "regression": r"\bregress",
        "build": r"\b(build|compil\w+|gcc|clang|toolchain|warning)\b",
        "security": r"\b(xsa|cve|security|vulnerab\w+|xsa-\d+|speculat\w+)\b",
        "trifle": r"\b(typo|comment|whitespace|cosmetic|spelling|style|rename|misra|coding style|indent\w*)\b",
        "no change": r"no (intended )?functional (change|effect)",
        "addition": r"\b(introduce|add support|implement|new|support for|add)\b",
        "removal": r"\b(drop|remove|delete|unused|dead code)\b",
        "rework": r"\b(refactor|rework|clean ?up|simplif\w+|convert|factor out|move|split|switch to|use)\b",
        "fault": r"\b(avoid|prevent|don't|do not|correct\w*|properly|wrong\w*|incorrect\w*|missing|broken|error|fail\w*"
        r"|invalid|bug)\b",
        "revert": r"^revert\b",
        "workaround": r"\b(work ?around|erratum|errata|quirk)\b",
        "document": r"\b(docs?|changelog|maintainers|readme)\b",
        "release": r"\b(release|version|rc\d)\b",
        "report": r"\b(guest|user|customer|observed|reported|noticed)\b",
    }.items()
}
_COUNTED_TRAILERS = (
    "reported-by", "tested-by", "reviewed-by", "acked-by", "release-acked-by", "requested-by", "suggested-by", "cc",
    "backport", "link", "signed-off-by",
)  # fmt: skip
_PROSE = (".md", ".txt", ".rst", ".pandoc", ".adoc", ".po", ".xml", ".1", ".5", ".8")
_PROSE_FOLDERS = ("docs/", "doc/", "man/")
_CODE = (".c", ".cc", ".rs", ".go", ".py", ".rb", ".S", ".ml", ".js", ".ts", ".java", ".cpp")
_BUILD = (".mk", ".build", "config", ".ac", ".m4", ".am", "Kconfig", ".cmake", "akefile")
_CI_FOLDERS = (".github", ".gitlab", "automation", ".ci", "ci/")

TRAIT_NAMES: tuple[str, ...] = (
    *("lines added", "lines deleted", "lines changed", "files", "new files", "gone files", "balance", "share of prose"),
    *("share of tests", "share of headers", "share of code", "share of build", "share of ci", "subject length"),
    *("text length", "text lines", "folders"),
    *(f"trailer {name}" for name in _COUNTED_TRAILERS),
    *("kinds of trailer", "committed by the author", "days since written", "days since committed"),
    *(f"subject says {topic}" for topic in _TOPICS),
    *(f"text says {topic}" for topic in _TOPICS),
)
"""What each of `CommitProfile.measures` is."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that a commit changes: `status` is git's letter, `A` for a new and `D` for a gone one."""

    path: str
    status: str
    added: int
    deleted: int


@dataclass(frozen=True, slots=True)
class CodeChange:
    """What a commit does to code. `written` are checksums of the lines that it adds, each with its file; `touched` are
    those of the lines that it removes, or if it only adds, of the lines around."""

    files: tuple[FileChange, ...] = ()
    written: tuple[int, ...] = ()
    touched: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Traits:
    """What all changes are compared by. `prefix` is what stands before the colon of the subject and `area` its first
    word. `mentions` are abbreviated ids that the message names, `is_fix` tells whether it claims to fix anything, and
    `fixes` how many commits it says so of. `written` and `touched` are as in `CodeChange`."""

    author: str
    committer: str
    prefix: str
    area: str
    paths: tuple[str, ...]
    new_paths: tuple[str, ...]
    folders: tuple[str, ...]
    mentions: tuple[str, ...]
    is_fix: bool
    fixes: int
    written: tuple[int, ...]
    touched: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CommitProfile:
    """What only candidates are looked at for: `words` are what the message, the paths and the people give to learn
    from, `measures` are as `TRAIT_NAMES` says."""

    words: tuple[str, ...]
    measures: tuple[float, ...]


def traits_of(commit: Commit, code: CodeChange) -> Traits:
    """Return what `commit` is compared by."""
    subject, _, body = commit.message.lstrip("\n").partition("\n")
    head = subject.lower()
    prefix = head.split(":")[0][:40] if ":" in head else ""
    files = code.files
    paths = tuple(each.path for each in files)[:_MOST_PATHS]
    fixes = _FIXES.findall(body)
    return Traits(
        _person(commit.author),
        _person(commit.committer),
        prefix,
        re.split(r"[/, ]", prefix)[0],
        paths,
        tuple(each.path for each in files[:_MOST_PATHS] if each.status == "A"),
        tuple(_folders(paths)[:_MOST_FOLDERS]),
        tuple(dict.fromkeys(_ID.findall(body[:_TEXT]))),
        bool(fixes) or bool(_TOPICS["fix"].search(head)),
        len(fixes),
        code.written,
        code.touched,
    )


def describe(commit: Commit, files: Sequence[FileChange], entered: int) -> CommitProfile:
    """Return what `commit` says and how large it is; `entered` is the second at which upstream got it."""
    subject, _, body = commit.message.lstrip("\n").partition("\n")
    author, committer = _person(commit.author), _person(commit.committer)
    head = subject.lower()
    trailers, prose = _split(body)
    paths = [each.path for each in files][:_MOST_PATHS]
    folders = _folders(paths)
    size = sum(each.added + each.deleted for each in files)
    measures = (
        *_sizes(files),
        float(len(subject)),
        log1p(len(prose)),
        float(prose.count("\n")),
        float(len(folders)),
        *(float(trailers[name]) for name in _COUNTED_TRAILERS),
        float(len(trailers)),
        float(author == committer),
        (entered - commit.authored.timestamp()) / 86_400,
        (entered - commit.seconds) / 86_400,
        *(float(bool(topic.search(head))) for topic in _TOPICS.values()),
        *(float(bool(topic.search(prose))) for topic in _TOPICS.values()),
    )
    words = [
        *_said(head, prose),
        *(f"path {part}" for path in paths for part in path.lower().split("/")),
        *(f"ends {path.rpartition('.')[2][:8].lower()}" for path in paths),
        *(f"trailer {name}" for name in trailers),
        f"author {author}",
        f"committer {committer}",
        *(f"folder {folder}" for folder in folders[:6]),
        *(f"file {path}" for path in paths[:6]),
        f"size {int(log2(1 + size))}",
        f"files {min(8, len(files))}",
        "fixes" if _FIXES.search(body) else "no fixes",
    ]
    return CommitProfile(tuple(sorted({word[:_LONGEST_WORD] for word in words})[:_MOST_WORDS]), measures)


def _person(identity: Identity) -> str:
    return identity.name.strip().lower()


def _folders(paths: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(path.rpartition("/")[0] or "." for path in paths))


def _split(body: str) -> tuple[Counter[str], str]:
    """Return how often each trailer stands in a message, and the lower-case text around them."""
    trailers: Counter[str] = Counter()
    prose: list[str] = []
    for line in body.split("\n"):
        match = _TRAILER.match(line)
        if match is not None and (match[1][0].isupper() or "-by" in match[1]):
            trailers[match[1].lower()] += 1
        else:
            prose.append(line)
    return trailers, "\n".join(prose).lower()


def _said(subject: str, prose: str) -> Iterator[str]:
    said = _WORD.findall(subject)
    yield from (f"subject {word}" for word in said)
    yield from (f"subject {first} {second}" for first, second in pairwise(said))
    yield from (f"text {word}" for word in dict.fromkeys(_WORD.findall(prose[:_TEXT])))
    yield from (f"text {first} {second}" for first, second in pairwise(_WORD.findall(prose[:_PAIRED])))


def _sizes(files: Sequence[FileChange]) -> Iterator[float]:
    added, deleted = sum(each.added for each in files), sum(each.deleted for each in files)
    yield from (log1p(added), log1p(deleted), log1p(added + deleted), float(len(files)))
    yield float(sum(each.status == "A" for each in files))
    yield float(sum(each.status == "D" for each in files))
    yield (added - deleted) / (added + deleted + 1)
    paths = [each.path for each in files]
    count = len(paths) or 1
    yield sum(path.endswith(_PROSE) or path.startswith(_PROSE_FOLDERS) for path in paths) / count
    yield sum("test" in path for path in paths) / count
    yield sum(path.endswith(".h") for path in paths) / count
    yield sum(path.endswith(_CODE) for path in paths) / count
    yield sum(path.endswith(_BUILD) for path in paths) / count
    yield sum(path.startswith(_CI_FOLDERS) or ".yml" in path or ".yaml" in path for path in paths) / count
