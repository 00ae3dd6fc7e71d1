"""Trials: what `git cherry-pick` would give, for many pairs at once, in memory.

They are a package of their own because exactness and speed both need room. A trial goes through these files:

- `session` answers from what is `remembered`, and starts the rest only for what is not.
- `engine` takes a commit apart into touched paths. Where all of them are regular files on the branch too, and none is
  added, only files that differ on both sides are merged, and the tree is put together from the answers; everything
  else is merged by git as a whole. `_files_of` decides which. `trees` tells it where renames may matter;
  `attributes` says which files have a merge driver.
- `file_merges` and `merge_tree` have git do it; `quarantine` holds what git writes meanwhile.
- `in_order` applies a whole queue, one commit upon the other.

Nothing here may write to the scanned repository, or run anything that it contains. Whoever changes an answer changes
the version of the tables in `remembered` too: answers are kept for years, by object ids.
"""

from backportq.git.trials.conflict_hunks import ConflictHunk
from backportq.git.trials.in_order import apply_in_order
from backportq.git.trials.readers import TreeChange
from backportq.git.trials.remembered import Application, Outcome, RememberedVerdict
from backportq.git.trials.session import TrialSession, TrialsStoppedError, answers_of, run_trials

__all__ = [
    "Application",
    "ConflictHunk",
    "Outcome",
    "RememberedVerdict",
    "TreeChange",
    "TrialSession",
    "TrialsStoppedError",
    "answers_of",
    "apply_in_order",
    "run_trials",
]
