"""Reading TOML strictly: every failure says where, which key, what was wanted and what was found.

What a value has to be is checked by `backportq.queue.codec.declared`; the errors are made here, so that all files
complain in one voice. The position is looked for only once something is wrong, a cost that 10,000 items can bear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from backportq.errors import BackportqError, ConfigError, QueueFileError, SchemaError
from backportq.model.declared import NO_EXTRA
from backportq.model.items.queue import SCHEMA
from backportq.queue.toml.positions import Path, position_of
from backportq.queue.toml.writer import inline

Table = dict[str, object]
Value = TypeVar("Value")

MAX_BYTES = 64 << 20
"""The largest file that is read; 10,000 items with five nominations each are a tenth of it."""

_MAX_DEPTH = 32
_SHOWN = 60
_TOLD = 20  # errors of one file; more of them have one cause


@dataclass
class InvalidValueError(Exception):
    """A value is not what its key wants; `path` grows outwards as the error passes the tables around it. `others` are
    what else is wrong in the same file, so that a person hears of everything at once."""

    path: Path
    wanted: str
    found: str
    hints: tuple[str, ...] = ()
    others: tuple[InvalidValueError, ...] = ()

    def inside(self, *outer: str | int) -> InvalidValueError:
        """Return the same with the position of the table around it in front."""
        others = tuple([error.inside(*outer) for error in self.others])
        moved = replace(self, path=(*outer, *self.path), others=others)
        moved.__cause__ = self.__cause__
        return moved

    @property
    def words(self) -> str:
        """Which key, what was wanted and what was found."""
        key = ".".join(str(part) for part in self.path if isinstance(part, str))
        where = f"key '{_bounded(key)}': " if key else ""
        return f"{where}wanted {self.wanted}, found {self.found}"


class MisspeltKeyError(InvalidValueError):
    """A key that must be there is missing, and one like it, which is unknown, is the last of `path`."""

    @property
    def words(self) -> str:
        """The unknown key, and the one that is meant."""
        return misspelt_words(str(self.path[-1]), self.wanted)


def misspelt_words(found: str, meant: str) -> str:
    """Return what is said of a key that was misspelt."""
    return f"unknown key '{found}', did you mean '{meant}'?"


def together(errors: Sequence[InvalidValueError]) -> InvalidValueError:
    """Return several errors of one file as one."""
    first, *rest = errors
    if rest:
        first.others = (*first.others, *(each for error in rest for each in (error, *error.others)))
    return first


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A file as it was read: `name` is shown in messages, `data` its bytes, `hint` the command that mends it."""

    name: str
    data: bytes
    hint: str
    is_config: bool = False

    def read(self, decode: Callable[[Table], Value]) -> Value:
        """Parse the file, check its schema, and return what `decode` makes of its top-level table."""
        text = self.text()
        table = self.parsed(text)
        try:
            self._check_schema(table)
            return decode(table)
        except InvalidValueError as error:
            raise self._all_of(text, (error, *error.others)) from error

    def _all_of(self, text: str, errors: Sequence[InvalidValueError]) -> BackportqError:
        """Return the errors as one of this file's kind, a line each, in the order of the file."""
        places = sorted((*position_of(text, error.path), error.words) for error in errors)
        lines = [f"{line}:{column}: {words}" for line, column, words in dict.fromkeys(places)]
        more = [f"and {len(lines) - _TOLD} more like these"] if len(lines) > _TOLD else []
        first, *rest = lines[:_TOLD]
        hints = dict.fromkeys(hint for error in errors for hint in error.hints)
        return self.error("\n".join((first, *(f"{self.name}:{line}" for line in rest), *more)), tuple(hints))

    def error(self, text: str, hints: tuple[str, ...] = ()) -> BackportqError:
        """Return the error of this file's kind with the file's name in front of `text`."""
        kind = ConfigError if self.is_config else QueueFileError
        return kind(f"{self.name}:{text}", hints=(*hints, self.hint))

    def text(self) -> str:
        """Return the file decoded, without a byte order mark; raise the error of this file's kind."""
        if len(self.data) > MAX_BYTES:
            raise self.error(f" wanted at most {MAX_BYTES >> 20} MiB, found {len(self.data) >> 20} MiB")
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            column = error.start - self.data.rfind(b"\n", 0, error.start)
            raise self.error(f"{line}:{column}: wanted UTF-8, found byte 0x{self.data[error.start]:02x}") from error

    def parsed(self, text: str) -> Table:
        """Return the tables of `text`, which is that of this file; raise the error of this file's kind."""
        import tomli  # here, so that commands that read no queue don't load it

        try:
            return tomli.loads(text)
        except tomli.TOMLDecodeError as error:
            problem = error.msg[:1].lower() + error.msg[1:]
            line = text.split("\n")[error.lineno - 1] if error.lineno <= text.count("\n") + 1 else ""
            shown = f", found {_bounded(quoted_found(line.strip()))}" if line.strip() else ""
            raise self.error(f"{error.lineno}:{error.colno}: wanted TOML: {problem}{shown}") from error
        except RecursionError as error:
            raise self.error(" wanted TOML, found tables or arrays nested too deeply") from error
        except ValueError as error:
            raise self.error(" wanted TOML, found a number of too many digits") from error

    def _check_schema(self, table: Table) -> None:
        schema = table.pop("schema", None)
        if type(schema) is not int:
            raise InvalidValueError(("schema",), f"the number {SCHEMA}", "nothing" if schema is None else shown(schema))
        if schema > SCHEMA:
            raise SchemaError(
                f"{self.name} has schema {_bounded(str(schema))}, wanted at most {SCHEMA}: a newer backportq wrote it",
                hints=("install the newest backportq, for example with 'pipx upgrade backportq'",),
            )
        if schema != SCHEMA:
            raise InvalidValueError(("schema",), f"the number {SCHEMA}", shown(schema))


def shown(value: object) -> str:
    """Return an untrusted value for a message: on one line, escaped, bounded, in words where it is a table."""
    if isinstance(value, str):
        return quoted_found(value)
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    return f"'{_bounded(inline(value))}'"


def quoted_found(text: str) -> str:
    """Return untrusted text in single quotes, escaped and bounded."""
    escaped = inline(text[: _SHOWN + 1])[1:-1].replace('\\"', '"')
    return f"'{_bounded(escaped)}'"


def required_text(table: Table, key: str) -> str:
    """Take a string that must be there; it may be empty."""
    value = table.pop(key, None)
    if type(value) is str:
        return value
    raise InvalidValueError((key,), "a string", "nothing" if value is None else shown(value))


def tables_of(table: Table, key: str) -> list[Table]:
    """Take an optional array of tables."""
    values = table.pop(key, None)
    if values is None:
        return []
    if type(values) is not list:
        raise InvalidValueError((key,), "an array of tables", shown(values))
    for index, value in enumerate(values):
        if type(value) is not dict:
            raise InvalidValueError((key, index), "a table", shown(value))
    return values


def extra_of(table: Table) -> Mapping[str, object]:
    """Return what is left of a table: keys that this version does not know, kept for the rewrite."""
    if not table:
        return NO_EXTRA
    for key, value in table.items():
        if _is_deep(value):
            raise InvalidValueError((key,), f"at most {_MAX_DEPTH} levels of nesting", "more")
    return MappingProxyType(table)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
        if not level:
            return False
    return True


def _bounded(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
