"""Trials: would it apply, in which order, and if not, what is it waiting for.

- `try_commits` asks about single commits, `queue_order` about a branch's whole queue; `mainlines` says against which
  parent a merge is tried, and `blockers` which items an item needs. `queue_changes`
  tells what still holds of an answer that `kept_queues` has, when items came or left.
- `explain` finds out why a commit conflicts, with `prerequisites`, `alternatives` and `conflict_text`.
- `published` believes verdicts of another machine, within limits; `deviation` compares a pick with its original.

The merging itself is in `git/trials/`.
"""
