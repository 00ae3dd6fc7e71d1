"""systemd, fact by fact: sentences that name the commit which is followed, fixed or completed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.values import CommitTrailers, Malformed
from tests.model.trailers.reading import ID, OTHER, picks_of

_GRAMMAR = grammar_of(["systemd"])


def _read(body: str) -> CommitTrailers:
    message = f"core: mend the thing\n\n{body}\n"
    tags = read_trailers(message, _GRAMMAR)
    assert tags == CommitTrailers() or _GRAMMAR.tag_hint.search(message.encode())
    return tags


def _fixed(body: str) -> list[str | None]:
    tags = _read(body)
    assert tags.malformed == ()
    return [tag.hex for tag in tags.fixes]


@pytest.mark.parametrize(
    "line",
    [
        f"Follow-up for {ID}.",
        f"Follow-up for {ID}",
        f"Follow-up for {ID} .",
        f"Follow-up for commit {ID}.",
        f"Follow-up for: {ID}",
        f"Follow-up-for: {ID}",
        f"Follow-up to: {ID}",
        f"Follow-up to {ID}.",
        f"Follow-ups for {ID}.",
        f"Followup to {ID} as promised",
        f"Follow up for {ID}",
        f"follow-up to {ID}.",
        f"Follow-up for #25147 ({ID})",
        f"Follow-up for https://example.org/project/commit/{ID}",
        f"Fixup for {ID}, as requested in #123.",
        f"Fix-up for {ID}",
        f"This is a follow-up for {ID}",
        f"This is a follow-up of sorts for {ID},",
        f"This is a follow-up/extension for {ID}.",
        f"This is a follow up to\n{ID}.",
        f"Fixes a bug introduced by {ID}.",
        f"Fixes a bug introduced by commit {ID} (v253).",
        f"Fixes a regression caused by {ID}.",
        f"Fixes an issue introduced in {ID}: it was",
        f"Fixes memleaks introduced by {ID}",
        f"Fixes a bug in {ID}.",
        f"Fix bug introduced by {ID}.",
        f"Bug introduced in {ID} :(",
        f"Regression introduced in commit {ID} when building",
        f"Introduced in {ID}. CID #1384210.",
        f"Fixes #20795. Bug introduced in {ID}.",
        f"Fixes #9839 introduced by {ID}.",
        f"Fix for {ID}.",
        f"This fixes a minor bug introduced by {ID}.",
        f"This fixes an issue introduced by the commit {ID}.",
        f"Fixes {ID}.",
        f"Fixes: {ID}",
        f'Fixes: {ID} ("core: the thing\'s start")',
    ],
)
def test_sentence_that_names_a_commit_is_read(line: str) -> None:
    assert _fixed(line) == [ID]
    assert _fixed(f"The thing was broken.\n\n{line}\n\nMore text.") == [ID]


def test_sentence_may_name_several_and_stand_below_another() -> None:
    assert _fixed(f"Follow-up for {ID} and\n{OTHER}.") == [ID, OTHER]
    assert _fixed(f"Fixes #123.\nFollow-up for {ID}.") == [ID]
    assert _fixed(f"Follow-up for {ID}.\nFixes a bug in {OTHER}.") == [ID]


def test_text_of_the_tag_is_the_line() -> None:
    assert [tag.text for tag in _read(f"Follow-up for {ID} and").fixes] == [f"Follow-up for {ID} and"]


@pytest.mark.parametrize(
    "body",
    [
        "Follow-up for #12345.",
        "Fixes #12345.",
        "Fixes: #12345",
        "Fixes CID#1534667.",
        "Fixes: CID#1534667",
        "Fixes: CID1432652",
        "Fixes RHBZ#2251262",
        "Fixes https://example.org/show_bug.cgi?id=2264404",
        "Fixes added code.",
        "Fixes defaced state handling.",
        f"The option\nfixes a bug introduced by {ID}.",
        f"as was said in the follow-up for {ID}.",
        f"It was fixed by {ID}.",
        f"The option was\nintroduced in {ID}.",
        f"This option was introduced in {ID}.",
        f"    Follow-up for {ID}.",
        f"> Follow-up for {ID}.",
        f"This effectively reverts {ID}.",
        f"This partially reverts commit {ID}.",
    ],
)
def test_issue_or_prose_is_no_tag(body: str) -> None:
    assert replace(_read(body), numbered=()) == CommitTrailers()


def test_fixes_without_a_value_is_malformed() -> None:
    assert _read("Fixes:").malformed == (Malformed("Fixes:", "wanted a commit id, found nothing"),)


def test_picks_of_several_branches_stand_in_one_message() -> None:
    lines = [f"(cherry picked from commit {ID})", f"(cherry picked from commit {OTHER})"]
    assert picks_of("systemd", "\n".join(lines)) == list(zip(lines, (ID, OTHER), strict=True))
