"""Finding the line and column of a key in TOML text that is known to parse.

Only for error messages: the parser gives values without positions, and a message that says where is worth reading the
text a second time. It must not judge the text; on anything unexpected it stops and answers with what it has found.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""Keys and array indices from the top of the document, such as `("item", 3, "nominations", 0, "via")`."""

_SPACE = re.compile(r"(?:[ \t]|#[^\n]*)*")
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}' r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_KEY = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_MAX_DEPTH = 200


def position_of(text: str, path: Path) -> tuple[int, int]:
    """Return line and column, from 1, of the key or element at `path`, or of the nearest thing around it."""
    text = text.replace("\r\n", "\n")
    found = _Scanner(text).scan()
    for length in range(len(path), 0, -1):
        offset = found.get(path[:length])
        if offset is not None:
            return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    return 1, 1


class _StoppedError(Exception):
    """The text is not what a parser would have accepted."""


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        try:
            while True:
                self._skip(_BLANK)
                if self.at >= len(self.text):
                    break
                if self.text[self.at] == "[":
                    table = self._header()
                else:
                    self._pair(table, 0)
        except _StoppedError:
            pass
        return self.found

    def _header(self) -> Path:
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        keys = self._keys()
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        path = (*path, keys[-1])
        if is_array:
            self.counts[path] = self.counts.get(path, 0) + 1
            self.found.setdefault(path, start)
            path = (*path, self.counts[path] - 1)
        self.found[path] = start
        self.at += 2 if is_array else 1
        return path

    def _pair(self, table: Path, depth: int) -> None:
        start = self.at
        path = table
        for key in self._keys():
            path = (*path, key)
            self.found.setdefault(path, start)
        if self.text[self.at : self.at + 1] != "=":
            raise _StoppedError
        self.at += 1
        self._skip(_SPACE)
        self._value(path, depth + 1)

    def _value(self, path: Path, depth: int) -> None:
        opening = self.text[self.at : self.at + 1]
        if depth > _MAX_DEPTH:
            raise _StoppedError
        if opening == "[":
            self._sequence("]", path, depth)
        elif opening == "{":
            self._sequence("}", path, depth)
        else:
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            if match is None:
                raise _StoppedError
            self.at = match.end()

    def _sequence(self, closing: str, path: Path, depth: int) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self.text[self.at : self.at + 1] == closing:
                self.at += 1
                return
            if closing == "}":
                self._pair(path, depth)
            else:
                self.found[(*path, index)] = self.at
                self._value((*path, index), depth + 1)
            index += 1
            self._skip(_BLANK)
            if self.text[self.at : self.at + 1] == ",":
                self.at += 1
            elif self.text[self.at : self.at + 1] != closing:
                raise _StoppedError

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise _StoppedError
            keys.append(_plain(match[0]))
            self.at = match.end()
            self._skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return keys
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()


def _plain(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] != '"':
        return key
    import tomli  # only for the rare quoted key

    return next(iter(tomli.loads(f"{key} = 0")))
