"""Delta debugging: what is left works, keeps its order, and nothing in it can be spared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backportq.model.trials.smallest_set import reduce_set

members = st.lists(st.integers(0, 40), unique=True, min_size=1, max_size=24)


@given(members, st.data())
def test_reduce_set_with_needed_members_gives_exactly_these(whole: list[int], data: st.DataObject) -> None:
    needed = data.draw(st.sets(st.sampled_from(whole), min_size=1))
    found, is_minimal = reduce_set(tuple(whole), needed.issubset, lambda: True)
    assert (found, is_minimal) == (tuple(member for member in whole if member in needed), True)


@given(members, st.data())
def test_reduce_set_with_any_test_gives_a_set_without_spare_members(whole: list[int], data: st.DataObject) -> None:
    """Whatever works, even if more can hurt: no single member of the result can be left out."""
    seed = data.draw(st.integers(0, 1 << 30))

    def works(some: tuple[int, ...]) -> bool:
        return some == tuple(whole) or hash((seed, some)) % 3 == 0

    found, is_minimal = reduce_set(tuple(whole), works, lambda: True)
    assert is_minimal
    assert works(found)
    assert [member for member in whole if member in found] == list(found)
    if len(found) > 1:
        assert not any(works(found[:at] + found[at + 1 :]) for at in range(len(found)))


@given(members, st.integers(0, 5))
def test_reduce_set_with_few_tests_stops_with_what_works(whole: list[int], allowed: int) -> None:
    tests = iter(range(allowed))
    tried: list[tuple[int, ...]] = []

    def works(some: tuple[int, ...]) -> bool:
        tried.append(some)
        return whole[0] in some

    found, is_minimal = reduce_set(tuple(whole), works, lambda: next(tests, None) is not None)
    assert whole[0] in found
    assert len(tried) <= allowed
    assert not is_minimal or found == (whole[0],)
