"""Files that are written whole or not at all, and what killed processes left of theirs.

A file is made beside its place as `.NAME.PROCESS` and moved there when it is complete. This module must not know what
is in it.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from pathlib import Path

_SHOWN = 60
_UNFINISHED = re.compile(r"\.(?P<name>.+)\.(?P<process>[0-9]+)(?:\.part)?", re.DOTALL)  # .part: of older versions


def write_whole(path: Path, content: bytes, *, is_program: bool = False) -> None:
    """Write a file, or leave what is there as it is; raise `OSError`."""
    part = path.with_name(f".{_short(path.name)}.{os.getpid()}")
    try:
        part.write_bytes(content)
        if is_program:
            part.chmod(part.stat().st_mode | 0o111)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def remove_unfinished(folder: Path, is_ours: Callable[[str], bool]) -> None:
    """Remove what killed processes left of files with these names; what cannot be removed stays.

    A name may be cut off: what is asked about is as long as `unfinished_name` makes it.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _UNFINISHED.fullmatch(entry.name)
            if found is not None and is_ours(found["name"]) and not is_running(found["process"]):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


def unfinished_name(path: str) -> str:
    """Return the name that an unfinished file at this path is called by."""
    return _short(path.rpartition("/")[2])


def is_running(process: str) -> bool:
    """Tell whether another process may be running under this number; where nobody knows, one is."""
    if not process.isdecimal():
        return True
    if int(process) == os.getpid():
        return False
    return Path(f"/proc/{process}").exists() or not Path("/proc/self").exists()


def _short(name: str) -> str:
    return name[:_SHOWN]
