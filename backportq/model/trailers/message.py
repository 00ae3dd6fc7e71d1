"""Commit messages: their trailer block by git's own rule, and the runs of tag lines that people write elsewhere.

Separate from the dialects because git's rule knows nothing of what a trailer means. This module must not interpret a
value; it only says which lines are trailers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# git's isspace() knows these four only, and its isalnum() only ASCII; str.strip() without arguments knows far more.
_SPACES = " \t\n\r"
_SEPARATED = re.compile(r"[A-Za-z0-9-]+[ \t]*:")
_GIT_GENERATED = ("Signed-off-by: ", "(cherry picked from commit ")
_SCISSORS = "# ------------------------ >8 ------------------------\n"
_RUN_LINE = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9-]*(?: [A-Za-z0-9-]+){0,2}[ \t]*:|[\[(]|[ \t]+[^ \t\r]|[Ff]ixes (?:commit )?[0-9a-f]{7}"
)


@dataclass(frozen=True, slots=True)
class Trailer:
    """One trailer: its key as written, and its value on one line (folded lines joined by single spaces)."""

    key: str
    value: str


def trailers_of(message: str) -> tuple[Trailer, ...]:
    """Return what `git interpret-trailers --parse --no-divider` finds in `message`, in order."""
    lines = message.partition("\0")[0].split("\n")
    start, end = trailer_block(lines)
    found: list[list[str]] = []
    for line in lines[start:end]:
        if line[:1] in _SPACES and line and found:
            found[-1].append(line)
        else:
            found.append([line])
    trailers = []
    for group in found:
        match = _SEPARATED.match(group[0])
        if match is not None:
            # git replaces each line end and the spaces after it by one space, and trims the whole.
            text = " ".join((group[0][match.end() :], *(line.lstrip(_SPACES) for line in group[1:])))
            trailers.append(Trailer(match[0][:-1].strip(_SPACES), text.strip(_SPACES)))
    return tuple(trailers)


def trailer_block(lines: list[str]) -> tuple[int, int]:
    """Return the half-open range of `lines` that is the trailer block; an empty range where there is none.

    The rule is `find_trailer_block_start` of git's trailer.c: the last paragraph, but never the first, if all of its
    lines are trailers, or if git itself wrote one of them (a sign-off, a cherry-pick line) and at least a quarter are
    trailers. Lines that begin with `#` count as comments there; `---` divides nothing, because a commit's message ends
    where the object ends.
    """
    end = _content_end(lines)
    body = 0
    while body < end and (lines[body].startswith("#") or not _is_blank(lines[body])):
        body += 1
    blank_only, generated = True, False
    trailers = others = continuations = 0
    index = end - 1
    while index >= body:
        line = lines[index]
        index -= 1
        if line.startswith("#"):
            others += continuations
            continuations = 0
        elif _is_blank(line):
            if blank_only:
                continue
            others += continuations
            if (generated and trailers * 3 >= others) or (trailers and not others):
                return index + 2, end
            return end, end
        else:
            blank_only = False
            if line.startswith(_GIT_GENERATED):
                trailers, continuations, generated = trailers + 1, 0, True
            elif _SEPARATED.match(line):
                trailers, continuations = trailers + 1, 0
            elif line[0] in _SPACES:
                continuations += 1
            else:
                others, continuations = others + continuations + 1, 0
    return end, end


def _content_end(lines: list[str]) -> int:
    """Return the number of lines before trailing comments, blank lines and a `Conflicts:` list (git's
    `ignore_non_trailer`), and before a scissors line."""
    end = len(lines) - 1 if lines and lines[-1] == "" else len(lines)
    for index, line in enumerate(lines[:-1]):
        if line.startswith("# ---") and line + "\n" == _SCISSORS:
            end = index
            break
    first_ignored, in_conflicts = -1, False
    for index in range(end):
        line = lines[index]
        if line == "" or line[0] == "#":
            if first_ignored < 0:
                first_ignored = index
        elif line == "Conflicts:" and index + 1 < len(lines):
            in_conflicts = True
            if first_ignored < 0:
                first_ignored = index
        elif in_conflicts and line[0] == "\t":
            continue
        elif first_ignored >= 0:
            first_ignored, in_conflicts = -1, False
    return end if first_ignored < 0 else first_ignored


def _is_blank(line: str) -> bool:
    return not line.strip(_SPACES)


class TagPlaces:
    """Answers for one message which lines stand where people write tags, in time linear in the message altogether.

    A line stands there if it is in git's trailer block, or in a run of trailer-like lines (folded ones included) that
    begins or ends a paragraph: above the sign-offs, in a paragraph of its own, or right after the text. The rest of a
    subject that was wrapped without being indented belongs to the run. A line with prose on both sides is quoted in
    prose.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._block: tuple[int, int] | None = None
        self._run_end = -1
        self._run_holds = False

    def in_block(self, index: int) -> bool:
        """Tell whether the line is in the trailer block as git finds it."""
        if self._block is None:
            self._block = trailer_block(self._lines)
        return self._block[0] <= index < self._block[1]

    def holds(self, index: int) -> bool:
        """Tell whether the line stands where tags are written; ask for growing `index` only."""
        if index >= self._run_end:
            self._measure(index)
        return self._run_holds or self.in_block(index)

    def _measure(self, index: int) -> None:
        lines = self._lines
        first = index
        # Never back beyond the run measured before: that keeps the whole linear.
        while first > max(self._run_end, 1) and (_RUN_LINE.match(lines[first - 1]) or self._is_wrapped(first - 1)):
            first -= 1
        last = index + 1
        while last < len(lines) and (_RUN_LINE.match(lines[last]) or self._is_wrapped(last)):
            last += 1
        self._run_end = last
        begins = first <= 1 or _is_blank(lines[first - 1])
        ends = last >= len(lines) or _is_blank(lines[last])
        self._run_holds = begins or ends

    def _is_wrapped(self, index: int) -> bool:
        """Tell whether the line is the end of the trailer-like line above it: of what that quotes in parentheses."""
        above, line = self._lines[index - 1], self._lines[index].rstrip(" \t\r.")
        is_open = above.rfind("(") > above.rfind(")")
        return is_open and line.endswith(")") and line.count("(") < line.count(")") and bool(_RUN_LINE.match(above))
