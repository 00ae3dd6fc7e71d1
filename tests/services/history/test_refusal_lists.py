"""Files in which a stable branch lists what it is not to take."""

from __future__ import annotations

import json
from dataclasses import replace

from backportq.services.items.show import show
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue, states_of


def _branch_and_fixes(repo: TestRepo, count: int) -> list[str]:
    bug = repo.commit("thing", {"file": "bug\n"})
    repo.git("branch", "24.1")
    return [
        repo.commit(f'fix {number}\n\nFixes: {bug[:12]} ("thing")\n', {f"file{number}": "good\n"})
        for number in range(count)
    ]


def test_scan_leaves_out_what_a_file_of_the_branch_refuses_and_show_says_why(repo: TestRepo) -> None:
    wanted, ignored, denominated = _branch_and_fixes(repo, 3)
    repo.checkout("24.1")
    text = f"# fixes: needs what the branch lacks\n{ignored} fix 1\n{'4' * 40} unknown here\n"
    repo.commit("cherry-ignore: add", {"bin/.cherry-ignore": text})
    status = [{"sha": denominated, "resolution": 2}, {"sha": wanted, "resolution": 0}]
    repo.commit("pick_status", {".pick_status.json": json.dumps(status)})
    project = start_queue(repo, stable("24.1"), dialects=("mesa",))
    scan(project)
    assert states_of(project, "24.1") == {wanted: "pending"}
    assert [show(project, oid).branches[0].why for oid in (ignored, denominated)] == [
        ("refused by bin/.cherry-ignore of the branch: fixes: needs what the branch lacks",),
        ("refused by .pick_status.json of the branch: denominated",),
    ]


def test_scan_reads_the_file_of_the_staging_branch_and_withdraws_what_it_refuses(repo: TestRepo) -> None:
    wanted, ignored = _branch_and_fixes(repo, 2)
    repo.checkout("staging/24.1", "24.1")
    project = start_queue(repo, stable("24.1", staging="staging/24.1"), dialects=("mesa",))
    scan(project)
    assert states_of(project, "24.1") == {wanted: "pending", ignored: "pending"}
    repo.commit("cherry-ignore: add", {"bin/.cherry-ignore": f"{ignored[:12]}\n"})
    scan(project)
    assert states_of(project, "24.1") == {wanted: "pending"}


def test_scan_reads_the_files_that_the_configuration_names(repo: TestRepo) -> None:
    wanted, ignored = _branch_and_fixes(repo, 2)
    repo.checkout("24.1")
    repo.commit("list", {"not-here.txt": f"{ignored}\n", "bin/.cherry-ignore": f"{wanted}\n"})
    project = start_queue(repo, stable("24.1"), dialects=("mesa",))
    project.store.change(
        lambda state: replace(state, config=replace(state.config, refusal_lists=("not-here.txt",))),
        command="test",
        summary="lists of its own",
        actor=project.actor(),
        at=project.clock(),
    )
    scan(project)
    assert states_of(project, "24.1") == {wanted: "pending"}
