"""`[assign]` of config.toml: defaults, every key, and what is refused."""

from __future__ import annotations

import pytest

from backportq.errors import ConfigError
from backportq.model.assignment.policy import AssignStep, TaskPolicy, task_policy


def test_task_policy_of_nothing_is_the_default() -> None:
    assert task_policy({}) == TaskPolicy()


def test_task_policy_reads_every_key() -> None:
    table = {
        "chain": ["author", "rotation"],
        "conflict_chain": ["files"],
        "domains": ["example.org"],
        "active_months": 6,
        "fair_share": 3,
        "capacity": 10,
        "rotation": ["ada"],
        "due_days": 14,
        "escalate_days": 7,
        "remind_days": 30,
    }

    assert task_policy(table) == TaskPolicy(
        (AssignStep.AUTHOR, AssignStep.ROTATION), (AssignStep.FILES,), ("example.org",), 6, 3, 10, ("ada",), 14, 7, 30
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"chain": ["authr"]}, "key 'assign.chain': wanted steps such as 'other-branch', 'fixed-backporter', "),
        ({"chain": "author"}, "key 'assign.chain': wanted an array of strings, found 'author'"),
        ({"capacity": -1}, "key 'assign.capacity': wanted a number from 0 to 100000, found '-1'"),
        ({"due_days": True}, "key 'assign.due_days': wanted a number from 0 to 100000, found 'True'"),
        ({"chian": []}, "key 'assign': wanted one of 'chain', 'conflict_chain', "),
    ],
)
def test_task_policy_refuses_what_it_cannot_mean(table: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        task_policy(table)

    assert caught.value.message.startswith(f"config.toml: {message}")
    assert caught.value.hints == ("backportq edit config",)
