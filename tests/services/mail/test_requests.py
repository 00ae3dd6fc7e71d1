"""Mails that ask for backports: read from whatever is sent, matched against real history, nominated with their id."""

from __future__ import annotations

import base64
import io
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.errors import UsageError
from backportq.model.commit import Identity
from backportq.model.ids import BranchName
from backportq.services.decisions import verbs
from backportq.services.mail.mailbox import MAX_MAIL, iter_mails, read_mail
from backportq.services.mail.requests import nominate_requests, read_requests
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decided, stable, start_queue

HEAD = b"From: Rita Requester <rita@example.org>\nDate: Mon, 1 Jun 2026 09:00:00 +0200\nMessage-ID: <ask@example.org>\n"


def set_up(repo: TestRepo) -> tuple[Project, str]:
    repo.commit("start", {"a": "a\n"})
    for version in ("1.0", "1.1", "1.2"):
        repo.git("branch", f"stable-{version}")
    fix = repo.commit("net: fix the thing", {"a": "fixed\n"})
    project = start_queue(repo, stable("stable-1.0"), stable("stable-1.1"), stable("stable-1.2"))
    scan(project)
    return project, fix


def found_in(project: Project, data: bytes, *branches: str) -> list[tuple[str, str, tuple[str, ...]]]:
    requests = read_requests(project, io.BytesIO(data), branches).requests
    return [(commit.subject, commit.how, commit.branches) for match in requests for commit in match.matched]


def test_read_requests_match_ids_and_ranges(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    mail = HEAD + b"Subject: request\n\nplease backport " + fix[:12].encode() + b" to 1.1 and newer\n"

    assert found_in(project, mail) == [("net: fix the thing", "id", ("stable-1.1", "stable-1.2"))]
    assert found_in(project, mail, "1.0") == [("net: fix the thing", "id", ("stable-1.0",))]


def test_read_requests_give_each_commit_the_versions_that_are_said_of_it(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    other = repo.commit("net: fix another thing", {"b": "fixed\n"})
    mail = HEAD + f"Subject: two\n\nPlease backport {fix} to 1.1 and newer,\n\nand {other} to 1.0 only.\n".encode()
    (match,) = read_requests(project, io.BytesIO(mail)).requests

    assert match.range == "1.1 and newer; 1.0"
    assert [(commit.commit, commit.range, commit.branches) for commit in match.matched] == [
        (fix, "1.1 and newer", ("stable-1.1", "stable-1.2")),
        (other, "1.0", ("stable-1.0",)),
    ]


def test_read_requests_leave_out_what_cannot_be_told_unless_branches_are_named(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    other = repo.commit("net: fix another thing", {"b": "fixed\n"})
    mail = HEAD + f"Subject: x\n\nTo 1.1 and newer: {fix} and {other}, to 1.0 only.\n".encode()
    (match,) = read_requests(project, io.BytesIO(mail)).requests

    assert match.unclear == (fix, other)
    assert not match.is_request
    assert [(commit.branches, commit.unclear) for commit in match.matched] == [((), ("1.1 and newer", "1.0"))] * 2
    assert [branches for _, _, branches in found_in(project, mail, "1.2")] == [("stable-1.2",)] * 2


def test_read_requests_what_every_branch_has_is_not_unclear(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    start = repo.git("rev-parse", f"{fix}^")
    mail = HEAD + f"Subject: x\n\n{fix} to 1.1 only.\n\n1.0 has {start}, which is older than 1.2.\n".encode()
    (match,) = read_requests(project, io.BytesIO(mail)).requests

    assert match.unclear == ()
    assert [commit.branches for commit in match.matched] == [("stable-1.1",), ()]


def test_read_requests_match_the_subject_of_a_patch_mail(repo: TestRepo) -> None:
    project, _ = set_up(repo)
    mail = HEAD + b"Subject: Re: [PATCH v2] net: fix\n the thing\n\nFor stable-1.0, please.\n"

    assert found_in(project, mail) == [("net: fix the thing", "subject", ("stable-1.0",))]


def test_read_requests_follow_a_pick_to_its_original(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    repo.checkout("stable-1.2")
    pick = repo.pick(fix, "-x")
    mail = HEAD + b"Subject: x\n\nplease backport " + pick.encode() + b"\n"
    (match,) = read_requests(project, io.BytesIO(mail)).requests

    assert [(commit.commit, commit.branches, commit.left_out) for commit in match.matched] == [
        (fix, ("stable-1.0", "stable-1.1"), (f"stable-1.2 has it already as {pick[:12]}",))
    ]


def test_read_requests_say_what_is_unknown_declined_or_not_upstream(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    repo.checkout("other", "master")
    stray = repo.commit("stray", {"s": "s\n"})
    nominate_requests(project, read_requests(project, io.BytesIO(HEAD + b"\n" + fix.encode())).requests)
    decided(project, verbs.decline(project, "too big"), [fix], ["stable-1.0"])
    mail = HEAD + f"\n{fix} and {stray} and 0123456789ab for 1.0\n".encode()
    (match,) = read_requests(project, io.BytesIO(mail)).requests

    assert [commit.left_out for commit in match.matched] == [
        ("stable-1.0 declined it: too big",),
        ("stable-1.0 can't take it: it is not on master",),
    ]
    assert match.unknown == ("0123456789ab",)
    assert not match.is_request


def test_nominate_requests_keeps_who_asked_when_and_the_id_of_the_mail(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    mail = HEAD + b"Subject: needed here\n\n" + fix.encode() + b" for 1.0\n"
    nominate_requests(project, read_requests(project, io.BytesIO(mail)).requests)

    item = project.store.snapshot().state.queue_of(BranchName("stable-1.0")).open[0]
    (nomination,) = item.nominations
    assert (nomination.via, nomination.text, nomination.message_id, nomination.by) == (
        "mail",
        "needed here",
        "<ask@example.org>",
        "Rita Requester <rita@example.org>",
    )
    assert nomination.at is not None
    assert nomination.at.isoformat() == "2026-06-01T09:00:00+02:00"
    before = project.store.tip()
    nominate_requests(project, read_requests(project, io.BytesIO(mail)).requests)
    assert project.store.tip() == before


HTML = "<html><head><style>p{{}}</style></head><body><p>please backport<br><b>{0}</b> to&nbsp;1.0</p></body></html>"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"", "pl\xe9ase backport {0} to 1.0".encode("latin-1")),
        (b"Content-Type: text/plain; charset=no-such-charset\n", b"please backport {0} to 1.0"),
        (b"Content-Type: text/html\n", HTML.encode()),
        (
            b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n",
            b"please back=\nport {0} to 1=2E0",
        ),
        (
            b'Content-Type: multipart/mixed; boundary="b"\n',
            b"--b\nContent-Type: text/html\n\n" + HTML.encode() + b"\n--b\nContent-Type: text/plain\n"
            b"Content-Disposition: attachment; filename=log.txt\n\n1.2 1.2\n",
        ),
    ],
)
def test_read_requests_take_mails_of_any_form(repo: TestRepo, headers: bytes, body: bytes) -> None:
    project, fix = set_up(repo)
    mail = HEAD + b"Subject: x\n" + headers + b"\n" + body.replace(b"{0}", fix.encode()).replace(b"{{}}", b"{}")

    assert found_in(project, mail) == [("net: fix the thing", "id", ("stable-1.0",))]


def test_read_requests_take_base64(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    body = base64.encodebytes(f"please backport {fix} to 1.0\n".encode())
    mail = HEAD + b"Subject: x\nContent-Transfer-Encoding: base64\n\n" + body

    assert found_in(project, mail) == [("net: fix the thing", "id", ("stable-1.0",))]


def test_read_requests_of_an_mbox_take_only_mails_that_ask(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    chat = b"From x Mon Jun  1 09:00:00 2026\n" + HEAD + b"Subject: chat\n\n" + fix.encode() + b" is nice\n\n"
    ask = b"From x Mon Jun  1 09:00:00 2026\n" + HEAD + b"Subject: ask\n\nbackport " + fix.encode() + b"\n>From me\n\n"
    found = read_requests(project, io.BytesIO(chat + ask + chat))

    assert found.mails == 3
    assert [match.mail.subject for match in found.requests] == ["ask"]
    assert "\nFrom me" in found.requests[0].mail.text


def test_read_requests_of_nothing_is_refused(repo: TestRepo) -> None:
    project, _ = set_up(repo)
    with pytest.raises(UsageError, match="there is no mail in it"):
        read_requests(project, io.BytesIO(b""))


class _Stream(io.RawIOBase):
    """50 MB of mailing list, made while it is read."""

    def __init__(self, request: bytes) -> None:
        self.lines = self._made(request)

    def _made(self, request: bytes) -> Iterator[bytes]:
        for number in range(100):
            yield b"From x Mon Jun  1 09:00:00 2026\n" + HEAD + f"Subject: mail {number}\n\nhello\n".encode()
            for _ in range(32):
                yield b"x" * 16_383 + b"\n"
            yield b"\n"
        yield b"From x Mon Jun  1 09:00:00 2026\n" + request

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = next(self.lines, b"")
        buffer[: len(data)] = data
        return len(data)


def test_read_requests_of_a_huge_mbox_take_little_memory(repo: TestRepo) -> None:
    project, fix = set_up(repo)
    made = _Stream(HEAD + b"Subject: ask\n\nbackport " + fix.encode() + b"\n")
    stream: IO[bytes] = io.BufferedReader(made, 1 << 16)  # type: ignore[type-var]  # a RawIOBase is what it wants
    tracemalloc.start()
    try:
        found = read_requests(project, stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert found.mails == 101
    assert [match.mail.subject for match in found.requests] == ["ask"]
    assert peak < 16 << 20


def test_iter_mails_keeps_the_beginning_of_a_mail_that_is_too_long() -> None:
    (raw,) = iter_mails(io.BytesIO(HEAD + b"\n" + b"y" * 60_000 + b"\n" + b"x" * (4 << 20)))

    assert len(raw) <= MAX_MAIL + (1 << 16)
    assert read_mail(raw).sender == Identity("Rita Requester", "rita@example.org")


@given(st.binary(max_size=400))
def test_read_mail_takes_any_bytes(raw: bytes) -> None:
    mail = read_mail(raw)
    assert "\n" not in mail.subject
    read_mail(b"Content-Type: text/html\nFrom: =?x?b?" + raw[:20] + b"\n\n<p" + raw)


def test_read_mail_with_broken_headers_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    mail = read_mail(b"From: x\nDate: never\nMessage-ID: <a b>\nSubject: =?utf-8?b?!!!?=\n\ntext\n")

    assert (mail.sender, mail.date, mail.message_id, mail.text) == (Identity("x", ""), None, None, "text\n")


def _nested(levels: int, kind: str = "message/rfc822") -> bytes:
    return b"".join(b"Content-Type: %s; boundary=b%d\n\n" % (kind.encode(), level) for level in range(levels))


@pytest.mark.parametrize("levels", [1_500, 20_000])
def test_mail_nested_without_end_is_reported_and_the_others_are_read(repo: TestRepo, levels: int) -> None:
    project, fix = set_up(repo)
    good = HEAD + b"Subject: request\n\nplease backport " + fix[:12].encode() + b" to 1.1\n\n"
    bad = HEAD + b"Subject: backport\n" + _nested(levels) + b"text\n\n"
    found = read_requests(project, io.BytesIO(b"From x\n" + good + b"From x\n" + bad + b"From x\n" + good))
    assert found.malformed == ("mail 2 cannot be read: its parts are nested too deeply",)
    assert (found.mails, len(found.requests)) == (3, 2)


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "idna", "no-such"])
@pytest.mark.parametrize(
    "place",
    [
        "Content-Type: text/plain; charset={}\n\n",
        "Content-Type: text/plain; charset*={}''%41\n\n",
        "Content-Type: text/plain; name*={}''@\n\n",
        "Content-Disposition: inline; filename*={}''@\n\n",
        "Subject: =?{}?q?@?=\n\n",
    ],
    ids=["text", "charset", "name", "file name", "subject"],
)
def test_charset_that_is_none_is_read_in_linear_time(charset: str, place: str) -> None:
    head, _, tail = place.format(charset).partition("@")
    raw = HEAD + head.encode() + b"a" * 500_000 + tail.encode() + b"\nFix \\x41\xff" + b"-a" * 200_000
    start = time.process_time()
    mail = read_mail(raw)
    assert time.process_time() - start < 5
    assert "Fix A" not in mail.text
