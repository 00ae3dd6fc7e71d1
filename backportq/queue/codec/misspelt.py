"""Keys of `config.toml` and `people.toml` that do nothing: misspelt ones, those of a rule that nobody knows, and known
ones of a rule that do nothing without another.

Unknown keys are kept, so a misspelt one would do nothing in silence. Apart from the decoding, which must accept what a
later version or another tool wrote. This module must not refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backportq.git.read.queue_files import StoredFiles
from backportq.model.config import Config
from backportq.model.declared import Shape, declarations_of, known_keys
from backportq.model.near_words import near_words
from backportq.model.people.people import People
from backportq.queue.codec.config import CONFIG_FILE
from backportq.queue.codec.declared import NEAR_KEYS
from backportq.queue.codec.people import PEOPLE_FILE
from backportq.queue.codec.stored_state import source_of
from backportq.queue.toml.positions import Path, position_of
from backportq.queue.toml.reader import misspelt_words

_FILES: Mapping[str, type] = {CONFIG_FILE: Config, PEOPLE_FILE: People}
_STRICT = "rule"
"""The table in which every unknown key is named: a condition that is not looked at makes a rule match too much."""
_OWN = "x-"
"""What the keys begin with that people add for tools of their own; of these nothing is said."""


def misspelt_keys(path: str, content: bytes) -> tuple[str, ...]:
    """Return what to say of each such key in `config.toml` or `people.toml`, in the order of the file.

    Raise `ConfigError` where the file is no TOML.
    """
    kind = _FILES.get(path)
    if kind is None:
        return ()
    source = source_of(path, content)
    text = source.text()
    found = [(position_of(text, place)[0], words) for place, words in _doubtful(source.parsed(text), kind)]
    return tuple(f"{path}:{line}: {words}" for line, words in sorted(found))


def misspelt_in(files: StoredFiles | None) -> tuple[str, ...]:
    """Return the same of all files of a queue; nothing where there is none."""
    content = {} if files is None else files.content
    return tuple(words for path in _FILES if path in content for words in misspelt_keys(path, content[path]))


def _doubtful(table: Mapping[str, object], kind: type) -> Iterator[tuple[Path, str]]:
    yield from _unknown(table, ("schema", *known_keys(kind)), (), is_strict=False)
    for declaration in declarations_of(kind):
        value = table.get(declaration.name)
        if declaration.shape is Shape.RECORD and isinstance(declaration.of, type):
            yield from _unknown(value, known_keys(declaration.of), (declaration.name,), is_strict=False)
        elif declaration.shape is Shape.RECORDS and isinstance(declaration.of, type) and isinstance(value, list):
            for index, inner in enumerate(value):
                yield from _unknown(
                    inner, known_keys(declaration.of), (declaration.name, index), is_strict=declaration.name == _STRICT
                )
                if declaration.name == _STRICT:
                    yield from _pointless(inner, (declaration.name, index))


def _unknown(table: object, known: tuple[str, ...], start: Path, *, is_strict: bool) -> Iterator[tuple[Path, str]]:
    keys = list(table) if isinstance(table, dict) else []
    for key in keys:
        if key in known:
            continue
        near = near_words(key, (name for name in known if name not in keys), at_most=1, likeness=NEAR_KEYS)
        if near:
            yield (*start, key), misspelt_words(key, near[0])
        elif is_strict and not key.startswith(_OWN):
            yield (*start, key), f"unknown key '{key}', which does nothing here"


def _pointless(rule: object, start: Path) -> Iterator[tuple[Path, str]]:
    """Yield the known keys of a rule that do nothing without another key; older versions took them in silence."""
    if not isinstance(rule, dict):
        return
    if rule.get("nominate") is False and "priority" not in rule:
        yield (*start, "nominate"), "'nominate = false' does nothing without 'priority'"
    if "in" in rule and "pattern" not in rule:
        yield (*start, "in"), "'in' does nothing without 'pattern'"
