"""Reading tags: from a commit message and a grammar to what the message says.

The one engine for all dialects; it knows kinds of rules and no project. This module must not resolve ids or decide who
is nominated: `services` do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backportq.model.change_names import read_number
from backportq.model.trailers.branch_words import BranchWord, parse_named_range
from backportq.model.trailers.delays import parse_delay
from backportq.model.trailers.dialects.grammar import Grammar, Sentence
from backportq.model.trailers.dialects.rules import Meaning, TrailerRule, Value
from backportq.model.trailers.message import TagPlaces
from backportq.model.trailers.pick_lines import KEY
from backportq.model.trailers.prose import ProseReading, read_prose
from backportq.model.trailers.recipients import read_recipient
from backportq.model.trailers.references import ids_in, is_open, is_quoted, parse_references
from backportq.model.trailers.values import (
    NO_TAGS,
    BackportRequest,
    CommitTrailers,
    FixesTag,
    Malformed,
    OptOut,
    Prerequisite,
    RevertMark,
    Wait,
)
from backportq.model.versions import ALL_VERSIONS

__all__ = [
    "NO_TAGS",
    "BackportRequest",
    "CommitTrailers",
    "FixesTag",
    "Malformed",
    "OptOut",
    "Prerequisite",
    "RevertMark",
    "Wait",
    "read_trailers",
]

_ONE_ID = re.compile(r"[0-9a-f]{7,64}(?![0-9a-z_.])", re.IGNORECASE)
_CLOSES = re.compile(r"[\"'\u201d\u2019][)\]][ \t\r.]*\Z")  # what ends a quoted subject
_WRAPPED_LINES = 3
_PROSE_WORDS = 4
_MOST = 1_000  # lines that may be tags; the longest lists that people write have two hundred, a stranger's a million


def read_trailers(message: str, grammar: Grammar) -> CommitTrailers:
    """Return what `message` says in the words of `grammar`.

    Tags count where git finds trailers and where people write them (see `TagPlaces`), with any case of the key and
    folded lines; indented or quoted in prose they don't. At most a thousand lines are read, so that no message can fill
    the queue. A tag that cannot be read becomes a `Malformed`, unless it is
    plain prose outside the trailer block ("Backport: Dropped the change to ...").
    """
    matches = grammar.tag_line.finditer(message)
    first = next(matches, None)
    if first is None and not grammar.prose:
        return NO_TAGS
    reading = _Reading(grammar, message.split("\n"))
    index, position, read = 0, 0, 0
    match: re.Match[str] | None = first
    while match is not None:
        read += 1
        if read > _MOST:
            reading.give_up(message[match.start() :].lstrip("\n").partition("\n")[0])
            break
        index += message.count("\n", position, match.start() + 1)
        position = match.start() + 1
        reading.read_line(index, message, position)
        match = next(matches, None)
    for rule in grammar.prose:
        reading.add_prose(read_prose(message, rule))
    return reading.finish()


@dataclass(slots=True)
class _Said:
    """What was read so far."""

    fixes: list[FixesTag] = field(default_factory=list)
    requests: list[BackportRequest] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)
    prerequisites: list[Prerequisite] = field(default_factory=list)
    reverts: list[RevertMark] = field(default_factory=list)
    reapplies: list[RevertMark] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)
    numbered: list[FixesTag] = field(default_factory=list)
    ignored_fixes: list[str] = field(default_factory=list)
    waits: list[BackportRequest] = field(default_factory=list)
    implied: list[BackportRequest] = field(default_factory=list)


class _Reading:
    """One pass over one message."""

    def __init__(self, grammar: Grammar, lines: list[str]) -> None:
        self._grammar = grammar
        self._lines = lines
        self._places = TagPlaces(lines)
        self._said = _Said()
        self._foreign: str | None = None

    def read_line(self, index: int, message: str, position: int) -> None:
        """Read the line `index`, which begins at `position` of the message and may be a tag."""
        line = self._lines[index]
        key = KEY.match(line)
        name = " ".join(key[0].lower().split()) if key is not None else ""
        if key is not None and (name == "cc" or name in self._grammar.trailers):
            if not self._places.holds(index):
                return
            colon = line.index(":", key.end())
            value = self._folded(index, line[colon + 1 :])
            text = f"{key[0]}: {value}".rstrip()
            rule = self._grammar.trailers.get(name)
            if rule is not None:
                self._read_trailer(index, text, value, rule)
            else:
                self._read_recipients(text, value)
            return
        for sentence in self._grammar.sentences:
            match = sentence.pattern.match(message, position)
            if match is not None and (not sentence.like_trailer or self._places.holds(index)):
                self._read_sentence(index, match["ids"], sentence)
                return

    def give_up(self, line: str) -> None:
        """Report that from `line` on nothing is read."""
        self._said.malformed.append(Malformed(line, f"wanted at most {_MOST} lines of tags, found more"))

    def add_prose(self, prose: ProseReading) -> None:
        """Add what the sentences of the message say to what its tags say, which count more."""
        said = self._said
        said.fixes += prose.fixes
        said.prerequisites += prose.prerequisites
        said.malformed += prose.malformed
        if not said.requests and not said.opt_outs:
            said.requests += prose.requests
            said.opt_outs += prose.opt_outs

    def finish(self) -> CommitTrailers:
        """Return everything that was read, with the tags that are about other tags applied."""
        said = self._said
        requests = said.requests
        if said.waits:
            wait = said.waits[0].wait
            requests = [r if r.wait else replace(r, wait=wait) for r in requests] or said.waits[:1]
        if said.implied and not requests and not said.opt_outs:
            requests = said.implied[:1]
        fixes = said.fixes
        if said.ignored_fixes:
            fixes = [tag for tag in fixes if not any(_same(tag.hex, other) for other in said.ignored_fixes)]
        return CommitTrailers(
            tuple(dict.fromkeys(fixes)),
            tuple(requests),
            tuple(said.opt_outs),
            tuple(said.prerequisites),
            tuple(said.reverts),
            tuple(said.reapplies),
            self._foreign,
            tuple(dict.fromkeys(said.malformed)),
            tuple(dict.fromkeys(said.numbered)),
        )

    def _folded(self, index: int, value: str) -> str:
        """Return the value with its continuation lines, each line end and the spaces around it as one space."""
        following = index + 1
        lines = self._lines
        if following >= len(lines) or lines[following][:1] not in ("\t", " ") or not lines[following].strip():
            return value.strip()
        parts = [value.strip()]
        while following < len(lines) and lines[following][:1] in ("\t", " ") and lines[following].strip():
            parts.append(lines[following].strip())
            following += 1
        return " ".join(parts).strip()

    def _read_recipients(self, text: str, value: str) -> None:
        said = self._said
        for recipient in self._grammar.recipients:
            match read_recipient(text, value, recipient):
                case BackportRequest() as request:
                    said.requests.append(request)
                case OptOut() as opt_out:
                    said.opt_outs.append(opt_out)
                case Prerequisite() as prerequisite:
                    said.prerequisites.append(prerequisite)
                    said.implied.append(BackportRequest(text, prerequisite.versions))
                case Malformed() as malformed:
                    said.malformed.append(malformed)
                case None:
                    pass

    def _read_trailer(self, index: int, text: str, value: str, rule: TrailerRule) -> None:
        try:
            match rule.meaning:
                case Meaning.FIXES:
                    self._read_fixes(index, text, value)
                case Meaning.NOMINATE:
                    self._said.requests.append(_request(text, value, rule, self._grammar.branch_words))
                case Meaning.WAIT:
                    wait = parse_delay(value)
                    if wait is None:
                        self._said.opt_outs.append(OptOut(text, ALL_VERSIONS))
                    else:
                        self._said.waits.append(BackportRequest(text, ALL_VERSIONS, wait))
                case Meaning.OPT_OUT:
                    self._said.opt_outs.extend(_opt_outs(text, value, rule, self._grammar.branch_words))
                case Meaning.FOREIGN:
                    self._enclose(text)
                case _:
                    self._read_ids(text, _ids(value), rule)
        except ValueError as error:
            # Prose that begins like a tag is no tag, unless it stands among the trailers.
            is_prose = self._is_heading(index) if not value else len(value.split(maxsplit=_PROSE_WORDS)) >= _PROSE_WORDS
            if not is_prose or self._places.in_block(index):
                self._said.malformed.append(Malformed(text, str(error)))

    def _is_heading(self, index: int) -> bool:
        """Tell whether a key without a value has text below: a list, prose, what a compiler said."""
        below = self._lines[index + 1 : index + 1 + _WRAPPED_LINES]
        following = next((line for line in below if line.strip()), "")
        return bool(following) and not KEY.match(following)

    def _read_fixes(self, index: int, text: str, value: str) -> None:
        if not value:
            value = self._named_below(index)
            text, index = f"{text} {value}".rstrip(), index + 1
        if is_open(value):
            value, text = self._unwrapped(index, value, text)
        references = parse_references(value)
        for reference in references:
            self._said.fixes.append(FixesTag(text, reference.hex, reference.subject))
        number = read_number(value) if not references else None
        if number is not None:
            self._said.numbered.append(FixesTag(text, None, None, number))

    def _named_below(self, index: int) -> str:
        """Return the next line if it says what a key without a value fixes, not indented; an empty text if not."""
        below = self._lines[index + 1].strip() if index + 1 < len(self._lines) else ""
        try:
            named = parse_references(below)
        except ValueError:
            return ""
        # A number is a count of something ("1234567 bytes leak").
        return "" if any(reference.hex is None or reference.hex.isdecimal() for reference in named) else below

    def _unwrapped(self, index: int, value: str, text: str) -> tuple[str, str]:
        """Return value and text with the lines on which an unfinished subject goes on without being indented."""
        more: list[str] = []
        for line in self._lines[index + 1 : index + 1 + _WRAPPED_LINES]:
            if not line.strip() or self._is_trailer(line):
                break
            more.append(line.strip())
            whole = " ".join((value, *more))
            if not is_open(whole):
                return whole, " ".join((text, *more))
        return value, text

    def _is_trailer(self, line: str) -> bool:
        """Tell whether a line is another trailer, and not the rest of a subject such as `x86: fix it")`."""
        key = KEY.match(line)
        if key is None:
            return False
        name = " ".join(key[0].lower().split())
        return name.endswith("-by") or name == "cc" or name in self._grammar.trailers or not _CLOSES.search(line)

    def _read_ids(self, text: str, ids: list[str], rule: TrailerRule) -> None:
        said = self._said
        match rule.meaning:
            case Meaning.PREREQUISITE:
                said.prerequisites.extend(Prerequisite(text, hex_id, None, ALL_VERSIONS) for hex_id in ids)
                if rule.nominates:
                    said.implied.append(BackportRequest(text, ALL_VERSIONS))
            case Meaning.IGNORE_FIXES:
                said.ignored_fixes.extend(ids)
            case Meaning.REVERT:
                said.reverts.extend(RevertMark(text, hex_id) for hex_id in ids)
            case Meaning.REAPPLY:
                said.reapplies.extend(RevertMark(text, hex_id) for hex_id in ids)
            case _:
                raise AssertionError(f"no trailer of the meaning {rule.meaning} names commits only")

    def _read_sentence(self, index: int, ids: str, sentence: Sentence) -> None:
        line = self._lines[index].strip()
        if sentence.meaning is Meaning.FOREIGN:
            self._enclose(line)
        elif sentence.unless is not None and sentence.unless.search(line):
            return
        elif sentence.meaning is Meaning.FIXES:
            number = read_number(ids)
            if number is not None:
                self._said.numbered.append(FixesTag(line, None, None, number))
                return
            named = ids_in(ids)
            rest = line.partition(ids)[2].lstrip(" \t:,.")
            if len(named) == 1 and is_quoted(rest):
                self._read_fixes(index, line, f"{named[0]} {rest}")
            else:
                self._said.fixes.extend(FixesTag(line, hex_id, None) for hex_id in named)
        else:
            marks = self._said.reverts if sentence.meaning is Meaning.REVERT else self._said.reapplies
            marks.extend(RevertMark(line, hex_id) for hex_id in ids_in(ids))

    def _enclose(self, text: str) -> None:
        """Forget everything above: it was copied from another project together with its tags."""
        self._foreign = text
        self._said = _Said()


def _request(text: str, value: str, rule: TrailerRule, words: Sequence[BranchWord]) -> BackportRequest:
    if rule.value is Value.NONE:
        return BackportRequest(text, ALL_VERSIONS)
    versions = value.partition("#")[0].strip()
    if not versions:
        raise ValueError("wanted versions such as '4.9+', found none")
    return BackportRequest(text, parse_named_range(versions, words, single_is_minimum=rule.single_is_minimum))


def _opt_outs(text: str, value: str, rule: TrailerRule, words: Sequence[BranchWord]) -> list[OptOut]:
    if rule.value is Value.NONE:
        return [OptOut(text, ALL_VERSIONS)]
    if rule.value is Value.COMMIT:
        return [OptOut(text, ALL_VERSIONS, hex_id) for hex_id in _ids(value)]
    if rule.value is Value.COMMIT_OR_VERSIONS:
        match = _ONE_ID.match(value)
        if match is not None:
            return [OptOut(text, ALL_VERSIONS, match[0].lower())]
        try:
            return [OptOut(text, parse_named_range(value.partition("#")[0].strip(), words))]
        except ValueError:
            # A refusal whose value is a reason refuses all the same.
            return [OptOut(text, ALL_VERSIONS)]
    versions = value.partition("#")[0].strip()
    return [OptOut(text, parse_named_range(versions, words) if versions else ALL_VERSIONS)]


def _ids(value: str) -> list[str]:
    """Return the ids that `value` names, in order; raise `ValueError` if it names none."""
    ids = [reference.hex for reference in parse_references(value) if reference.hex is not None]
    if not ids:
        raise ValueError(f"wanted a commit id of 6 or more digits, found '{' '.join(value[:80].split())}'")
    return ids


def _same(left: str | None, right: str) -> bool:
    return left is not None and (left.startswith(right) or right.startswith(left))
