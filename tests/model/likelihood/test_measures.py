"""What a list was worth: its first screen is judged apart from all that it ranks."""

from __future__ import annotations

from backportq.model.likelihood.measures import Landing, ListJudge


def test_first_rows_are_those_of_the_screen_and_not_of_all_that_is_ranked() -> None:
    landings = {(0, place): Landing(5_000, 4_000) for place in (1, 2, 3)}
    judge = ListJudge(landings)
    everything = [(0.9, 7), (0.8, 1), (0.7, 8), (0.6, 2), (0.1, 3)]
    judge.see(1_000, 0, everything)
    judge.see_open(1_000, 0, [place for _, place in everything])

    judge.see_week(1_000, 0, everything, screen=[(0.8, 1), (0.7, 8), (0.6, 2), (0.1, 3)], line=0.2, folded=[8])
    found = judge.finish(folds=True)

    assert found.first_ten_rows == 1.0  # 1 and 2; 3 is below the line, 8 is folded
    assert found.hidden_by_folding == 0.0
    assert found.weekly_top[10] == 1.0


def test_what_is_folded_but_no_list_names_is_nothing_to_count() -> None:
    judge = ListJudge({(0, 1): Landing(5_000, 4_000)})
    judge.see_week(1_000, 0, [], screen=[], line=0.2, folded=[1])
    assert judge.finish(folds=True).hidden_by_folding == 0.0
