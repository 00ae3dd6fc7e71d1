"""The report of what landed: all evidence of each pick, what nothing explains, and branches nobody configured."""

from __future__ import annotations

from backportq.model.history.landed import Evidence, EvidenceKind, LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.services.reports.landed import landed
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue


def test_landed_service_lists_all_evidence_and_what_nothing_explains(forked: TestRepo) -> None:
    project = start_queue(forked, stable("stable-1", staging=BranchName("staging-1")))
    fix = forked.commit("x86: fix line 3\n", {"other": "3\n"})
    forked.checkout("stable-1")
    own = forked.commit("own", {"own": "x\n"})
    pick = forked.pick(fix, "-x")
    forked.git("branch", "staging-1")
    found = landed(project, "1")
    assert found.picks == (
        LandedPick(
            Oid(fix),
            Oid(pick),
            (
                Evidence(EvidenceKind.TRAILER, f"(cherry picked from commit {fix})"),
                Evidence(EvidenceKind.PATCH_ID, f"same patch-id as {fix[:12]}"),
                Evidence(EvidenceKind.SUBJECT, f"same author and subject as {fix[:12]}"),
            ),
        ),
    )
    assert (found.unexplained, found.warnings) == ((own,), ())
    assert found.commits[Oid(pick)].subject == "x86: fix line 3"


def test_landed_service_answers_for_a_branch_that_is_not_configured(forked: TestRepo) -> None:
    project = start_queue(forked, stable("stable-1"))
    forked.checkout("stable-1")
    pick = forked.pick("master", "-x")
    forked.git("branch", "other")
    assert [found.commit for found in landed(project, "other").picks] == [pick]
