"""Words of harm: whether a commit that mends what a branch took is urgent, by what its message says.

Most of what follows a fix up is about builds, comments and style, and no reason to hold a release. This module must not
know branches: what reached one lately is for `backportq.services.scan.urgent_follow_ups`.
"""

from __future__ import annotations

import re

# What a person holds a release for, and what people write of it. "Overflow" and "hang" are left out: they are said of
# much that no guest or user ever meets.
_HARM = re.compile(
    r"""(?ix)
    \b(?: crash(?:es|ed|ing)? | panic(?:s|ked|king)? | secur(?:e|ity) | CVE-\d{4}-\d+
      | (?<!after[ ])XSA-\d+ | leak(?:s|ed|ing|age)? | regress(?:ion|ions|ed|es)
      | use[- ]after[- ]free | double[- ]free | out[- ]of[- ]bounds? | (?:memory|data)[ ]corruption | data[ ]loss
      | deadlock(?:s|ed)? )\b
    """
)
_DENIED = re.compile(r"(?i)\b(?:no|not|without|isn't|any)\b(?:\s+\w+){0,2}\s+\Z")
_COSMETIC = re.compile(
    r"""(?ix)
    ^(?: docs? | documentation | readme | changelog | tests? | ci | automation | style )\b[^:]*:
    | \b(?: typos? | spelling | white[- ]?space | (?:re-?)?indent\w* | re-?format\w* | coding[ ]style | cosmetics?
      | comments? | tabs | semi-?colons? | documentation | misra | coverity | clang-format | tidy\w* | clean[- ]?ups?
      | unreachable[ ]code | unused | renam(?:e|es|ed|ing) )\b
    """
)
_LOOKED_BACK = 40  # characters before a word in which it may be denied
_TRAILER = re.compile(r"(?m)^[A-Za-z][A-Za-z-]+: .*$")


def is_cosmetic(subject: str) -> bool:
    """Tell whether a subject is about words, style, tests or builds of the project's own, and about nobody's harm."""
    return _COSMETIC.search(subject) is not None


def says_harm(message: str) -> bool:
    """Tell whether a message says that something crashes, leaks, regressed or is insecure, in prose and not denied."""
    prose = _TRAILER.sub("", message.partition("\n")[2]) if "\n" in message else ""
    text = message.partition("\n")[0] + "\n" + prose
    for match in _HARM.finditer(text):
        if _DENIED.search(text[max(0, match.start() - _LOOKED_BACK) : match.start()]) is None:
            return True
    return False
