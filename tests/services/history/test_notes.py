"""Tags and pick lines that people wrote into notes count like those of messages."""

from __future__ import annotations

from dataclasses import replace

from backportq.git.repository import discover
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.services.history.gather import gather
from tests.driver import TestRepo


def test_gather_reads_tags_and_pick_lines_in_the_notes_of_the_dialect(repo: TestRepo) -> None:
    bug = repo.commit("thing", {"file": "1\n"})
    repo.git("branch", "nm-1-46")
    fix, wrong = (
        repo.commit("fix", {"file": "2\n"}),
        repo.commit(f"wrong\n\nFixes: {bug} ('thing')\n", {"other": "2\n"}),
    )
    taken = repo.commit("taken", {"taken": "1\n"})
    repo.checkout("nm-1-46")
    pick = repo.commit("adapted beyond recognition", {"taken": "2\n"})
    config = Config(BranchName("master"), (StableBranch(BranchName("nm-1-46"), "1.46"),), dialects=("networkmanager",))
    before = gather(discover(repo.path), config)
    assert set(before.tags) == {wrong}
    for oid, note in (
        (fix, f"Fixes: {bug} ('thing')"),
        (wrong, f"Ignore-Fixes: {bug} ('thing')"),
        (pick, f"(cherry picked from commit {taken})"),
    ):
        repo.git("notes", "--ref=bugs", "add", "-m", note, oid)
    facts = gather(discover(repo.path), config)
    assert [(oid, [fixes.hex for fixes in tags.fixes]) for oid, tags in facts.tags.items() if tags.fixes] == [
        (fix, [bug])
    ]
    assert [(one.upstream, one.commit) for one in facts.branches[0].picks] == [(taken, pick)]
    assert facts.commits[Oid(fix)].subject == "fix"
    for notes in ((), ("refs/notes/none",)):
        assert set(gather(discover(repo.path), replace(config, notes=notes)).tags) == {wrong}
    other = replace(config, dialects=("generic",))
    assert set(gather(discover(repo.path), other).tags) == {wrong}
    assert set(gather(discover(repo.path), replace(other, notes=("refs/notes/bugs",))).tags) >= {fix}


def test_gather_follows_a_chain_of_picks_through_a_note_on_another_branch(repo: TestRepo) -> None:
    repo.commit("thing", {"file": "1\n"})
    for name in ("nm-1-46", "nm-1-48"):
        repo.git("branch", name)
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout("nm-1-48")
    between = repo.commit("between", {"file": "between\n"})
    repo.checkout("nm-1-46")
    pick = repo.commit(f"pick\n\n(cherry picked from commit {between})\n", {"file": "pick\n"})
    repo.git("notes", "--ref=bugs", "add", "-m", f"(cherry picked from commit  {fix})", between)
    facts = gather(
        discover(repo.path),
        Config(BranchName("master"), (StableBranch(BranchName("nm-1-46"), "1.46"),), dialects=("networkmanager",)),
    )
    assert [(one.upstream, one.commit) for one in facts.branches[0].picks] == [(fix, pick)]
