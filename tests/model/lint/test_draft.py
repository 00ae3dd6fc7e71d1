"""Messages with the number of each line: edited files, patches and mailboxes."""

from __future__ import annotations

import pytest

from backportq.model.lint.draft import DraftMessage, is_mail, iter_patches, read_edited

_PATCH = """From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001
From: Ada Author <ada@example.org>
Date: Tue, 14 Nov 2023 22:14:20 +0000
Subject: [PATCH v2 1/2] crane: lower
 boxes slowly

Text.

Fixes: 1234567890ab ("crane: lift boxes")
---
 file | 2 +-

diff --git a/file b/file
--\x20
2.39.5

"""


def test_read_edited_comments_are_empty_and_the_rest_keeps_its_numbers() -> None:
    draft = read_edited("subject\n# comment\n\nFixes: 1234567\n# more\n", "MSG")
    assert draft.message == "subject\n\n\nFixes: 1234567\n"
    assert draft.line_of("Fixes: 1234567") == 4


def test_read_edited_what_stands_below_the_scissors_is_no_message() -> None:
    scissors = f"# {'-' * 24} >8 {'-' * 24}"
    text = f"subject\n{scissors}\n# Do not modify\ndiff --git a/f b/f\n+Fixes: x\n"
    assert read_edited(text, "MSG").message == "subject\n"


def test_read_edited_another_comment_character_keeps_hashes() -> None:
    assert read_edited("subject\n\n#1 is fixed\n; note\n", "MSG", comment=";").message == "subject\n\n#1 is fixed\n"


def test_line_of_a_folded_tag_is_the_line_it_begins_on() -> None:
    draft = DraftMessage('subject\n\nFixes: 1234567 ("a\n  b")\n', first_line=10)
    assert draft.line_of('Fixes: 1234567 ("a b")') == 12


def test_iter_patches_one_draft_for_each_mail_with_lines_of_the_file() -> None:
    assert is_mail(_PATCH.encode())
    first, second = iter_patches((_PATCH + _PATCH).encode(), "MBOX")
    assert first.message.startswith("crane: lower boxes slowly\n")
    lines = (_PATCH + _PATCH).split("\n")
    for draft in (first, second):
        tag = 'Fixes: 1234567890ab ("crane: lift boxes")'
        assert lines[draft.line_of(tag) - 1] == tag
    assert first.first_line != second.first_line


@pytest.mark.parametrize("text", ["", "\n\n", "subject\n\nFixes: 1\n", "fix: the thing\n\nSigned-off-by: A <a@b>\n"])
def test_is_mail_a_plain_message_is_none(text: str) -> None:
    assert not is_mail(text.encode())
