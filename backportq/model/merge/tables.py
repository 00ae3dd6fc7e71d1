"""Three-way merge of TOML documents key by key: configuration and people.

Tables in a list are told apart by their names, so that two people who add or change different ones never
conflict; lists of words are merged word by word. Where both sides gave one key different values, the later side's is
taken and the other one reported. This module must not know which keys there are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from backportq.model.merge.collections import merge_order, plain_text

Table = Mapping[str, object]

_NAMING = ("key", "name", "pattern", "path", "author")


@dataclass(frozen=True, slots=True)
class OverruledKey:
    """A value of a document that lost: `key` as people name it (`branch.stable-4.18.support`)."""

    key: str
    kept: str
    lost: str


@dataclass(slots=True)
class TableMerge:
    """A merge of one document; `mine_is_later` is asked only where both sides gave one key different values, and tells
    by the moments of both (None: neither is later, and the greater spelling is taken)."""

    mine_is_later: Callable[[], bool | None]
    overruled: list[OverruledKey] = field(default_factory=list)

    def merge(self, base: Table, mine: Table, others: Table, where: str = "") -> dict[str, object]:
        """Return the merged table; keys stand in the order of `mine`, then those that only `others` has."""
        merged: dict[str, object] = {}
        for key in dict.fromkeys((*mine, *others)):
            found = self._value(base.get(key), mine.get(key), others.get(key), f"{where}{key}")
            if found is not None:
                merged[key] = found
        return merged

    def _value(self, was: object, mine: object, others: object, where: str) -> object:
        if mine == others or others == was:
            return mine
        if mine == was:
            return others
        if isinstance(mine, Mapping) and isinstance(others, Mapping):
            return self.merge(was if isinstance(was, Mapping) else {}, mine, others, f"{where}.")
        if isinstance(mine, list) and isinstance(others, list):
            old = was if isinstance(was, list) else []
            if all(entry_name(element) is not None for element in (*old, *mine, *others)):
                return self._named(old, mine, others, f"{where}.")
            if all(isinstance(element, Hashable) for element in (*old, *mine, *others)):
                return list(merge_order(old, mine, others, key=plain_text))
        return self._chosen(mine, others, where)

    def _named(self, was: list[Table], mine: list[Table], others: list[Table], where: str) -> list[object]:
        old, left, right = ({str(entry_name(entry)): entry for entry in side} for side in (was, mine, others))
        merged: dict[str, object] = {}
        for name in dict.fromkeys((*left, *right)):
            found = self._entry(old.get(name), left.get(name), right.get(name), f"{where}{name}")
            if found is not None:
                merged[name] = found
        names = merge_order((), list(left), list(right), key=plain_text)
        return [merged[name] for name in names if name in merged]

    def _entry(self, was: Table | None, mine: Table | None, others: Table | None, where: str) -> object:
        if mine is not None and others is not None:
            return self._value(was or {}, mine, others, where)
        present = mine if mine is not None else others
        if was is not None and present == was:
            return None
        if was is not None:
            # Removed by one and changed by the other: kept, so that no change is lost; removing it again is easy.
            self.overruled.append(OverruledKey(where, "changed", "removed"))
        return present

    def _chosen(self, mine: object, others: object, where: str) -> object:
        later = self.mine_is_later()
        if later is None:
            later = (mine is not None, plain_text(mine)) > (others is not None, plain_text(others))
        kept, lost = (mine, others) if later else (others, mine)
        self.overruled.append(OverruledKey(where, plain_text(kept), plain_text(lost)))
        return kept


def entry_name(entry: object) -> str | None:
    """Return what a table in a list is told apart by: its `key` or `name`, or the pattern, path or author that it is
    about where people gave it no name; None where it has none of these."""
    if not isinstance(entry, Mapping):
        return None
    return next((entry[key] for key in _NAMING if isinstance(entry.get(key), str)), None)


def as_tables(value: object) -> object:
    """Return a value of a document with plain dicts and lists in it, as the writers take them."""
    if isinstance(value, Mapping):
        return {key: as_tables(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [as_tables(inner) for inner in value]
    return value
