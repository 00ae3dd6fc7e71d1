"""Trials: what `git cherry-pick` would give, for many pairs at once, in memory.

They are a package of their own because exactness and speed both need room: `session` decides what has to be merged,
`merge_tree` has git do it, `quarantine` holds what git writes meanwhile, `remembered` keeps the answers. Nothing here
may write to the scanned repository, or run anything that it contains.
"""

from backportq.git.trials.session import TrialSession, run_trials

__all__ = ["TrialSession", "run_trials"]
