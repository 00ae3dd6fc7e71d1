"""Subjects as they are compared: people quote and retype them in other case and spacing.

Apart from `commit`, because a scan compares the subjects of all commits and has to be quick about it. This module must
not look anything up.
"""

from __future__ import annotations

import re

from backportq.model.commit import Commit

_BRANCH_MARK = re.compile(
    r"\[(?:backport(?:ed)? (?:to )?)?(?:[a-z][a-z0-9_]{0,40}[-/]){0,3}"
    r"v?[0-9]{1,4}(?:[._-][0-9]{1,4}){0,3}(?:[._-][xy])?\]:? {0,2}",
    re.IGNORECASE,
)


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
    is_usual = start > 1 and is_one_line and line.isascii() and line.strip(b" \t\r") and b"\0" not in line
    if not is_usual or raw.find(b"\nencoding ", 0, start) != -1:
        return normal_subject(commit.subject)
    return " ".join(line.decode("ascii").split()).lower()


def without_branch_mark(subject: str) -> str:
    """Return a subject without the branch that many projects put before those of their picks (`[3.2.x] `,
    `[release-1.20] `, `[backport 8.1] `), the same text where there is none or nothing else."""
    mark = _BRANCH_MARK.match(subject)
    return subject[mark.end() :] or subject if mark is not None else subject


def is_subject_of_pick(subject: str, original: str) -> bool:
    """Tell whether `subject` is that of a pick of a commit whose subject is `original`, both comparable."""
    return original in (subject, without_branch_mark(subject))
