"""Picking and going on with it: what is refused, with which words, and what is left to find afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backportq.errors import (
    BackportqError,
    ConflictError,
    DecisionError,
    GitFailedError,
    RefError,
    RepositoryError,
    UsageError,
)
from backportq.git.repository import discover
from backportq.model.ids import Oid, short
from backportq.model.trials.deviation import Deviation, DeviationKind
from backportq.services.picks.pick import PickReport, pick
from backportq.services.picks.print_commands import print_pick
from backportq.services.picks.request import PickRequest
from backportq.services.picks.resume import abort_pick, continue_pick, list_picks, skip_pick
from backportq.services.picks.run import PickRun
from backportq.services.project import Project, project_in
from tests.driver import TestRepo
from tests.git.picking.oracle import MOMENT

LINES = "".join(f"line {number}\n" for number in range(1, 21))
ELSEWHERE = Path("/")


class World:
    """A repository with `master` and a stable branch that changed line 5; no queue."""

    def __init__(self, repo: TestRepo) -> None:
        self.repo = repo
        self.start = repo.commit("start", {"file": LINES})
        self.clean = repo.commit("clean\n\nSigned-off-by: Ada Author <ada@example.org>\n", {"file": _with(15, "clean")})
        self.conflict = repo.commit("conflict", {"file": _with(5, "theirs", base=_with(15, "clean"))})
        self.other = repo.commit("other", {"other": "new\n"})
        repo.checkout("stable", self.start)
        self.tip = repo.commit("own", {"file": _with(5, "ours")})
        repo.git("checkout", "-q", "master")

    def project(self) -> Project:
        return project_in(discover(self.repo.path))

    def pick(self, *commits: str, **more: object) -> PickReport:
        request = replace(PickRequest(commits, "stable", onto="topic"), **more)  # type: ignore[arg-type]
        return pick(self.project(), request)

    def waiting(self, *commits: str) -> Path:
        """Pick up to a conflict and return the worktree."""
        report = self.pick(*commits)
        assert report.waiting is not None
        return report.waiting.worktree

    def resolve(self, place: Path, content: str = "resolved\n") -> None:
        (place / "file").write_text(content)
        self.at(place, "add", "-A")

    def at(self, place: Path, *args: str) -> str:
        done = subprocess.run(["git", *args], cwd=place, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()


def _with(number: int, text: str, base: str = LINES) -> str:
    return base.replace(f"line {number}\n", f"{text}\n")


@pytest.fixture
def world(repo: TestRepo) -> World:
    return World(repo)


def _refused(call: Callable[[], object], kind: type[BackportqError]) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(kind) as refused:
        call()
    assert type(refused.value) is kind
    return refused.value.message, refused.value.hints


def test_pick_existing_branch_is_refused_appended_to_or_made_anew(world: World) -> None:
    first = world.pick(world.clean)
    message, _ = _refused(lambda: world.pick(world.other), RefError)
    assert message == f"branch 'topic' exists already, at '{short(first.tip)}'"
    both = world.pick(world.other, append=True)
    assert world.repo.git("rev-list", "topic", "^stable").split() == [both.tip, first.tip]
    anew = world.pick(world.other, force=True)
    assert world.repo.git("rev-list", "topic", "^stable").split() == [anew.tip]
    assert world.repo.git("reflog", "--format=%gs", "topic").split("\n") == [
        f"backportq pick: {short(Oid(world.other))}",
        f"backportq pick: {short(Oid(world.other))}",
        f"backportq pick: {short(Oid(world.clean))}",
    ]


def test_pick_to_a_branch_that_is_checked_out_is_refused(world: World) -> None:
    message, _ = _refused(lambda: world.pick(world.clean, onto="master", force=True), RefError)
    assert message == f"branch 'master' is checked out in '{world.repo.path}'"


def test_pick_to_a_branch_that_is_being_rebased_is_refused(world: World) -> None:
    world.repo.git("checkout", "-q", "-b", "topic", world.clean)
    world.repo.git("-c", "sequence.editor=echo break >", "rebase", "-q", "-i", world.start)
    message, _ = _refused(lambda: world.pick(world.other, force=True), RefError)
    assert message == f"branch 'topic' is checked out in '{world.repo.path / '.git'}'"


def test_pick_without_identity_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    world.repo.git("config", "user.useConfigOnly", "true")
    with pytest.raises(BackportqError) as refused:
        world.pick(world.clean)
    assert "git does not know who you are" in refused.value.message
    assert world.repo.git("branch", "--list", "topic") == ""


def test_pick_what_is_there_already_changes_nothing(world: World) -> None:
    world.pick(world.clean)
    world.repo.git("branch", "-q", "-f", "stable", "topic")
    report = world.pick(world.clean, force=True)
    assert (report.made, report.emptied) == ((), (Oid(world.clean),))
    assert world.repo.id("topic") == world.repo.id("stable")


def test_pick_when_the_branch_moves_meanwhile_leaves_the_other_move(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = PickRun.words

    def meddling(self: PickRun, *args: object, **more: object) -> str:
        world.repo.git("branch", "-q", "-f", "topic", "master")
        return words(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(PickRun, "words", meddling)
    message, _ = _refused(lambda: world.pick(world.clean), RefError)
    assert message == "branch 'topic' was moved by another process meanwhile, and stays as that left it"
    assert world.repo.id("topic") == world.repo.id("master")


def test_pick_merge_without_mainline_says_what_to_type(world: World) -> None:
    world.repo.checkout("side", world.start)
    world.repo.commit("on the side", {"side": "x\n"})
    world.repo.checkout("master")
    world.repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = world.repo.id("HEAD")
    message, hints = _refused(lambda: world.pick(merge), GitFailedError)
    assert message == f"commit '{merge[:12]}' is a merge of 2 parents and no mainline was given"
    assert hints == ("--mainline 1 takes the changes against the first parent",)
    assert world.pick(merge, mainline=1).is_finished


def test_continue_resolved_keeps_author_and_says_how_it_deviates(world: World) -> None:
    place = world.waiting(world.clean, world.conflict, world.other)
    assert world.repo.git("branch", "--list", "topic") == ""
    world.resolve(place, _with(5, "both", base=_with(15, "clean")))
    done = continue_pick(world.project(), None, ELSEWHERE, adaptation="kept both")
    assert done.deviation == Deviation(DeviationKind.FUNCTIONAL, 4)
    shown = world.repo.git("log", "--reverse", "--format=%an/%cn %s%n%b", "stable..topic")
    assert shown.strip().split("\n") == [
        "Ada Author/Cora Committer clean",
        "Signed-off-by: Ada Author <ada@example.org>",
        f"(cherry picked from commit {world.clean})",
        "",
        "Ada Author/Cora Committer conflict",
        f"(cherry picked from commit {world.conflict})",
        "[Cora Committer: kept both]",
        "",
        "Ada Author/Cora Committer other",
        f"(cherry picked from commit {world.other})",
    ]
    assert not (world.repo.path / ".git" / "backportq-picks").exists()
    assert not (world.repo.path / ".git" / "worktrees").exists()


def test_continue_takes_a_commit_that_was_made_by_hand(world: World) -> None:
    place = world.waiting(world.conflict)
    world.resolve(place)
    world.at(place, "-c", "core.editor=true", "cherry-pick", "--continue")
    made = world.at(place, "rev-parse", "HEAD")
    done = continue_pick(world.project(), None, place)
    assert done.report.tip == made == world.repo.id("topic")
    assert world.repo.git("log", "-1", "--format=%b", made).strip() == f"(cherry picked from commit {world.conflict})"


def test_continue_refuses_what_is_unresolved_and_leaves_it(world: World) -> None:
    place = world.waiting(world.conflict)

    def refusal() -> str:
        return _refused(lambda: continue_pick(world.project(), None, ELSEWHERE), ConflictError)[0]

    assert refusal() == f"1 path is still unmerged in '{place}': 'file'"
    world.at(place, "add", "file")
    assert refusal() == "conflict markers are left in 'file'"
    world.resolve(place)
    (place / "file").write_text("edited after it was staged\n")
    assert refusal() == "1 path has changes that are not staged: 'file'"
    world.at(place, "add", "file")
    (place / "forgotten").write_text("x\n")
    assert refusal() == "1 file is not tracked, and would go with the worktree: 'forgotten'"
    (place / "forgotten").unlink()
    world.at(place, "checkout", "HEAD", "--", "file")
    message, hints = _refused(lambda: continue_pick(world.project(), None, ELSEWHERE), DecisionError)
    assert message == f"the resolution leaves nothing of '{short(Oid(world.conflict))}' to pick"
    assert hints == ("backportq pick --skip topic",)
    assert len(list_picks(world.project())) == 1


def test_continue_markers_of_the_original_and_headings_are_no_leftovers(world: World) -> None:
    text = "Heading\n=======\n\n<<<<<<< an example\n>>>>>>> of git\n"
    world.repo.git("checkout", "-q", "master")
    odd = world.repo.commit("odd", {"file": _with(5, "odd"), "text": text})
    place = world.waiting(odd)
    world.resolve(place)
    assert continue_pick(world.project(), None, ELSEWHERE).report.is_finished
    assert world.repo.git("show", "topic:text") + "\n" == text


def test_continue_hook_that_refuses_leaves_everything_for_another_try(world: World) -> None:
    place = world.waiting(world.conflict)
    world.resolve(place)
    hook = world.repo.path / ".git" / "hooks" / "commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no ticket number >&2; exit 1\n")
    hook.chmod(0o755)
    message, _ = _refused(lambda: continue_pick(world.project(), None, ELSEWHERE), GitFailedError)
    assert message == "the resolved pick could not be committed: 'git commit' failed: no ticket number"
    hook.unlink()
    assert continue_pick(world.project(), None, ELSEWHERE).report.is_finished


def test_skip_leaves_the_commit_out_and_picks_the_rest(world: World) -> None:
    world.waiting(world.conflict, world.other)
    report = skip_pick(world.project(), None, ELSEWHERE)
    assert [done.upstream for done in report.made] == [world.other]
    assert report.skipped == (Oid(world.conflict),)
    assert world.repo.git("log", "--format=%s", "stable..topic") == "other"


def test_several_picks_at_once_are_told_apart(world: World) -> None:
    world.pick(world.conflict, onto="one")
    world.pick(world.conflict, onto="two")
    message, hints = _refused(lambda: abort_pick(world.project(), None, ELSEWHERE), UsageError)
    assert message == "2 picks are in progress, and none was named"
    assert hints == ("name one of them: one, two", "backportq pick --status")
    message, _ = _refused(lambda: world.pick(world.clean, onto="one"), RefError)
    assert message.startswith("a pick to 'one' is in progress, and waits in '")
    abort_pick(world.project(), "one", ELSEWHERE)
    abort_pick(world.project(), None, ELSEWHERE)
    message, _ = _refused(lambda: abort_pick(world.project(), None, ELSEWHERE), RefError)
    assert message == "no pick is in progress"


def test_pick_that_rerere_resolves_waits_for_a_look(world: World) -> None:
    world.repo.git("config", "rerere.enabled", "true")
    world.repo.git("config", "rerere.autoUpdate", "true")
    world.resolve(world.waiting(world.conflict))
    continue_pick(world.project(), None, ELSEWHERE)
    report = world.pick(world.conflict, force=True)
    assert report.waiting is not None
    assert report.waiting.paths == ()
    done = continue_pick(world.project(), None, ELSEWHERE)
    assert world.repo.git("show", f"{done.report.tip}:file") == "resolved"


def test_pick_that_a_merge_driver_resolves_waits_for_a_look(world: World) -> None:
    world.repo.git("config", "merge.theirs.driver", "cp %B %A")
    info = world.repo.path / ".git" / "info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("file merge=theirs\n")
    report = world.pick(world.conflict)
    assert report.waiting is not None
    done = continue_pick(world.project(), None, ELSEWHERE)
    assert world.repo.git("log", "--format=%an %s", "stable..topic") == "Ada Author conflict"
    assert world.repo.git("show", f"{done.report.tip}:file") + "\n" == _with(5, "theirs", base=_with(15, "clean"))


def test_worktree_that_is_gone_can_be_aborted(world: World) -> None:
    place = world.waiting(world.conflict)
    subprocess.run(["rm", "-rf", str(place)], check=True)
    (found,) = list_picks(world.project())
    assert found.problem == "its worktree is gone"
    message, hints = _refused(lambda: continue_pick(world.project(), None, ELSEWHERE), RepositoryError)
    assert message == f"the worktree '{place}' is gone"
    assert hints == ("backportq pick --abort", "then pick again")
    abort_pick(world.project(), None, ELSEWHERE)
    assert list_picks(world.project()) == ()
    assert world.waiting(world.conflict).is_dir()


def test_record_that_is_damaged_can_be_aborted(world: World) -> None:
    place = world.waiting(world.conflict)
    (place.parent / "pick.json").write_text("{")
    (found,) = list_picks(world.project())
    assert found.problem is not None
    assert found.problem.startswith("its record cannot be read")
    abort_pick(world.project(), "topic", ELSEWHERE)
    assert not place.parent.exists()


@pytest.mark.parametrize("style", ["cherry-pick", "xen", "linux", "upstream-commit", "dpdk", "django", "none"])
@pytest.mark.parametrize("sign_off", [False, True])
def test_printed_commands_give_what_pick_gives(
    world: World,
    style: str,
    sign_off: bool,  # noqa: FBT001 - pytest names it
) -> None:
    request = PickRequest((world.clean, world.other), "stable", onto="by-hand", style=style, sign_off=sign_off)
    script = "\n".join(print_pick(world.project(), request))
    done = subprocess.run(["sh", "-e"], cwd=world.repo.path, input=script.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    world.pick(world.clean, world.other, style=style, sign_off=sign_off)
    shown = ("log", "-2", "--format=%T%n%an %ad%n%B")
    assert world.repo.git(*shown, "by-hand") == world.repo.git(*shown, "topic")


@pytest.mark.parametrize("other", ["backport", "backport/stable", "backport/stable/queue/x"])
def test_pick_is_refused_early_where_a_branch_is_in_the_way(world: World, other: str) -> None:
    world.repo.git("branch", other)
    onto = "backport/stable/queue"
    message, hints = _refused(lambda: world.pick(world.conflict, onto=onto), RefError)
    assert message == f"branch '{onto}' cannot be made: there is a branch '{other}', and git keeps only one"
    assert hints == ("--onto backport-stable-queue", f"git branch -m {other} NAME renames the other")
    assert list_picks(world.project()) == ()


@pytest.mark.parametrize("mode", ["strip", "verbatim", "whitespace", "scissors", "default", "nonsense"])
@pytest.mark.parametrize("dash_x", [True, False])
def test_pick_cleans_messages_up_as_git_does(
    world: World, monkeypatch: pytest.MonkeyPatch, mode: str, *, dash_x: bool
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", MOMENT)
    (world.repo.path / "file").write_text(_with(18, "odd", base=_with(5, "theirs", base=_with(15, "clean"))))
    odd = "odd  \n\n\n# a comment\n; another\ntext\t\n\n\n"
    world.repo.git("commit", "-q", "-a", "--cleanup=verbatim", f"--message={odd}")
    commit = world.repo.id("HEAD")
    world.repo.git("config", "commit.cleanup", mode)
    made = world.pick(commit, style="cherry-pick" if dash_x else "none").tip
    world.repo.git("checkout", "-q", "--detach", "stable")
    world.repo.git("cherry-pick", *(["-x"] if dash_x else []), commit, env={"GIT_COMMITTER_DATE": MOMENT})
    assert made == world.repo.id("HEAD")


def test_pick_gives_a_hook_the_files_of_the_pick_as_git_does(world: World) -> None:
    hook = world.repo.path / ".git/hooks/prepare-commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ngit diff --exit-code >&2 && echo "Hooked: $(cat other) $(grep clean file)" >>"$1"\n')
    hook.chmod(0o755)
    report = world.pick(world.clean, world.other)
    messages = [world.repo.git("log", "-1", "--format=%B", done.made).strip() for done in report.made]
    assert "Hooked:  clean" not in messages[1]
    assert messages[1].endswith("Hooked: new clean")
    assert messages[0].endswith("Hooked:  clean")
    assert world.repo.git("worktree", "list").count("\n") == 0


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
def test_conflict_outside_of_a_sparse_checkout_is_resolved_as_the_hints_say(world: World, cone: str) -> None:
    repo = world.repo
    fix = repo.commit("in and out", {"in/a": "1\n", "out/deep/b": LINES})
    repo.git("checkout", "-q", "stable")
    repo.commit("ours", {"out/deep/b": "ours\n", "in/a": "0\n"})
    repo.git("checkout", "-q", "master")
    repo.git("sparse-checkout", "init", cone)
    repo.git("sparse-checkout", "set", "in")
    place = world.waiting(fix)
    for path in ("out/deep/b", "in/a"):
        (place / path).write_text("resolved\n")
        world.at(place, "add", path)
    done = continue_pick(world.project(), None, place)
    assert repo.git("show", f"{done.report.tip}:out/deep/b") == "resolved"
    assert repo.git("sparse-checkout", "list").split() == ["in"]
    assert not (repo.path / "out").exists()
