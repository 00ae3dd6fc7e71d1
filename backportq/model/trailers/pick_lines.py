"""Reading pick lines: which commits a message says it is a pick of.

Separate from the tags, because these are evidence of what landed and the others are wishes. This module must not follow
chains through other branches or check that a commit exists: `backportq.services.history.facts` does. The spellings
themselves are data: a new one is added in `dialects/pick_spellings.py`, or in a dialect if only that project has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from backportq.model.trailers.dialects.grammar import Grammar
from backportq.model.trailers.references import ids_in, parse_references

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:[ \t]+[A-Za-z0-9-]+){0,7}(?=[ \t]*:)")
_MOST_LINES = 2_000  # of a message in which a project's own patterns are searched


@dataclass(frozen=True, slots=True)
class PickMark:
    """One line that says so: the line, and what is written of the id, in lower case (6 to 64 digits)."""

    text: str
    hex: str


def read_picks(message: str, grammar: Grammar) -> tuple[PickMark, ...]:
    """Return every pick line of `message`, in order, one mark for each commit it names and none twice.

    A sentence of prose that mentions a commit ("along the lines of what master commit X does") is none. Where somebody
    wrote a backslash and an `n` for the end of a line, a line ends.
    """
    if "\\n" in message:
        message = message.replace("\\n", "\n")
    marks: dict[str, PickMark] = {}
    for line, ids in chain(
        _in_subject(message, grammar), _at_beginnings(message, grammar), _anywhere(message, grammar)
    ):
        for hex_id in ids:
            marks.setdefault(hex_id, PickMark(line, hex_id))
    return tuple(marks.values())


def _in_subject(message: str, grammar: Grammar) -> Iterator[tuple[str, tuple[str, ...]]]:
    if grammar.subject_picks:
        subject = message.partition("\n")[0].strip()
        for search in grammar.subject_picks:
            yield subject, search(subject)


def _at_beginnings(message: str, grammar: Grammar) -> Iterator[tuple[str, tuple[str, ...]]]:
    for start in grammar.pick_line.finditer(message):
        position = start.start() + 1
        end = message.find("\n", position)
        line = message[position : end if end != -1 else len(message)].strip()
        yield line, _ids_at(message, position, line, grammar)


def _anywhere(message: str, grammar: Grammar) -> Iterator[tuple[str, tuple[str, ...]]]:
    if grammar.picks_anywhere:
        for line in map(str.strip, message.split("\n")[1 : 1 + _MOST_LINES]):
            for search in grammar.picks_anywhere:
                yield line, search(line)


def _ids_at(message: str, position: int, line: str, grammar: Grammar) -> tuple[str, ...]:
    key = KEY.match(line) if grammar.pick_trailers else None
    if key is not None and " ".join(key[0].lower().split()) in grammar.pick_trailers:
        try:
            references = parse_references(line[line.index(":", key.end()) + 1 :])
        except ValueError:
            return ()
        return tuple(reference.hex for reference in references if reference.hex is not None)
    while message[position : position + 1] in ("\t", " "):
        position += 1
    for sentence in grammar.picks.get(message[position : position + 1].lower(), ()):
        match = sentence.pattern.match(message, position)
        if match is not None:
            return ids_in(match["ids"])
    return ()
