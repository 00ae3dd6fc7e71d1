"""From pick to review, against a bare repository that reads push options and says what came."""

from __future__ import annotations

import email
import re
import subprocess
from dataclasses import replace
from email.message import Message
from email.policy import default
from pathlib import Path

import pytest

from backportq.errors import UsageError
from backportq.git.repository import discover
from backportq.model.config import PublishSettings, PublishWay
from backportq.model.ids import BranchName
from backportq.model.items.nomination import Nomination, Via
from backportq.model.picks.topic import WorkStage
from backportq.services.items.open_items import open_items
from backportq.services.picks.apply import ApplyRequest, apply
from backportq.services.picks.pick import PickReport, pick
from backportq.services.picks.publish import PublishRequest
from backportq.services.picks.request import PickRequest
from backportq.services.picks.resume import continue_pick
from backportq.services.project import Project, project_in
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue

BRANCH = BranchName("stable-4.18")
LINES = "".join(f"line {number}\n" for number in range(1, 21))
HOOK = """#!/bin/sh
while read old new ref; do echo "$ref" >> received; done
i=0
while [ $i -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
    eval "echo \\"-o \\$GIT_PUSH_OPTION_$i\\"" >> received
    i=$((i + 1))
done
echo 'see https://example.org/review/1'
"""


class Forge:
    """Two fixes, a branch that wants them, and a bare repository `forge` that writes down what was pushed."""

    def __init__(self, path: Path) -> None:
        self.repo = TestRepo.create(path / "work")
        self.start = self.repo.commit("start", {"file": LINES})
        self.repo.git("branch", BRANCH)
        self.first = self._fix("first", 5)
        self.second = self._fix("second", 15)
        self.server = TestRepo.create(path / "forge", bare=True)
        self.server.git("config", "receive.advertisePushOptions", "true")
        hook = self.server.path / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(HOOK)
        hook.chmod(0o755)
        self.repo.git("remote", "add", "forge", str(self.server.path))

    def _fix(self, subject: str, line: int) -> str:
        reviewed = "Reviewed-by: Rea Reviewer <rea@example.org>"
        text = LINES.replace(f"line {line}\n", f"{subject}\n")
        return self.repo.commit(f"file: {subject} ü\n\n{reviewed}\n", {"file": text})

    def queue(self, how: PublishWay, **settings: object) -> Project:
        settings = {"remote": "forge", **settings}
        publish = PublishSettings(how, **settings)  # type: ignore[arg-type]
        project = start_queue(self.repo, stable(BRANCH), dialects=("generic",), publish=publish)
        for commit in (self.first, self.second):
            decide(project, commit)
        return project

    def pick(self, publishing: PublishRequest, *commits: str) -> PickReport:
        request = PickRequest(commits or (self.first,), BRANCH, onto="topic")
        return pick(project_in(discover(self.repo.path)), request, publishing)

    def received(self) -> list[str]:
        return (self.server.path / "received").read_text().splitlines()


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)


def test_push_options_tell_the_server_to_open_a_merge_request(forge: Forge) -> None:
    project = forge.queue(PublishWay.PUSH_OPTIONS, options=("merge_request.label=$branch",))
    report = forge.pick(PublishRequest("", options=("merge_request.draft",)))
    assert report.publication.problem is None
    assert report.publication.pushed == ("forge", "refs/heads/topic")
    assert report.publication.said == ("see https://example.org/review/1",)
    assert forge.received() == [
        "refs/heads/topic",
        "-o merge_request.create",
        "-o merge_request.target=stable-4.18",
        "-o merge_request.title=[stable-4.18] file: first ü",
        "-o merge_request.label=stable-4.18",
        "-o merge_request.draft",
    ]
    entry = open_items(project).items[0]
    assert (entry.stage, entry.item.published) == (WorkStage.IN_REVIEW, "forge refs/heads/topic")


def test_agit_and_gerrit_push_to_the_ref_for_the_branch(forge: Forge) -> None:
    project = forge.queue(PublishWay.AGIT)
    assert forge.pick(PublishRequest("")).publication.pushed == ("forge", "refs/for/stable-4.18")
    assert forge.received() == ["refs/for/stable-4.18", "-o topic=topic", "-o title=[stable-4.18] file: first ü"]
    # No branch follows that ref, so that the topic branch may go, and the item stays in review.
    forge.repo.git("branch", "-D", "topic")
    assert open_items(project).items[0].stage is WorkStage.IN_REVIEW


def test_push_as_a_ref_in_full_goes_to_that_ref(forge: Forge) -> None:
    project = forge.queue(PublishWay.PUSH)
    request = ApplyRequest(BRANCH, onto="topic", publishing=PublishRequest("forge", "refs/for/stable-4.18%topic=x"))
    assert apply(project, request).publication.problem is None
    assert forge.received() == ["refs/for/stable-4.18%topic=x"]
    wrong = PublishRequest("forge", "HEAD:refs/for/stable-4.18")
    with pytest.raises(UsageError) as refused:
        apply(project, replace(request, onto="other", publishing=wrong))
    assert refused.value.hints == ("--push-as refs/for/stable-4.18",)
    assert forge.repo.git("branch", "--list", "other") == ""


def test_push_options_that_a_server_does_not_read_leave_the_branch_and_say_so(forge: Forge) -> None:
    forge.queue(PublishWay.PUSH_OPTIONS)
    forge.server.git("config", "receive.advertisePushOptions", "false")
    report = forge.pick(PublishRequest(""))
    assert report.publication.problem is not None
    assert "does not support push options" in report.publication.problem
    assert 'that server reads no push options: [publish] how = "push"' in report.publication.hints[0]
    assert forge.repo.id("topic") == report.tip


def test_push_that_the_server_refuses_gives_its_words(forge: Forge) -> None:
    forge.queue(PublishWay.PUSH)
    (forge.server.path / "hooks/pre-receive").write_text("#!/bin/sh\necho 'option X is not known'\nexit 1\n")
    problem = forge.pick(PublishRequest("forge", options=("X",))).publication.problem
    assert problem is not None
    assert "option X is not known" in problem


def test_pick_that_stopped_is_pushed_once_it_is_finished(forge: Forge) -> None:
    forge.repo.checkout(BRANCH)
    forge.repo.commit("own", {"file": LINES.replace("line 5\n", "ours\n")})
    forge.repo.git("checkout", "-q", "master")
    project = forge.queue(PublishWay.PUSH)
    report = forge.pick(PublishRequest(""))
    assert report.waiting is not None
    place = report.waiting.worktree
    (place / "file").write_text("resolved\n")
    subprocess.run(["git", "add", "file"], cwd=place, check=True)
    done = continue_pick(project, None, place, publishing=PublishRequest("")).report
    assert done.publication.pushed == ("forge", "refs/heads/topic")
    assert forge.received() == ["refs/heads/topic"]


def _read(path: Path) -> Message:
    return email.message_from_bytes(path.read_bytes(), policy=default)


def test_format_patch_writes_what_git_send_email_sends_and_git_am_applies(forge: Forge, tmp_path: Path) -> None:
    project = forge.queue(PublishWay.FORMAT_PATCH, to=("Stable <stable@example.org>",))
    asked = Nomination(Via.PERSON, by="Res Quester <res@example.org>", message_id="<asked@example.org>")
    decide(project, forge.first, nominations=(asked,))
    report = forge.pick(PublishRequest(directory=tmp_path / "out"))
    (path,) = report.publication.files
    message = _read(path)
    assert message["Subject"] == "[PATCH 4.18] file: first ü"
    assert message["To"] == "Stable <stable@example.org>"
    assert message["Cc"] == (
        "Ada Author <ada@example.org>, Rea Reviewer <rea@example.org>, Res Quester <res@example.org>"
    )
    assert message["In-Reply-To"] == "<asked@example.org>"
    sent = subprocess.run(
        ["git", "send-email", "--dry-run", "--from=me@example.org", "--confirm=never", str(path)],
        cwd=forge.repo.path,
        capture_output=True,
        text=True,
        check=False,
    )
    # In some systems it is a package of its own, or git is built without Perl.
    if not re.search("is not a git command|without support for git-send-email", sent.stderr):
        assert sent.returncode == 0, sent.stderr
        assert "Subject: [PATCH 4.18]" in sent.stdout
        assert "To: Stable <stable@example.org>" in sent.stdout
    forge.repo.git("checkout", "-q", "--detach", BRANCH)
    forge.repo.git("am", "-q", str(path))
    assert forge.repo.git("rev-parse", "HEAD^{tree}") == forge.repo.git("rev-parse", "topic^{tree}")
    assert forge.repo.git("log", "-1", "--format=%B%an") == forge.repo.git("log", "-1", "--format=%B%an", "topic")
    assert open_items(project).items[0].stage is WorkStage.IN_REVIEW
    forge.repo.git("branch", "-D", "topic")
    with pytest.raises(UsageError, match="out' has patches already"):
        forge.pick(PublishRequest(directory=tmp_path / "out"))


def test_format_patch_of_a_series_has_a_cover_letter_of_the_release_notes(forge: Forge, tmp_path: Path) -> None:
    project = forge.queue(PublishWay.FORMAT_PATCH)
    wanted = PublishRequest(directory=tmp_path / "out")
    report = apply(project, ApplyRequest(BRANCH, onto="topic", publishing=wanted))
    cover, *patches = report.publication.files
    assert [_read(path)["Subject"] for path in (cover, *patches)] == [
        "[PATCH 4.18 0/2] backports for stable-4.18",
        "[PATCH 4.18 1/2] file: first ü",
        "[PATCH 4.18 2/2] file: second ü",
    ]
    text = _read(cover).get_content()  # type: ignore[attr-defined]
    assert f"2 backports for stable-4.18, on top of {report.onto[:12]}." in text
    assert f"file:\n  first ü ({forge.first[:12]})\n  second ü ({forge.second[:12]})\n" in text
    assert "BLURB HERE" not in text
    forge.repo.git("checkout", "-q", "--detach", BRANCH)
    forge.repo.git("am", "-q", *map(str, patches))
    assert forge.repo.git("rev-parse", "HEAD^{tree}") == forge.repo.git("rev-parse", "topic^{tree}")
