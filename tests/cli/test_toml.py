"""--toml: the document of --json, without what is null, whatever the texts of strangers hold."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from backportq.cli.main import main
from backportq.cli.terminal.clean import UNSAFE
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

HOSTILE = 'fix "it" \\ \x1b[31m \u202e \U000e0041 é'


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(inner) for key, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("command", ["pending", "status", "scan", "log", "landed stable-1.0", "show HEAD", "stats"])
def test_toml_is_the_document_of_json_without_nulls(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], command: str
) -> None:
    repo.commit("start", {"a": "a\n"})
    repo.git("branch", "stable-1.0")
    repo.commit(f"{HOSTILE}\n\nBackport: 1.0", {"a": "b\n"})
    start_queue(repo, stable("stable-1.0"))
    monkeypatch.chdir(repo.path)
    assert main(["scan", "--json"]) == 0
    capsysbinary.readouterr()
    assert main([*command.split(), "--json"]) == 0
    as_json = capsysbinary.readouterr().out
    assert main([*command.split(), "--toml"]) == 0
    as_toml = capsysbinary.readouterr().out.decode()
    assert tomllib.loads(as_toml) == _without_null(json.loads(as_json))
    assert UNSAFE.search(as_toml.replace("\n", "")) is None
    assert as_toml.startswith("schema = 1\n")
