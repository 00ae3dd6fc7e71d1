"""Letters as bytes: read back by the standard library and by git, whatever strangers wrote into them."""

from __future__ import annotations

import mailbox
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.commit import Identity
from backportq.model.mail.letter import (
    Letter,
    LetterKind,
    is_mail,
    is_message_id,
    mail_bytes,
    mbox_bytes,
    message_id_of,
    one_line,
    plain_text,
)

CORA = Identity("Cora Committer", "cora@example.org")
ADA = Identity("Ada Author", "ada@example.org")
LETTER = Letter(
    LetterKind.CALL,
    "ada",
    CORA,
    (ADA,),
    (Identity("Jürgen Groß", "juergen@example.org"),),
    "[harbor] 2 commits to backport",
    "Hello Ada,\n\nFrom here on it is yours.\n>From there too.\n",
    datetime(2026, 6, 1, 12, tzinfo=UTC),
    "<backportq.call.1@example.org>",
    references=("<first@example.org>", "<second@example.org>"),
)


def parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=default)


def test_mail_bytes_are_exactly_these() -> None:
    assert mail_bytes(LETTER).decode("ascii") == (
        "From: Cora Committer <cora@example.org>\n"
        "To: Ada Author <ada@example.org>\n"
        "Cc: =?utf-8?q?J=C3=BCrgen_Gro=C3=9F?= <juergen@example.org>\n"
        "Subject: [harbor] 2 commits to backport\n"
        "Date: Mon, 01 Jun 2026 12:00:00 +0000\n"
        "Message-ID: <backportq.call.1@example.org>\n"
        "In-Reply-To: <second@example.org>\n"
        "References: <first@example.org> <second@example.org>\n"
        "Auto-Submitted: auto-generated\n"
        "X-Mailer: backportq\n"
        'Content-Type: text/plain; charset="utf-8"\n'
        "Content-Transfer-Encoding: 7bit\n"
        "MIME-Version: 1.0\n"
        "\n"
        "Hello Ada,\n\nFrom here on it is yours.\n>From there too.\n"
    )


def test_mail_bytes_to_send_have_network_line_ends() -> None:
    assert mail_bytes(LETTER, newline=b"\r\n") == mail_bytes(LETTER).replace(b"\n", b"\r\n")


def test_mail_bytes_nobody_is_both_to_and_cc() -> None:
    assert parsed(mail_bytes(replace(LETTER, cc=(Identity("Ada", "ADA@example.org"),))))["Cc"] is None


NASTY = st.text(
    st.one_of(st.sampled_from('\r\n\t\0\x1b\u2028\u2029\u202e,;:<>"@()[]\\=? ä😀'), st.characters()), max_size=60
)


@given(NASTY, NASTY, NASTY)
def test_mail_bytes_text_of_strangers_makes_no_header_and_no_recipient(name: str, subject: str, body: str) -> None:
    letter = replace(
        LETTER,
        sender=Identity(name, CORA.mail),
        to=(Identity(name, ADA.mail),),
        subject=f"{subject}\nBcc: eve@example.org",
        body=body,
        references=(f"<x@y>\nBcc: eve@example.org{name}",),
    )
    data = mail_bytes(letter)
    message = parsed(data)

    assert [key for key, _ in message.items()] == [
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Mailer",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ]
    assert [address.addr_spec for address in message["To"].addresses] == [ADA.mail]
    assert [address.addr_spec for address in message["From"].addresses] == [CORA.mail]
    assert message.get_content() == plain_text(body)
    assert data.isascii()
    assert max(map(len, data.split(b"\n"))) <= 998


@given(st.lists(NASTY, min_size=1, max_size=4))
def test_mbox_bytes_are_read_back_by_the_standard_library(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[str]
) -> None:
    path = tmp_path_factory.mktemp("mbox") / "letters"
    path.write_bytes(mbox_bytes(replace(LETTER, body=body, subject=f"letter {n}") for n, body in enumerate(bodies)))
    box = mailbox.mbox(path, factory=None, create=False)
    try:
        found = [parsed(box.get_bytes(key)) for key in box.iterkeys()]
    finally:
        box.close()

    assert [one["Subject"] for one in found] == [f"letter {number}" for number in range(len(bodies))]


def test_mbox_bytes_are_split_and_read_by_git(tmp_path: Path) -> None:
    letters = [
        LETTER,
        replace(LETTER, subject="Grüße aus Köln, and a long subject that has to be folded over lines " * 2),
        replace(LETTER, body="Ein Gruß\nFrom me 12:00:00 2026\n" + "x" * 2_000),
    ]
    (tmp_path / "mbox").write_bytes(mbox_bytes(letters))
    split = ["git", "mailsplit", "--mboxrd", "-o.", "mbox"]
    assert subprocess.run(split, cwd=tmp_path, capture_output=True, check=True).stdout.strip() == b"3"
    for number, letter in enumerate(letters, 1):
        info = subprocess.run(
            ["git", "mailinfo", "-k", "msg", "patch"],
            cwd=tmp_path,
            input=(tmp_path / f"{number:04}").read_bytes(),
            capture_output=True,
            check=True,
        )
        lines = dict(line.split(": ", 1) for line in info.stdout.decode().splitlines() if ": " in line)
        body = (tmp_path / "msg").read_text() + (tmp_path / "patch").read_text()
        assert lines["Author"] == CORA.name
        assert lines["Email"] == CORA.mail
        assert lines["Subject"] == one_line(letter.subject, 200)
        assert body.rstrip("\n") == letter.body.rstrip("\n")  # the empty line between two letters is one more


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ada@example.org", True),
        ("a.d+a@x", True),
        ("Ada <ada@example.org>", False),
        ("ada@", False),
        ("@example.org", False),
        ("ada@exa mple.org", False),
        ("ada@example.org\nBcc: eve@example.org", False),
        ("ada@example.org,eve@example.org", False),
        (".ada@example.org", False),
        ("ada@-x", False),
        ("ädä@example.org", False),
        ("a@" + "b" * 300, False),
    ],
)
def test_is_mail_takes_only_what_can_be_written_to(text: str, *, answer: bool) -> None:
    assert is_mail(text) is answer


@pytest.mark.parametrize("text", ["", "x@y", "<x>", "<x@y>\n", "<x @y>", "<x@y><z@w>"])
def test_is_message_id_refuses_what_is_none(text: str) -> None:
    assert not is_message_id(text)


def test_message_id_of_the_same_letter_is_the_same_and_of_another_is_not() -> None:
    one = message_id_of(LetterKind.CALL, "ada", ["stable-1 abc"], CORA)

    assert one == message_id_of(LetterKind.CALL, "ada", ["stable-1 abc"], CORA)
    assert is_message_id(one)
    assert one.endswith("@example.org>")
    assert one != message_id_of(LetterKind.CALL, "ada", ["stable-1 abd"], CORA)
    assert one != message_id_of(LetterKind.REMINDER, "ada", ["stable-1 abc"], CORA)
