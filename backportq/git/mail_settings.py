"""How the user's git sends mail: `sendemail.*` as `git send-email` reads it, and the password by `git credential`.

Apart because it is configuration of the user and not of the queue. This module must not connect anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from backportq.errors import ConfigError
from backportq.git.repository import Repository

_HINT = ("git help send-email explains sendemail.smtpServer",)
_ENCRYPTIONS = {"": "none", "none": "none", "tls": "tls", "starttls": "tls", "ssl": "ssl"}
_DEFAULT_PORTS = {"none": 25, "tls": 587, "ssl": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server: `encryption` is `none`, `tls` (STARTTLS, required) or `ssl`; without `user` nobody logs in."""

    host: str
    port: int
    encryption: str = "none"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    domain: str | None = None
    certificates: str | None = None


def read_mail_server(repository: Repository) -> MailServer:
    """Return the server of `sendemail.*`, those of `sendemail.identity` first; raise `ConfigError` if there is none."""
    settings = _settings(repository)
    host = settings.get("smtpserver", "")
    if not host or "/" in host:
        found = f"'{host}', a program" if host else "nothing"
        raise ConfigError(
            f"sendemail.smtpServer is {found}, wanted the name of a mail server",
            hints=("git config sendemail.smtpServer HOST", "backportq mail --out DIR, then git send-email DIR/*.eml"),
        )
    word = settings.get("smtpencryption", "none").casefold()
    if word not in _ENCRYPTIONS:
        raise ConfigError(f"sendemail.smtpEncryption is '{word}', wanted 'tls', 'ssl' or 'none'", hints=_HINT)
    encryption = _ENCRYPTIONS[word]
    port = settings.get("smtpserverport", str(_DEFAULT_PORTS[encryption]))
    if not port.isascii() or not port.isdigit() or not 0 < int(port) <= 65_535:
        raise ConfigError(f"sendemail.smtpServerPort is '{port}', wanted a number from 1 to 65535", hints=_HINT)
    user = settings.get("smtpuser")
    password = settings.get("smtppass")
    if user and password is None:
        password = _stored_password(repository, host, port, user)
    return MailServer(
        host,
        int(port),
        encryption,
        user or None,
        password,
        settings.get("smtpdomain"),
        settings.get("smtpsslcertpath"),
    )


def _settings(repository: Repository) -> dict[str, str]:
    listed = repository.git.run("config", "-z", "--get-regexp", r"^sendemail\.", ok=(0, 1)).out
    plain: dict[str, str] = {}
    of_identity: dict[tuple[str, str], str] = {}
    for entry in listed.decode("utf-8", "surrogateescape").split("\0"):
        key, _, value = entry.partition("\n")
        parts = key.split(".")
        if len(parts) == 2:
            plain[parts[1].casefold()] = value
        elif len(parts) > 2:
            of_identity[".".join(parts[1:-1]), parts[-1].casefold()] = value
    chosen = plain.get("identity", "")
    return {**plain, **{key: value for (identity, key), value in of_identity.items() if identity == chosen}}


def _stored_password(repository: Repository, host: str, port: str, user: str) -> str:
    """Return the password that git's credential helpers have, as `git send-email` asks for it."""
    asked = f"protocol=smtp\nhost={host}:{port}\nusername={user}\n\n"
    answer = repository.git.run("credential", "fill", stdin=asked.encode("utf-8", "surrogateescape"), ok=(0, 1, 128))
    for line in answer.out.decode("utf-8", "surrogateescape").splitlines():
        key, _, value = line.partition("=")
        if key == "password":
            return value
    raise ConfigError(
        f"no password is known for '{user}' on '{host}'",
        hints=("git config sendemail.smtpPass PASSWORD", "or set up a credential helper (git help credentials)"),
    )
