"""How a project gives tasks to people: the values of `[assign]` in `config.toml`, each with a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backportq.errors import ConfigError


class AssignStep(StrEnum):
    """One way to find an owner for a backport; the words of `chain` and `conflict_chain`."""

    OTHER_BRANCH = "other-branch"
    FIXED_BACKPORTER = "fixed-backporter"
    FIXED_AUTHOR = "fixed-author"
    AUTHOR = "author"
    COMMITTER = "committer"
    FILES = "files"
    MAINTAINERS = "maintainers"
    BRANCH_MAINTAINER = "branch-maintainer"
    ROTATION = "rotation"


CHAIN = (
    AssignStep.OTHER_BRANCH,
    AssignStep.FIXED_BACKPORTER,
    AssignStep.FIXED_AUTHOR,
    AssignStep.AUTHOR,
    AssignStep.COMMITTER,
    AssignStep.MAINTAINERS,
    AssignStep.BRANCH_MAINTAINER,
    AssignStep.ROTATION,
)
"""Who is asked for what applies: whoever had to do with the commit that is fixed, then with the fix, then the rest."""

CONFLICT_CHAIN = (
    AssignStep.OTHER_BRANCH,
    AssignStep.AUTHOR,
    AssignStep.FIXED_AUTHOR,
    AssignStep.FIXED_BACKPORTER,
    AssignStep.FILES,
    AssignStep.MAINTAINERS,
    AssignStep.COMMITTER,
    AssignStep.BRANCH_MAINTAINER,
    AssignStep.ROTATION,
)
"""Who is asked for what conflicts: that takes an author's knowledge before a stable maintainer's patience."""


CAPACITY = 10
"""So many items a person may have at a time where the project says nothing: as many as anybody works off in a month."""


@dataclass(frozen=True, slots=True)
class TaskPolicy:
    """The project's choice.

    - `domains`: authors outside of these mail domains (subdomains count as inside) are not asked; empty asks all.
    - `active_months`: nor are those without a commit upstream for so long; 0 asks whoever it is.
    - `fair_share`: nobody gets more commits than this while another candidate has none; 0 for no such rule.
    - `capacity`: how many items people take who have no limit of their own.
    - `rotation`: keys of those who take turns; empty for everybody who looks after the branch.
    - `due_days`: from asking to the day by which it is wanted; 0 for none.
    - `escalate_days`: from that day until the branch maintainer is told.
    - `remind_days`: from one reminder to the next.
    """

    chain: tuple[AssignStep, ...] = CHAIN
    conflict_chain: tuple[AssignStep, ...] = CONFLICT_CHAIN
    domains: tuple[str, ...] = ()
    active_months: int = 12
    fair_share: int = 2
    capacity: int = CAPACITY
    rotation: tuple[str, ...] = ()
    due_days: int = 0
    escalate_days: int = 14
    remind_days: int = 14


_NUMBERS = ("active_months", "fair_share", "capacity", "due_days", "escalate_days", "remind_days")
_TEXTS = ("domains", "rotation")
_CHAINS = ("chain", "conflict_chain")
_MOST = 100_000


def task_policy(table: Mapping[str, object]) -> TaskPolicy:
    """Return the values of `Config.assign`, the table `[assign]`; raise `ConfigError` for a wrong or unknown key."""
    values: dict[str, object] = {}
    for key, value in table.items():
        if key in _NUMBERS:
            # Not isinstance: True is an int in Python, and `capacity = true` is a mistake.
            if type(value) is not int or not 0 <= value <= _MOST:
                raise _wrong(f"assign.{key}", f"a number from 0 to {_MOST}", value)
            values[key] = value
        elif key in _TEXTS:
            values[key] = _texts(key, value)
        elif key in _CHAINS:
            values[key] = _chain(key, _texts(key, value))
        else:
            raise _wrong("assign", "one of " + _listed((*_CHAINS, *_TEXTS, *_NUMBERS)), key)
    return TaskPolicy(**values)  # type: ignore[arg-type]  # each key was checked for its own type above


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) and text for text in value):
        raise _wrong(f"assign.{key}", "an array of strings", value)
    return tuple(value)


def _chain(key: str, words: tuple[str, ...]) -> tuple[AssignStep, ...]:
    known = {step.value: step for step in AssignStep}
    for word in words:
        if word not in known:
            raise _wrong(f"assign.{key}", "steps such as " + _listed(known), word)
    return tuple(known[word] for word in dict.fromkeys(words))


def _listed(words: Mapping[str, AssignStep] | tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _wrong(key: str, wanted: str, found: object) -> ConfigError:
    shown = "".join(sign if sign.isprintable() else "?" for sign in str(found))[:60]
    return ConfigError(f"config.toml: key '{key}': wanted {wanted}, found '{shown}'", hints=("backportq edit config",))
