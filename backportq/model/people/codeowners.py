"""CODEOWNERS: who looks after which files, as the forges write it down.

The format is GitHub's and GitLab's: a pattern, then mails and `@handles`; sections of GitLab in square brackets. The
last line that matches a path counts. Who a handle is, `people.toml` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backportq.model.linear_patterns import LinearPattern, find_pattern
from backportq.model.people.maintainers import MalformedLine
from backportq.model.people.path_patterns import codeowners_glob

PLACES = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
"""Where the forges look for the file, and where we do."""

_MAX_LINE = 2_000
_OWNER = re.compile(r"@[\w.-]+(?:/[\w./-]+)?\Z|[^@\s<>]+@[^@\s<>]+\Z")
_SECTION = re.compile(r"\^?\[[^\]]*\](?:\[\d+\])?\s*(?P<owners>.*)")
_FIELD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class OwnedPattern:
    """One line: its pattern and its owners, each a mail or an `@handle`. No owners means that nobody owns the files."""

    pattern: LinearPattern
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """A whole file; `parse_codeowners` makes it."""

    lines: tuple[OwnedPattern, ...] = ()
    malformed: tuple[MalformedLine, ...] = ()

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Return the owners of `path`: those of the last pattern that covers it."""
        text = path.encode("utf-8", "surrogateescape")
        for line in reversed(self.lines):
            if line.pattern.search(text) is not None:
                return line.owners
        return ()


def parse_codeowners(text: str) -> CodeOwners:
    """Return the content of a CODEOWNERS file; lines that could not be read are in `malformed`."""
    lines: list[OwnedPattern] = []
    malformed: list[MalformedLine] = []
    inherited: tuple[str, ...] = ()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if len(line) > _MAX_LINE:
            malformed.append(MalformedLine(number, f"a line of {len(line)} characters, wanted at most {_MAX_LINE}"))
            continue
        section = _SECTION.match(line)
        fields = [] if section else _fields(line)
        owners = tuple(section["owners"].split()) if section else tuple(fields[1:])
        wrong = next((owner for owner in owners if _OWNER.match(owner) is None), None)
        if wrong is not None:
            malformed.append(MalformedLine(number, f"wanted a mail or a handle such as @name, found '{wrong[:60]}'"))
            continue
        if section:
            # GitLab: the owners of a section hold for its lines that name none.
            inherited = owners
            continue
        if not fields:
            malformed.append(MalformedLine(number, "wanted a pattern, found nothing but a backslash"))
            continue
        pattern = find_pattern(codeowners_glob(fields[0]))
        if pattern is None:
            malformed.append(MalformedLine(number, "a pattern that is too large to be matched"))
            continue
        lines.append(OwnedPattern(pattern, owners or inherited))
    return CodeOwners(tuple(lines), tuple(malformed))


def _fields(line: str) -> list[str]:
    """Return the words of a line up to a comment. A backslash keeps the character after it."""
    words: list[str] = []
    for word in _FIELD.findall(line):
        if word.startswith("#"):
            break
        words.append(re.sub(r"\\(.)", r"\1", word))
    return words
