"""The words of which requests in prose are made, compiled for the word and the versions of a dialect.

Apart from the engine (`backportq.model.trailers.prose`), because this is data: to understand one more wording, add its
words here. Every repetition is bounded, so that no message takes long.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from backportq.model.trailers.dialects.rules import ProseRule

_FLAGS = re.IGNORECASE

_MUST = r"mus?t|needs?(?= to)|has(?= to)|have(?= to)|required|to be"
_SHOULD = r"shou?l?d|sould|ought|recommended|better|worth|makes? sense|good idea|preferable|want(?:s|ed)?|advised|wise"
_MAY = r"may(?:be)?|might|can|could|would|possible|optional(?:ly)?|safe|harmless|hurt"

# Between the auxiliary verb and the word for a backport stand no other verbs: "should fix what was backported" asks for
# nothing.
_FILLING = "|".join(
    (
        "be|been|being|get|have|to|it|this|that|them|a|an|the|and|both|for|at|least|also|then|thus|even|still|only|just",
        "first|please|now|soon|later|at some point|considered|merged|tested|good|nice|safe|safer|useful|helpful|idea",
        "worth|sense|make|makes|interesting|desirable|suitable|candidate|enough|relevant|ok|okay|fine|preferable|better",
        "best|[a-z]{2,20}ly",
    )
)
_GAP = rf"(?:[ ,]{{1,3}}(?:{_FILLING})){{0,7}}"
_OTHER_CLAUSE = r"(?!(?:and|but|so|must|should|because|however|if|until)\b)"
_NOT_BETWEEN = rf"(?:[ ,*]{{1,3}}{_OTHER_CLAUSE}[\w'/-]{{1,30}}){{0,7}}"
_WORDS_BETWEEN = r"(?:[ ,(\[]{1,3}(?!unless\b|if\b)[\w'/-]{1,30}){0,6}?[ ,(\[]{1,3}"
_ID = r"(?<![\w.-])(?=[a-f]{0,39}\d)[0-9a-f]{7,40}(?![\w.-])"

LATER = (
    r"(?:\+|,? (?:and|or|&) (?:later|above|newer|upper?|higher|onwards?|upwards?|beyond|all newer|after)\b"
    r"|,? onwards?\b|-(?=[ .,;)]|$))"
)
"""What makes one version that one and all newer ones."""

LIMITS = frozenset(
    (
        *("as far as", "as far back as", "up to", "upto", "until", "till", "down to", "back to", "back through"),
        *("through", "since", "from", "starting from", "starting with", "normally", "logically", "at least"),
    )
)
"""Words before the oldest of the versions that are meant."""

SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z\[(\"*-])|(?<=\.)\s+(?=it |this )")
QUOTED = re.compile(r"\"[^\"]{0,300}\"")

WAIT = re.compile(
    r"\bafter (?P<first>(?:a|an|some|one|two|three|four|few|several|enough|\d{1,3})\b[^.;]{0,60}?"
    r"\b(?P<unit>period|observation|days?|weeks?|months?|testing|tests|checks|time|while|releases?)\b)"
    r"|\bobservation (?:period|time)\b|\bwait\b[^.;]{0,60}|\bin (?P<more>a few|a couple of|one|two|some|\d{1,3}) "
    r"(?P<units>days?|weeks?|months?)\b|\bnot in the next\b"
    r"|\bonce (?:[\w']{1,20} ){0,4}(?:tested|observed|confirmed|testing)\b",
    _FLAGS,
)
ALONG = re.compile(
    r"\b(?:along|together|with|after|requires?|needs?|depends on|relies on|prior to)\b"
    + _WORDS_BETWEEN
    + rf"(?P<id>{_ID})",
    _FLAGS,
)
WHERE = re.compile(
    r"\b(?:if|where(?:ver)?|when(?:ever)?|once|as soon as|unless|everywhere)\b" + _WORDS_BETWEEN + rf"(?P<id>{_ID})",
    _FLAGS,
)
_PLURALS = r"(?:versions|branches|releases|trees)"
_KINDS = r"(?:stable|supported|maintained|active|live|older|previous|lts|back|impacted|affected|lower|earlier)"
ALL = re.compile(
    r"\b(?:all|every|any|each)\b(?: (?:the|of|other|relevant|affected|possible|currently)){0,3}"
    rf"(?: {_KINDS}){{0,3}} (?:versions?|branch(?:es)?|releases?|trees?|ones?)\b"
    r"|\ball the way\b|\beverywhere\b|\banywhere\b"
    rf"|\b(?:the )?{_KINDS} {_PLURALS}\b"
    r"|\b(?:all|every) (?:stable|supported|maintained)\b|\bto all\b(?=[.,;)]|$)",
    _FLAGS,
)
UNREADABLE_REACH = re.compile(r"\b(?:latest|last|current|next|previous) (?:lts|stable|release|version)\b", _FLAGS)
SAME_REACH = re.compile(
    r" (?:[a-z]{2,10} ){0,3}?(?:there|likewise|too|as well|that far|as far as this version)\b", _FLAGS
)
OF_ANOTHER = re.compile(
    r"\b(?:previous|next|following|above|other) (?:patch|commit|fix|one|change)(?:es|s)?\b(?: above)?[ ,]{0,3}\Z",
    _FLAGS,
)
REASON = re.compile(r"\b(?:since|because|as (?:it|this|that|the))\b", _FLAGS)


@dataclass(frozen=True, slots=True)
class ProseWords:
    """The compiled words of one dialect.

    `verb` is the word for a backport in any form. `refusal` and `askings` are what refuses and what asks, the latter
    with the groups `must`, `should` and `may`. `reach` finds versions with what stands before (`to`) and behind them
    (`later`, `only`), `open_version` one version that means all newer ones as well. `urgent` matches subjects.
    """

    verb: re.Pattern[str]
    refusal: re.Pattern[str]
    askings: tuple[re.Pattern[str], ...]
    reach: re.Pattern[str]
    version: re.Pattern[str]
    open_version: re.Pattern[str]
    urgent: re.Pattern[str] | None


@functools.cache
def compile_words(rule: ProseRule) -> ProseWords:
    """Return the words of the dialect's rule."""
    verb = rf"\b{rule.verb}(?:ed|ing|es|s|er)?\b"
    version = rf"(?<![\w.-])v?{rule.version}(?:\.x)?(?![\w-]|\.\d)"
    listed = rf"{version}(?:(?:,? (?:and|&|or|also) (?:to |in |even )?|, ?(?:and )?(?:to |in )?|/){version}){{0,12}}"
    reach = (
        r"(?:(?<=:)|\b(?P<to>as far(?: back)? as|up ?to|until|till|down to|back to|back through|through|since|from"
        r"|starting (?:from|with)|only (?:to|in)|normally|logically|at least|to|in|into|on|for|at)"
        r"(?: (?:at least|haproxy|branch(?:es)?|versions?|releases?|only|the|stable|and including)){0,4})"
        rf" (?P<list>{listed})(?P<later>{LATER})?(?P<only> only\b)?"
    )
    patterns = (_asking(verb), _imperative(rule), _done(verb), _elided(verb), _listing(rule))
    return ProseWords(
        verb=re.compile(verb, _FLAGS),
        refusal=re.compile(_refusal(rule, verb), _FLAGS),
        askings=tuple(re.compile(pattern, _FLAGS) for pattern in patterns),
        reach=re.compile(reach, _FLAGS),
        version=re.compile(version, _FLAGS),
        open_version=re.compile(rf"(?:[ (:])(?P<low>{version}){LATER}", _FLAGS),
        urgent=re.compile(rule.urgent) if rule.urgent else None,
    )


def _refusal(rule: ProseRule, verb: str) -> str:
    return (
        rf"\bc?no (?:(?:\w{{2,20}} ){{0,2}}(?:need|reason|point|interest|value|benefit)\b{_NOT_BETWEEN}[ ,]{{1,3}})?"
        rf"(?:further |direct )?{verb}"
        rf"|(?:\bnot\b|n't\b|\bcannot\b|\bnever\b|\bwithout\b|\bnothing\b){_NOT_BETWEEN}[ ,*]{{1,3}}{verb}"
        rf"|\b(?:avoid|refrain from)(?: [a-z]{{1,20}})? {verb}|\bnot {rule.verb}able\b"
        rf"|\b{rule.verb}(?:ing)? (?:is |seems )?"
        r"(?:(?:not|un)[ -]?(?:needed|necessary|required|planned|wanted)|useless)\b"
    )


def _asking(verb: str) -> str:
    return rf"(?:\b(?:(?P<must>{_MUST})|(?P<should>{_SHOULD})|(?P<may>{_MAY}))){_GAP}[ ,]{{1,3}}(?:be ?)?{verb}"


def _imperative(rule: ProseRule) -> str:
    """The word alone, where a clause begins."""
    if not rule.imperative:
        return rf"\A[*( -]{{0,4}}{rule.verb}\b(?= (?:to|up|as|in|until|down|it|this)\b)"
    noun = r"(?![ -]?(?:notes?|instructions?|process|labels?|branch|status|review|requests?|fix|of|from)\b)"
    return rf"(?:\A|[.;:,] |\b(?:so|and|thus|hence|please) )[*( -]{{0,4}}{rule.verb}(?:es|s)?\b{noun}"


def _done(verb: str) -> str:
    """A backport should be done, could be considered."""
    may = r"(?P<must>must)|(?P<should>should)|(?P<may>may|might|could|can)"
    return rf"{verb}(?=[^.;]{{0,80}}?\b(?:{may}) be (?:done|considered|made|useful|helpful)\b)"


def _elided(verb: str) -> str:
    """Another commit was backported, so this one should be as well."""
    return (
        rf"{verb}(?:[^.;]|\.(?=\d)){{0,120}}?\b(?:this|it)\b(?: (?:one|patch|fix|commit|change))? (?:also )?"
        r"(?:(?P<must>must|will(?: also)? (?:need|have)(?: to)?|will be needed|needs? to|has to)|(?P<should>should))"
        r"(?: be| go| follow)?(?= (?:as well|too|also|there|everywhere|needed|be as well)|[.,;]|$)"
    )


def _listing(rule: ProseRule) -> str:
    """Backport status: 2.3, 2.2."""
    return rf"\A[*( -]{{0,4}}{rule.verb}(?:ing)?(?: status)?:(?= ?v?{rule.version})"
