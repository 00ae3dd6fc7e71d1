"""The situations of git's own cherry-pick tests: verdict, tree and conflicted paths equal to git's."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.git.trials import TrialSession, run_trials
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Trial, TrialFailure
from tests.parity.histories import State, import_states
from tests.parity.oracle import Oracle, Picked
from tests.parity.scenarios import SCENARIOS, TAIL_EDITED, TEN, Scenario, text


def _build(path: Path, scenario: Scenario) -> tuple[str, str]:
    """Return the ids of the commit to pick and of the commit to pick onto."""
    states: list[tuple[State, tuple[int, ...]]] = [(scenario.base or {}, ())]
    states.append((scenario.theirs, () if scenario.base is None else (0,)))
    states.append((scenario.ours, () if scenario.is_apart else (0,)))
    ids = import_states(path, states)
    return ids[1], ids[2]


def _tried(path: Path, commit: str, onto: str, mainline: int | None = None) -> Picked:
    with TrialSession(discover(path)) as session:
        (outcome,) = session.run([(Oid(commit), Oid(onto))], mainline=mainline)
    assert isinstance(outcome, Trial), outcome
    return Picked(str(outcome.verdict), outcome.tree, frozenset(conflict.path for conflict in outcome.conflicts))


@pytest.mark.parametrize("name", SCENARIOS)
def test_trial_in_a_situation_of_gits_tests_is_what_cherry_pick_gives(name: str, tmp_path: Path) -> None:
    commit, onto = _build(tmp_path / "repo", SCENARIOS[name])
    wanted = Oracle(tmp_path / "repo", tmp_path / "oracle").pick(commit, onto)
    found = _tried(tmp_path / "repo", commit, onto)
    assert (found.verdict, found.tree) == (wanted.verdict, wanted.tree)
    if wanted.verdict == "conflict":
        # Files and folders in each other's place get a name with the branch in it, which differs; renames have several.
        named = {path.partition("~")[0] for path in found.unmerged}
        assert named & {path.partition("~")[0] for path in wanted.unmerged} or not wanted.unmerged, (found, wanted)


def test_trials_of_all_situations_in_one_session_do_not_influence_each_other(tmp_path: Path) -> None:
    states: list[tuple[State, tuple[int, ...]]] = []
    for scenario in SCENARIOS.values():
        at = len(states)
        states.append((scenario.base or {}, ()))
        states.append((scenario.theirs, () if scenario.base is None else (at,)))
        states.append((scenario.ours, () if scenario.is_apart else (at,)))
    ids = import_states(tmp_path / "repo", states)
    pairs = [(Oid(ids[at + 1]), Oid(ids[at + 2])) for at in range(0, len(ids), 3)]
    outcomes = run_trials(discover(tmp_path / "repo"), pairs)
    oracle = Oracle(tmp_path / "repo", tmp_path / "oracle")
    wanted = [oracle.pick(*pair) for pair in pairs]
    found = [(str(each.verdict), each.tree) if isinstance(each, Trial) else each for each in outcomes]
    assert found == [(each.verdict, each.tree) for each in wanted]


class TestMerges:
    """t3502: merges are picked against one of their parents."""

    @pytest.fixture
    def ids(self, tmp_path: Path) -> list[str]:
        """base, two sides, their merge, an octopus of three, and a branch."""
        base = {"f": text(*TEN), "g": text("g"), "h": text("h")}
        left, right = {**base, "g": text("left")}, {**base, "h": text("right")}
        third = {**base, "f": text("A", *TEN[1:])}
        merged = {**base, "g": text("left"), "h": text("right")}
        octopus = {**merged, "f": text("A", *TEN[1:])}
        branch = {**base, "f": text(*TAIL_EDITED)}
        states = [
            (base, ()),
            (left, (0,)),
            (right, (0,)),
            (third, (0,)),
            (merged, (1, 2)),
            (octopus, (1, 2, 3)),
            (branch, (0,)),
        ]
        return import_states(tmp_path / "repo", states)

    @pytest.mark.parametrize(("at", "mainline"), [(4, 1), (4, 2), (5, 1), (5, 2), (5, 3), (1, 1)])
    def test_trial_with_mainline_is_what_cherry_pick_gives(
        self, ids: list[str], tmp_path: Path, at: int, mainline: int
    ) -> None:
        wanted = Oracle(tmp_path / "repo", tmp_path / "oracle").pick(ids[at], ids[6], mainline=mainline)
        assert _tried(tmp_path / "repo", ids[at], ids[6], mainline) == wanted

    @pytest.mark.parametrize(
        ("at", "mainline", "why"),
        [
            (4, None, "commit '{0}' is a merge of 2 parents and no mainline was given"),
            (5, None, "commit '{0}' is a merge of 3 parents and no mainline was given"),
            (4, 3, "commit '{0}' does not have parent 3"),
            (1, 2, "commit '{0}' does not have parent 2"),
        ],
    )
    def test_trial_with_wrong_mainline_fails_and_leaves_the_others_answered(
        self, ids: list[str], tmp_path: Path, at: int, mainline: int | None, why: str
    ) -> None:
        pairs = [(Oid(ids[at]), Oid(ids[6])), (Oid(ids[3]), Oid(ids[6]))]
        with TrialSession(discover(tmp_path / "repo")) as session:
            refused, other = session.run(pairs, mainline=mainline)
        assert refused == TrialFailure(*pairs[0], why.format(ids[at][:12]))
        if mainline is None:
            assert isinstance(other, Trial)
            assert other.verdict == "clean"
