"""Requests in prose: sentences that say where a commit is to be backported, as HAProxy and PostgreSQL write them.

One engine: which word means a backport and what a version looks like is data of the dialect (`ProseRule`), the words
around it stand in `backportq.model.trailers.prose_words`. A sentence is read in this order: is it about a backport,
does it refuse or ask and how firmly, how far back, must it wait, what goes along.
This module must not resolve ids or know branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backportq.model.priority import Priority
from backportq.model.titles import subject_of
from backportq.model.trailers.dialects.rules import ProseRule
from backportq.model.trailers.prose_words import (
    ALL,
    ALONG,
    LIMITS,
    OF_ANOTHER,
    QUOTED,
    REASON,
    SAME_REACH,
    SENTENCE_END,
    UNREADABLE_REACH,
    WAIT,
    WHERE,
    ProseWords,
    compile_words,
)
from backportq.model.trailers.values import BackportRequest, FixesTag, Malformed, OptOut, Prerequisite, Wait
from backportq.model.versions import ALL_VERSIONS, Span, VersionRange

_OBSERVATION = 14
"""Days that "after a period of observation" means where no number is given."""

_DAYS = {"day": 1, "week": 7, "month": 30, "release": 30}
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "few": 3, "couple": 2, "some": 2, "several": 3}
_LONGEST_WAIT = 3_650
_MOST_SENTENCES = 400
_LONGEST = 1_500
_LONGEST_PARAGRAPH = 30_000


@dataclass(frozen=True, slots=True)
class ProseReading:
    """What the sentences of one message say."""

    requests: tuple[BackportRequest, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    fixes: tuple[FixesTag, ...] = ()
    malformed: tuple[Malformed, ...] = ()


def read_prose(message: str, rule: ProseRule) -> ProseReading:
    """Return what the first sentence that asks for a backport, or refuses one, says.

    A sentence that only tells of another backport says nothing. A request without versions means all branches; one for
    the branches that have a certain commit is a request with that commit as what it fixes.
    """
    words = compile_words(rule)
    sentences = [sentence for sentence in _sentences(message) if words.verb.search(sentence)]
    for sentence in sentences[:_MOST_SENTENCES]:
        unquoted = QUOTED.sub('""', sentence)
        if words.refusal.search(unquoted):
            return ProseReading(opt_outs=(OptOut(sentence, ALL_VERSIONS),))
        asked = next((found for pattern in words.askings if (found := pattern.search(unquoted)) is not None), None)
        if asked is not None and not OF_ANOTHER.search(unquoted[: asked.start()]):
            waiting = (text for text in sentences if text == sentence or text.startswith(("Wait", "Please wait")))
            wait = next(filter(None, map(_wait, waiting)), None)
            is_urgent = words.urgent is not None and words.urgent.match(subject_of(message)) is not None
            priority = Priority.HIGH if is_urgent else Priority.LOW if asked.groupdict().get("may") else None
            return _requested(BackportRequest(sentence, ALL_VERSIONS, wait, priority), unquoted, asked, words)
    return ProseReading()


def _sentences(message: str) -> Iterator[str]:
    """Yield the sentences of the body, each on one line; what is indented is quoted or a list, and no prose."""
    body = message.replace("\r", "").strip().partition("\n")[2]
    for paragraph in re.split(r"\n[ \t]*\n|\n(?=  |\t|>)", body):
        lines = [line for line in paragraph.split("\n") if line.strip() and not line.startswith(("  ", "\t", ">"))]
        text = " ".join(" ".join(lines).split())[:_LONGEST_PARAGRAPH]
        for sentence in SENTENCE_END.split(text):
            yield sentence[:_LONGEST]


def _requested(request: BackportRequest, unquoted: str, asked: re.Match[str], words: ProseWords) -> ProseReading:
    tail = unquoted[asked.end() :]
    reach = _reach(tail, words)
    if reach is None and SAME_REACH.match(tail):
        reach = _reach(unquoted[: asked.end()], words)  # "was backported to 2.9, so this one must be as well"
    if reach is not None:
        request = replace(request, versions=reach)
    reading = ProseReading(requests=(request,))
    if reach is None and UNREADABLE_REACH.search(tail):
        why = "wanted versions or 'all stable branches' as what it is to be backported to"
        reading = replace(reading, malformed=(Malformed(request.text, why),))
    where = WHERE.search(unquoted)
    if where is not None and reach is None:
        return replace(reading, fixes=(FixesTag(request.text, where["id"].lower(), None),))
    along = ALONG.search(REASON.split(tail)[0])
    if along is not None:
        need = Prerequisite(request.text, along["id"].lower(), None, request.versions)
        return replace(reading, prerequisites=(need,))
    return reading


def _reach(tail: str, words: ProseWords) -> VersionRange | None:
    """Return the branches that the words behind the verb name; None where they name none."""
    everywhere = ALL.search(tail)
    found = words.reach.search(tail)
    if everywhere is not None and (found is None or everywhere.start() < found.start()):
        beside = re.sub(r"\([^)]*\)", "", tail[everywhere.end() :])
        found = words.reach.search(beside)
        if found is None or not (found["later"] or _is_limit(found)):
            opened = words.open_version.search(beside)
            return VersionRange(everywhere[0]) if opened is None else _from(opened["low"], opened[0])
    if found is None:
        opened = words.open_version.search(tail)
        return None if opened is None else _from(opened["low"], opened[0])
    text = found[0].strip()
    versions = sorted(_parts(version[0]) for version in words.version.finditer(found["list"]))
    is_only = found["only"] or (found["to"] or "").lower().startswith("only")
    is_only = is_only or re.search(r"\bonly\b[ \w]{0,12}\Z", tail[: found.start()]) is not None
    if is_only or (len(versions) > 1 and not found["later"] and not _is_limit(found)):
        return VersionRange(text, tuple(Span(version, version) for version in versions))
    return VersionRange(text, (Span(versions[0], None),))


def _is_limit(found: re.Match[str]) -> bool:
    return (found["to"] or "").lower() in LIMITS


def _from(version: str, text: str) -> VersionRange:
    return VersionRange(text.strip(" (:"), (Span(_parts(version), None),))


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _wait(sentence: str) -> Wait | None:
    found = WAIT.search(QUOTED.sub('""', sentence))
    if found is None:
        return None
    unit = (found["unit"] or found["units"] or "").lower().removesuffix("s")
    if unit not in _DAYS:
        return Wait(days=_OBSERVATION)
    words = (found["first"] or found["more"] or "").lower().split()
    numbers = [int(word) if word.isdigit() else _NUMBERS[word] for word in words if word.isdigit() or word in _NUMBERS]
    return Wait(days=min((max(numbers) if numbers else 1) * _DAYS[unit], _LONGEST_WAIT))
