"""Commit messages as `lint` gets them: of commits, of the file an editor leaves, of patches and mailboxes.

A draft keeps the number of each line, because a finding has to point at one. Reading files and git is for
`backportq.services.lint`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backportq.model.ids import Oid

_SCISSORS = re.compile(r"^.{0,80} -{4,} >8 -{4,}\s*$")
_MBOX_START = re.compile(r"(?:\A|(?<=\n\n))From \S+ [^\n]{0,80}\d{4}$", re.MULTILINE)
_PREFIX = re.compile(r"\s*\[[^\]]*\]\s*|\s*(?:re|fwd?):\s*", re.IGNORECASE)
_PATCH_BEGINS = re.compile(r"---\s*$|diff --git |Index: ")


@dataclass(frozen=True, slots=True)
class DraftMessage:
    """One message. `first_line` is the number of its first line in `source`; `commit` the commit it is of, if any.

    `is_merge` where the commit has several parents: what it changes is not its own.
    """

    message: str
    source: str | None = None
    first_line: int = 1
    commit: Oid | None = None
    is_merge: bool = False

    def line_of(self, text: str) -> int:
        """Return the number of the line on which a tag with the folded `text` begins; the first where none does."""
        wanted = " ".join(text.split())
        for index, line in enumerate(self.message.split("\n")):
            words = " ".join(line.split())
            if words and wanted.startswith(words):
                return self.first_line + index
        return self.first_line


def read_edited(text: str, source: str, *, comment: str = "#") -> DraftMessage:
    """Return the message in the file that git gave to an editor: what stands above the scissors, without comments.

    Comment lines become empty ones, so that all others keep their numbers. An empty `comment` keeps every line.
    """
    kept: list[str] = []
    for line in text.split("\n"):
        if comment and line.startswith(comment) and _SCISSORS.match(line):
            break
        kept.append("" if comment and line.startswith(comment) else line.removesuffix("\r"))
    return DraftMessage("\n".join(kept).rstrip("\n") + "\n", source)


def is_mail(content: bytes) -> bool:
    """Tell whether a file holds mails, as `git format-patch` writes them, and not one message."""
    head = content[:4096].replace(b"\r\n", b"\n")
    if re.match(rb"From \S+ [^\n]{0,80}\d{4}\n", head):
        return True
    block = head.split(b"\n\n")[0]
    return bool(re.match(rb"[A-Z][A-Za-z-]*:[ \t]", block)) and bool(re.search(rb"(?m)^Subject:", block))


def iter_patches(content: bytes, source: str) -> Iterator[DraftMessage]:
    """Yield the commit messages of the mails in `content`: one patch, or an mbox of them.

    The subject without `[PATCH …]` is the first line; the message ends where the patch begins.
    """
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    starts = [match.start() for match in _MBOX_START.finditer(text)]
    if not starts or starts[0] != 0:
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        draft = _patch(text[start:end], source, text.count("\n", 0, start) + 1)
        if draft is not None:
            yield draft


def _patch(mail: str, source: str, number: int) -> DraftMessage | None:
    lines = mail.split("\n")
    index = 1 if lines[0].startswith("From ") else 0
    subject, subject_line = "", index
    while index < len(lines) and lines[index].strip():
        if lines[index][:8].lower() == "subject:":
            subject, subject_line = lines[index][8:].strip(), index
            while index + 1 < len(lines) and lines[index + 1][:1] in (" ", "\t"):
                index += 1
                subject += " " + lines[index].strip()
        index += 1
    if not subject:
        return None
    while (match := _PREFIX.match(subject)) is not None and match.end():
        subject = subject[match.end() :]
    body: list[str] = []
    for line in lines[index:]:
        if _PATCH_BEGINS.match(line):
            break
        body.append(line)
    # The header takes some lines: empty ones stand for them, so that those of the body keep their numbers.
    filler = [""] * max(0, index - subject_line - 1)
    return DraftMessage("\n".join([subject, *filler, *body]).rstrip("\n") + "\n", source, number + subject_line)
