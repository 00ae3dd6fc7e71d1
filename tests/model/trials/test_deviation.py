"""How two patches differ: identical, in context only, or in what they do."""

from __future__ import annotations

import pytest

from backportq.model.trials.deviation import Deviation, DeviationKind, FilePatch, Patch, compare


def _file(path: str, *lines: str) -> FilePatch:
    raw = tuple(line.encode() for line in lines)
    return FilePatch(path.encode(), tuple(line for line in raw if line[:1] in (b"+", b"-")), raw)


ORIGINAL: Patch = (_file("a.c", " x", "-old", "+new", " y"), _file("b.c", "+added"))
IDENTICAL, CONTEXT = Deviation(DeviationKind.IDENTICAL), Deviation(DeviationKind.CONTEXT)


def _lines(count: int) -> Deviation:
    return Deviation(DeviationKind.FUNCTIONAL, count)


@pytest.mark.parametrize(
    ("pick", "wanted"),
    [
        (ORIGINAL, IDENTICAL),
        ((ORIGINAL[1], ORIGINAL[0]), IDENTICAL),
        ((_file("a.c", " z", "-old", "+new", " y"), ORIGINAL[1]), CONTEXT),
        ((_file("moved/a.c", " x", "-old", "+new", " y"), ORIGINAL[1]), CONTEXT),
        ((_file("a.c", " x", "-old", "+newer", " y"), ORIGINAL[1]), _lines(2)),
        ((_file("moved/a.c", " x", "-old", "+new", "+more"), ORIGINAL[1]), _lines(1)),
        ((ORIGINAL[0],), _lines(1)),
        ((*ORIGINAL, _file("c.c", "+1", "+2", "-3")), _lines(3)),
        ((), _lines(3)),
    ],
)
def test_compare_of_a_pick_gives_its_deviation(pick: Patch, wanted: Deviation) -> None:
    assert compare(ORIGINAL, pick) == wanted


def test_compare_of_lines_in_another_order_counts_those_that_moved() -> None:
    assert compare((_file("a", "+1", "+2", "+3"),), (_file("a", "+3", "+1", "+2"),)) == _lines(1)


@pytest.mark.parametrize(
    ("deviation", "words"),
    [
        (IDENTICAL, "identical"),
        (CONTEXT, "context only"),
        (_lines(1), "1 functional line"),
        (_lines(7), "7 functional lines"),
    ],
)
def test_deviation_in_words_is_what_people_read(deviation: Deviation, words: str) -> None:
    assert str(deviation) == words
