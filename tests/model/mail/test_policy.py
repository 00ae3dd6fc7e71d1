"""`[mail]` of config.toml: every key, and what is refused before anything is sent."""

from __future__ import annotations

import pytest

from backportq.errors import ConfigError
from backportq.model.commit import Identity
from backportq.model.mail.policy import MailPolicy, mail_policy


def test_mail_policy_reads_every_key() -> None:
    text = "Subject: $count for $name\n\n$items\n$$5"
    table = {
        "from": "Stable Team <stable@example.org>",
        "cc": ["list@example.org"],
        "never": ["@old.example", "eve@example.org"],
        "project": "Harbor",
        "trailer_copies": False,
        "rate": 5,
        "per_run": 2,
        "objection_days": 3,
        "timeout": 9,
        "templates": {"call": text},
    }
    found = mail_policy(table)

    assert found == MailPolicy(
        Identity("Stable Team", "stable@example.org"),
        (Identity("list", "list@example.org"),),
        ("@old.example", "eve@example.org"),
        "Harbor",
        trailer_copies=False,
        rate=5,
        per_run=2,
        objection_days=3,
        timeout=9,
        templates={"call": text},
    )
    assert found.refuses("Eve@Example.org")
    assert found.refuses("ada@old.example")
    assert not found.refuses("ada@example.org")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"from": "nobody"}, "key 'mail.from': wanted 'Name <mail>', found 'nobody'"),
        ({"cc": "a@b"}, "key 'mail.cc': wanted an array of strings, found 'a@b'"),
        ({"rate": "fast"}, "key 'mail.rate': wanted a number from 0 to 100000, found 'fast'"),
        ({"trailer_copies": 1}, "key 'mail.trailer_copies': wanted true or false, found '1'"),
        ({"templates": {"cal": "x"}}, "key 'mail.templates': wanted one of 'call', 'help', "),
        ({"templates": {"call": "Hello"}}, "key 'mail.templates.call': wanted 'Subject: ...', an empty line, "),
        ({"templates": {"call": "Subject: x\n\n$nane"}}, "key 'mail.templates.call': wanted only '$branches', "),
        ({"templates": {"call": "Subject: x\n\n$5"}}, "key 'mail.templates.call': wanted only '$branches', "),
        ({"form": "a@b"}, "key 'mail': wanted one of 'from', 'cc', "),
    ],
)
def test_mail_policy_refuses_what_it_cannot_mean(table: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        mail_policy(table)

    assert caught.value.message.startswith(f"config.toml: {message}")
