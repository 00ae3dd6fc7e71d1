"""Keys that are nearly those that the program knows: unknown keys are kept, so a misspelt one would do nothing in
silence.

Apart from the decoding, which must accept what a later version or another tool wrote. This module must not refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backportq.git.read.branch_files import StoredFiles
from backportq.model.near_words import near_words
from backportq.queue.codec.config import CONFIG_FILE
from backportq.queue.toml.positions import Path, position_of

_BRANCH = ("name", "version", "staging", "support", "full_until", "security_until", "maintainer")
_RULE = ("name", "pattern", "in", "path", "author", "branches", "priority", "nominate")
_PERSON = ("key", "name", "mails", "areas", "branches", "capacity", "away_until", "no_mail", "no_tasks")
_TABLES = ("policy", "branch", "rule", "trailer", "assign", "mail")
_TOP = ("schema", "upstream", "remote", "dialects", "notes", "refusal_lists", *_TABLES)
_KNOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    CONFIG_FILE: {"": _TOP, "branch": _BRANCH, "rule": _RULE, "trailer": ("key", "meaning", "value")},
    "people.toml": {"": ("schema", "person"), "person": _PERSON},
}
_NEAR = 0.75


def misspelt_keys(path: str, content: bytes) -> tuple[str, ...]:
    """Return what to say of each such key in the text of `config.toml` or `people.toml`, in the order of the file."""
    import tomli  # here, as in the reader: `show -h` and `check -h` read no queue

    known = _KNOWN.get(path, {})
    text = content.decode("utf-8", "replace")
    found = []
    for place, meant in _doubtful(tomli.loads(text) if known else {}, known):
        line = position_of(text, place)[0]
        found.append((line, f"{path}:{line}: unknown key '{place[-1]}', did you mean '{meant}'?"))
    return tuple(words for _, words in sorted(found))


def misspelt_in(files: StoredFiles | None) -> tuple[str, ...]:
    """Return the same of all files of a queue; nothing where there is none."""
    content = {} if files is None else files.content
    return tuple(words for path in _KNOWN if path in content for words in misspelt_keys(path, content[path]))


def _doubtful(table: Mapping[str, object], known: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Path, str]]:
    for name, keys in known.items():
        values = [table] if not name else table.get(name, ())
        for index, inner in enumerate(values if isinstance(values, list) else ()):
            start: Path = (name, index) if name else ()
            for key in inner if isinstance(inner, dict) else ():
                if key not in keys:
                    left = (one for one in keys if one not in inner)
                    yield from (((*start, key), near) for near in near_words(key, left, at_most=1, likeness=_NEAR))
