"""`mail --send` as a person runs it, against a real server that hangs up in the middle."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from fixtures.build import build
from tests.cli.program import Ran, run


class Server:
    """Keeps who got what; ends the connection once, when the second letter begins."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.hang_up = True

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up and len(self.got) == 1:
            self.hang_up = False
            server.transport.abort()  # type: ignore[union-attr]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.got += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A queue with tasks for three people."""
    path = tmp_path / "demo"
    build("demo", path)
    for words in (
        ["init"],
        ["scan"],
        ["people", "import", "--least", "1", "--since", "2020-01-01"],
        ["assign", "--auto"],
    ):
        done = run(*words, cwd=path)
        assert done.status == 0, done.err
    return path


def git(repository: Path, key: str, value: str) -> None:
    with (repository / ".git" / "config").open("a") as file:
        file.write(f"[sendemail]\n\t{key} = {value}\n")


def mail(repository: Path) -> Ran:
    return run("mail", "--send", cwd=repository)


def test_mail_send_without_a_server_says_how_to_set_one(repository: Path) -> None:
    done = mail(repository)

    assert done.status == 3
    assert done.err.splitlines()[:2] == [
        "error: sendemail.smtpServer is nothing, wanted the name of a mail server",
        "hint: git config sendemail.smtpServer HOST",
    ]


def test_mail_send_broken_off_is_told_and_goes_on_where_it_ended(repository: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        editor = "printf '[mail]\\nrate = 0\\n' >>"  # a minute has no room for thirty letters in a test
        assert run("edit", "config", cwd=repository, env={"GIT_EDITOR": editor}).status == 0
        git(repository, "smtpServer", "127.0.0.1")
        git(repository, "smtpServerPort", str(port))
        first = mail(repository)
        again = mail(repository)
        third = mail(repository)
    finally:
        controller.stop()

    people = [line.split()[1] for line in first.out.splitlines()[1:] if line.startswith("sent")]
    assert first.status == 3
    assert len(people) == 1
    assert "1 of 4 letters were sent; the others: the server ended the connection" in first.err
    assert (again.status, again.out.count("sent ")) == (0, 3)
    assert sorted(handler.got) == sorted(set(handler.got))
    assert len(handler.got) == 4
    assert (third.status, third.out) == (0, "no letter of this kind is due\n")
