"""The compiled form of rules, in which messages are read.

Separate from the engine (`backportq.model.trailers.reader`, `backportq.model.trailers.pick_lines`). This module must
not look at whole messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from backportq.model.trailers.branch_words import BranchWord
from backportq.model.trailers.dialects.rules import (
    Meaning,
    ProseRule,
    RecipientRule,
    Rule,
    SentenceRule,
    SubjectRule,
    TrailerRule,
    Value,
)
from backportq.model.trailers.references import ids_in

IdSearch = Callable[[str], tuple[str, ...]]
"""Returns what one line writes of the ids of commits, in lower case."""


@dataclass(frozen=True, slots=True)
class OwnPickLine:
    """A project's own wording of a pick line: how ids are found in a line, and whether in the subject or below it."""

    search: IdSearch
    in_subject: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A compiled `SentenceRule`."""

    pattern: re.Pattern[str]
    meaning: Meaning
    unless: re.Pattern[str] | None
    like_trailer: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """A compiled `RecipientRule`."""

    address: re.Pattern[str]
    rule: RecipientRule


@dataclass(frozen=True, slots=True)
class Hint:
    """Patterns of which one matches the raw bytes of every commit whose message holds what is looked for.

    Separate patterns and no alternation: each begins with a literal, which is found at memory speed.
    """

    patterns: tuple[re.Pattern[bytes], ...]

    def search(self, raw: bytes) -> bool:
        """Tell whether the commit may hold it; where the answer is false it certainly does not."""
        for pattern in self.patterns:  # noqa: SIM110 - `any` takes as long as a search, and every commit is asked
            if pattern.search(raw) is not None:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules of one or several dialects, compiled.

    `tag_hint` and `pick_hint` are searched in the raw bytes of a commit: where one does not match, the message holds
    certainly no tag, or no pick line. `tag_line` and `pick_line` find the beginnings of lines that may be one, in text.
    `trailers` and `pick_trailers` are keyed by the lower-cased key, `picks` by the first character in lower case: a
    branch has thousands of pick lines, and a dialect a dozen wordings. `picks_anywhere` are searched in every line and
    `subject_picks` in the subject. `branch_words` may stand in the place of versions.
    """

    tag_hint: Hint
    pick_hint: Hint
    tag_line: re.Pattern[str]
    pick_line: re.Pattern[str]
    trailers: Mapping[str, TrailerRule]
    pick_trailers: Mapping[str, TrailerRule]
    recipients: tuple[Recipient, ...]
    sentences: tuple[Sentence, ...]
    picks: Mapping[str, tuple[Sentence, ...]]
    subject_picks: tuple[IdSearch, ...] = ()
    picks_anywhere: tuple[IdSearch, ...] = ()
    prose: tuple[ProseRule, ...] = ()
    branch_words: tuple[BranchWord, ...] = ()


def compile_rules(rules: Iterable[Rule], own_picks: Iterable[OwnPickLine] = ()) -> Grammar:
    """Return the grammar of `rules` and of a project's own patterns of pick lines.

    Where two rules say the same key, the later one counts.
    """
    trailers: dict[str, TrailerRule] = {}
    pick_trailers: dict[str, TrailerRule] = {}
    recipients: list[RecipientRule] = []
    sentences: dict[str, SentenceRule] = {}
    picks: dict[str, SentenceRule] = {}
    in_subjects: dict[str, SubjectRule] = {}
    prose: list[ProseRule] = []
    for rule in rules:
        match rule:
            case ProseRule():
                prose.append(rule)
            case SubjectRule():
                in_subjects[rule.pattern] = rule
            case TrailerRule():
                wanted = pick_trailers if rule.meaning is Meaning.PICK else trailers
                wanted.update((key.lower(), rule) for key in rule.keys)
            case RecipientRule():
                if rule not in recipients:
                    recipients.append(rule)
            case SentenceRule():
                (picks if rule.meaning is Meaning.PICK else sentences)[rule.pattern] = rule
    tag_starts = [*map(_key_pattern, trailers), *_recipient_starts(recipients), *_starts(sentences.values())]
    pick_starts = [*map(_key_pattern, pick_trailers), *_starts(picks.values())]
    tags, tag_hint = _lines(tag_starts)
    pick_lines, pick_hint = _lines(pick_starts)
    pick_hints = [pick_hint, _after_a_literal_newline(pick_hint)]
    if in_subjects:
        pick_hints.append(_lines([rule.start for rule in in_subjects.values()])[1])
    own = tuple(own_picks)
    if own:
        pick_hints = [re.compile(b"")]  # the project's own may stand anywhere
    return Grammar(
        tag_hint=Hint((tag_hint, *(re.compile(rule.verb.encode("ascii"), re.IGNORECASE) for rule in prose))),
        pick_hint=Hint(tuple(pick_hints)),
        tag_line=tags,
        pick_line=pick_lines,
        trailers=trailers,
        pick_trailers=pick_trailers,
        recipients=tuple(Recipient(re.compile(rule.address, re.IGNORECASE), rule) for rule in recipients),
        sentences=tuple(map(_sentence, sentences.values())),
        picks=_by_first_character(picks.values()),
        subject_picks=(
            *(_search_at_beginning(rule.pattern) for rule in in_subjects.values()),
            *(line.search for line in own if line.in_subject),
        ),
        picks_anywhere=tuple(line.search for line in own if not line.in_subject),
        prose=tuple(dict.fromkeys(prose)),
    )


def _search_at_beginning(pattern: str) -> IdSearch:
    matches = re.compile(pattern, re.IGNORECASE | re.ASCII).match

    def search(line: str) -> tuple[str, ...]:
        match = matches(line)
        return ids_in(match["ids"]) if match is not None else ()

    return search


def _after_a_literal_newline(lines: re.Pattern[bytes]) -> re.Pattern[bytes]:
    """Return `lines` for messages in which somebody wrote a backslash and an `n` where a line was to end."""
    return re.compile(rb"\\n" + lines.pattern.removeprefix(b"\n"), lines.flags)


def refusal_hint(grammar: Grammar) -> Callable[[bytes], object]:
    """Return a search in the raw bytes of a commit for trailers by which it may refuse the backport of another one.

    Where the answer is false there is certainly none: cheap enough to ask of every commit of a branch.
    """
    naming = (Value.COMMIT, Value.COMMIT_OR_VERSIONS)
    keys = [k for k, rule in grammar.trailers.items() if rule.meaning is Meaning.OPT_OUT and rule.value in naming]
    if not keys:
        return lambda _: False
    return _lines([_key_pattern(key) for key in keys])[1].search


def _starts(rules: Iterable[SentenceRule]) -> list[str]:
    return list(dict.fromkeys(rule.start for rule in rules))


def _recipient_starts(rules: list[RecipientRule]) -> list[str]:
    if not rules:
        return []
    keywords = "|".join(re.escape(keyword) for keyword in sorted({rule.keyword for rule in rules}))
    # The address may stand on a folded line; whether it does is for the engine.
    return [rf"cc[ \t]*:[^\n]*(?:{keywords}|\n[ \t])"]


def _key_pattern(key: str) -> str:
    return "[ \t]+".join(re.escape(word) for word in key.split()) + "[ \t]*:"


def _lines(starts: list[str]) -> tuple[re.Pattern[str], re.Pattern[bytes]]:
    """Return the pattern of line beginnings, as text and as bytes.

    It begins with a literal line end, which the regular expression engine looks for at memory speed; the set of first
    characters then turns most lines away before any alternative is tried.
    """
    if not starts:
        return re.compile(r"(?!)"), re.compile(rb"(?!)")
    first = "".join(sorted({character for start in starts for character in _first_characters(start)}))
    source = f"\n(?=[{re.escape(first)}])(?:{'|'.join(starts)})"
    return (
        re.compile(source, re.IGNORECASE | re.ASCII),
        re.compile(source.encode("ascii"), re.IGNORECASE | re.ASCII),
    )


def _first_characters(start: str) -> str:
    if start.startswith(r"[ \t]*"):
        return " \t" + _first_characters(start.removeprefix(r"[ \t]*"))
    literal = start.removeprefix("\\")
    if literal.startswith("(?:") or (literal.startswith("[") and literal == start):
        raise ValueError(f"the start of a rule must begin with a literal character, found {start!r}")
    optional = literal[1:2] == "?"
    return literal[0] + (_first_characters(literal[2:]) if optional else "")


def _by_first_character(rules: Iterable[SentenceRule]) -> Mapping[str, tuple[Sentence, ...]]:
    found: dict[str, list[Sentence]] = {}
    for rule in rules:
        for character in dict.fromkeys(_first_characters(rule.start).lower()):
            found.setdefault(character, []).append(_sentence(rule))
    return {character: tuple(sentences) for character, sentences in found.items()}


def _sentence(rule: SentenceRule) -> Sentence:
    flags = re.IGNORECASE | re.ASCII
    unless = re.compile(rule.unless, flags) if rule.unless else None
    return Sentence(re.compile(rule.pattern, flags), rule.meaning, unless, rule.like_trailer)
