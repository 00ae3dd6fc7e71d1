"""The linear model finds what tells, gives the same twice, and says nothing of what it never saw."""

from __future__ import annotations

from backportq.model.likelihood.linear import Sample, train

SAMPLES = [
    Sample((f"word {number % 7}", "crash" if number % 4 == 0 else "tidy"), ("age 1",), number % 4 == 0)
    for number in range(200)
]


def test_model_tells_what_is_taken_by_the_word_that_tells() -> None:
    model = train(SAMPLES)

    assert model.likely(("word 1", "crash"), ("age 1",)) > 0.8
    assert model.likely(("word 1", "tidy"), ("age 1",)) < 0.2
    assert max(model.parts(("word 1", "crash"), ()), key=lambda part: part[1])[0] == "crash"


def test_model_is_the_same_for_the_same_samples() -> None:
    assert train(SAMPLES) == train(SAMPLES)


def test_model_without_samples_or_known_tokens_answers() -> None:
    assert 0 < train([]).likely(("anything",), ()) < 1
    model = train(SAMPLES)
    assert model.likely(("never seen",), ()) == model.likely((), ())
