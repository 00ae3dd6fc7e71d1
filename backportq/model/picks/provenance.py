"""The message of a pick: the original's, with where it came from written as the project at hand writes it.

Each style agrees with what `model/trailers/pick_lines` finds later. The recipe for a new style is in this folder's
docstring.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backportq.errors import ConfigError
from backportq.model.commit import Identity
from backportq.model.config import Config
from backportq.model.ids import Oid
from backportq.model.near_words import near_words
from backportq.model.trailers.message import trailer_block

_SPACES = " \t\n\r"  # git's isspace() in strbuf_stripspace
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_RESOLVED = r"(?m)^\[[^\n]*?(?P<words>conflict[^\n]* resolved by '[^'\n]*'[^\n]*)\]$"


class ProvenanceStyle(StrEnum):
    """How a pick names its original. The values are what `[policy] provenance` and `--style` take."""

    CHERRY_PICK = "cherry-pick"
    XEN = "xen"
    LINUX = "linux"
    UPSTREAM_COMMIT = "upstream-commit"
    DPDK = "dpdk"
    DJANGO = "django"
    NONE = "none"


_STYLE_OF_DIALECT = {
    "xen": ProvenanceStyle.XEN,
    "linux": ProvenanceStyle.LINUX,
    "dpdk": ProvenanceStyle.DPDK,
    "django": ProvenanceStyle.DJANGO,
}


@dataclass(frozen=True, slots=True)
class Original:
    """What the provenance names: the upstream commit and when it was committed there.

    `picked` is the commit whose change and message are taken: `upstream` itself, or another branch's pick of it.
    """

    upstream: Oid
    committed: datetime
    picked: Oid


class CleanupMode(StrEnum):
    """What is done to a message before it is committed, by git's words for `commit.cleanup`."""

    VERBATIM = "verbatim"
    WHITESPACE = "whitespace"
    STRIP = "strip"


@dataclass(frozen=True, slots=True)
class MessageCleanup:
    """What the user's `commit.cleanup` asks for, and what begins a comment (`core.commentChar`)."""

    mode: CleanupMode
    comment: str = "#"


@dataclass(frozen=True, slots=True)
class Wording:
    """How the message is to be written.

    - `upstream_branch` and `stable_branch` are for the styles that name branches.
    - `adaptation` says in one line how `who` adapted the pick; with `sign_off`, `who` signs it off.
    - `cleanup` is what the user asks for; without it, git tidies up where it adds something.
    """

    style: ProvenanceStyle
    upstream_branch: str
    stable_branch: str
    who: Identity
    sign_off: bool = False
    adaptation: str | None = None
    cleanup: MessageCleanup | None = None


def choose_style(config: Config | None, asked: str | None = None) -> ProvenanceStyle:
    """Return the style `asked` for, else that of `[policy] provenance`, else that of the project's dialects.

    Raise `ConfigError` for a word that names none.
    """
    given = asked
    if given is None and config is not None and config.policy.get("provenance") is not None:
        given = str(config.policy["provenance"])
    if given is not None:
        return _parse_style(given)
    dialects: Sequence[str] = config.dialects if config is not None else ()
    return next(
        (_STYLE_OF_DIALECT[dialect] for dialect in dialects if dialect in _STYLE_OF_DIALECT),
        ProvenanceStyle.CHERRY_PICK,
    )


def signs_off(config: Config | None) -> bool:
    """Tell whether the project wants picks signed off (`[policy] sign-off = true`)."""
    return config is not None and config.policy.get("sign-off") is True


def compose(message: str, original: Original, wording: Wording) -> str:
    """Return the message of the pick, in the form in which git would store it.

    `message` is that of `original.picked`. A pick of another stable branch may say already what the wanted style says;
    it is not said twice. git's own line is the exception: `git cherry-pick -x` adds it for every step.
    """
    text = _without_leading_blanks(message)
    words = provenance_words(wording.style, original.upstream, original.committed, wording.upstream_branch)
    match wording.style:
        case ProvenanceStyle.CHERRY_PICK:
            text = _adapted(_in_block(text, f"(cherry picked from commit {original.picked})"), wording)
        case ProvenanceStyle.XEN:
            text = _xen(text, words, wording)
        case ProvenanceStyle.LINUX | ProvenanceStyle.UPSTREAM_COMMIT | ProvenanceStyle.DPDK:
            text = _adapted(_below_subject(text, words, original.upstream), wording)
        case ProvenanceStyle.DJANGO:
            text = _django(text, words, original, wording)
        case ProvenanceStyle.NONE:
            if wording.adaptation is None and not wording.sign_off and wording.cleanup is None:
                return text  # git cleans a message up only where it adds to it
            text = _adapted(text, wording)
    if wording.sign_off and wording.style is not ProvenanceStyle.XEN:
        text = append_sign_off(text, wording.who)
    return cleaned(text, wording.cleanup)


def cleaned(text: str, cleanup: MessageCleanup | None) -> str:
    """Return a message as git stores it after `cleanup` (sequencer.c, `try_to_commit`)."""
    if cleanup is None or cleanup.mode is CleanupMode.WHITESPACE:
        return stripspace(text)
    if cleanup.mode is CleanupMode.VERBATIM:
        return text
    lines = text.split("\n")
    return stripspace("\n".join(line for line in lines if not line.startswith(cleanup.comment)))


def provenance_words(style: ProvenanceStyle, upstream: Oid, committed: datetime, upstream_branch: str) -> str:
    """Return what `git cherry-pick` does not write into the message by itself; empty where the style adds nothing, or
    what `-x` adds."""
    match style:
        case ProvenanceStyle.CHERRY_PICK | ProvenanceStyle.NONE:
            return ""
        case ProvenanceStyle.XEN:
            # As git's `%ci` prints a date.
            return f"master commit: {upstream}\nmaster date: {committed.strftime('%Y-%m-%d %H:%M:%S %z')}"
        case ProvenanceStyle.LINUX:
            return f"commit {upstream} upstream."
        case ProvenanceStyle.UPSTREAM_COMMIT:
            return f"[ Upstream commit {upstream} ]"
        case ProvenanceStyle.DPDK:
            return f"[ upstream commit {upstream} ]"
        case ProvenanceStyle.DJANGO:
            return f"Backport of {upstream} from {upstream_branch}."


def append_sign_off(text: str, who: Identity) -> str:
    """Return `text` with the sign-off of `who` as `git cherry-pick -s` appends it (sequencer.c, `append_signoff`).

    It is not added where it is the last trailer already. Without a trailer block, an empty line comes before it.
    """
    text = _complete_line(text)
    line = f"Signed-off-by: {who}\n"
    if text == line:
        return text
    footer = _footer(text)
    if not footer:
        if not text:
            text = "\n\n"
        elif text == "\n" or not text.endswith("\n\n"):
            text += "\n"
    elif footer[-1].startswith(line):
        return text
    return text + line


def stripspace(text: str) -> str:
    """Return `text` as `git stripspace` leaves it: no spaces at line ends, no empty lines at either end, no two in a
    row."""
    lines: list[str] = []
    for line in text.split("\n"):
        bare = line.rstrip(_SPACES)
        if bare or (lines and lines[-1]):
            lines.append(bare)
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


def one_line(text: str) -> str:
    """Return what a person wrote on one line without control characters, so that it cannot pose as a trailer."""
    return _CONTROLS.sub(" ", text).strip()


def _parse_style(word: str) -> ProvenanceStyle:
    try:
        return ProvenanceStyle(word)
    except ValueError:
        known = [str(style) for style in ProvenanceStyle]
        near = near_words(word, known, at_most=1, likeness=0.4)
        raise ConfigError(
            f"unknown style of provenance '{word}', wanted one of {', '.join(known)}",
            hints=tuple(f"did you mean '{style}'?" for style in near),
        ) from None


def _in_block(text: str, line: str) -> str:
    """Return `text` with `line` at the end of its trailer block (sequencer.c, `record_origin` in `do_pick_commit`).

    Without a trailer block, an empty line comes before it.
    """
    text = _complete_line(text)
    if not _footer(text):
        text += "\n"
    return f"{text}{line}\n"


def _xen(text: str, words: str, wording: Wording) -> str:
    if wording.sign_off:
        text = append_sign_off(text, wording.who)
    marked, date = words.splitlines()
    head, mark, tail = text.rpartition(marked)
    # People write "Backport: Dropped ..." there, but that is the tag for wanted versions, and is read as a bad one.
    note = _note(wording)
    if mark and (not head or head.endswith("\n")):  # taken from another stable branch
        return text if note is None else f"{_paragraph(head, note)}{mark}{tail}"
    # Committers put the lines below the tags without an empty line between, and below their note likewise.
    text = _in_block(text, marked) if note is None else f"{_paragraph(text, note)}{marked}\n"
    return f"{text}{date}\n"


def _django(text: str, words: str, original: Original, wording: Wording) -> str:
    prefix = f"[{wording.stable_branch.rpartition('/')[2]}] "
    if original.picked != original.upstream:
        text = re.sub(r"\A\[[0-9][0-9.]*x\] ", "", text)  # of the branch that the pick is taken from
    if not text.startswith(prefix):
        text = prefix + text
    text = _adapted(text, wording)
    if re.search(rf"^Backport of {original.upstream}\b", text, re.MULTILINE):
        return text
    return _paragraph(text, words)


def _below_subject(text: str, line: str, upstream: Oid) -> str:
    """Return `text` with `line` as the first paragraph after the subject's, unless one there names the commit."""
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines) if not line.strip(_SPACES)), len(lines))
    subject, body = "\n".join(lines[:end]), "\n".join(lines[end:]).lstrip(_SPACES)
    if re.match(rf"[^\n]*\bcommit {upstream}\b", body, re.IGNORECASE):
        return text
    return f"{subject}\n\n{line}\n\n{body}" if body else f"{subject}\n\n{line}\n"


def _adapted(text: str, wording: Wording) -> str:
    """Return `text` with the note on how the pick was adapted, above the sign-off of the person who did."""
    note = _note(wording)
    return text if note is None else _in_block(text, note)


def _note(wording: Wording) -> str | None:
    """Return the note in the kernel's form, `[name: what was changed]`. Other projects know it too, and no dialect
    reads it as a tag."""
    return None if wording.adaptation is None else f"[{wording.who.name}: {one_line(wording.adaptation)}]"


def _paragraph(text: str, line: str) -> str:
    return f"{text.rstrip()}\n\n{line}\n"


def _complete_line(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _without_leading_blanks(message: str) -> str:
    """Return the message from its subject on (git's `find_commit_subject` and `skip_blank_lines`)."""
    lines = message.split("\n")
    for index, line in enumerate(lines[:-1]):
        if line.strip(_SPACES):
            return "\n".join(lines[index:])
    return lines[-1]


def _footer(text: str) -> list[str]:
    """Return the trailers of the block as whole text lines, folded ones joined to theirs; none without a block
    (sequencer.c, `has_conforming_footer`)."""
    lines = text.partition("\0")[0].split("\n")
    start, end = trailer_block(lines)
    footer: list[str] = []
    for line in lines[start:end]:
        if line[:1] in ("", " ", "\t", "\r") and footer:
            footer[-1] += f"{line}\n"
        else:
            footer.append(f"{line}\n")
    return footer


def resolver_words(message: str) -> str | None:
    """Return what the message of a pick says of the program that resolved its conflict; None where it names none."""
    match = re.search(_RESOLVED, message)
    return match["words"] if match is not None else None
