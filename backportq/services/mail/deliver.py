"""Sending letters by SMTP: one connection, a bound on every wait, and an exact account of what went out.

- A failure before the end of a letter's text means that it was not sent.
- A failure after it leaves open whether the letter arrived. Such a letter is sent again only with `again`.
- A broken connection ends the run; the letters after it were not sent, and a repeated command goes on there.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from backportq.errors import RepositoryError
from backportq.git.mail_settings import MailServer
from backportq.model.mail.letter import Letter, mail_bytes
from backportq.services.mail.sent_log import SendState, SentLog


class Delivery(StrEnum):
    """What became of one letter."""

    SENT = "sent"
    SENT_BEFORE = "sent before"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of one letter.

    - `refused`: addresses that the server would not take, although it took others of the same letter.
    - `why`: the server's words, or what happened.
    """

    letter: Letter
    delivery: Delivery
    refused: tuple[str, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to send: at most `rate` letters a minute (0: no limit), waiting at most `timeout` seconds for an
    answer."""

    rate: int = 0
    timeout: float = 30.0
    sleep: Callable[[float], None] = time.sleep


class _Broken(Exception):  # noqa: N818 - an ending of the connection, caught here
    """The connection is of no use any more; with `is_uncertain` the letter may have arrived all the same."""

    def __init__(self, why: str, *, is_uncertain: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_uncertain = is_uncertain


def send_letters(
    letters: Sequence[Letter], server: MailServer, sent_log: SentLog, pace: Pace, *, again: bool = False
) -> list[DeliveryReport]:
    """Send the letters in order and return what became of each. No error of the server is raised.

    What the log has as sent is not sent again, nor what may have arrived unless `again`.
    """
    delivered: list[DeliveryReport] = []
    connection: smtplib.SMTP | None = None
    broken: str | None = None
    count = 0
    for letter in letters:
        known = sent_log.states.get(letter.message_id)
        if known is SendState.SENT:
            delivered.append(DeliveryReport(letter, Delivery.SENT_BEFORE))
            continue
        if known is SendState.SENDING and not again:
            why = "an earlier run broke off while it was sent; --again sends it once more"
            delivered.append(DeliveryReport(letter, Delivery.UNCERTAIN, why=why))
            continue
        # The connection broke at an earlier letter; a repeated command goes on here.
        if broken is not None:
            delivered.append(DeliveryReport(letter, Delivery.NOT_SENT, why=broken))
            continue
        # Between letters only, so that a single one goes out at once.
        if count and pace.rate:
            pace.sleep(60.0 / pace.rate)
        count += 1
        try:
            connection = connection or _connect(server, pace.timeout)
            delivered.append(_send(connection, letter, sent_log))
        except _Broken as error:
            broken = error.why
            delivery = Delivery.UNCERTAIN if error.is_uncertain else Delivery.NOT_SENT
            delivered.append(DeliveryReport(letter, delivery, why=error.why))
    if connection is not None:
        _quit(connection)
    return delivered


def _connect(server: MailServer, timeout: float) -> smtplib.SMTP:
    connection: smtplib.SMTP | None = None
    try:
        context = _tls(server) if server.encryption != "none" else None
        if server.encryption == "ssl":
            connection = smtplib.SMTP_SSL(server.host, server.port, server.domain, timeout=timeout, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, server.domain, timeout=timeout)
        if server.encryption == "tls":
            connection.starttls(context=context)
        connection.ehlo_or_helo_if_needed()
        if server.user is not None:
            connection.login(server.user, server.password or "")
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        if connection is not None:
            connection.close()
        raise _Broken(f"'{server.host}:{server.port}': {_words(error)}") from error
    return connection


def _tls(server: MailServer) -> ssl.SSLContext:
    if not server.certificates:
        return ssl.create_default_context()
    if Path(server.certificates).is_dir():
        return ssl.create_default_context(capath=server.certificates)
    return ssl.create_default_context(cafile=server.certificates)


def _send(connection: smtplib.SMTP, letter: Letter, sent_log: SentLog) -> DeliveryReport:
    """Send one letter; raise `_Broken` where the connection ended."""
    # Step by step, because `smtplib.sendmail` does not tell at which step it failed, and only before the text is the
    # letter surely unsent.
    refused: list[str] = []
    accepted = 0
    why = ""
    try:
        status, answer = connection.mail(letter.sender.mail)
        if status != 250:
            _reset(connection)
            return DeliveryReport(letter, Delivery.REFUSED, (), f"the sender was refused: {_answer(status, answer)}")
        for recipient in letter.recipients:
            status, answer = connection.rcpt(recipient)
            # 251: accepted, and forwarded by the server (RFC 5321, 4.2.3).
            if status in {250, 251}:
                accepted += 1
            else:
                refused.append(recipient)
                why = _answer(status, answer)
        if not accepted:
            _reset(connection)
            return DeliveryReport(letter, Delivery.REFUSED, tuple(refused), why)
    except (OSError, smtplib.SMTPException) as error:
        raise _Broken(_words(error)) from error
    # From here on a crash leaves it open whether the letter arrives.
    _note(sent_log, letter, SendState.SENDING)
    try:
        status, answer = connection.data(mail_bytes(letter, newline=b"\r\n"))
    except smtplib.SMTPDataError as error:  # the server did not want the text: nothing of it was sent
        _note(sent_log, letter, SendState.FAILED)
        _reset(connection)
        return DeliveryReport(letter, Delivery.REFUSED, tuple(refused), _words(error))
    except (OSError, smtplib.SMTPException) as error:
        raise _Broken(_words(error), is_uncertain=True) from error
    if status != 250:
        _note(sent_log, letter, SendState.FAILED)
        _reset(connection)
        return DeliveryReport(letter, Delivery.REFUSED, tuple(refused), _answer(status, answer))
    _note(sent_log, letter, SendState.SENT)
    return DeliveryReport(letter, Delivery.SENT, tuple(refused), why or None)


def _note(sent_log: SentLog, letter: Letter, state: SendState) -> None:
    """Write to the log; raise `_Broken` where the disk refuses, since nothing can be promised any more then."""
    try:
        sent_log.note(letter.message_id, state)
    except RepositoryError as error:
        raise _Broken(error.message, is_uncertain=state is SendState.SENT) from error


def _reset(connection: smtplib.SMTP) -> None:
    try:
        connection.rset()
    except (OSError, smtplib.SMTPException):
        return  # the next letter finds out


def _quit(connection: smtplib.SMTP) -> None:
    try:
        # The letters are out; how the server says goodbye changes nothing.
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _answer(status: int, answer: bytes | str) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{status} {' '.join(words.split())}"[:300]


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server ended the connection" if "timed out" not in str(error) else "no answer in time"
    return " ".join(str(error).split())[:300] or type(error).__name__
