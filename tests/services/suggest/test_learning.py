"""Learning: proved on the past, kept on the queue branch, the same in every run, and nothing of the future in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from backportq.errors import UsageError
from backportq.model.ids import Oid
from backportq.model.likelihood.past import DAY as A_DAY
from backportq.queue.codec.learned import read_learned, write_learned
from backportq.queue.codec.paths import LEARNED_FILE
from backportq.services.decisions import verbs
from backportq.services.decisions.nominate import Request, tag
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from backportq.services.suggest import boosting
from backportq.services.suggest.candidates import last_moment
from backportq.services.suggest.code_changes import traits_of_past
from backportq.services.suggest.features import FEATURES
from backportq.services.suggest.keep_learned import learn_and_keep, refused_pairs
from backportq.services.suggest.learn import Teacher
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.suggest.past import past_of
from backportq.services.suggest.suggest import explain_suggestion, suggest
from tests.driver import TestRepo
from tests.services.queued import decided, stable, start_queue
from tests.services.suggest.habits import Habit


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small a past needs few trees, and they are learned in a fraction of the time."""
    monkeypatch.setattr(boosting, "_TREES", 40)


@pytest.fixture
def habit(repo: TestRepo) -> Habit:
    """Two and a half years of the habit."""
    made = Habit(repo)
    made.grow(days=918)
    return made


def started(habit: Habit) -> Project:
    return start_queue(habit.repo, stable("stable-1"), stable("stable-2"))


def learned_file(project: Project) -> bytes:
    entry = project.store.snapshot().files.find(LEARNED_FILE)
    assert entry is not None
    return project.repository.reader.bytes_of(entry.oid)


def test_what_was_learned_beats_the_rules_and_ranks(habit: Habit) -> None:
    project = started(habit)
    made = learn_and_keep(project, threads=1)
    assert made.proof is not None
    assert made.proof.is_passed
    assert made.proof.model.average_precision > 0.8

    found = suggest(project, limit=5)

    assert found.problem is None
    waiting = habit.leaks[-(len(habit.leaks) % 5) :]
    assert {row.commit for row in found.rows if row.branch == "stable-2"} > set(waiting)
    assert {row.commit for row in found.rows[: len(waiting)]} == set(waiting)
    best, worst = found.rows[0], found.rows[len(waiting)]
    assert best.likely > 3 * worst.likely
    assert any(reason.startswith("for: ") and "leak" in reason for reason in best.reasons)
    assert explain_suggestion(project, best.commit, "stable-1").likely == best.likely


def test_the_queue_holds_what_was_learned_and_the_same_past_gives_the_same_bytes(habit: Habit) -> None:
    project = started(habit)
    learn_and_keep(project, threads=1)
    first, commit = learned_file(project), project.store.tip()

    learn_and_keep(project, threads=1)

    assert learned_file(project) == first
    assert project.store.tip() == commit
    assert read_learned(first).features == FEATURES


def test_open_items_are_judged_by_what_was_learned(habit: Habit) -> None:
    project = started(habit)
    scan(project)
    learn_and_keep(project, threads=1)
    leak, paint = Oid(habit.leaks[-1]), Oid(habit.paints[-1])
    tag(project, [leak, paint], ("stable-2",), Request(None, None, force=False))
    state = project.store.snapshot().state

    outlook = read_outlook(project, state)

    items = {item.commit: item for item in state.queue_of(state.config.branches[1].name).open}
    judged = {oid: outlook.of(items[oid], state.config.branches[1].name, project.clock()) for oid in (leak, paint)}
    assert judged[leak].likely > judged[paint].likely
    assert 1 <= len(judged[leak].reasons) <= 5
    assert judged[leak].reasons[0].startswith("for: ")


def with_learned(project: Project, content: bytes) -> None:
    project.store.replace_files(
        lambda _: {LEARNED_FILE: content}, command="edit", summary="test", actor=project.actor(), at=project.clock()
    )


def test_what_cannot_be_used_is_told_and_nothing_breaks(habit: Habit) -> None:
    project = started(habit)
    made = learn_and_keep(project, threads=1)
    other = write_learned(made).replace(made.upstream.encode(), b"12" * 20)
    newer = write_learned(made).replace(b'"version": ', b'"version": 99')
    worse = write_learned(made).replace(b'"model": {"average_precision": ', b'"model": {"average_precision": -')
    for content, problem in (
        (b"{", "no JSON"),
        (b"x" * (9 << 20), "more than 8 MiB"),
        (other, "another project"),
        (newer, "another version"),
        (worse, "no better than the rules"),
    ):
        with_learned(project, content)
        found = suggest(project, limit=5)
        assert not found.is_learned
        assert found.problem is not None
        assert problem in found.problem
        assert found.rows == ()
        assert read_outlook(project, project.store.snapshot().state).problem == found.problem


def test_a_refusal_is_remembered_and_learned_from(habit: Habit) -> None:
    project = started(habit)
    learn_and_keep(project, threads=1)
    first = next(row for row in suggest(project, limit=1).rows if row.branch == "stable-2")
    tag(project, [first.commit], ("stable-2",), Request(None, None, force=False))
    assert first.commit not in [row.commit for row in suggest(project, limit=100).rows if row.branch == "stable-2"]

    decided(project, verbs.decline(project, "not here"), [first.commit], ("stable-2",))

    assert first.commit not in [row.commit for row in suggest(project, limit=100).rows if row.branch == "stable-2"]
    history = HistoryOfQueue(project.repository, project.store.snapshot().state)
    history.facts.load(history.facts.commits)
    past = past_of(history.facts)
    refused = refused_pairs(past, project.store.snapshot().state)
    assert refused == {(1, past.place_of(first.commit))}
    traits, describe = traits_of_past(project.repository, history.index, past)
    until = last_moment(past) + 1
    chances = []
    for known in (frozenset[tuple[int, int]](), refused):
        teacher = Teacher(past, traits, describe, until=until, refused=known)
        teacher.go_on(until)
        booster = teacher.learn(until)
        assert booster is not None
        rows = teacher.rows(teacher.replay.branches[1])
        chances += booster.likely([row for change, row in rows if change.commit.oid == first.commit])
    assert chances[1] < chances[0]


def features_at(project: Project, moment: int) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """Return the features of everything that is open at a moment, by branch and commit."""
    history = HistoryOfQueue(project.repository, project.store.snapshot().state)
    history.facts.load(history.facts.commits)
    past = past_of(history.facts)
    traits, describe = traits_of_past(project.repository, history.index, past)
    teacher = Teacher(past, traits, describe, until=moment)
    teacher.go_on(moment)
    return {
        (past.branches[branch.index].name, change.commit.oid): dict(zip(FEATURES, row, strict=True))
        for branch in teacher.replay.live
        for change, row in teacher.rows(branch)
    }


def test_features_of_a_date_are_those_of_a_repository_cut_off_there(habit: Habit, tmp_path: Path) -> None:
    project = started(habit)
    history = HistoryOfQueue(project.repository, project.store.snapshot().state)
    history.facts.load(history.facts.commits)
    cut = last_moment(past_of(history.facts)) + 1
    before = features_at(project, cut)
    assert len(before) > 100

    habit.grow(days=200)
    repo = habit.repo
    repo.checkout("master")
    repo.tick = 2_000_000
    repo.commit(f"net: revert\n\nThis reverts commit {habit.leaks[40]}.\n", {"net/f1.c": "0\n"})
    repo.commit(f"net: name it\n\nFixes: {habit.paints[-30][:12]}\nSee {habit.leaks[-30]}\n", {"net/f2.c": "0\n"})
    after = features_at(project, cut)

    assert after.keys() == before.keys()
    for name in FEATURES:
        assert {pair: row[name] for pair, row in after.items()} == {pair: row[name] for pair, row in before.items()}, (
            name
        )


def test_learning_at_a_date_is_the_same_whatever_came_later(habit: Habit) -> None:
    project = started(habit)
    history = HistoryOfQueue(project.repository, project.store.snapshot().state)
    history.facts.load(history.facts.commits)
    cut = last_moment(past_of(history.facts)) + 1 - 200 * A_DAY

    def learned() -> object:
        history = HistoryOfQueue(project.repository, project.store.snapshot().state)
        history.facts.load(history.facts.commits)
        past = past_of(history.facts)
        traits, describe = traits_of_past(project.repository, history.index, past)
        teacher = Teacher(past, traits, describe, until=cut)
        teacher.go_on(cut)
        booster = teacher.learn(cut)
        assert booster is not None
        return booster.trees(), teacher.words_at(cut)

    before = learned()
    habit.grow(days=150)

    assert learned() == before


def test_without_picks_there_is_nothing_to_learn(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    repo.commit("work", {"work": "1\n"})
    project = start_queue(repo, stable("stable-1"))

    with pytest.raises(UsageError, match="too little to learn from"):
        learn_and_keep(project, threads=1)
    assert not suggest(project, limit=5).is_learned
    with pytest.raises(UsageError, match="nothing was learned yet"):
        explain_suggestion(project, "master", "stable-1")
