"""The store gives the same commits whether they are in memory or in its file."""

from __future__ import annotations

import pytest

from backportq.git.read.commit_store import CommitStore
from backportq.model.commit import Commit
from backportq.model.ids import Oid

COMMITS = {
    oid: Commit(oid, b"tree x\n\nmessage \xff\0 %d\n" % number * (number + 1))
    for number, oid in ((number, Oid(f"{number:040x}")) for number in range(40))
}


@pytest.mark.parametrize("in_memory", [0, 1, 500, 1 << 20])
def test_store_gives_back_every_commit_in_order(in_memory: int) -> None:
    store = CommitStore(in_memory=in_memory)
    for commit in COMMITS.values():
        store.add(commit)
    store.finish()
    assert dict(store) == COMMITS
    assert list(store.readable().items()) == list(COMMITS.items())
    assert [store.get(oid) for oid in COMMITS] == list(COMMITS.values())
    assert list(store) == list(COMMITS)
    assert len(store) == len(COMMITS)
    assert Oid("f" * 40) not in store
    assert store.get(Oid("f" * 40)) is None
    with pytest.raises(KeyError):
        store[Oid("f" * 40)]
