"""Pick lines as other tools and people spell them; every dialect reads them all."""

from __future__ import annotations

import pytest

from backportq.model.trailers.dialects import DIALECTS, distinctive_grammar_of, grammar_of
from backportq.model.trailers.pick_lines import PickMark, read_picks
from tests.model.trailers.reading import ID, picks_of

_SPELLINGS = (
    f"(cherry picked from commit {ID})\n(Merged from https://forge.example/x/y/pull/1)",
    f"(cherry-picked from commit {ID})",
    f"(cherry picked from {ID})",
    f"cherry picked from commit {ID}",
    f"Cherry-picked-from: {ID}",
    f"Cherry-Picked-From-Commit: {ID}",
    f"Cherry picked from https://forge.example/x/y/commit/{ID}",
    f"(cherry picked from commit https://forge.example/x/y/commit/{ID})",
    f"(cherry picked from commit x/y@{ID})",
    f"(cherry picked from master commit {ID})",
    f"(cherry picked from commit {ID} from main)",
    f"> (cherry picked from commit {ID})",
    f"(picked from commit {ID})",
    f"(backported from commit {ID})",
    f"Cherry-picked from {ID}",
    f"Cherry-pick of {ID}",
    f"Cherry-pick: {ID}",
    f"Github-Pull: #12\nRebased-From: {ID}",
    f"Cherry-pick-of: {ID}",
    f"git cherry-pick {ID}",
    f"Backport-of: {ID}",
    f"Backports {ID}",
    f"Backport of {ID}",
    f"Backport {ID}",
    f"Backport of commit {ID} to 1.2.",
    f"Backport of main commit {ID}",
    f"Backpatch of {ID}.",
    f"Backported from commit {ID}.",
    f"This backports commit {ID}.",
    f"This is a backport of {ID}",
    f"This commit is a backport of {ID} from main.",
    f"[backport of {ID}]",
    f"Upstream commit: {ID}",
    f"upstream: {ID}",
    f"Commit {ID} upstream",
    f"[ Upstream commit {ID} ]",
    f"Original commit: {ID}",
    f"Original-commit: {ID}",
    f"X-Original-Commit-Id: {ID}",
    f"Merged from {ID}",
    f"MFC: {ID}",
    f"(From Some-Core rev: {ID})",
    f"svn path=/head/; git-commit: {ID}",
    f"**This is a backport of PR #13509 as merged into master\n({ID}).**",
    f"This is a backport of PR #13509 as merged into master ({ID}).",
    f"Words.\\n(cherry picked from commit {ID})",
    f"Revision: {ID}",
)


@pytest.mark.parametrize("body", _SPELLINGS)
def test_pick_line_of_any_tool_names_its_original(body: str) -> None:
    assert [hex_id for _, hex_id in picks_of("generic", body)] == [ID]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_pick_lines_of_other_projects_are_read_in_every_dialect(dialect: str) -> None:
    assert [hex_id for _, hex_id in picks_of(dialect, f"[ Upstream commit {ID} ]")] == [ID]


@pytest.mark.parametrize(
    "body",
    [
        f"It is what\nbackports {ID} did before.",
        f"It was done by\nthis backports {ID} partially, and more.",
        f"This is a backport of {ID} without its tests.",
        f"along the lines of what\nmerged from {ID}",
        f"Upstream: see {ID}",
        f"Revision: {ID} of the other tree",
        f"Rolled to\nRevision: {ID}",
        "Backport 25.1",
        "This is a backport of PR #13509 as merged into master.",
    ],
)
def test_prose_that_mentions_a_commit_is_no_pick_line(body: str) -> None:
    assert picks_of("generic", body) == []


def test_subject_of_patchback_names_its_original_by_abbreviation() -> None:
    subject = "[PR #13509/2d9c5c10 backport][3.15] Fix edge cases (#13512)"
    grammar = grammar_of(["generic"])
    assert read_picks(f"{subject}\n", grammar) == (PickMark(subject, "2d9c5c10"),)
    assert grammar.pick_hint.search(f"tree 0\n\n{subject}\n".encode())
    assert read_picks(f"Revert {subject}\n", grammar) == ()


def test_subject_of_ruby_names_its_originals() -> None:
    grammar = grammar_of(["generic"])
    subject = f"merge revision(s) {ID},2d9c5c10: [Backport #19161]"
    assert [mark.hex for mark in read_picks(f"{subject}\n\n\tfix gc\n", grammar)] == [ID, "2d9c5c10"]
    assert grammar.pick_hint.search(f"tree 0\n\n{subject}\n".encode())
    assert read_picks("merge revision(s) into one\n", grammar) == ()


def test_distinctive_grammar_has_the_lines_of_one_project_only() -> None:
    line = f"s\n\n(cherry picked from commit {ID})\n"
    assert [read_picks(line, distinctive_grammar_of(name)) for name in DIALECTS] == [()] * len(DIALECTS)
    assert read_picks(f"s\n\nmaster commit: {ID}\n", distinctive_grammar_of("xen"))
