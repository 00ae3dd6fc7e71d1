"""A history whose commits name what they follow in sentences, and whose picks come step by step from newer branches."""

from __future__ import annotations

from pathlib import Path

from backportq.services.queue_admin.init import InitRequest, initialise
from backportq.services.reports.landed import landed
from fixtures.build import build
from tests.services.queued import history_of, project_of


def test_sentences_nominate_where_their_target_is_and_chains_of_picks_lead_upstream(tmp_path: Path) -> None:
    build("systemd", tmp_path)
    project = project_of(tmp_path)
    assert initialise(project, InitRequest()).config.dialects == ("systemd",)
    history = history_of(project)
    subjects = {oid: commit.subject for oid, commit in history.facts.commits.items()}
    found = {
        branch: {subjects[oid]: [str(each.via) for each in candidate.nominations] for oid, candidate in of.items()}
        for branch, of in history.nominated.branches.items()
    }
    assert found == {
        # What was followed landed there as a pick, and what that one followed is older than the branch.
        "v254-stable": {"core: start units once, really": ["follow-up", "fixes", "newer-branch"]},
        "v255-stable": {"udev: read the rule": ["fixes"]},
    }
    picks = landed(project, "v254-stable").picks
    assert [subjects[pick.upstream] for pick in picks] == ["core: start units once"]
