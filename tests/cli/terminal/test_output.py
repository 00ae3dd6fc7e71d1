"""Printing: JSON that is one safe document in any locale, and text that survives poor encodings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backportq.cli.terminal.clean import UNSAFE


def _print(statement: str, **env: str) -> tuple[bytes, bytes, int]:
    done = subprocess.run(
        [sys.executable, "-c", f"from backportq.cli.terminal import output\n{statement}\noutput.flush()"],
        capture_output=True,
        env={**os.environ, **env},
        cwd=Path(__file__).parent,
    )
    return done.stdout, done.stderr, done.returncode


def test_emit_json_puts_schema_first_and_ends_with_a_line_end() -> None:
    assert _print("output.emit_json({'b': [1, None], 'a': 'ä'})") == (
        '{"schema":1,"b":[1,null],"a":"ä"}\n'.encode(),
        b"",
        0,
    )


def test_emit_json_in_an_ascii_locale_is_utf8() -> None:
    out, _err, _status = _print(
        "output.emit_json({'a': '\\u6f22'})", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert out == '{"schema":1,"a":"漢"}\n'.encode()


def test_emit_json_odd_bytes_and_escapes_are_escaped_and_come_back() -> None:
    value = "\udcff \x9b31m \u202e \x7f \U000e0041"
    out, _err, _status = _print(f"output.emit_json({{'a': {value!a}}})")
    assert out == b'{"schema":1,"a":"\\udcff \\u009b31m \\u202e \\u007f \\udb40\\udc41"}\n'
    assert json.loads(out) == {"schema": 1, "a": value}


def test_say_in_a_latin1_locale_escapes_what_it_lacks() -> None:
    assert _print("output.say('Größe 漢字 \\x1b[31m')", PYTHONIOENCODING="latin-1") == (
        b"Gr\xf6\xdfe \\u6f22\\u5b57 \\x1b[31m\n",
        b"",
        0,
    )


def test_paragraph_keeps_lines_and_cleans_each() -> None:
    assert _print("output.paragraph('one\\n\\n\\ttwo\\x07\\n')") == (b"  one\n\n      two\\x07\n\n", b"", 0)


def test_warn_and_note_go_to_stderr_after_what_was_said() -> None:
    assert _print("output.say('said'); output.warn('odd \\x1b'); output.note('two\\nlines')") == (
        b"said\n",
        b"warning: odd \\x1b\nnote: two\n  lines\n",
        0,
    )


@given(st.text())
def test_json_escape_any_text_is_safe_and_comes_back(text: str) -> None:
    from backportq.cli.terminal.output import _json_escape

    escaped = UNSAFE.sub(_json_escape, json.dumps(text, ensure_ascii=False))
    assert not UNSAFE.search(escaped)
    assert json.loads(escaped) == text
