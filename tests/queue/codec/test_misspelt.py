"""Keys that are nearly right are named with their line; all others are somebody else's and none of our business."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from backportq.queue.codec.misspelt import misspelt_keys


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


def test_unknown_key_of_a_rule_is_named_unless_it_is_somebodys_own() -> None:
    text = 'schema = 1\nupstream = "master"\n[[rule]]\npattern = "a"\nlabel = "x"\nx-ticket = 4\nnominat = true\n'
    assert misspelt_keys("config.toml", text.encode()) == (
        "config.toml:5: unknown key 'label', which does nothing here",
        "config.toml:7: unknown key 'nominat', did you mean 'nominate'?",
    )


def test_known_keys_of_a_rule_that_do_nothing_are_named() -> None:
    rule = '[[rule]]\npath = "a/**"\n'
    text = f'schema = 1\nupstream = "master"\n{rule}in = "subject"\n{rule}nominate = false\n'
    assert misspelt_keys("config.toml", text.encode()) == (
        "config.toml:5: 'in' does nothing without 'pattern'",
        "config.toml:8: 'nominate = false' does nothing without 'priority'",
    )
    right = f'{rule}nominate = false\npriority = "low"\n{rule}pattern = "b"\nin = "subject"\n'
    assert misspelt_keys("config.toml", right.encode()) == ()


def test_misspelt_keys_of_a_right_file_and_of_a_queue_file_are_none() -> None:
    assert misspelt_keys("config.toml", b'schema = 1\nupstream = "master"\n[assign]\nx = 1\n') == ()
    assert misspelt_keys("queue/stable-1.toml", b"itme = 1\n") == ()


def _documented(name: str) -> dict[str, set[str]]:
    """Return the keys of the file's example in its documentation, by table."""
    page = (Path(__file__).parents[3] / "docs/queue-format.md").read_text()
    example = re.search(rf"### {re.escape(name)}\n\n```toml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    read = tomllib.loads(example[1])
    keys = {"": set(read)}
    for table, values in read.items():
        for inner in values if isinstance(values, list) else [values]:
            if isinstance(inner, dict):
                keys.setdefault(table, set()).update(inner)
    return keys


@pytest.mark.parametrize("name", ["config.toml", "people.toml"])
def test_every_documented_key_is_suggested_for_its_misspelling(name: str) -> None:
    documented = _documented(name)
    assert len(documented) > 1
    for table, keys in documented.items():
        for key in keys:
            text = f"[{table}]\n" if table in {"people", "publish"} else f"[[{table}]]\n" if table else ""
            said = misspelt_keys(name, f"{text}{key}x = 1\n".encode())
            assert said, key
            assert f"did you mean '{key}'?" in said[0]
