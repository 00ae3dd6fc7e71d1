"""The choice of an owner: the chain, its limits, fairness, and that it is the same for everybody."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backportq.model.assignment.policy import CHAIN, CONFLICT_CHAIN, AssignStep, TaskPolicy
from backportq.model.assignment.proposal import ItemToAssign, OwnerCandidate, Proposal, RejectedCandidate, propose
from backportq.model.ids import BranchName, Oid
from backportq.model.people.people import People, Person

TODAY = date(2026, 6, 1)
BRANCH = BranchName("stable-4.18")
PEOPLE = People((Person("ada", "Ada"), Person("ben", "Ben"), Person("cid", "Cid")))


def oid(number: int) -> Oid:
    return Oid(f"{number:040x}")


def item(
    number: int, *candidates: OwnerCandidate, branch: str = BRANCH, conflicts: bool = False, rotation: str = ""
) -> ItemToAssign:
    turns = tuple(rotation.split())
    return ItemToAssign(oid(number), BranchName(branch), (number,), conflicts, candidates, turns)


def candidate(
    step: AssignStep, key: str | None, why: str = "wrote it", name: str = "", rejection: str | None = None
) -> OwnerCandidate:
    return OwnerCandidate(step, key, why, name, rejection)


def owners(*wanted: ItemToAssign, people: People = PEOPLE, policy: TaskPolicy | None = None) -> list[str | None]:
    return [proposal.key for proposal in propose(wanted, people, {}, policy or TaskPolicy(), TODAY)]


def test_propose_takes_the_first_step_of_the_chain_whatever_the_order_of_the_clues() -> None:
    wanted = item(
        1,
        candidate(AssignStep.MAINTAINERS, "cid"),
        candidate(AssignStep.AUTHOR, "ben"),
        candidate(AssignStep.FIXED_AUTHOR, "ada"),
    )

    assert owners(wanted) == ["ada"]
    assert owners(wanted, policy=TaskPolicy(chain=(AssignStep.MAINTAINERS, AssignStep.AUTHOR))) == ["cid"]
    assert owners(wanted, policy=TaskPolicy(chain=())) == [None]


def test_propose_conflict_goes_to_the_author_before_who_fixed_or_maintains() -> None:
    candidates = (
        candidate(AssignStep.FIXED_BACKPORTER, "cid"),
        candidate(AssignStep.BRANCH_MAINTAINER, "ben"),
        candidate(AssignStep.AUTHOR, "ada"),
    )

    assert owners(item(1, *candidates, conflicts=True), item(2, *candidates)) == ["ada", "cid"]


def test_propose_says_who_was_passed_over_and_why() -> None:
    people = People(
        (
            Person("ada", "Ada", away_until=date(2026, 6, 2)),
            Person("ben", "Ben", capacity=0),
            Person("cid", "Cid", no_tasks=True),
            Person("dot", "Dot", away_until=TODAY),
        )
    )
    wanted = item(
        1,
        candidate(AssignStep.FIXED_AUTHOR, None, "wrote what it fixes", "Eve"),
        candidate(AssignStep.AUTHOR, "ada"),
        candidate(AssignStep.COMMITTER, "ben"),
        candidate(AssignStep.MAINTAINERS, "cid"),
        candidate(AssignStep.MAINTAINERS, "dot", "maintains it", rejection="is outside of the project's domains"),
        candidate(AssignStep.BRANCH_MAINTAINER, "dot", "maintains the branch"),
    )

    assert propose([wanted], people, {}, TaskPolicy(), TODAY) == (
        Proposal(
            oid(1),
            BRANCH,
            "dot",
            AssignStep.BRANCH_MAINTAINER,
            "maintains the branch",
            (
                RejectedCandidate("Eve", "wrote what it fixes, but is not among the people of the queue"),
                RejectedCandidate("Ada", "is away until 2026-06-02"),
                RejectedCandidate("Ben", "has 0 of at most 0 items"),
                RejectedCandidate("Cid", "takes no tasks"),
                RejectedCandidate("Dot", "is outside of the project's domains"),
            ),
        ),
    )


def test_propose_gives_nobody_the_third_while_another_candidate_has_none() -> None:
    candidates = (candidate(AssignStep.AUTHOR, "ada"), candidate(AssignStep.COMMITTER, "ben"))

    assert owners(*(item(number, *candidates) for number in range(5))) == ["ada", "ada", "ben", "ada", "ada"]
    assert owners(*(item(number, *candidates) for number in range(3)), policy=TaskPolicy(fair_share=0)) == ["ada"] * 3


def test_propose_keeps_one_commit_for_several_branches_together() -> None:
    candidates = (candidate(AssignStep.AUTHOR, "ada"), candidate(AssignStep.COMMITTER, "ben"))
    wanted = [item(1, *candidates, branch=f"stable-4.{minor}") for minor in (18, 19, 20)]

    made = propose(wanted, PEOPLE, {}, TaskPolicy(), TODAY)

    assert [proposal.key for proposal in made] == ["ada", "ada", "ada"]
    assert made[2].why == "gets it for stable-4.18 as well: wrote it"


def test_propose_follows_who_has_the_commit_on_another_branch_already() -> None:
    made = propose([item(1, candidate(AssignStep.AUTHOR, "ada"))], PEOPLE, {"cid": [oid(1)]}, TaskPolicy(), TODAY)

    assert [(proposal.key, proposal.why) for proposal in made] == [("cid", "has the same commit for another branch")]


def test_propose_rotation_goes_to_who_has_least_to_do() -> None:
    wanted = [item(number, rotation="cid ada ben") for number in range(4)]

    made = propose(wanted, PEOPLE, {"ada": [oid(9)]}, TaskPolicy(), TODAY)

    assert [proposal.key for proposal in made] == ["cid", "ben", "cid", "ada"]
    assert made[3].why == "is next in turn, with 1 item"


STEPS = st.sampled_from([step for step in AssignStep if step is not AssignStep.ROTATION])
KEYS = st.sampled_from(["ada", "ben", "cid", None])
WANTED = st.builds(
    ItemToAssign,
    commit=st.integers(0, 8).map(oid),
    branch=st.sampled_from(["stable-1", "stable-2"]).map(BranchName),
    place=st.tuples(st.integers(0, 3)),
    conflicts=st.booleans(),
    candidates=st.lists(st.builds(OwnerCandidate, STEPS, KEYS, st.just("because")), max_size=4).map(tuple),
    rotation=st.sampled_from([(), ("ada", "ben"), ("cid",)]),
)


@given(st.lists(WANTED, max_size=20), st.integers(0, 5), st.randoms())
def test_propose_is_the_same_in_any_order_and_never_over_capacity(
    items: list[ItemToAssign], limit: int, random: object
) -> None:
    unique = list({(item.commit, item.branch): item for item in items}.values())
    policy = TaskPolicy(capacity=limit)
    made = propose(unique, PEOPLE, {}, policy, TODAY)
    shuffled = list(unique)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random

    assert propose(shuffled, PEOPLE, {}, policy, TODAY) == made
    assert len(made) == len(unique)
    for key in ("ada", "ben", "cid"):
        assert sum(proposal.key == key for proposal in made) <= limit


@given(st.lists(WANTED, max_size=20))
def test_propose_leaves_nobody_out_who_could_take_an_item(items: list[ItemToAssign]) -> None:
    unique = list({(item.commit, item.branch): item for item in items}.values())

    for proposal, wanted in zip(
        propose(unique, PEOPLE, {}, TaskPolicy(), TODAY),
        sorted(unique, key=lambda each: (each.place, each.branch, each.commit)),
        strict=True,
    ):
        if proposal.key is None:
            assert not wanted.rotation
            chain = CONFLICT_CHAIN if wanted.conflicts else CHAIN
            assert all(each.key is None for each in wanted.candidates if each.step in chain)
