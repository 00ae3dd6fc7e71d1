"""Subjects as they are compared: people quote and retype them in other case and spacing.

Apart from `commit`, because a scan compares the subjects of all commits and has to be quick about it. This module must
not look anything up.
"""

from __future__ import annotations

from backportq.model.commit import Commit


def normal_subject(subject: str) -> str:
    """Return a subject as it is compared: ASCII letters in lower case, runs of white space as one space."""
    # ASCII only, so that bytes and text give the same; people change case in quotations, not scripts.
    return " ".join(subject.split()).encode("utf-8", "replace").lower().decode("utf-8", "replace")


def normal_subject_of(commit: Commit) -> str:
    """Return the subject of `commit` as it is compared: `normal_subject(commit.subject)`, sooner."""
    raw = commit.raw
    start = raw.find(b"\n\n") + 2
    end = raw.find(b"\n", start)
    line = raw[start:] if end == -1 else raw[start:end]
    # The usual message: one line of ASCII and an empty line. All else is left to those who know how.
    is_one_line = end == -1 or raw[end + 1 : end + 2] in (b"", b"\n")
    is_usual = start > 1 and is_one_line and line.isascii() and line.strip()
    if not is_usual or raw.find(b"\nencoding ", 0, start) != -1:
        return normal_subject(commit.subject)
    return " ".join(line.decode("ascii").split()).lower()
