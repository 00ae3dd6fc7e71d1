"""Changes: the commits that people mean by "a fix", one commit or one merge with what it brought.

A merge on upstream's first-parent line is one change; its members are the commits that came with it (`M^1..M`). Who has
the merge has its members, and who has all of the members has the merge.

People name changes by the number of a request or by the title as well. A number is exact, for a forge gives it once; a
title may be that of several. This module must not know branches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid
from backportq.model.titles import bare_subject
from backportq.services.history.upstream import Upstream

_NONE: Mapping[Oid, tuple[Oid, ...]] = MappingProxyType({})
_NO_MERGES: Mapping[Oid, Oid] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Changes:
    """The merges of upstream's first-parent line.

    - `members`: for each the commits that it brought, oldest first, merges among them left out.
    - `merge_of`: for each member the merge that brought it.
    - `line`: the first-parent line, as far as it was read.
    """

    members: Mapping[Oid, tuple[Oid, ...]] = field(default_factory=lambda: _NONE)
    merge_of: Mapping[Oid, Oid] = field(default_factory=lambda: _NO_MERGES)
    line: frozenset[Oid] = frozenset()

    def of(self, oid: Oid) -> Oid:
        """Return the change that a commit is part of: the merge that brought it, or itself."""
        return self.merge_of.get(oid, oid)

    def together_with(self, oid: Oid) -> tuple[Oid, ...]:
        """Return the commits that are one change with this one: itself, the merge that brought it, and the others."""
        merge = self.of(oid)
        return tuple(dict.fromkeys((oid, merge, *self.members.get(merge, ()))))

    def is_whole(self, oid: Oid, has: Callable[[Oid], bool]) -> bool:
        """Tell whether a merge has members and `has` is true of all of them."""
        members = self.members.get(oid, ())
        return bool(members) and all(map(has, members))


NO_CHANGES = Changes()


def find_changes(tip: Oid, commits: Mapping[Oid, Commit], order: Mapping[Oid, int]) -> Changes:
    """Return the changes of upstream, which ends with `tip`, among those of its commits that have a place in
    `order`."""
    line: list[Oid] = []
    oid: Oid | None = tip
    while oid is not None and oid in order:
        line.append(oid)
        oid = commits[oid].first_parent
    taken = set(line)
    members: dict[Oid, tuple[Oid, ...]] = {}
    merge_of: dict[Oid, Oid] = {}
    for merge in reversed(line):
        if not commits[merge].is_merge:
            continue
        brought: list[Oid] = []
        pending = list(commits[merge].parents[1:])
        while pending:
            member = pending.pop()
            if member in taken or member not in order:
                continue
            taken.add(member)
            pending += commits[member].parents
            if not commits[member].is_merge:
                brought.append(member)
        brought.sort(key=order.__getitem__)
        members[merge] = tuple(brought)
        merge_of.update(dict.fromkeys(brought, merge))
    return Changes(MappingProxyType(members), MappingProxyType(merge_of), frozenset(line))


class NamedChanges:
    """Answers for one upstream; `merge_of` leads from the members of merges to these."""

    def __init__(self, upstream: Upstream | None, merge_of: Mapping[Oid, Oid]) -> None:
        self._upstream = upstream
        self._merge_of = merge_of

    def with_number(self, number: str) -> Sequence[Oid]:
        """Return the changes with the number `#100` or `!12`: those of upstream's own line, else what came with a
        merge."""
        return self._changes(self._upstream.newest_with_name(number)) if self._upstream is not None else ()

    def with_title(self, title: str) -> Sequence[Oid]:
        """Return the changes with this subject or, only where there are none, this title, with marks or without."""
        if self._upstream is None:
            return ()
        found = self._upstream.newest_with_subject(title)
        if found:
            return found
        bare = normal_subject(bare_subject(title))
        named = (*self._upstream.newest_with_name(bare), *self._upstream.newest_with_subject(bare))
        return self._changes(tuple(dict.fromkeys(named)))

    def _changes(self, oids: Sequence[Oid]) -> Sequence[Oid]:
        """Return these commits without those that one of the others brought."""
        return [oid for oid in oids if self._merge_of.get(oid) not in oids] if len(oids) > 1 else oids


NO_NAMES = NamedChanges(None, _NO_MERGES)
