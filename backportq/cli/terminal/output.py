"""Everything that the program prints: lines, tables, JSON, warnings, errors.

- All of it is cleaned here; `tests/laws/test_layers.py` holds that nothing else prints.
- A closed or full standard output ends every command in the same way.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from backportq.cli import invocation
from backportq.cli.terminal import pager, progress
from backportq.cli.terminal.clean import UNSAFE, clean, clean_lines
from backportq.cli.terminal.table import Cell, Column, Style, fold, paint, render, width_of
from backportq.errors import BackportqError

__all__ = [
    "Cell",
    "Column",
    "OutputClosed",
    "Style",
    "blank",
    "choose_format",
    "emit_bytes",
    "emit_json",
    "error",
    "heading",
    "next_step",
    "note",
    "paragraph",
    "say",
    "table",
    "warn",
]

_toml_chosen = False
_kept: list[tuple[str, Style]] | None = None

_FALLBACK_WIDTH = 80


class OutputClosed(Exception):  # noqa: N818 - an ending, not a failure
    """Whoever read our output closed it, as `head` does; the command ends quietly."""


def say(text: str = "", style: Style = Style.PLAIN) -> None:
    """Print one line, cleaned; on a terminal that is narrower it goes on, indented, on the next."""
    if _kept is not None:
        _kept.append((text, style))
        return
    line = clean(text)
    lines = fold(line, terminal_width()) if is_terminal() else [line]
    _write("".join(paint(part, style, color=_colored(sys.stdout)) + "\n" for part in lines))


@contextlib.contextmanager
def keeping() -> Iterator[list[tuple[str, Style]]]:
    """Give the lines that are said meanwhile, with their styles, instead of printing them."""
    global _kept  # noqa: PLW0603 - one run prints one text
    lines: list[tuple[str, Style]] = []
    _kept = lines
    try:
        yield lines
    finally:
        _kept = None


def blank() -> None:
    """Print an empty line."""
    _write("\n")


def heading(text: str) -> None:
    """Print a section heading."""
    say(text, Style.HEADING)


def paragraph(text: str) -> None:
    """Print text of several lines, such as a commit message, each cleaned and indented."""
    _write("".join(f"  {line}".rstrip() + "\n" for line in clean_lines(text)))


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell | str]],
    *,
    remarks: Sequence[Sequence[str]] = (),
    goes_on: bool = False,
) -> int:
    """Print a table with `remarks` below its rows: fitted to the terminal, or whole and plain where there is none.

    One that `goes_on` follows a part of itself and has no header. Return how many lines were printed.
    """
    width = terminal_width() if _is_terminal(sys.stdout) else None
    text = render(columns, rows, width=width, color=_colored(sys.stdout), remarks=remarks, goes_on=goes_on)
    _write(text)
    return text.count("\n")


def next_step(command: str, why: str = "") -> None:
    """Print what a person may type next; `backportq` stands for how the program was called."""
    command = command.replace("backportq", invocation.current().program, 1)
    line = f"  {command}    {why}".rstrip()
    if is_terminal() and width_of(clean(line)) > terminal_width():
        say(f"  {command}", Style.DIM)
        line = f"      {why}"
    say(line, Style.DIM)


def emit_json(document: Mapping[str, object]) -> None:
    """Print the one document of this run, as JSON or, where `--toml` was given, as TOML; `"schema": 1` comes first.

    - Called once, when everything is known: a failure leaves standard output empty.
    - The bytes are UTF-8 in any locale. Undecodable bytes of git appear as lone surrogate escapes, as Python reads
      them.
    - Characters that a terminal could obey are escaped.
    """
    import json  # as in the other places, so that what is needed first is loaded first

    if _toml_chosen:
        _write_bytes(_toml_text({"schema": 1, **document}).encode("utf-8"))
        return
    text = json.dumps({"schema": 1, **document}, ensure_ascii=False, separators=(",", ":"))
    _write_bytes(UNSAFE.sub(_json_escape, text).encode("utf-8") + b"\n")


def choose_format(*, toml: bool) -> None:
    """Have the document of this run printed as TOML, or as JSON."""
    global _toml_chosen  # noqa: PLW0603 - one run prints one document
    _toml_chosen = toml


def emit_bytes(content: bytes) -> None:
    """Print a document in a format of its own, such as an mbox; whoever made it has cleaned it."""
    _write_bytes(content)


def warn(text: str, hints: Sequence[str] = ()) -> None:
    """Print a warning to standard error, and what to type about it; the command goes on."""
    _tell("warning", text)
    for hint in hints:
        _tell("hint", hint)


def note(text: str) -> None:
    """Print a remark to standard error that explains a result without being part of it."""
    _tell("note", text)


def error(failure: BackportqError) -> None:
    """Print a failure with its hints to standard error."""
    _tell("error", failure.message)
    for hint in failure.hints:
        _tell("hint", hint)


def terminal_width() -> int:
    """Return the columns of the terminal; `COLUMNS` overrides what it says of itself."""
    import shutil

    return max(shutil.get_terminal_size((_FALLBACK_WIDTH, 24)).columns, 20)


def terminal_height() -> int:
    """Return the lines of the terminal; `LINES` overrides what it says of itself."""
    import shutil

    return shutil.get_terminal_size((_FALLBACK_WIDTH, 24)).lines


def unpaged() -> None:
    """Print what follows without a pager: it fits the screen."""
    invocation.current().paged = False


def is_terminal() -> bool:
    """Tell whether standard output is a terminal."""
    return _is_terminal(sys.stdout)


def flush() -> None:
    """Send out what is buffered; a closed or full output raises as it does when printing."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except OSError as problem:
            raise _unwritable(problem) from problem


_WORDS = {"error": Style.BAD, "warning": Style.WAITING, "hint": Style.DIM, "note": Style.DIM}


def _tell(word: str, text: str) -> None:
    """Print `word: text` to standard error, further lines indented so that none can pose as a message of its own."""
    if sys.stderr is None:
        return
    progress.line.clear()
    with contextlib.suppress(OutputClosed, BackportqError):
        flush()  # what was said before a warning is to stand before it
    # While the pager has the terminal, nobody else may write on it.
    stream = sys.stdout if pager.is_pager(sys.stdout) and sys.stderr.isatty() else sys.stderr
    first, *others = clean_lines(text)
    lines = [f"{word}: {first}", *(f"  {line}" for line in others)]
    if _is_terminal(stream) and word != "hint":  # a hint is a command to copy, which a fold would cut in two
        lines = [part for line in lines for part in fold(line, terminal_width())]
    label = f"{word}:"
    lines[0] = paint(label, _WORDS[word], color=_colored(stream)) + lines[0].removeprefix(label)
    with contextlib.suppress(OSError):  # nobody may be left to be told
        stream.write(_encodable("".join(f"{line.rstrip()}\n" for line in lines), stream))
        stream.flush()


def _write(text: str) -> None:
    if sys.stdout is None:
        raise _closed()
    progress.line.clear()
    _page()
    try:
        sys.stdout.write(_encodable(text, sys.stdout))
    except OSError as problem:
        raise _unwritable(problem) from problem


def _page() -> None:
    """Send what follows through the pager, if this command is paged and a person is reading."""
    here = invocation.current()
    if here.paged and _is_terminal(sys.stdout):
        here.paged = False
        sys.stdout = pager.start() or sys.stdout


def _write_bytes(content: bytes) -> None:
    if sys.stdout is None:
        raise _closed()
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except OSError as problem:
        raise _unwritable(problem) from problem


class UnwritableOutputError(BackportqError):
    """Standard output takes nothing: it was closed from the start, or its disk is full."""


def _closed() -> UnwritableOutputError:
    return UnwritableOutputError("cannot write the output: standard output is closed")


def _unwritable(problem: OSError) -> Exception:
    if isinstance(problem, BrokenPipeError):
        return OutputClosed()
    return UnwritableOutputError(f"cannot write the output: {problem.strerror}")


def _encodable(text: str, stream: TextIO) -> str:
    """Return `text` with characters that the stream's encoding lacks as escapes, so that a Latin-1 locale ends no
    scan."""
    encoding = stream.encoding or "utf-8"
    if text.isascii() or encoding.lower() in ("utf-8", "utf8"):
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and (pager.is_pager(stream) or stream.isatty())


def _colored(stream: TextIO | None) -> bool:
    """Whether to colour: a terminal that can, and a user who did not object (https://no-color.org)."""
    return (
        _is_terminal(stream)
        and invocation.current().color
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "dumb") != "dumb"
    )


def _toml_text(document: Mapping[str, object]) -> str:
    import tomli_w

    lines = tomli_w.dumps(_without_null(document)).split("\n")
    return "\n".join(UNSAFE.sub(_toml_escape, line) for line in lines)


def _without_null(value: Any) -> Any:
    """Return a value of a document without what is null, which TOML cannot say, and without halves of characters."""
    if isinstance(value, Mapping):
        return {_whole(key): _without_null(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_null(inner) for inner in value if inner is not None]
    return _whole(value) if isinstance(value, str) else value


def _whole(text: str) -> str:
    return str(text).encode("utf-8", "replace").decode()


def _toml_escape(match: re.Match[str]) -> str:
    point = ord(match[0])
    return f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"


def _json_escape(match: re.Match[str]) -> str:
    import json

    return json.dumps(match[0])[1:-1]
