"""The order of upstream, for commands that ask for nothing else of the history.

The index answers where it knows upstream's tip, whatever else may have moved since; git does otherwise, by walking all
of upstream. This module must not bring the index up to date: a decision must not wait for that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from backportq.git.index_file import IndexDamagedError
from backportq.git.read.history import order_of
from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.services.history.index import Index, key_of_facts


def upstream_order(repository: Repository, tip: Oid, oids: Collection[Oid]) -> Mapping[Oid, int]:
    """Return the place of each of `oids` in the history of upstream's `tip`, oldest smallest; what upstream does not
    have is absent."""
    kept = _kept_order(repository, tip, oids)
    return order_of(repository, tip, oids) if kept is None else kept


def _kept_order(repository: Repository, tip: Oid, oids: Collection[Oid]) -> Mapping[Oid, int] | None:
    """Return the same out of the index, None where it does not have all of them."""
    places: dict[Oid, int] = {}
    try:
        index = Index(repository)
        if not (key_of_facts(index) or "").endswith(f" {tip}"):
            return None
        for oid in oids:
            rows = index.rows("SELECT place FROM recent WHERE oid = ?", bytes.fromhex(oid))
            if not rows:
                return None  # older than the range, or not of this history
            if rows[0][0] is not None:
                places[oid] = rows[0][0]
    except IndexDamagedError:
        return None
    return places
