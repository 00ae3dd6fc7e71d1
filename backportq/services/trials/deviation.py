"""Deviation: how the picks of a branch differ from the commits they are picks of.

"Identical" is what lets a second reviewer skip a pick, so it is worked out for all of them and kept. This module must
not decide whether a deviation is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backportq.git.cache import Cache
from backportq.git.read.patch_lines import read_patches
from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.model.progress import advance
from backportq.model.trials.deviation import Deviation, DeviationKind, Patch, compare

_TABLE = "deviations_1"
_AT_ONCE = 200

Pair = tuple[Oid, Oid]
"""A pick and its original."""


def deviations_of(repository: Repository, pairs: Iterable[Pair]) -> Mapping[Pair, Deviation]:
    """Return how each pick deviates from its original; pairs with a commit that is not here are left out.

    Known ones cost a lookup, new ones about two milliseconds each. A pick of several commits deviates from each of
    them by what the others do.
    """
    wanted = list(dict.fromkeys(pairs))
    cache = Cache.open(repository)
    keys = {f"{pick}{original}": (pick, original) for pick, original in wanted}
    found = {keys[key]: _read(value) for key, value in cache.find_many(_TABLE, keys).items()}
    left = [pair for pair in wanted if pair not in found]
    for start in range(0, len(left), _AT_ONCE):
        advance("comparing picks", start, len(left))
        some = left[start : start + _AT_ONCE]
        patches: dict[Oid, Patch] = dict(
            read_patches(repository, list(dict.fromkeys(oid for pair in some for oid in pair)))
        )
        new = {
            (pick, original): compare(patches[original], patches[pick])
            for pick, original in some
            if pick in patches and original in patches
        }
        cache.put_many(_TABLE, {f"{pick}{original}": _write(each) for (pick, original), each in new.items()})
        found.update(new)
    return found


def _write(deviation: Deviation) -> bytes:
    return f"{deviation.kind} {deviation.lines}".encode("ascii")


def _read(value: bytes) -> Deviation:
    kind, _, lines = value.decode("ascii").partition(" ")
    return Deviation(DeviationKind(kind), int(lines))
