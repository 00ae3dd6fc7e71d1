"""Chains of reverts as pure values, against a model that replays them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backportq.model.ids import Oid
from backportq.services.history.reverts import RevertChain

A, B, C, D = (Oid(letter * 40) for letter in "abcd")


def test_revert_takes_back_and_its_revert_brings_back() -> None:
    chain = RevertChain()
    chain.add(B, [A])
    assert chain.in_force() == {A: B}
    chain.add(C, [B])
    assert chain.in_force() == {B: C}
    chain.add(D, [C])
    assert chain.in_force() == {C: D, A: D}


def test_reapply_brings_back_without_naming_the_revert() -> None:
    chain = RevertChain()
    chain.add(B, [A])
    chain.reapply([A], by=C)
    assert chain.in_force() == {}


def test_revert_of_itself_and_circles_end() -> None:
    chain = RevertChain()
    chain.add(A, [A])
    chain.add(B, [C])
    chain.add(C, [B])
    assert chain.in_force() == {B: C}


@given(st.lists(st.integers(0, 30), max_size=30))
def test_chain_agrees_with_replaying_everything(choices: list[int]) -> None:
    """Commit n reverts commit `choices[n] % n`; a commit holds iff no revert of it holds, which is a recursion."""
    oids = [Oid(f"{number:040x}") for number in range(len(choices) + 1)]
    targets = {number: choice % number for number, choice in enumerate(choices, 1)}
    chain = RevertChain()
    for number, target in targets.items():
        chain.add(oids[number], [oids[target]])

    def is_reverted(commit: int) -> bool:
        # The last revert that itself still says something decides; each one switches what it names.
        state = dict.fromkeys(range(len(oids)), True)

        def switch(number: int, *, on: bool) -> None:
            state[number] = on
            if number in targets:
                switch(targets[number], on=not on)

        for number in sorted(targets):
            switch(targets[number], on=False)
        return not state[commit]

    assert {number for number in range(len(oids)) if oids[number] in chain.in_force()} == {
        number for number in range(len(oids)) if is_reverted(number)
    }
