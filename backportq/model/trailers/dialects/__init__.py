"""Dialects: how projects write down what is to be backported, as data, and the grammar that any mix of them makes.

Each module beside this one is one project's habits, with its source and its traps; `docs/tags.md` is the same for
people. Messages are read in `model/trailers/reader` and `model/trailers/pick_lines`.

A trailer alone needs no code: it is a `[[trailer]]` of `config.toml` (`docs/tags.md`). Adding a dialect:

1. A module such as `xen.py` (trailers) or `qemu.py` (a `Cc:`): a `Dialect` with its rules, its source, and how a
   request is written. A `Cc:` always needs a module (`linux.py`: versions in the comment, `mesa.py`: before the
   address). Picks that name their original in a way of this project's own are rules too; what anybody may write goes
   into `pick_spellings.py`.
2. Its name in `DIALECTS` below.
3. How its picks are written, if in a way of their own: a style in `model/picks/provenance.py`.
4. A section in `docs/tags.md`, and one test for each fact in `tests/model/trailers/dialects/`. `make docs` writes
   completion and tables anew.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from backportq.errors import ConfigError
from backportq.model.config import CustomTrailer
from backportq.model.near_words import near_words
from backportq.model.trailers.dialects.django import DJANGO
from backportq.model.trailers.dialects.dpdk import DPDK
from backportq.model.trailers.dialects.freebsd import FREEBSD
from backportq.model.trailers.dialects.generic import GENERIC
from backportq.model.trailers.dialects.grammar import Grammar, OwnPickLine, compile_rules
from backportq.model.trailers.dialects.haproxy import HAPROXY
from backportq.model.trailers.dialects.linux import LINUX
from backportq.model.trailers.dialects.mesa import MESA
from backportq.model.trailers.dialects.networkmanager import NETWORKMANAGER
from backportq.model.trailers.dialects.pick_spellings import PICK_SPELLINGS
from backportq.model.trailers.dialects.postgresql import POSTGRESQL
from backportq.model.trailers.dialects.qemu import QEMU
from backportq.model.trailers.dialects.rules import Dialect, Meaning, Rule, TrailerRule, Value
from backportq.model.trailers.dialects.systemd import SYSTEMD
from backportq.model.trailers.dialects.xen import XEN
from backportq.model.trailers.identity_keys import SHARED_TRAILERS

__all__ = [
    "DIALECTS",
    "Dialect",
    "Grammar",
    "distinctive_grammar_of",
    "grammar_of",
    "notes_of",
    "refusal_lists_of",
    "request_line",
]

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            XEN,
            LINUX,
            MESA,
            QEMU,
            DPDK,
            FREEBSD,
            NETWORKMANAGER,
            SYSTEMD,
            DJANGO,
            HAPROXY,
            POSTGRESQL,
            GENERIC,
        )
    }
)
"""Every built-in dialect by its name."""

_CUSTOM_VALUES: Mapping[Meaning, tuple[Value, ...]] = MappingProxyType(
    {
        Meaning.NOMINATE: (Value.VERSIONS, Value.SINCE, Value.NONE, Value.DELAY),
        Meaning.FIXES: (Value.COMMIT,),
        Meaning.OPT_OUT: (Value.VERSIONS, Value.NONE, Value.COMMIT),
        Meaning.PREREQUISITE: (Value.COMMIT,),
        Meaning.WAIT: (Value.DELAY,),
        Meaning.FOREIGN: (Value.NONE,),
        Meaning.PICK: (Value.COMMIT,),
    }
)
"""The grammars that each meaning of a custom trailer can have; the first is what is meant where none is written."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?: [A-Za-z0-9-]+)*\Z")


def grammar_of(
    dialects: Sequence[str], trailers: Sequence[CustomTrailer] = (), pick_lines: Sequence[OwnPickLine] = ()
) -> Grammar:
    """Return the grammar of these dialects and the project's own trailers and pick lines; its trailers win over a
    dialect's key.

    A trailer that means `same` says nothing about branches, so the grammar is without it.
    Raise `ConfigError` for a dialect, key, meaning or value that does not exist.
    """
    own = tuple((t.key, t.meaning, t.value) for t in trailers if t.meaning != "same")
    return _compiled(tuple(dialects), own, tuple(pick_lines))


@functools.cache
def distinctive_grammar_of(dialect: str) -> Grammar:
    """Return the grammar of what only this dialect has: without the pick lines that every dialect reads."""
    return compile_rules(DIALECTS[dialect].rules)


def notes_of(dialects: Sequence[str]) -> tuple[str, ...]:
    """Return the full names of the refs in which projects of these dialects keep notes with tags."""
    return tuple(dict.fromkeys(ref for name in dialects if name in DIALECTS for ref in DIALECTS[name].notes))


def refusal_lists_of(dialects: Sequence[str]) -> tuple[str, ...]:
    """Return the paths of the files in which stable branches of these projects list what they are not to take."""
    return tuple(dict.fromkeys(path for name in dialects if name in DIALECTS for path in DIALECTS[name].refusal_lists))


def request_line(dialects: Sequence[str], trailers: Sequence[CustomTrailer], version: str) -> str | None:
    """Return the line by which an author asks for a backport to the branch of `version` and all newer ones.

    A trailer of the project's own comes first, then the first dialect that has such a line; None where nobody writes
    one, as in projects whose `Fixes:` is request enough.
    """
    for trailer in trailers:
        if trailer.meaning == Meaning.NOMINATE and trailer.value in (Value.VERSIONS, Value.SINCE):
            return f"{trailer.key}: {version}{'+' if trailer.value == Value.VERSIONS else ''}"
    written = (DIALECTS[name].request for name in dialects if name in DIALECTS)
    return next((line.replace("VERSION", version) for line in written if line is not None), None)


@functools.cache
def _compiled(
    dialects: tuple[str, ...], trailers: tuple[tuple[str, str, str], ...], pick_lines: tuple[OwnPickLine, ...]
) -> Grammar:
    rules: list[Rule] = []
    for name in dialects:
        if name not in DIALECTS:
            raise ConfigError(f"unknown dialect '{name}', wanted one of {_list(DIALECTS)}", hints=_near(name, DIALECTS))
        rules += DIALECTS[name].rules
    rules += PICK_SPELLINGS
    rules += (_custom(*trailer) for trailer in trailers)
    return compile_rules(rules, pick_lines)


def _custom(key: str, meaning: str, value: str) -> TrailerRule:
    if not _KEY.match(key):
        raise ConfigError(f"the key of a trailer is letters, digits and hyphens without the colon, found '{key}'")
    meanings = [str(known) for known in _CUSTOM_VALUES]
    if meaning not in meanings:
        raise ConfigError(
            f"unknown meaning '{meaning}' of the trailer '{key}', wanted one of {_list(meanings)}",
            hints=_near(meaning, meanings),
        )
    known = Meaning(meaning)
    allowed = _CUSTOM_VALUES[known]
    if known is not Meaning.NOMINATE and key.casefold() in SHARED_TRAILERS:
        raise ConfigError(
            f"the trailer '{key}' names no commit, so it cannot have the meaning '{meaning}'",
            hints=('originals and picks share it, which is known; of another trailer: meaning = "same"',),
        )
    # `versions` is the default of the configuration: with a meaning that has no versions, nothing was asked for.
    if value == Value.VERSIONS and Value.VERSIONS not in allowed:
        value = allowed[0]
    if value not in allowed:
        raise ConfigError(
            f"the trailer '{key}' with the meaning '{meaning}' cannot have the value '{value}', "
            f"wanted one of {_list([str(word) for word in allowed])}",
            hints=_near(value, [str(word) for word in allowed]),
        )
    if known is Meaning.NOMINATE and value == Value.DELAY:
        known = Meaning.WAIT
    if value == Value.SINCE:
        return TrailerRule((key,), known, Value.VERSIONS, single_is_minimum=True)
    return TrailerRule((key,), known, Value(value))


def _list(words: Sequence[str] | Mapping[str, object]) -> str:
    return ", ".join(words)


def _near(word: str, known: Sequence[str] | Mapping[str, object]) -> tuple[str, ...]:
    close = near_words(word.lower(), known, at_most=2, likeness=0.5)
    return (f"did you mean {' or '.join(repr(name) for name in close)}?",) if close else ()
