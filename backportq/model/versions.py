"""Versions and ranges of versions as projects write them in tags and branch names.

One place, because versions look like numbers and are not (4.9 comes before 4.10, 25.1 is not 25.10) and every wrong
comparison nominates for the wrong branch. This module must not know branches or tags: it sees only their text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from backportq.model.words import excerpt

_VERSION = re.compile(
    r"\s*v?(?P<parts>\d{1,9}(?:[._-]\d{1,9})*)(?:[._-][xy])?(?:[._-]?rc(?P<candidate>\d{1,4}))?\s*\Z",
    re.IGNORECASE | re.ASCII,
)
_ONE = r"v?(?:\d{1,9}(?:\.(?:\d{1,9}|[xy*]))*)(?:-rc\d{1,3})?"
_ITEM = re.compile(
    rf"""
    (?:(?P<all>\*|all|any)(?=[\s,;)\]\#:]|\Z))
    | (?:(?:stable|staging|releng|release|linux|xen|qemu)[-/\ ]?)?
      (?P<bound>>=|<=|>|<|≥|≤|(?:since|from|newer\sthan|up\sto|until|before|older\sthan)(?=\s))?\s{{0,4}}
      (?P<low>{_ONE})
      (?:
        (?P<open>\+|\s?(?:and|or)\s(?:later|newer|up|upwards?|above|higher|onwards?)|\s?onwards?|\s?\.\.\.?(?=\s|\Z))
        | \s?(?:-|\u2013|\.\.\.?|\bto\b|\bthrough\b)\s?(?P<high>{_ONE})
      )?
      (?:-stable)?
      (?=[\s,;)\]\#:]|\.?\Z)
    """,
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_BETWEEN = re.compile(r"(?:\s*[,;&]\s*(?:and\s)?|\s{1,8}(?:and\s|only\b)?|\Z)\s*", re.IGNORECASE)
_LONGEST = 1_000


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version as a value that can be compared: by component, as numbers; a candidate (`-rc3`) before its release.

    `parts` has no wildcard: `6.6.y` is (6, 6). `text` is the spelling it was read from and does not take part in
    comparisons.
    """

    parts: tuple[int, ...]
    candidate: float = field(default=float("inf"), repr=False)
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.text or ".".join(map(str, self.parts))


def parse_version(text: str) -> Version | None:
    """Return the version that `text` spells (`4.18`, `v6.1`, `6.6.y`, `1-46`, `9_6`, `13`), or None."""
    match = _VERSION.match(text[:_LONGEST])
    if match is None:
        return None
    parts = tuple(int(part) for part in re.split(r"[._-]", match["parts"]))
    candidate = float(match["candidate"]) if match["candidate"] else float("inf")
    return Version(parts, candidate, text.strip())


@dataclass(frozen=True, slots=True)
class Span:
    """A run of versions, compared on as many components as both sides have, so that 5.10.123 bounds branch 5.10.

    None is no bound. An `excluded` bound does not belong to the span itself (`> 5.10`).
    """

    low: tuple[int, ...] | None
    high: tuple[int, ...] | None
    low_excluded: bool = False
    high_excluded: bool = False

    def includes(self, parts: tuple[int, ...]) -> bool:
        """Tell whether a branch whose version has these components belongs to the span."""
        if self.low is not None:
            if _shortened(parts, self.low) < _shortened(self.low, parts):
                return False
            if self.low_excluded and parts[: len(self.low)] == self.low:
                return False
        if self.high is not None:
            if _shortened(parts, self.high) > _shortened(self.high, parts):
                return False
            if self.high_excluded and parts[: len(self.high)] == self.high:
                return False
        return True


class Called(Protocol):
    """What has a name and a version."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...


@dataclass(frozen=True, slots=True)
class VersionRange:
    """The versions that a tag names: every span of `spans`, and the branches called one of `names`; all versions where
    there is neither.

    `text` is what was written, for showing.
    """

    text: str
    spans: tuple[Span, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether no version was named, so that every maintained branch is meant."""
        return not self.spans and not self.names

    def covers(self, branch: Called) -> bool:
        """Tell whether a branch is meant, by its name or by its version."""
        return branch.name in self.names or self.includes(branch.version)

    def includes(self, version: str) -> bool:
        """Tell whether the branch of this version is meant; a version that cannot be read only by a range of all."""
        if self.is_all:
            return True
        parsed = parse_version(version)
        return parsed is not None and any(span.includes(parsed.parts) for span in self.spans)


ALL_VERSIONS = VersionRange("")
"""The range of a tag that names no version."""


def parse_range(text: str, *, single_is_minimum: bool = False) -> VersionRange:
    """Return the range that the whole of `text` spells; raise `ValueError` saying why where it spells none.

    Versions are separated by commas, spaces or `and`; each may be open (`4.9+`, `4.9 and later`, `>= 4.9`), a span
    (`4.9-4.13`, `4.9..4.13`, both ends belong to it), or exactly one. `*`, `all` and `any` mean every version. With
    `single_is_minimum` one bare version means that version and all newer ones (the kernel's rule).
    """
    found, rest = find_range(text, single_is_minimum=single_is_minimum)
    if found is None:
        raise ValueError(f"wanted versions such as '4.9+' or '4.14, 4.15', found '{excerpt(text)}'")
    if rest and not rest.startswith(("(", "[")):
        raise ValueError(f"wanted only versions before a '#' comment, found '{excerpt(rest)}' after them")
    return found


def find_range(text: str, *, single_is_minimum: bool = False) -> tuple[VersionRange | None, str]:
    """Return the range that `text` begins with and what follows it; (None, text) where it begins with none.

    Raise `ValueError` for a span that runs backwards.
    """
    text = text[:_LONGEST].strip()
    spans: list[Span] = []
    position = end = 0
    everything = False
    bare = 0
    while position < len(text):
        match = _ITEM.match(text, position)
        if match is None:
            break
        end = match.end()
        if match["all"]:
            everything = True
        else:
            bare += not (match["bound"] or match["open"] or match["high"])
            spans.append(_span(match))
        between = _BETWEEN.match(text, end)
        position = between.end() if between is not None and between.end() > end else len(text) + 1
    if not spans and not everything:
        return None, text
    if everything:
        spans = []
    elif single_is_minimum and bare == len(spans) == 1:
        spans = [Span(spans[0].low, None)]
    words = text[:end]
    rest = text[end:].lstrip(" \t,;.")
    if rest[:4].lower() == "only":
        rest = rest[4:].lstrip()
    return VersionRange(words, tuple(spans)), rest


def _span(match: re.Match[str]) -> Span:
    low = _parts(match["low"])
    if match["high"]:
        high = _parts(match["high"])
        if _shortened(high, low) < _shortened(low, high):
            raise ValueError(f"'{match[0].strip()}' runs from a newer to an older version")
        return Span(low, high)
    if match["open"]:
        return Span(low, None)
    match (match["bound"] or "").lower().split():
        case [">=" | "≥" | "since" | "from"]:
            return Span(low, None)
        case [">"] | ["newer", _]:
            return Span(low, None, low_excluded=True)
        case ["<=" | "≤" | "until"] | ["up", _]:
            return Span(None, low)
        case ["<" | "before"] | ["older", _]:
            return Span(None, low, high_excluded=True)
        case _:
            return Span(low, low)


def _parts(text: str) -> tuple[int, ...]:
    numbers = text.lstrip("vV").partition("-")[0]
    return tuple(int(part) for part in numbers.split(".") if part.isdigit())


def _shortened(parts: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return parts[: min(len(parts), len(other))]
