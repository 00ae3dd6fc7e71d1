"""What a project did before becomes a share, smoothed where little was seen."""

from __future__ import annotations

from backportq.model.likelihood.counts import NO_COUNTS, Kind, Tally


def test_chance_without_a_past_falls_with_every_time_it_was_passed_over() -> None:
    chances = [NO_COUNTS.chance(Kind.FIXES, passed) for passed in (0, 1, 3, 6, 12, 20, 40, 80, 160, 9_999)]

    assert chances == sorted(chances, reverse=True)
    assert 0 < chances[-1] < chances[0] < 1


def test_chance_with_a_past_is_the_projects_own() -> None:
    tally = Tally()
    for number in range(1_000):
        tally.add(Kind.FIXES, 0, is_taken=number % 10 == 0)
        tally.add(Kind.FOLLOW_UP, 0, is_taken=number % 10 != 0)
    counts = tally.finish()

    assert 0.08 < counts.chance(Kind.FIXES, 0) < 0.15
    assert 0.85 < counts.chance(Kind.FOLLOW_UP, 0) < 0.92
    # Of a kind that was never seen all that is known is what becomes of all together.
    assert 0.4 < counts.chance(Kind.REVERT, 0) < 0.6


def test_fold_keeps_nearly_all_that_was_taken_in_the_end() -> None:
    tally = Tally()
    for passed_over in range(100):
        tally.add(Kind.FIXES, passed_over, is_taken=True)
        tally.add(Kind.FIXES, 500, is_taken=False)

    assert tally.finish().folds_after == 95
