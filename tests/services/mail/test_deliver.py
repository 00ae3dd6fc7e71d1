"""Sending against a real mail server with faults: what was sent is said, and nothing is sent twice on the retry."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from backportq.git.mail_settings import MailServer
from backportq.git.repository import discover
from backportq.model.commit import Identity
from backportq.model.mail.letter import Letter, LetterKind, mail_bytes
from backportq.services.mail.deliver import DeliveryReport, Pace, send_letters
from backportq.services.mail.sent_log import SendState, SentLog, open_sent_log
from tests.driver import TestRepo

CORA = Identity("Cora Committer", "cora@example.org")


@dataclass
class Handler:
    """What the server got, and what it is told to do wrong."""

    got: list[tuple[list[str], bytes]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    drop_before: int | None = None
    drop_after: int | None = None
    hang: bool = False
    reject: bool = False

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such user"
        if self.drop_before == len(self.got):
            self.drop_before = None
            server.transport.abort()  # type: ignore[union-attr]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.reject:
            return "554 5.7.1 spam"
        if self.hang:
            await asyncio.sleep(3)
        self.got.append((list(envelope.rcpt_tos), envelope.original_content or b""))
        if self.drop_after == len(self.got):
            self.drop_after = None
            server.transport.abort()  # type: ignore[union-attr]
        return "250 OK"


def free_port() -> int:
    """Return a port that nobody listens on; the server can't choose one itself."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def server(handler: Handler) -> Iterator[MailServer]:
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield MailServer("127.0.0.1", port)
    controller.stop()


@pytest.fixture
def sent_log(repo: TestRepo) -> SentLog:
    return open_sent_log(discover(repo.path))


def letter(number: int, *to: str) -> Letter:
    return Letter(
        LetterKind.CALL,
        f"person-{number}",
        CORA,
        tuple(Identity("", mail) for mail in to or (f"p{number}@example.org",)),
        (),
        f"letter {number}",
        "Grüße\n.\n.dots\nFrom me\n",
        datetime(2026, 6, 1, tzinfo=UTC),
        f"<{number}@example.org>",
    )


LETTERS = [letter(number) for number in range(3)]
PACE = Pace(timeout=1.0)


def deliveries(delivered: list[DeliveryReport]) -> list[str]:
    return [str(report.delivery) for report in delivered]


def subjects(handler: Handler) -> list[int]:
    return [int(data.partition(b"Subject: letter ")[2][:1]) for _, data in handler.got]


def test_send_letters_gives_the_server_their_exact_bytes(
    server: MailServer, handler: Handler, sent_log: SentLog
) -> None:
    assert deliveries(send_letters(LETTERS, server, sent_log, PACE)) == ["sent"] * 3
    assert handler.got == [(list(letter.recipients), mail_bytes(letter, newline=b"\r\n")) for letter in LETTERS]


def test_send_letters_a_second_run_sends_nothing_again(
    server: MailServer, handler: Handler, sent_log: SentLog, repo: TestRepo
) -> None:
    send_letters(LETTERS[:2], server, sent_log, PACE)
    again = open_sent_log(discover(repo.path))

    assert deliveries(send_letters(LETTERS, server, again, PACE)) == ["sent before", "sent before", "sent"]
    assert subjects(handler) == [0, 1, 2]


def test_send_letters_one_refused_recipient_is_named_and_the_others_get_it(
    server: MailServer, handler: Handler, sent_log: SentLog
) -> None:
    handler.refused = {"gone@example.org"}
    both = letter(0, "gone@example.org", "ada@example.org")
    delivered = send_letters([both, letter(1, "gone@example.org"), letter(2)], server, sent_log, PACE)

    assert deliveries(delivered) == ["sent", "refused", "sent"]
    assert delivered[0].refused == ("gone@example.org",)
    assert delivered[1].why == "550 5.1.1 no such user"
    assert [recipients for recipients, _ in handler.got] == [["ada@example.org"], ["p2@example.org"]]
    handler.refused = set()
    assert deliveries(send_letters([both, letter(1)], server, sent_log, PACE)) == ["sent before", "sent"]


def test_send_letters_a_server_that_drops_before_the_text_is_resumed_without_doubles(
    server: MailServer, handler: Handler, sent_log: SentLog
) -> None:
    handler.drop_before = 1
    first = send_letters(LETTERS, server, sent_log, PACE)

    assert deliveries(first) == ["sent", "not sent", "not sent"]
    assert first[1].why == "the server ended the connection"
    assert deliveries(send_letters(LETTERS, server, sent_log, PACE)) == ["sent before", "sent", "sent"]
    assert subjects(handler) == [0, 1, 2]


def test_send_letters_a_server_that_drops_after_the_text_leaves_it_uncertain_and_not_repeated(
    server: MailServer, handler: Handler, sent_log: SentLog
) -> None:
    handler.drop_after = 2
    assert deliveries(send_letters(LETTERS, server, sent_log, PACE)) == ["sent", "uncertain", "not sent"]
    assert deliveries(send_letters(LETTERS, server, sent_log, PACE)) == ["sent before", "uncertain", "sent"]
    assert subjects(handler) == [0, 1, 2]
    assert deliveries(send_letters(LETTERS, server, sent_log, PACE, again=True)) == [
        "sent before",
        "sent",
        "sent before",
    ]


def test_send_letters_a_server_that_hangs_ends_in_time(server: MailServer, handler: Handler, sent_log: SentLog) -> None:
    handler.hang = True
    delivered = send_letters(LETTERS, server, sent_log, Pace(timeout=0.3))

    assert deliveries(delivered) == ["uncertain", "not sent", "not sent"]
    assert delivered[0].why == "no answer in time"


def test_send_letters_a_rejected_text_is_no_broken_connection(
    server: MailServer, handler: Handler, sent_log: SentLog
) -> None:
    handler.reject = True
    delivered = send_letters(LETTERS[:1], server, sent_log, PACE)

    assert (deliveries(delivered), delivered[0].why) == (["refused"], "554 5.7.1 spam")
    handler.reject = False
    assert deliveries(send_letters(LETTERS[:1], server, sent_log, PACE)) == ["sent"]


def test_send_letters_no_server_there_sends_nothing(sent_log: SentLog) -> None:
    delivered = send_letters(LETTERS, MailServer("127.0.0.1", 1), sent_log, PACE)

    assert deliveries(delivered) == ["not sent"] * 3
    assert delivered[0].why == "'127.0.0.1:1': [Errno 111] Connection refused"


def test_send_letters_a_server_without_starttls_gets_no_letter_in_the_clear(
    server: MailServer, handler: Handler, sent_log: SentLog
) -> None:
    wants_tls = MailServer(server.host, server.port, "tls")

    assert deliveries(send_letters(LETTERS[:1], wants_tls, sent_log, PACE)) == ["not sent"]
    assert handler.got == []


def test_send_letters_keeps_the_rate(server: MailServer, sent_log: SentLog) -> None:
    waits: list[float] = []
    send_letters(LETTERS, server, sent_log, Pace(rate=30, timeout=1.0, sleep=waits.append))

    assert waits == [2.0, 2.0]


def test_send_letters_logs_in_over_tls(handler: Handler, sent_log: SentLog, tmp_path: Path) -> None:
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "key",
        "-out",
        "cert",
        "-days",
        "2",
    ]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    try:
        subprocess.run([*request, *subject], cwd=tmp_path, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        is_known = (data.login, data.password) == (b"cora", b"secret")
        return AuthResult(success=is_known, handled=is_known)  # not handled: the server answers for itself

    port = free_port()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=port,
        tls_context=context,
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=True,
    )
    controller.start()
    try:
        wrong = MailServer("127.0.0.1", port, "tls", "cora", "wrong", None, str(tmp_path / "cert"))
        refused = send_letters(LETTERS[:1], wrong, sent_log, PACE)
        assert deliveries(refused) == ["not sent"]
        assert refused[0].why == f"'127.0.0.1:{port}': 535 5.7.8 Authentication credentials invalid"
        right = MailServer("127.0.0.1", port, "tls", "cora", "secret", None, str(tmp_path / "cert"))
        assert deliveries(send_letters(LETTERS[:1], right, sent_log, PACE)) == ["sent"]
        untrusted = MailServer("127.0.0.1", port, "tls", "cora", "secret")
        assert deliveries(send_letters(LETTERS[1:2], untrusted, sent_log, PACE)) == ["not sent"]
    finally:
        controller.stop()


def test_journal_passes_over_a_line_cut_short_by_a_crash(sent_log: SentLog, repo: TestRepo) -> None:
    sent_log.note("<0@example.org>", SendState.SENT)
    with sent_log.path.open("ab") as file:
        file.write(b'{"id": "<1@example.org>", "fa')

    assert open_sent_log(discover(repo.path)).states == {"<0@example.org>": SendState.SENT}


def test_send_letters_a_journal_that_cannot_be_written_stops_before_sending(
    server: MailServer, handler: Handler, tmp_path: Path
) -> None:
    delivered = send_letters(LETTERS, server, SentLog(tmp_path / "absent" / "sent_log", {}), PACE)

    assert deliveries(delivered) == ["not sent"] * 3
    assert handler.got == []
