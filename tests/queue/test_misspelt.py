"""Keys that are nearly right are named with their line; all others are somebody else's and none of our business."""

from __future__ import annotations

from backportq.queue.misspelt import misspelt_keys


def test_misspelt_keys_are_named_with_line_and_meaning() -> None:
    text = (
        'schema = 1\nupstream = "master"\nremot = "origin"\nreviewers = ["ada"]\n\n'
        '[[branch]]\nname = "stable-1"\nversion = "1"\n# who takes it\nsuport = "security"\nticket = 4\n'
    )
    assert misspelt_keys("config.toml", text.encode()) == (
        "config.toml:3: unknown key 'remot', did you mean 'remote'?",
        "config.toml:10: unknown key 'suport', did you mean 'support'?",
    )
    assert misspelt_keys("people.toml", b'[[person]]\nkey = "ada"\nname = "Ada"\nmail = ["a@example.org"]\n') == (
        "people.toml:4: unknown key 'mail', did you mean 'mails'?",
    )


def test_misspelt_keys_of_a_right_file_and_of_a_queue_file_are_none() -> None:
    assert misspelt_keys("config.toml", b'schema = 1\nupstream = "master"\n[assign]\nx = 1\n') == ()
    assert misspelt_keys("queue/stable-1.toml", b"itme = 1\n") == ()
