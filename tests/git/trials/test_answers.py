"""What `merge-tree --stdin` prints, with its traps; the samples are real output of git 2.39."""

from __future__ import annotations

import pytest

from backportq.git.trials.answers import MergeAnswer, parse_answers
from backportq.model.trials.verdict import PathConflict

OURS, THEIRS = b"1" * 40, b"2" * 40
TREE = "a" * 40
CLEAN = b"1\0" + b"a" * 40 + b"\0\0"
CONFLICT = (
    b"0\0" + b"a" * 40 + b"\0"
    b"100644 " + b"3" * 40 + b" 1\tf\x00100644 " + b"4" * 40 + b" 2\tf\x00100644 " + b"5" * 40 + b" 3\tf\0\0"
    b"1\0f\0Auto-merging\0Auto-merging f\n\0"
    b"1\0f\0CONFLICT (contents)\0CONFLICT (content): Merge conflict in f\n\0\0"
)
SUBMODULE = (
    b"0\0" + b"a" * 40 + b"\x00160000 " + b"3" * 40 + b" 2\tsub\0\0"
    b"1\0sub\0CONFLICT (submodule not initialized)\0Failed to merge submodule sub (not checked out)\n\0"
    b"1\0sub\0CONFLICT (contents)\0CONFLICT (submodule): Merge conflict in sub\n\0"
    b"Recursive merging with submodules currently only supports trivial cases.\n - commit the result\n\0"
)
NO_ENTRIES = (
    b"0\0" + b"a" * 40 + b"\0\0"
    b"2\0new/f\0old/f\0CONFLICT (directory rename suggested)\0CONFLICT (file location): old/f added in "
    + THEIRS
    + b" inside a directory that was renamed in "
    + OURS
    + b", suggesting it should perhaps be moved to new/f.\n\0\0"
)
FOLDER = (
    b"0\0" + b"a" * 40 + b"\x00100644 " + b"3" * 40 + b" 3\tplace~" + THEIRS + b"\0\0"
    b"1\0place~"
    + THEIRS
    + b"\0CONFLICT (file/directory)\0CONFLICT (file/directory): directory in the way of place from "
    + THEIRS
    + b"; moving it to place~"
    + THEIRS
    + b" instead.\n\0\0"
)

BOTH_RENAMED = (
    b"0\0" + b"a" * 40 + b"\0"
    b"100644 " + b"3" * 40 + b" 1\tf\x00100644 " + b"3" * 40 + b" 3\tg\x00100644 " + b"3" * 40 + b" 2\th\0\0"
    b"3\0f\0g\0h\0CONFLICT (rename/rename)\0CONFLICT (rename/rename): f renamed to h in "
    + OURS
    + b" and to g in "
    + THEIRS
    + b".\n\0\0"
)

CLEAN_ANSWER = MergeAnswer(is_clean=True, tree=TREE, conflicts=())
ANSWERS = {
    "clean": (CLEAN, CLEAN_ANSWER),
    "conflict": (CONFLICT, MergeAnswer(is_clean=False, tree=TREE, conflicts=(PathConflict("f", "content"),))),
    "submodule": (
        SUBMODULE,
        MergeAnswer(is_clean=False, tree=TREE, conflicts=(PathConflict("sub", "submodule", "Merge conflict in sub"),)),
    ),
    "no entries": (
        NO_ENTRIES,
        MergeAnswer(
            is_clean=False,
            tree=TREE,
            conflicts=(
                PathConflict(
                    "new/f",
                    "file location",
                    "old/f added in the commit inside a directory that was renamed in the branch, suggesting it should "
                    "perhaps be moved to new/f.",
                ),
            ),
        ),
    ),
    "both renamed": (
        BOTH_RENAMED,
        MergeAnswer(
            is_clean=False,
            tree=TREE,
            conflicts=tuple(
                PathConflict(path, "rename/rename", "f renamed to h in the branch and to g in the commit.")
                for path in ("f", "g", "h")
            ),
        ),
    ),
    "folder in the way": (
        FOLDER,
        MergeAnswer(
            is_clean=False,
            tree=TREE,
            conflicts=(
                PathConflict(
                    "place",
                    "file/directory",
                    "directory in the way of place from the commit; moving it to place~theirs instead.",
                ),
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_parse_answers_of_one_merge_gives_it(name: str) -> None:
    out, wanted = ANSWERS[name]
    assert parse_answers(out, [(OURS, THEIRS)]) == [wanted]


def test_parse_answers_of_many_merges_gives_all_in_order() -> None:
    out = b"".join(out for out, _ in ANSWERS.values())
    assert parse_answers(out, [(OURS, THEIRS)] * len(ANSWERS)) == [wanted for _, wanted in ANSWERS.values()]


@pytest.mark.parametrize("name", ANSWERS)
def test_parse_answers_cut_off_anywhere_gives_only_what_is_whole(name: str) -> None:
    out, wanted = ANSWERS[name]
    for size in range(len(CLEAN), len(CLEAN + out)):
        found = parse_answers((CLEAN + out)[:size], [(OURS, THEIRS)] * 2)
        assert found[0] == CLEAN_ANSWER
        assert found[1:] in ([], [wanted])
    assert parse_answers((CLEAN + out)[:-2], [(OURS, THEIRS)] * 2)[1:] == []


def test_parse_answers_of_nothing_gives_nothing() -> None:
    assert parse_answers(b"", []) == []
