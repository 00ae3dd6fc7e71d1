"""Letters handed over as files: read back as they were, and never written over others."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from backportq.errors import UsageError
from backportq.model.mail.letter import LetterKind
from backportq.services.decisions import verbs
from backportq.services.mail.hand_over import write_files, write_mbox
from tests.driver import TestRepo
from tests.services.mail.test_outgoing import due, set_up
from tests.services.queued import decided


def test_write_files_and_mbox_are_read_back_and_never_overwritten(repo: TestRepo, tmp_path: Path) -> None:
    project, good, bad = set_up(repo)
    decided(project, verbs.assign(project, "ada"), [good], [])
    decided(project, verbs.assign(project, "ben"), [bad], [])
    letters = due(project, LetterKind.CALL)

    written = write_files(letters, tmp_path / "out")
    write_mbox(letters, tmp_path / "box")

    assert [path.name for path in written] == ["0001-call-ada.eml", "0002-call-ben.eml"]
    messages = [message_from_bytes(path.read_bytes(), policy=default) for path in written]
    assert [message["Message-ID"] for message in messages] == [letter.message_id for letter in letters]
    with pytest.raises(UsageError, match=r"0001-call-ada\.eml' exists already"):
        write_files(letters, tmp_path / "out")
    with pytest.raises(UsageError, match="box' exists already"):
        write_mbox(letters, tmp_path / "box")
