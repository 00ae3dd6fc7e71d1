"""What is pushed for a review, and the addresses that are shown."""

from __future__ import annotations

import pytest

from backportq.model.config import PublishWay
from backportq.model.ids import BranchName
from backportq.model.picks.publish import PushPlan, plan_push, review_address

LANDING, TOPIC = BranchName("staging-4.20"), BranchName("backport/stable-4.20/0123")


@pytest.mark.parametrize(
    ("how", "command"),
    [
        (PublishWay.PUSH, "git push|"),
        (
            PublishWay.PUSH_OPTIONS,
            "git push -o merge_request.create -o merge_request.target=staging-4.20 -o 'merge_request.title=a: fix'|",
        ),
        (
            PublishWay.AGIT,
            "git push -o topic=backport/stable-4.20/0123 -o 'title=a: fix'|:refs/for/staging-4.20",
        ),
        (
            PublishWay.GERRIT,
            "git push|:refs/for/staging-4.20%topic=backport/stable-4.20/0123",
        ),
    ],
)
def test_plan_push_is_what_each_server_reads(how: PublishWay, command: str) -> None:
    given = plan_push(how, LANDING, TOPIC, "a: fix", options=("ci.skip",)).command("origin", TOPIC)
    assert given == command.replace("|", " -o ci.skip origin backport/stable-4.20/0123")


def test_plan_push_to_a_named_ref_pushes_to_that_ref_and_to_no_branch_of_its_name() -> None:
    named = plan_push(PublishWay.AGIT, LANDING, TOPIC, "a: fix", push_as="refs/for/stable-1.0%topic=x")
    assert named == PushPlan("refs/for/stable-1.0%topic=x")  # type: ignore[arg-type]
    assert plan_push(PublishWay.PUSH, LANDING, TOPIC, "a", push_as="mine").ref == "refs/heads/mine"


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        (
            "git@github.com:group/harbor.git",
            "https://github.com/group/harbor/compare/staging-4.20...backport/stable-4.20/0123?expand=1",
        ),
        (
            "https://user:secret@gitlab.example.org/group/sub/harbor.git",
            (
                "https://gitlab.example.org/group/sub/harbor/-/merge_requests/new"
                "?merge_request%5Bsource_branch%5D=backport%2Fstable-4.20%2F0123"
                "&merge_request%5Btarget_branch%5D=staging-4.20"
            ),
        ),
        (
            "ssh://git@codeberg.org:2222/group/harbor",
            "https://codeberg.org/group/harbor/compare/staging-4.20...backport/stable-4.20/0123",
        ),
        (
            "https://bitbucket.org/group/harbor",
            "https://bitbucket.org/group/harbor/pull-requests/new?source=backport%2Fstable-4.20%2F0123&dest=staging-4.20",
        ),
        ("https://git.example.org/harbor.git", None),
        ("https://notgithub.example.org/group/harbor", None),
        ("/srv/git/github.com/group/harbor.git", None),
        ("../harbor.git", None),
        ("https://github.com/\x1b[31m/harbor", None),
    ],
)
def test_review_address_is_given_for_hosts_whose_pages_are_known(remote: str, address: str | None) -> None:
    assert review_address(remote, LANDING, TOPIC) == address
