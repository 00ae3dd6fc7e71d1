"""The matcher in Python gives RE2's answers, or says that it does not know; and no pattern can make it hang."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import backportq
from backportq.model.items.rules import glob_pattern
from backportq.model.linear_patterns import InvalidPatternError, LinearPattern, compile_in_python, compile_pattern

has_re2 = pytest.mark.skipif(importlib.util.find_spec("re2") is None, reason="google-re2 is not installed")

_ATOMS = st.sampled_from(
    ["a", "b", "ab", "é", ".", r"\d", r"\w", r"\s", r"\b", "^", "$", "[ab]", "[^a]", "[a-c]", "[[:alpha:]]", r"\.", "#",
     r"\x61", r"\S", r"\A", r"\z", r"\pL", r"\Qa", "(?i)", "(?m)", "(?s)", "(?P<n>a)", "{", "a|", r"\1", "(?=a)"]
)  # fmt: skip
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{40}"])).map("".join),
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map("|".join),
        inner.map("({})".format),
        inner.map("(?:{})".format),
    ),
    max_leaves=8,
)


def _compiled(compile_one: object, pattern: str) -> LinearPattern | None:
    try:
        return compile_one(pattern)  # type: ignore[operator, no-any-return]
    except InvalidPatternError:
        return None


@has_re2
@given(_PATTERNS, st.text(alphabet="abcé .#\n1A", max_size=20))
def test_matcher_in_python_says_what_re2_says_or_nothing(pattern: str, text: str) -> None:
    python, re2 = _compiled(compile_in_python, pattern), _compiled(compile_pattern, pattern)
    if python is None:
        return
    assert re2 is not None
    raw = text.encode()
    ours, theirs = python.search(raw), re2.search(raw)
    assert (ours and ours.group(0)) == (theirs and theirs.group(0))


@has_re2
@given(st.text(alphabet="ab/*?.é", max_size=12), st.text(alphabet="ab/.é", max_size=12))
def test_globs_match_the_same_paths_without_re2(glob: str, path: str) -> None:
    pattern = glob_pattern(glob)
    found = [compiler(pattern).search(path.encode()) is not None for compiler in (compile_in_python, compile_pattern)]
    assert found[0] == found[1]


@has_re2
@given(_PATTERNS, st.text(alphabet="abcé .#\n1A", max_size=20))
def test_values_of_a_group_are_those_of_re2(pattern: str, text: str) -> None:
    named = f"(?P<whole>{pattern})"
    python, re2 = _compiled(compile_in_python, named), _compiled(compile_pattern, named)
    if python is None or re2 is None:
        return
    assert "whole" in python.groups
    assert python.groups == re2.groups
    assert list(python.values(text, "whole")) == list(re2.values(text, "whole"))


def test_only_one_module_knows_re2() -> None:
    root = Path(backportq.__file__).parent
    named = [path.name for path in root.rglob("*.py") if "import re2" in path.read_text()]
    assert named == ["linear_patterns.py"]


def test_group_is_given_by_name() -> None:
    found = compile_in_python(r"\(#(?P<key>[0-9]+)\)$").search("größe: fix (#123)".encode())
    assert found is not None
    assert found.group("key") == b"123"


@pytest.mark.parametrize("pattern", [r"\pL+", r"\Qa.b\E", "(?U)a+", r"\C", "a**", "((a{30}){30}){30}", "a" * 3_000])
def test_what_would_be_read_differently_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPatternError):
        compile_in_python(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*c", "x*y", "(a|a)*$", "(a*)*b", "(.*a){20}", r"(\w+\s?)*$"])
def test_hostile_pattern_takes_linear_time(pattern: str) -> None:
    compiled = compile_in_python(pattern)
    times = []
    for length in (2_000, 8_000):
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            compiled.search(b"a" * length + b"!")
            best = min(best, time.process_time() - start)
        times.append(best)
    assert times[1] < 8 * times[0] + 0.1
