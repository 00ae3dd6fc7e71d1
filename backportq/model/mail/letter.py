"""Letters: mails as values, and their exact bytes.

The standard library builds every header, from text that was taken down to one line first. So nothing that a stranger
wrote in a commit or a queue can add a header, a recipient or a part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum

from backportq.model.commit import Identity, parse_identity
from backportq.model.ids import BranchName, Oid
from backportq.model.trailers.message import trailers_of

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*"
_MAIL = re.compile(rf"{_LOCAL}@{_DOMAIN}\Z")  # RFC 5321 without quoted local parts and address literals
_MESSAGE_ID = re.compile(r"<[^<>@\s\x00-\x20\x7f-\uffff]+@[^<>@\s\x00-\x20\x7f-\uffff]+>\Z")
_MAX_SUBJECT = 200
_MAX_NAME = 100
_MAX_LINE = 900  # RFC 5322 allows 998 octets
_POLICY = SMTP.clone(cte_type="7bit")
_COPIED = frozenset({"reviewed-by", "acked-by", "tested-by", "reported-by", "requested-by", "suggested-by"})


class LetterKind(StrEnum):
    """What a letter is about; the word of the command line and of templates."""

    CALL = "call"
    HELP = "help"
    QUEUED = "queued"
    REMINDER = "reminder"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail.

    - `who`: the key of the person that it goes to, or the mail of somebody without one.
    - `items`: what it is about.
    - `message_id` and `references` hold ids with their angle brackets; the last reference is the mail that it answers.
    """

    kind: LetterKind
    who: str
    sender: Identity
    to: tuple[Identity, ...]
    cc: tuple[Identity, ...]
    subject: str
    body: str
    date: datetime
    message_id: str
    items: tuple[tuple[BranchName, Oid], ...] = ()
    references: tuple[str, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """All addresses, each once."""
        return tuple(dict.fromkeys(person.mail for person in (*self.to, *self.cc)))


def is_mail(text: str) -> bool:
    """Tell whether `text` is an address that a mail can be sent to."""
    return len(text) <= 254 and _MAIL.match(text) is not None


def is_message_id(text: str) -> bool:
    """Tell whether `text` is a message id that can be referred to."""
    return len(text) <= _MAX_LINE and _MESSAGE_ID.match(text) is not None


def message_of(letter: Letter) -> EmailMessage:
    """Return the letter as a message; recipients must have been checked with `is_mail`."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(letter.sender)
    message["To"] = tuple(_address(person) for person in letter.to)
    mails = {person.mail.casefold() for person in letter.to}
    # Whoever is asked gets no copy as well.
    copies = tuple(_address(person) for person in letter.cc if person.mail.casefold() not in mails)
    if copies:
        message["Cc"] = copies
    message["Subject"] = one_line(letter.subject, _MAX_SUBJECT)
    message["Date"] = format_datetime(letter.date)
    message["Message-ID"] = letter.message_id
    known = [reference for reference in letter.references if is_message_id(reference)]
    if known:
        message["In-Reply-To"] = known[-1]
        message["References"] = " ".join(known)
    # RFC 3834: answering machines do not answer it.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Mailer"] = "backportq"
    body = plain_text(letter.body)
    is_plain = body.isascii() and max((len(line) for line in body.split("\n")), default=0) <= _MAX_LINE
    message.set_content(body, charset="utf-8", cte="7bit" if is_plain else "quoted-printable")
    return message


def mail_bytes(letter: Letter, *, newline: bytes = b"\n") -> bytes:
    """Return the letter as it is stored (`newline` `\\n`) or sent (`\\r\\n`)."""
    return message_of(letter).as_bytes(policy=_POLICY).replace(b"\r\n", newline)


def mbox_bytes(letters: Iterable[Letter]) -> bytes:
    """Return the letters as one mbox in the form that `git mailsplit` and mail programs read.

    Lines of the body that begin with `From ` get a `>` in front.
    """
    parts = []
    for letter in letters:
        head, _, body = mail_bytes(letter).partition(b"\n\n")
        quoted = re.sub(rb"(?m)^(>*From )", rb">\1", body)
        stamp = letter.date.astimezone(UTC).strftime("%a %b %e %H:%M:%S %Y").encode("ascii", "replace")
        parts.append(b"From backportq@localhost " + stamp + b"\n" + head + b"\n\n" + quoted.rstrip(b"\n") + b"\n\n")
    return b"".join(parts)


def message_id_of(kind: LetterKind, who: str, state: Iterable[str], sender: Identity) -> str:
    """Return the id of a letter: the same for the same kind, person and `state` of what it is about.

    A letter that is written again after a failure is then the same letter.
    """
    digest = hashlib.sha256("\0".join((kind, who, *state)).encode("utf-8", "surrogateescape")).hexdigest()[:20]
    domain = sender.mail.rpartition("@")[2]
    return f"<backportq.{kind}.{digest}@{domain if is_mail(sender.mail) else 'localhost'}>"


def one_line(text: str, limit: int) -> str:
    """Return untrusted text for a header: one line, bounded, without controls or undecodable bytes."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: limit * 4])
    joined = " ".join(printable.split())
    return joined if len(joined) <= limit else f"{joined[: limit - 1]}…"


def plain_text(text: str) -> str:
    """Return untrusted text for a body: `\\n` line ends, no controls but tabs, no invisible direction marks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cleaned = ("".join(sign if sign.isprintable() or sign == "\t" else "\ufffd" for sign in line) for line in lines)
    return "\n".join(line if line == "-- " else line.rstrip() for line in cleaned).rstrip("\n") + "\n"


def _address(identity: Identity) -> Address:
    return Address(one_line(identity.name, _MAX_NAME), addr_spec=identity.mail)


def people_named(message: str) -> list[Identity]:
    """Return who reviewed, tested, reported or asked for a commit, as the trailers of its message say: they get copies
    of what is asked about it."""
    return [parse_identity(trailer.value) for trailer in trailers_of(message) if trailer.key.casefold() in _COPIED]
