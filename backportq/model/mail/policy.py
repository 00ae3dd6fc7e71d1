"""How a project writes mails: the values of `[mail]` in `config.toml`, each with a default.

A wrong value is refused with its key before anything is written or sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template

from backportq.errors import ConfigError
from backportq.model.commit import Identity
from backportq.model.declared import no_extra
from backportq.model.people.maintainers import parse_address

PLACEHOLDERS = frozenset({"name", "items", "count", "project", "sender", "date", "branches", "subject", "install"})
"""What a template can use: `$name` of the recipient, `$items` (the list with reasons and commands), `$count`,
`$project`, `$sender`, `$date` (until when one can object), `$branches`, `$subject` (of the commit, if it is one),
`$install` (how to get the program)."""

KINDS = ("call", "help", "queued", "reminder", "escalation")

_MOST = 100_000
_MAX_TEMPLATE = 20_000


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """The project's choice.

    - `sender`: who the mails are from; by default whoever runs the command.
    - `cc` get a copy of every mail; `never` are addresses or domains that get none.
    - `project`: its name in letters; by default that of the remote's address. `install`: the
      command by which people get the program, by default from where this one was installed.
    - `trailer_copies`: whether the people in a commit's trailers get copies.
    - `rate`: how many are sent in a minute; `per_run`: how many at most in one run; 0 for no limit.
    - `objection_days`: how long a pick is announced before it is made.
    - `timeout`: seconds to wait for a server.
    - `templates` replace the text of a kind: a line `Subject: ...`, an empty line, the body.
    """

    sender: Identity | None = None
    cc: tuple[Identity, ...] = ()
    never: tuple[str, ...] = ()
    project: str = ""
    install: str = ""
    trailer_copies: bool = True
    rate: int = 30
    per_run: int = 0
    objection_days: int = 7
    timeout: int = 30
    templates: Mapping[str, str] = field(default_factory=no_extra, hash=False)  # type: ignore[arg-type]

    def refuses(self, mail: str) -> bool:
        """Tell whether this address gets no mail."""
        folded = mail.casefold()
        domain = folded.rpartition("@")[2]
        return any(folded == entry.casefold() or domain == entry.casefold().removeprefix("@") for entry in self.never)


def mail_policy(table: Mapping[str, object]) -> MailPolicy:
    """Return the values of `Config.mail`, the table `[mail]`; raise `ConfigError` for a wrong or unknown key."""
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in _READERS:
            raise _wrong("mail", "one of " + ", ".join(f"'{word}'" for word in _READERS), key)
        name, read = _READERS[key]
        values[name] = read(f"mail.{key}", value)
    return MailPolicy(**values)  # type: ignore[arg-type]  # each reader returns the type of its field


def _address(key: str, value: object) -> Identity:
    identity = parse_address(value) if isinstance(value, str) else None
    if identity is None:
        raise _wrong(key, "'Name <mail>'", value)
    return identity


def _addresses(key: str, value: object) -> tuple[Identity, ...]:
    return tuple(_address(key, text) for text in _list(key, value))


def _texts(key: str, value: object) -> tuple[str, ...]:
    found = _list(key, value)
    if not all(isinstance(text, str) and text for text in found):
        raise _wrong(key, "an array of strings", value)
    return tuple(str(text) for text in found)


def _list(key: str, value: object) -> list[object]:
    if not isinstance(value, (list, tuple)):
        raise _wrong(key, "an array of strings", value)
    return list(value)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(key, "a string", value)
    return value


def _number(key: str, value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise _wrong(key, f"a number from 0 to {_MOST}", value)
    return value


def _flag(key: str, value: object) -> bool:
    if type(value) is not bool:
        raise _wrong(key, "true or false", value)
    return value


def _templates(key: str, value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _wrong(key, "a table", value)
    found = {}
    for kind, text in value.items():
        where = f"{key}.{kind}"
        if kind not in KINDS:
            raise _wrong(key, "one of " + ", ".join(f"'{word}'" for word in KINDS), kind)
        if not isinstance(text, str) or len(text) > _MAX_TEMPLATE:
            raise _wrong(where, f"a string of at most {_MAX_TEMPLATE} characters", text)
        if re.match(r"Subject: *\S[^\n]*\n\n", text) is None:
            raise _wrong(where, "'Subject: ...', an empty line, and the text", text)
        template = Template(text)
        unknown = [name for name in template.get_identifiers() if name not in PLACEHOLDERS]
        if not template.is_valid() or unknown:
            known = ", ".join(f"'${name}'" for name in sorted(PLACEHOLDERS))
            raise _wrong(where, f"only {known} ('$$' for a dollar sign)", f"${unknown[0]}" if unknown else text)
        found[str(kind)] = text
    return found


_READERS = {
    "from": ("sender", _address),
    "cc": ("cc", _addresses),
    "never": ("never", _texts),
    "project": ("project", _text),
    "install": ("install", _text),
    "trailer_copies": ("trailer_copies", _flag),
    "rate": ("rate", _number),
    "per_run": ("per_run", _number),
    "objection_days": ("objection_days", _number),
    "timeout": ("timeout", _number),
    "templates": ("templates", _templates),
}


def _wrong(key: str, wanted: str, found: object) -> ConfigError:
    shown = "".join(sign if sign.isprintable() else " " for sign in str(found))[:60]
    return ConfigError(f"config.toml: key '{key}': wanted {wanted}, found '{shown}'", hints=("backportq edit config",))
