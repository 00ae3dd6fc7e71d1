"""The index of upstream: the same answers fresh, from the cache, and after upstream or the branches moved."""

from __future__ import annotations

from backportq.git.cache import Cache
from backportq.git.read.upstream_index import UpstreamIndex
from backportq.git.repository import discover
from backportq.model.ids import Oid
from tests.driver import TestRepo


def _index(repo: TestRepo, tip: str = "master") -> UpstreamIndex:
    repository = discover(repo.path)
    return UpstreamIndex(repository, Cache.open(repository), Oid(repo.id(tip)))


def test_index_knows_what_upstream_reaches_and_nothing_else(repo: TestRepo) -> None:
    upstream = [Oid(repo.commit(f"subject {number}")) for number in range(5)]
    repo.checkout("other", upstream[2])
    other = Oid(repo.commit("elsewhere"))
    for _ in range(2):  # read from git, then from the cache
        index = _index(repo)
        assert [index.contains(oid) for oid in (*upstream, other, Oid("0" * 40))] == [True] * 5 + [False] * 2
        assert index.find_subject("subject 3") == (upstream[3],)
        assert index.find_subject("elsewhere") == ()


def test_index_finds_subjects_whatever_their_case_spacing_and_encoding(repo: TestRepo) -> None:
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.tick += 1
    repo.git("commit", "-q", "--allow-empty", "-F", "-", stdin="x86:  Fix\n Gr\xfc\xdfe  \n\nbody\n".encode("latin-1"))
    repo.git("config", "--unset", "i18n.commitEncoding")
    latin = Oid(repo.id("HEAD"))
    twice = {Oid(repo.commit("x86: again")), Oid(repo.commit("X86: Again"))}
    tab = Oid(repo.commit("x86:\tTab"))
    index = _index(repo)
    assert index.find_subject("x86: tab") == (tab,)
    assert index.find_subject("X86: fix Grüße") == (latin,)
    assert set(index.find_subject("x86:   again")) == twice


def test_index_after_upstream_moved_forward_is_read_anew(repo: TestRepo) -> None:
    first = Oid(repo.commit("first"))
    assert _index(repo).contains(first)
    repo.checkout("side", "master")
    side = Oid(repo.commit("side"))
    repo.checkout("master")
    second = Oid(repo.commit("second"))
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    for _ in range(2):
        index = _index(repo)
        assert [index.contains(oid) for oid in (first, side, second)] == [True, True, True]
        assert index.find_subject("side") == (side,)


def test_index_of_nothing_holds_nothing(repo: TestRepo) -> None:
    first = Oid(repo.commit("first"))
    repository = discover(repo.path)
    index = UpstreamIndex(repository, Cache.open(repository), None)
    assert (index.contains(first), index.find_subject("first"), len(index)) == (False, (), 0)


def test_index_after_upstream_was_rewound_forgets(repo: TestRepo) -> None:
    first = Oid(repo.commit("first"))
    gone = Oid(repo.commit("gone"))
    assert _index(repo).contains(gone)
    repo.git("reset", "-q", "--hard", first)
    new = Oid(repo.commit("new"))
    for _ in range(2):
        index = _index(repo)
        assert [index.contains(oid) for oid in (first, gone, new)] == [True, False, True]
        assert index.find_subject("gone") == ()


def test_index_whose_known_tip_is_gone_from_the_repository_is_rebuilt(repo: TestRepo) -> None:
    first = Oid(repo.commit("first"))
    gone = Oid(repo.commit("gone"))
    assert _index(repo).contains(gone)
    repo.git("reset", "-q", "--hard", first)
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert not _index(repo).contains(gone)
    assert _index(repo).contains(first)


def test_index_that_nobody_asked_leaves_no_process_behind(repo: TestRepo) -> None:
    repo.commit("first")
    index = _index(repo)
    index.close()
    index.close()
    assert Cache.open(discover(repo.path)).read("upstream-index-3") is None
