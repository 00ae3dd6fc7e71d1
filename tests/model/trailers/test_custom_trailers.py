"""Custom trailers: what a project adds to its dialects by configuration."""

from __future__ import annotations

import pytest

from backportq.errors import ConfigError
from backportq.model.config import CustomTrailer
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import (
    BackportRequest,
    CommitTrailers,
    FixesTag,
    OptOut,
    Prerequisite,
    Wait,
    read_trailers,
)
from backportq.model.versions import ALL_VERSIONS, parse_range
from tests.model.trailers.reading import ID, OTHER

_FIXES = f'Fixes: {ID} ("x: y")'


_SOB = "Signed-off-by: Ada Author <ada@example.org>\n"


def _custom(*trailers: CustomTrailer, message: str) -> CommitTrailers:
    grammar = grammar_of(["generic"], trailers)
    assert grammar.tag_hint.search(message.encode())
    return read_trailers(message, grammar)


def test_custom_trailers_of_every_meaning_are_read() -> None:
    tags = _custom(
        CustomTrailer("Wanted-In", "nominate"),
        CustomTrailer("Repairs", "fixes"),
        CustomTrailer("Not-For", "opt-out"),
        CustomTrailer("Needs", "prerequisite"),
        CustomTrailer("Wait-For", "wait"),
        message=f"s\n\nText.\n\nWanted-In: 4.9+\nRepairs: {ID}\nNot-For: 4.12\nNeeds: {OTHER}\nWait for: x\n"
        f"Wait-For: 2 weeks\n{_SOB}",
    )
    assert [(request.text, request.wait) for request in tags.requests] == [("Wanted-In: 4.9+", Wait(days=14))]
    assert tags.fixes == (FixesTag(f"Repairs: {ID}", ID, None),)
    assert [opt_out.text for opt_out in tags.opt_outs] == ["Not-For: 4.12"]
    assert tags.prerequisites == (Prerequisite(f"Needs: {OTHER}", OTHER, None, ALL_VERSIONS),)
    assert tags.malformed == ()


def test_custom_trailer_without_value_grammar_takes_any_value() -> None:
    tags = _custom(CustomTrailer("Stable", "nominate", "none"), message=f"s\n\nText.\n\nStable: yes please\n{_SOB}")
    assert tags.requests == (BackportRequest("Stable: yes please", ALL_VERSIONS),)


@pytest.mark.parametrize(
    ("written", "expected"), [("14", "14+"), ("9.6", "9.6+"), ("14, 16", "14, 16"), ("14+", "14+")]
)
def test_custom_trailer_since_means_a_bare_version_and_all_newer_ones(written: str, expected: str) -> None:
    trailer = CustomTrailer("Backpatch-through", "nominate", "since")
    (request,) = _custom(trailer, message=f"s\n\nText.\n\nBackpatch-through: {written}\n").requests
    assert request.versions.spans == parse_range(expected).spans


def test_custom_trailer_foreign_encloses_what_is_above() -> None:
    tags = _custom(
        CustomTrailer("Imported-From", "foreign"),
        message=f"s\n\n{_FIXES}\nImported-From: elsewhere\nFixes: {OTHER}\n{_SOB}",
    )
    assert (tags.foreign, [tag.hex for tag in tags.fixes]) == ("Imported-From: elsewhere", [OTHER])


def test_custom_trailer_wins_over_a_dialects_key() -> None:
    tags = _custom(CustomTrailer("Fixes", "opt-out", "none"), message=f"s\n\n{_FIXES}\n{_SOB}")
    assert (tags.fixes, tags.opt_outs) == ((), (OptOut(_FIXES, ALL_VERSIONS),))


def test_custom_trailer_pick_is_evidence() -> None:
    grammar = grammar_of(["django"], [CustomTrailer("Upstream-Id", "pick", "commit")])
    message = f"s\n\nText.\n\nupstream-id: {ID} (x)\n"
    assert [(mark.text, mark.hex) for mark in read_picks(message, grammar)] == [(f"upstream-id: {ID} (x)", ID)]
    assert grammar.pick_hint.search(message.encode())


@pytest.mark.parametrize(
    ("trailer", "message", "hints"),
    [
        (
            CustomTrailer("Stable", "nominat"),
            (
                "unknown meaning 'nominat' of the trailer 'Stable', wanted one of "
                "nominate, fixes, opt-out, prerequisite, wait, foreign, pick"
            ),
            ("did you mean 'nominate'?",),
        ),
        (
            CustomTrailer("Stable", "fixes", "delay"),
            "the trailer 'Stable' with the meaning 'fixes' cannot have the value 'delay', wanted one of commit",
            (),
        ),
        (
            CustomTrailer("Sta:ble", "nominate"),
            "the key of a trailer is letters, digits and hyphens without the colon, found 'Sta:ble'",
            (),
        ),
    ],
)
def test_custom_trailer_unknown_word_is_refused(trailer: CustomTrailer, message: str, hints: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as raised:
        grammar_of(["generic"], [trailer])
    assert (raised.value.message, raised.value.hints) == (message, hints)
