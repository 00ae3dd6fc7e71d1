"""Trials: what `git cherry-pick` would give, for many pairs at once, in memory.

They are a package of their own because exactness and speed both need room: `session` decides what has to be merged,
`merge_tree` has git do it, `quarantine` holds what git writes meanwhile, `remembered` keeps the answers. Nothing here
may write to the scanned repository, or run anything that it contains.
"""

from backportq.git.trials.conflict_hunks import ConflictHunk
from backportq.git.trials.engine import Outcome
from backportq.git.trials.in_order import apply_in_order
from backportq.git.trials.readers import TreeChange
from backportq.git.trials.remembered import Application, RememberedVerdict
from backportq.git.trials.session import TrialSession, answers_of, run_trials

__all__ = [
    "Application",
    "ConflictHunk",
    "Outcome",
    "RememberedVerdict",
    "TreeChange",
    "TrialSession",
    "answers_of",
    "apply_in_order",
    "run_trials",
]
