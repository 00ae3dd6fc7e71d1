"""Identity keys: what names the same change upstream and on a branch, where no id does.

Numbers of pull and merge requests, trailers that the original and its pick share, and a project's own patterns. This
module must not look changes up: whether a key names exactly one is for `backportq.services.history.identity_keys`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from backportq.model.titles import subject_of
from backportq.model.trailers.message import trailers_of

_NUMBER = r"(?P<sign>#|!|(?<=PR )|(?<=MR ))(?P<number>\d{1,9})(?!\w|\.\d)"
_REPOSITORY = r"(?:[\w.-]{1,100}/[\w./-]{1,150})?"
_REQUEST = r"(?:(?:PR|MR|pull request|merge request)s?)?:?"

_PICKS = r"(?:back-?port(?:s|ed|ing)?|cherry[ -]?pick(?:s|ed)?)(?: (?:of|from|for))?"

_MERGED = re.compile(
    r"(?:(?:auto|rollup) merge of |Merge (?:(?:pull[ -]request|PR|merge request|MR) |(?:[\w.-]{1,100}/[\w.-]{1,100})?"
    r"(?=[#!]\d{1,9}: )))(?P<sign>#|!)(?P<number>\d{1,9})\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"Merge (?:pull request|PR) #\d{1,9} from \S{0,200}?(?:back-?port|cherry-?pick)(?:s|ed)?[-/_](?:of[-_])?"
    r"(?:pr[-_])?#?(?P<number>\d{1,9})(?![0-9a-z.])",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:auto(?:matic|mated)? |manual(?:ly)? |clean )?"
    rf"(?:{_PICKS}|Github-Pull)[ :]{{0,2}}{_REQUEST} {{0,2}}{_REPOSITORY}{_NUMBER}",
    re.IGNORECASE,
)
_AND_MORE = re.compile(rf"(?: ?[,&+]| and|, and) {{0,2}}{_REQUEST} {{0,2}}{_REPOSITORY}{_NUMBER}", re.IGNORECASE)
_SAID_BY_URL = re.compile(
    rf"(?:{_PICKS}|original (?:PR|MR|pull request)):? {{0,2}}"
    r"<?https?://\S{1,200}/(?:pull|merge_requests)/(?P<number>\d{1,9})\b",
    re.IGNORECASE,
)
_PATCHBACK = re.compile(r"\[(?:PR|MR) (?P<sign>#|!)(?P<number>\d{1,9})/[0-9a-f]{7,64} backport\]", re.IGNORECASE)
_THIS_IS = re.compile(
    rf"\**This is an? (?:[a-z]{{1,20}} )?(?:backport|cherry[ -]?pick) of {_REQUEST} {{0,2}}{_REPOSITORY}{_NUMBER}",
    re.IGNORECASE,
)
_LAST_RUN = re.compile(r"(?:\s{0,4}\((?:#|!|GH-|gh-|PR ?#)\d{1,9}\)){1,6}\s*\Z", re.IGNORECASE)
_LAST_BRACKET = re.compile(r"\s{0,4}\[[^\]\n]{1,60}\]\s*\Z")
_OF_RUN = re.compile(r"\((?P<sign>#|!|gh-|pr ?#)(?P<number>\d{1,9})\)", re.IGNORECASE)
_SEE_REQUEST = re.compile(r"(?:\A|\n)See merge request \S{0,200}?!(?P<number>\d{1,9})\s*(?:\n|\Z)")
_REVERT = re.compile(r"(?:\[[^\]]{1,60}\] {0,2})?(?:back out|backed out|revert|reapply)\b", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"\n]*"')

SHARED_TRAILERS = frozenset({"pr-url", "part-of", "differential revision", "differential-revision"})
"""Trailers, in lower case, whose value the original and its picks share anywhere."""

_ARCHIVES = re.compile(
    r"https?://(?:lore\.kernel\.org/|patch\.msgid\.link/|lists\.[\w.-]{1,80}/|mid\.mail-archive\.com/)\S+\Z"
)
_HINT = re.compile(
    rb"[#!]\d|gh-\d|\b[PM]R \d|\n(?:pr-url|part-of|differential|link)|/pull/\d|/merge_requests/\d", re.IGNORECASE
)
_MOST_LINES = 400
_MOST_KEYS = 8


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """One key: the kind (`#`, `!`, the name of a trailer or a pattern) and the value, which are compared.

    `text` is what it was read from. `is_of_original`: the key is not the change's own number, because the message says
    that it is a backport of that, or has another number behind it. `is_listed`: it is one of several originals.
    """

    kind: str
    value: str
    text: str = field(compare=False)
    is_of_original: bool = field(default=False, compare=False)
    is_listed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A project's own key: `search` returns the values in a text, of the subject or (`in_subject` false) the body."""

    kind: str
    search: Callable[[str], tuple[str, ...]]
    in_subject: bool = True


@dataclass(frozen=True, slots=True)
class KeyReader:
    """Reads the identity keys of messages; `trailers` are the project's own that originals and picks share."""

    trailers: frozenset[str] = frozenset()
    own: tuple[OwnKey, ...] = ()

    def may_hold_keys(self, raw: bytes) -> bool:
        """Tell, from the raw bytes of a commit, whether its message may hold any; false means it certainly does not."""
        if self.own or self.trailers:
            return True
        start = raw.find(b"\n\n")  # the pattern begins with no literal, so it is slow: headers are passed over
        return _HINT.search(raw, max(start, 0)) is not None

    def read(self, message: str) -> tuple[IdentityKey, ...]:
        """Return the keys of a message: those of the original alone where it says what it is a backport of."""
        subject = subject_of(message)
        body = message.strip().partition("\n")[2]
        keys = dict.fromkeys(_of_original(subject, body)) or dict.fromkeys(_own_number(subject, body))
        keys |= dict.fromkeys(self._of_trailers(message))
        keys |= dict.fromkeys(self._by_patterns(subject, body))
        return tuple(keys)[:_MOST_KEYS]

    def _of_trailers(self, message: str) -> Iterator[IdentityKey]:
        for trailer in trailers_of(message):
            key = trailer.key.casefold()
            value = trailer.value.strip().strip("<>").rstrip("/")
            is_archived = key == "link" and _ARCHIVES.match(value) is not None
            if value and (key in SHARED_TRAILERS or key in self.trailers or is_archived):
                yield IdentityKey(key, value.casefold(), f"{trailer.key}: {trailer.value}")

    def _by_patterns(self, subject: str, body: str) -> Iterator[IdentityKey]:
        for own in self.own:
            for value in own.search(subject if own.in_subject else body):
                yield IdentityKey(own.kind, value.casefold(), value)


def is_revert(subject: str) -> bool:
    """Tell whether a subject says that the change takes another back, or applies it again."""
    return _REVERT.match(subject.strip()) is not None


def number_key(sign: str, number: str, text: str, *, is_of_original: bool = False) -> IdentityKey:
    """Return the key of a pull request (`#`) or merge request (`!`)."""
    return IdentityKey("!" if sign == "!" else "#", str(int(number)), text, is_of_original)


def _of_original(subject: str, body: str) -> Iterator[IdentityKey]:
    unquoted = _QUOTED.sub('""', subject)
    patchback = _PATCHBACK.search(unquoted)
    said = patchback or _SAID.search(unquoted)
    if said is not None:
        yield from _listed(said, unquoted)
        return
    for line in body.split("\n")[:_MOST_LINES]:
        found = _SAID.match(line) or _THIS_IS.match(line)
        if found is not None:
            yield from _listed(found, line)
            return
        by_url = _SAID_BY_URL.match(line)
        if by_url is not None:
            sign = "!" if "/merge_requests/" in by_url[0] else "#"
            yield number_key(sign, by_url["number"], by_url[0], is_of_original=True)
            return
    topic = _TOPIC.match(subject)
    if topic is not None:
        yield number_key("#", topic["number"], topic[0], is_of_original=True)


def _listed(first: re.Match[str], text: str) -> Iterator[IdentityKey]:
    """Yield the number that was found in `text`, and those that follow it in a list: `Backport #12, #14 and #15`."""
    numbers = [first]
    more = _AND_MORE.match(text, first.end())
    while more is not None and len(numbers) < _MOST_KEYS:
        numbers.append(more)
        more = _AND_MORE.match(text, more.end())
    for number in numbers:
        key = number_key(number["sign"], number["number"], number[0].strip(" ,&+"), is_of_original=True)
        yield replace(key, is_listed=len(numbers) > 1)


def _own_number(subject: str, body: str) -> Iterator[IdentityKey]:
    merged = _MERGED.match(subject)
    if merged is not None:
        yield number_key(merged["sign"], merged["number"], merged[0])
        return
    run = _LAST_RUN.search(_LAST_BRACKET.sub("", subject[-160:]))
    numbers = list(_OF_RUN.finditer(run[0])) if run is not None else []
    for number in numbers:
        # The last one was added by the merge of this very commit; those before it came with the subject.
        yield number_key(number["sign"], number["number"], number[0], is_of_original=number is not numbers[-1])
    see = _SEE_REQUEST.search(body)
    if see is not None:
        yield number_key("!", see["number"], see[0].strip())
