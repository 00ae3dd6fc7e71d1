"""`report --serve`: only this machine sees it, only files of the report are answered, and pages load again."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.program import PROGRAM
from tests.driver import TestRepo
from tests.web.harbor import backportq, harbor, pending


@dataclass(frozen=True)
class Served:
    """A running server: the project, and the port."""

    repo: TestRepo
    port: int

    def get(self, path: str, host: str | None = None) -> tuple[int, bytes]:
        """Return status and content of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{self.port}"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    repo = harbor(tmp_path / "harbor")
    (tmp_path / "secret.html").write_text("secret")
    command = [str(PROGRAM), "report", "--html", str(tmp_path / "site"), "--serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=repo.path, env=os.environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        yield Served(repo, int(lines[1].split("/ ")[0].rpartition(":")[2]))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        process.stdout.close()


def test_server_answers_the_report_and_nothing_else(served: Served) -> None:
    status, page = served.get("/")
    assert status == 200
    assert b'src="/-/reload.js"' in page
    assert b"connect-src 'self'" in page
    assert served.get("/assets/site.css")[0] == 200
    for path in ("/../secret.html", "/%2e%2e/secret.html", "/.backportq-report.json", "/no.html", "/branch"):
        assert served.get(path)[0] == 404, path
    assert served.get("/", host="evil.example:80")[0] == 403


def test_pages_load_again_when_somebody_decides(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("GET", "/-/moved")
    answer = connection.getresponse()
    commit = pending(served.repo, "lower boxes")
    assert backportq(served.repo, "note", commit, "-m", "seen in the harbour") == 0
    assert b"data: moved" in answer.read()
    connection.close()
    assert b"seen in the harbour" in served.get(f"/change/{commit}.html")[1]
