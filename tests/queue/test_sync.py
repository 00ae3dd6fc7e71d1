"""Exchanging the queue through real remotes: nothing is lost, and what is overruled is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import ConfigError, GitFailedError, QueueBusyError, QueueFileError, RepositoryError, SchemaError
from backportq.git.transport import push_branch
from backportq.model.ids import Oid
from backportq.model.item import State, Superseded
from backportq.model.merge import Overruled, Revived
from backportq.model.merge_tables import OverruledKey
from backportq.queue.standing import Standing, find_standing
from backportq.queue.store import QueueStore
from backportq.queue.sync import Rewritten, Step, Synced
from tests.driver import TestRepo
from tests.queue.shared_queue import B1, B2, Clone, at, cloned, dropping, item, setting, shared

_PUSH = "backportq.queue.sync.push_branch"


def counts(done: Synced) -> tuple[Step, int, int, bool]:
    return done.step, done.taken, done.given, done.pushed


def test_sync_first_gives_then_takes_then_has_nothing_to_do(tmp_path: Path) -> None:
    remote = TestRepo.create(tmp_path / "remote.git", bare=True)
    ada, bo = cloned(remote, "ada"), cloned(remote, "bo")
    ada.create(item(1))
    assert counts(ada.sync()) == (Step.GAVE, 0, 1, True)
    assert counts(bo.sync()) == (Step.TOOK, 1, 0, True)
    assert counts(bo.sync()) == (Step.NONE, 0, 0, True)
    assert remote.id("backportq") == ada.store.tip() == bo.store.tip() == bo.repo.id("origin/backportq")


def test_sync_of_different_fields_of_one_item_keeps_both_in_a_merge_commit(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    bo.decide(setting(1, note="seen by two users"))
    bo.decide(setting(2, assignee="bo"))
    ada.sync()
    mine, theirs = bo.store.tip(), remote.id("backportq")
    done = bo.sync()
    assert counts(done) == (Step.MERGED, 1, 2, True)
    assert (done.merged.items, done.merged.revived, done.merged.keys) == ([], [], [])
    assert bo.items() == [item(1, assignee="ada", note="seen by two users"), item(2, assignee="bo")]
    assert remote.git("log", "-1", "--format=%P|%an <%ae>|%cd|%B", "--date=iso-strict", "backportq") == (
        f"{mine} {theirs}|Bo Builder <bo@example.org>|2026-06-01T13:00:00+00:00|"
        "merge 1 change of 'origin' with 2 changes made here\n\nBackportq-Command: sync\n"
    )
    ada.sync()
    assert ada.store.tip() == bo.store.tip() == remote.id("backportq")
    assert remote.git("fsck", "--strict", "--no-dangling") == ""


def test_sync_of_two_values_of_a_field_keeps_the_later_decision_and_tells_the_other(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"), minute=9)
    bo.decide(setting(1, assignee="bo"), minute=5)
    ada.sync()
    done = bo.sync()
    lost = Superseded("assignee", "bo", None, at(5))
    assert done.merged.items == [Overruled(B1, item(1).commit, Superseded("assignee", "ada", None, at(9)), lost)]
    assert bo.items() == [item(1, assignee="ada", history=(lost,))]
    assert bo.store.log()[0].summary == "merge 1 change of 'origin' with 1 change made here, 1 overruled"
    assert [(change.commit, change.fields) for change in bo.store.log()[0].items] == [(item(1).commit, ("history",))]


def test_sync_is_the_same_whoever_merges(tmp_path: Path) -> None:
    results = []
    for first in (0, 1):
        _, *clones = shared(tmp_path / str(first), item(1), item(2), item(3))
        ada, bo = clones
        ada.decide(setting(1, assignee="ada", note="one"), minute=3)
        bo.decide(setting(1, assignee="bo"), minute=2)
        bo.decide(setting(1, note="two"), minute=4)
        ada.decide(setting(2, state=State.DECLINED, reason="no", by="Ada Author <ada@example.org>"))
        bo.decide(setting(2, needs=(Oid("a" * 40),)))
        bo.decide(dropping(3))
        clones[first].sync()
        clones[1 - first].sync()
        results.append(clones[1 - first].repo.git("ls-tree", "-r", "backportq"))
    assert results[0] == results[1]


def test_sync_of_an_item_dropped_and_decided_keeps_it_and_says_so(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(dropping(1))
    ada.decide(dropping(2))
    bo.decide(setting(1, assignee="bo"))
    ada.sync()
    done = bo.sync()
    assert done.merged.revived == [Revived(B1, item(1).commit)]
    assert bo.items() == [item(1, assignee="bo")]


def test_sync_of_an_item_closed_here_and_decided_there_has_it_once_with_both(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, state=State.DECLINED, reason="too risky"))
    bo.decide(setting(1, assignee="bo"))
    ada.sync()
    bo.sync()
    assert bo.items() == [item(2), item(1, state=State.DECLINED, reason="too risky", assignee="bo")]


def test_sync_of_decisions_about_one_thing_through_several_merges_knows_the_later(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    cy = cloned(remote, "cy")
    cy.sync()
    ada.decide(setting(1, assignee="ada"), minute=1)
    cy.decide(setting(1, assignee="cy"), minute=7)
    bo.decide(setting(2, assignee="bo"), minute=8)
    ada.sync()
    bo.sync()  # its merge is of minute 60, but decides nothing about item 1
    cy.sync()
    assert (cy.find(1).assignee, cy.find(2).assignee) == ("cy", "bo")


def test_sync_after_two_independent_inits_brings_both_together(tmp_path: Path) -> None:
    remote = TestRepo.create(tmp_path / "remote.git", bare=True)
    ada, bo = cloned(remote, "ada"), cloned(remote, "bo")
    ada.create(item(1), item(2, assignee="ada"))
    bo.create(item(2, note="bo's"), item(3))
    bo.decide(setting(5, B2))
    ada.sync()
    assert counts(bo.sync()) == (Step.MERGED, 1, 2, True)
    ada.sync()
    assert ada.items() == [item(1), item(2, assignee="ada", note="bo's"), item(3)]
    assert ada.items(B2) == [item(5)]
    assert ada.store.tip() == remote.id("backportq")


def test_sync_when_another_push_wins_begins_again_with_what_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2), item(3))
    pushes: list[object] = []

    def late(*args: object) -> object:
        pushes.append(args)
        if len(pushes) <= 2:  # between our fetch and our push
            monkeypatch.setattr(_PUSH, push_branch)
            ada.decide(setting(len(pushes), assignee="ada"))
            ada.sync()
            monkeypatch.setattr(_PUSH, late)
        return push_branch(*args)  # type: ignore[arg-type]

    bo.decide(setting(3, note="bo's"))
    monkeypatch.setattr(_PUSH, late)
    assert counts(bo.sync()) == (Step.MERGED, 2, 1, True)
    assert len(pushes) == 3
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="ada"), item(3, note="bo's")]
    # merges that lost are not kept
    assert remote.git("rev-list", "--merges", "--count", "backportq") == "1"


def test_sync_while_a_decision_is_made_here_takes_it_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2), item(3))
    pushes: list[object] = []

    def meanwhile(*args: object) -> object:
        pushes.append(args)
        answer = push_branch(*args)  # type: ignore[arg-type]
        if len(pushes) == 1:
            bo.decide(setting(3, assignee="bo"))
        return answer

    ada.decide(setting(1, assignee="ada"))
    bo.decide(setting(2, assignee="bo"))
    ada.sync()
    monkeypatch.setattr(_PUSH, meanwhile)
    bo.sync()
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="bo"), item(3, assignee="bo")]
    assert remote.id("backportq") == bo.store.tip()


@pytest.mark.parametrize("place", ["here", "there"])
def test_sync_with_a_stale_lock_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    lock = (bo.repo.path / ".git" if place == "here" else remote.path) / "refs/heads/backportq.lock"
    lock.touch()
    monkeypatch.setattr("backportq.queue.sync._STUCK", 2)
    with pytest.raises(QueueBusyError) as caught:
        bo.sync()
    if place == "here":
        assert caught.value.hints == (f"rm {lock}, if no git and no backportq is running there",)
    else:
        assert caught.value.hints == (
            "rm refs/heads/backportq.lock in the remote repository, if no git is running there",
        )
    lock.unlink()
    bo.sync()
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="bo")]


def test_sync_dry_run_tells_and_changes_nothing(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"), minute=3)
    ada.sync()
    bo.decide(setting(1, assignee="bo"), minute=2)
    before = (bo.store.tip(), remote.id("backportq"), bo.repo.git("count-objects"))
    done = bo.sync(dry_run=True)
    assert counts(done) == (Step.MERGED, 1, 1, False)
    assert [one.lost.value for one in done.merged.items] == ["bo"]
    assert (bo.store.tip(), remote.id("backportq")) == before[:2]
    assert bo.repo.git("for-each-ref", "refs/heads") == f"{before[0]} commit\trefs/heads/backportq"


def test_sync_without_push_takes_and_keeps_what_is_here(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    before = remote.id("backportq")
    assert counts(bo.sync(push=False)) == (Step.MERGED, 1, 1, False)
    assert remote.id("backportq") == before
    assert find_standing(bo.store) == Standing("origin", 2, 0)
    bo.sync()
    ada.sync()
    assert ada.items() == bo.items() == [item(1, assignee="ada"), item(2, assignee="bo")]


def test_sync_with_a_remote_that_cannot_be_reached_leaves_the_queue(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"))
    before = ada.store.tip()
    remote.path.rename(tmp_path / "moved")
    with pytest.raises(GitFailedError) as caught:
        ada.sync()
    assert caught.value.message.startswith("cannot fetch from 'origin': ")
    assert caught.value.hints == ("backportq works without the remote; repeat 'backportq sync' when it can be reached",)
    assert ada.store.tip() == before
    assert find_standing(ada.store) == Standing("origin", 1, 0)


def test_sync_refused_by_a_hook_has_taken_what_the_remote_had(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    hook = remote.path / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'only the release manager may'\nexit 1\n")
    hook.chmod(0o755)
    before = remote.id("backportq")
    with pytest.raises(RepositoryError) as caught:
        bo.sync()
    assert caught.value.message == (
        "'origin' refuses the queue; the queue here has what it had: [remote rejected] (pre-receive hook declined)\n"
        "remote: only the release manager may"
    )
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="bo")]
    assert remote.id("backportq") == before
    hook.unlink()
    assert counts(bo.sync()) == (Step.GAVE, 0, 2, True)


def test_sync_to_a_deleted_branch_asks_first(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"))
    remote.git("update-ref", "-d", "refs/heads/backportq")
    before = ada.store.tip()
    with pytest.raises(RepositoryError) as caught:
        ada.sync()
    assert caught.value.message == "the queue branch 'backportq' was deleted on 'origin'"
    assert caught.value.hints[0] == "backportq sync --restore puts back what was taken away"
    assert ada.store.tip() == before
    assert counts(ada.sync(rewritten=Rewritten.RESTORE)) == (Step.GAVE, 0, 2, True)
    assert remote.id("backportq") == before


@pytest.mark.parametrize("fetched", [False, True], ids=["", "after-git-fetch"])
def test_sync_with_a_rewritten_branch_refuses_restores_or_accepts(tmp_path: Path, *, fetched: bool) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    first = remote.id("backportq")
    ada.decide(setting(1, note="an embargoed secret"))
    ada.sync()
    bo.sync()
    remote.git("update-ref", "refs/heads/backportq", first)
    ada.repo.git("update-ref", "refs/heads/backportq", first)
    ada.decide(setting(2, note="public"))
    ada.sync(rewritten=Rewritten.ACCEPT)
    rewritten = remote.id("backportq")
    bo.decide(setting(2, assignee="bo"))
    if fetched:
        bo.repo.git("fetch", "-q")
    with pytest.raises(RepositoryError) as caught:
        bo.sync()
    assert caught.value.message == (
        "the queue branch 'backportq' was rewritten on 'origin': it lacks changes that it had"
    )
    other = Clone(TestRepo(tmp_path / "copy"), bo.who)
    bo.repo.git("clone", "-q", "--mirror", str(bo.repo.path), str(tmp_path / "copy"))
    other.repo.git("config", "remote.origin.url", str(remote.path))
    other.repo.git("config", "remote.origin.mirror", "false")
    assert counts(bo.sync(rewritten=Rewritten.ACCEPT))[0] is Step.MERGED
    assert bo.items() == [item(1), item(2, note="public", assignee="bo")]
    assert remote.git("rev-list", "--parents", "-1", "backportq").split()[1:] == [rewritten]
    assert "secret" not in remote.git("log", "-p", "backportq")
    assert counts(bo.sync()) == (Step.NONE, 0, 0, True)
    other.sync(rewritten=Rewritten.RESTORE)
    assert other.items() == [item(1, note="an embargoed secret"), item(2, note="public", assignee="bo")]


def test_sync_accepting_a_rewritten_branch_without_decisions_here_just_takes_it(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1))
    first = remote.id("backportq")
    ada.decide(setting(1, note="wrong"))
    ada.sync()
    bo.sync()
    remote.git("update-ref", "refs/heads/backportq", first)
    assert counts(bo.sync(rewritten=Rewritten.ACCEPT)) == (Step.TOOK, 0, 0, True)
    assert bo.store.tip() == first


def test_sync_with_a_newer_schema_refuses_and_says_what_to_do(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1))
    work = cloned(remote, "work").repo
    work.git("checkout", "-q", "backportq")
    work.commit("a newer program", {"queue/stable-1.toml": "schema = 2\nitems = 3\n"})
    work.git("push", "-q", "origin", "HEAD:backportq")
    bo.decide(setting(2, assignee="bo"))
    for clone in (ada, bo):
        before = clone.store.tip()
        with pytest.raises(SchemaError) as caught:
            clone.sync()
        assert caught.value.message == (
            "the queue of 'origin': queue/stable-1.toml has schema 2, wanted at most 1: a newer backportq wrote it"
        )
        assert caught.value.hints[0] == "install the newest backportq, for example with 'pipx upgrade backportq'"
        assert clone.store.tip() == before
    assert remote.git("show", "backportq:queue/stable-1.toml") == "schema = 2\nitems = 3"


def test_sync_with_a_file_that_does_not_parse_names_it_and_who_to_ask(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    work = cloned(remote, "work").repo
    work.git("checkout", "-q", "backportq")
    work.commit("by hand", {"closed/stable-1.toml": "schema = 1\nbranch = 3\n"})
    work.git("push", "-q", "origin", "HEAD:backportq")
    before = ada.store.tip()
    with pytest.raises(QueueFileError) as caught:
        ada.sync()
    assert caught.value.message == (
        "the queue of 'origin': closed/stable-1.toml:2:1: key 'branch': wanted a string, found '3'"
    )
    assert caught.value.hints == (
        "git log -p refs/remotes/origin/backportq, to see who changed it; nothing was changed here",
    )
    assert ada.store.tip() == before


def test_sync_without_any_queue_says_how_to_begin(tmp_path: Path) -> None:
    ada = cloned(TestRepo.create(tmp_path / "remote.git", bare=True), "ada")
    with pytest.raises(ConfigError) as caught:
        ada.sync()
    assert str(caught.value) == "there is no queue, neither here nor on 'origin'"


def test_reading_without_a_queue_but_a_fetched_one_says_to_sync(tmp_path: Path) -> None:
    remote, _, _ = shared(tmp_path, item(1))
    new = cloned(remote, "new")
    with pytest.raises(ConfigError) as caught:
        new.store.snapshot()
    assert str(caught.value) == "there is no queue here, but there is 'origin/backportq'"
    assert caught.value.hints == ("backportq sync",)
    new.sync()
    assert new.items() == [item(1)]


def test_sync_of_a_checked_out_queue_is_refused_before_anything_is_pushed(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    before = remote.id("backportq")
    bo.repo.git("checkout", "-q", "backportq")
    with pytest.raises(RepositoryError, match="the queue branch 'backportq' is checked out in"):
        bo.sync()
    assert remote.id("backportq") == before


def test_sync_in_a_mirror_does_not_let_the_remote_overwrite_what_is_here(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1), item(2))
    remote.git("clone", "-q", "--mirror", str(remote.path), str(tmp_path / "mirror.git"))
    mirror = Clone(TestRepo(tmp_path / "mirror.git"))
    mirror.repo.git("config", "remote.origin.mirror", "false")
    mirror.decide(setting(1, assignee="ada"))
    ada.decide(setting(2, note="x"))
    ada.sync()
    mirror.sync()
    assert mirror.items() == [item(1, assignee="ada"), item(2, note="x")]


def test_sync_with_a_remote_that_has_a_working_tree_and_a_detached_head(tmp_path: Path) -> None:
    work = TestRepo.create(tmp_path / "work")
    work.commit("one")
    work.git("checkout", "-q", "--detach")
    ada = cloned(work, "ada")
    ada.create(item(1))
    assert counts(ada.sync()) == (Step.GAVE, 0, 1, True)
    assert work.id("backportq") == ada.store.tip()
    work.git("checkout", "-q", "backportq")
    ada.decide(setting(1, assignee="ada"))
    with pytest.raises(RepositoryError, match=r"'origin' refuses the queue; nothing changed here: .*checked out"):
        ada.sync()


def test_sync_of_a_queue_in_another_repository_uses_its_remotes(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    work = TestRepo.create(tmp_path / "work")
    work.git("clone", "-q", "--bare", str(remote.path), str(tmp_path / "queue.git"))
    work.git("config", "backportq.repository", "../queue.git")
    other = Clone(work)
    other.decide(setting(1, assignee="bo"))
    assert counts(other.sync()) == (Step.GAVE, 0, 1, True)
    ada.sync()
    assert ada.items() == [item(1, assignee="bo")]
    assert work.git("for-each-ref") == ""


def test_sync_of_criss_cross_histories_keeps_everything(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1), item(2), item(3))
    for one, other in ((ada, bo), (bo, ada)):
        one.repo.git("remote", "add", "other", str(other.repo.path))
    ada.decide(setting(1, assignee="ada"), minute=1)
    bo.decide(setting(1, assignee="bo"), minute=2)
    bo.decide(setting(2, note="bo's"), minute=3)
    tips = {clone.repo.path: clone.store.tip() for clone in (ada, bo)}
    for one, other in ((ada, bo), (bo, ada)):
        one.repo.git("fetch", "-q", "other")
        tree = _merged_tree(one.store, str(tips[one.repo.path]), str(tips[other.repo.path]))
        merge = one.repo.git(
            "commit-tree", tree, "-p", str(tips[one.repo.path]), "-p", str(tips[other.repo.path]), "-m", "by hand"
        )
        one.repo.git("update-ref", "refs/heads/backportq", merge)
    ada.decide(setting(3, assignee="ada"))
    bo.decide(setting(1, note="after"))
    ada.sync()
    bo.sync()
    lost = Superseded("assignee", "ada", None, at(1))
    assert bo.items() == [
        item(1, assignee="bo", note="after", history=(lost,)),
        item(2, note="bo's"),
        item(3, assignee="ada"),
    ]


def _merged_tree(store: QueueStore, mine: str, theirs: str) -> str:
    """Return the tree that merges two queue commits, made by what sync itself uses."""
    from backportq.git.queue_refs import merge_bases
    from backportq.git.stored_changes import NewCommit, write_commit
    from backportq.queue.merge_files import StoredSide, all_files, merge_stored
    from backportq.queue.side_log import SideLog
    from tests.queue.shared_queue import ADA

    repository = store.repository
    one, other = (all_files(repository, Oid(oid)) for oid in (mine, theirs))
    bases = merge_bases(repository, one.commit, other.commit)
    merged = merge_stored(
        repository,
        all_files(repository, bases[0]),
        StoredSide(one, SideLog(store, one.commit, bases)),
        StoredSide(other, SideLog(store, other.commit, bases)),
    )
    commit = write_commit(repository, one, merged.changes, NewCommit("x", ADA, at(0), (one.commit,)))
    assert commit is not None
    return repository.git.text("rev-parse", f"{commit}^{{tree}}")


CONFIG_TEXT = """\
# the project
schema = 1
upstream = "master"
dialects = ["xen"]

# oldest first
[[branch]]
name = "stable-1"
version = "1"  # long-term

[[branch]]
name = "release/2"
version = "2"
"""


def test_sync_of_configuration_keeps_the_comments_of_both(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.write("config.toml", CONFIG_TEXT)
    ada.sync()
    bo.sync()
    ada.write("config.toml", CONFIG_TEXT.replace("# the project", "# our project"))
    bo.write("config.toml", CONFIG_TEXT + '\n# urgent things\n[[rule]]\nname = "xsa"\npattern = "XSA-"\n')
    ada.sync()
    assert bo.sync().merged.keys == []
    assert bo.text("config.toml") == (
        CONFIG_TEXT.replace("# the project", "# our project")
        + '\n# urgent things\n[[rule]]\nname = "xsa"\npattern = "XSA-"\n'
    )


def test_sync_of_configuration_changed_in_the_same_lines_merges_keys(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.write("config.toml", CONFIG_TEXT)
    ada.sync()
    bo.sync()
    ada.write("config.toml", CONFIG_TEXT.replace('["xen"]', '["xen", "linux"]') + 'support = "security"\n', minute=2)
    bo.write("config.toml", CONFIG_TEXT.replace('["xen"]', '["mesa", "xen"]') + 'support = "end-of-life"\n', minute=1)
    ada.sync()
    done = bo.sync()
    assert done.merged.keys == [
        ("config.toml", OverruledKey("branch.release/2.support", "security", "end-of-life")),
    ]
    assert bo.text("config.toml") == (
        CONFIG_TEXT.replace('["xen"]', '["mesa", "xen", "linux"]') + 'support = "security"\n'
    )


def test_sync_of_people_added_on_both_sides_has_all(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.write("people.toml", 'schema = 1\n\n[[person]]\nkey = "ada"\nname = "Ada Author"\n')
    bo.write("people.toml", 'schema = 1\n\n# builds\n[[person]]\nkey = "bo"\nname = "Bo Builder"\n')
    ada.sync()
    assert bo.sync().merged.keys == []
    assert [person.key for person in bo.store.snapshot().state.people.people] == ["ada", "bo"]
    assert "# builds" in bo.text("people.toml")


def test_sync_of_other_files_merges_lines_and_keeps_the_later_where_they_conflict(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    lines = [f"line {number}\n" for number in range(9)]
    for path in ("README", "tools/notes"):
        ada.write(path, "".join(lines))
    ada.sync()
    bo.sync()
    ada.write("README", "".join(["ada\n", *lines[1:]]))
    bo.write("README", "".join([*lines[:-1], "bo\n"]))
    ada.write("tools/notes", "ada\n", minute=3)
    bo.write("tools/notes", "bo\n", minute=2)
    lost = bo.repo.id("backportq:tools/notes")
    ada.sync()
    done = bo.sync()
    assert bo.text("README") == "".join(["ada\n", *lines[1:-1], "bo\n"])
    assert bo.text("tools/notes") == "ada\n"
    assert [(one.path, one.lost) for one in done.merged.files] == [("tools/notes", lost)]
