"""File patterns of MAINTAINERS and CODEOWNERS, matched in time linear in the path.

Both files come from branches of the scanned repository, so a pattern with a thousand stars must cost no more than one
with two (`tests/model/test_linear_time.py`). Neither format is a shell glob.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

_MAX_ALTERNATIVES = 64
_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class MaintainersPattern:
    """One `F:` or `X:` pattern by the rules of `get_maintainer.pl`.

    - It matches from the start of the path.
    - With a trailing slash it covers everything below that folder, else what has as many slashes as the pattern.
    - Without wildcards it also covers what is below a folder of its name.
    - `depth` is how exact it is: its folders, plus one where it names a file, and -1 where it starts with `*`.
    """

    text: str
    head: str
    rest: re.Pattern[str] | None
    slashes: int
    depth: int

    def matches(self, path: str) -> bool:
        """Tell whether the pattern covers `path`."""
        if not path.startswith(self.head):
            return False
        if self.rest is not None and self.rest.match(path, len(self.head)) is None:
            return False
        if self.text.endswith("/") or path.count("/") == self.slashes:
            return True
        return self.rest is None and path.startswith("/", len(self.head))


def maintainers_patterns(text: str) -> tuple[MaintainersPattern, ...]:
    """Return the patterns that `text` stands for: one for each alternative of its `{a,b}` groups.

    Beyond 64 alternatives the braces are taken as they are.
    """
    return tuple(_maintainers_pattern(alternative) for alternative in _alternatives(text))


def codeowners_glob(text: str) -> str:
    """Return the pattern of a CODEOWNERS line as a regular expression for RE2.

    The rules are those of `.gitignore` without negation and character classes:

    - A leading or inner slash anchors the pattern at the root.
    - `*` stays within a folder, `**` does not.
    - A pattern that names a folder covers everything below it, except that `docs/*` covers only the files of `docs`.
    """
    glob = text.strip("/")
    anchored = "/" in text.rstrip("/")
    below = "/.*" if text.endswith("/") else "" if glob.endswith("/*") else "(?:/.*)?"
    return r"(?s)\A" + ("" if anchored else "(?:.*/)?") + _glob(glob) + below + r"\z"


def _maintainers_pattern(text: str) -> MaintainersPattern:
    head = re.split(r"[*?]", text, maxsplit=1)[0]
    wild = text[len(head) :]
    depth = -1 if text.startswith("*") else text.count("/") + (0 if text.endswith("/") else 1)
    return MaintainersPattern(text, head, _wildcards(wild) if wild else None, text.count("/"), depth)


def _wildcards(text: str) -> re.Pattern[str]:
    # The end is not anchored, so the first place of each piece is as good as any later one: atomic groups never retry.
    pieces = [re.escape(piece).replace(r"\?", ".") for piece in re.split(r"\*+", text)]
    return re.compile("(?s)" + pieces[0] + "".join(f"(?>.*?{piece})" for piece in pieces[1:] if piece))


def _alternatives(text: str) -> list[str]:
    parts = _BRACES.split(text)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    count = 1
    for choice in choices:
        count *= len(choice)
        if count > _MAX_ALTERNATIVES:
            return [text]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def _glob(glob: str) -> str:
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", re.sub(r"\*{3,}", "**", glob))
    return "".join(_WILDCARDS.get(token) or re.escape(token) for token in tokens)
