"""The mail server that `git send-email` would use, read from its settings."""

from __future__ import annotations

import pytest

from backportq.errors import ConfigError
from backportq.git.mail_settings import MailServer, read_mail_server
from backportq.git.repository import discover
from tests.driver import TestRepo


def test_read_mail_server_follows_sendemail_and_its_identity(repo: TestRepo) -> None:
    repository = discover(repo.path)
    with pytest.raises(ConfigError, match=r"sendemail\.smtpServer is nothing, wanted the name of a mail server"):
        read_mail_server(repository)
    for key, value in (
        ("sendemail.smtpServer", "mail.example.org"),
        ("sendemail.smtpUser", "cora"),
        ("sendemail.smtpPass", "secret"),
        ("sendemail.smtpEncryption", "tls"),
        ("sendemail.work.smtpServer", "work.example.org"),
        ("sendemail.work.smtpServerPort", "2525"),
    ):
        repo.git("config", key, value)

    assert read_mail_server(repository) == MailServer("mail.example.org", 587, "tls", "cora", "secret")
    repo.git("config", "sendemail.identity", "work")
    assert read_mail_server(repository) == MailServer("work.example.org", 2525, "tls", "cora", "secret")
    repo.git("config", "sendemail.work.smtpServerPort", "mail")
    with pytest.raises(ConfigError, match="smtpServerPort is 'mail', wanted a number from 1 to 65535"):
        read_mail_server(repository)
    repo.git("config", "sendemail.work.smtpServer", "/usr/bin/msmtp")
    with pytest.raises(ConfigError, match="is '/usr/bin/msmtp', a program, wanted the name of a mail server"):
        read_mail_server(repository)


def test_read_mail_server_asks_gits_credential_helpers(repo: TestRepo) -> None:
    repo.git("config", "sendemail.smtpServer", "mail.example.org")
    repo.git("config", "sendemail.smtpUser", "cora")
    with pytest.raises(ConfigError, match=r"no password is known for 'cora' on 'mail\.example\.org'"):
        read_mail_server(discover(repo.path))
    repo.git("config", "credential.helper", "!f() { echo password=kept; }; f")

    assert read_mail_server(discover(repo.path)).password == "kept"
