"""A project's own rules: what they match, and that a hostile pattern can neither hang nor pass."""

from __future__ import annotations

import time

import pytest

from backportq.errors import ConfigError
from backportq.model.commit import Commit
from backportq.model.config import Rule
from backportq.model.ids import Oid
from backportq.model.items.rules import compile_rules, glob_pattern


def _commit(message: str, author: str = "Ada Author <ada@example.org>") -> Commit:
    raw = f"tree {'0' * 40}\nauthor {author} 0 +0000\ncommitter {author} 0 +0000\n\n{message}"
    return Commit(Oid("1" * 40), raw.encode())


@pytest.mark.parametrize(
    ("rule", "message", "matches"),
    [
        (Rule("r", pattern=r"XSA-\d+"), "subject\n\nThis is XSA-42.\n", True),
        (Rule("r", pattern=r"XSA-\d+", search_in="subject"), "subject\n\nThis is XSA-42.\n", False),
        (Rule("r", pattern=r"XSA-\d+", search_in="subject"), "XSA-42: subject\n", True),
        (Rule("r", pattern=r"(?i)cve-\d{4}"), "x\n\nCVE-2026-1\n", True),
        (Rule("r", pattern="ünïcode"), "ünïcode\n", True),
        (Rule("r", pattern="x", author="ADA@"), "x\n", True),
        (Rule("r", pattern="x", author="bob@"), "x\n", False),
        (Rule("r", author="ada author"), "y\n", True),
    ],
)
def test_rule_matches_what_all_of_its_conditions_say(rule: Rule, message: str, matches: bool) -> None:  # noqa: FBT001
    assert compile_rules([rule])[0].matches_message(_commit(message)) is matches


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("docs/*", "docs/page", True),
        ("docs/*", "docs/deep/page", False),
        ("docs/**", "docs/deep/page", True),
        ("docs/", "docs/deep/page", True),
        ("docs/", "docsy/page", False),
        ("**/Makefile", "Makefile", True),
        ("**/Makefile", "a/b/Makefile", True),
        ("**/Makefile", "a/b/Makefile.in", False),
        ("a?c.[ch]", "abc.[ch]", True),
        ("a?c", "a/c", False),
        ("with space+plus", "with space+plus", True),
        ("line*end", "line\nend", True),
    ],
)
def test_glob_keeps_to_folders(glob: str, path: str, matches: bool) -> None:  # noqa: FBT001
    assert compile_rules([Rule("r", path=glob)])[0].matches_paths([path]) is matches
    assert glob_pattern(glob).startswith(r"(?s)\A")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Rule("odd"), "rule 'odd' in config.toml has no condition, wanted 'pattern', 'path' or 'author'"),
        (
            Rule("odd", pattern="x", search_in="body"),
            "rule 'odd' in config.toml has in = 'body', wanted 'subject' or 'message'",
        ),
        (
            Rule("odd", pattern="(a"),
            "rule 'odd' in config.toml has a pattern that is no RE2 regular expression: missing ): (a",
        ),
        (
            Rule("odd", pattern=r"(a)\1"),
            "rule 'odd' in config.toml has a pattern that is no RE2 regular expression: invalid escape sequence: \\1",
        ),
    ],
)
def test_unusable_rule_is_named(rule: Rule, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        compile_rules([rule])
    assert raised.value.message == message


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x", "(a*)*(a*)*b", "((((a+)+)+)+)+$"])
def test_pattern_that_explodes_elsewhere_takes_linear_time(pattern: str) -> None:
    rule = compile_rules([Rule("bomb", pattern=pattern)])[0]
    commit = _commit("a" * 1_000_000 + "!")
    start = time.perf_counter()
    assert rule.matches_message(commit) is False
    assert time.perf_counter() - start < 2


def test_pattern_that_would_need_much_memory_is_refused() -> None:
    with pytest.raises(ConfigError, match="no RE2 regular expression"):
        compile_rules([Rule("bomb", pattern="((x{100}){100}){100}")])
