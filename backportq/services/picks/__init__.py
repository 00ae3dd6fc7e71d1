"""Real picks: one commit or a series by `pick`, a whole queue by `apply`, onto a topic branch.

- `request` is what was typed. `targets` says where picks go, checked before anything is written, and in which words.
- `pick` decides what is to be picked; `run` makes it step by step and leaves a conflict in a worktree; `resume` goes on
  after the person resolved it.
- `apply` picks every item of a queue that applies, and runs a check on each.
- `publish` hands finished picks in for review; `resolver` has a program of the user's own resolve a conflict.
- `topics` remembers the topic branches of this clone, and adopts picks that the queue was not told of.
- `queue_update` records in the queue what is in progress. `pick_comparison` shows picks against their
  originals, `print_commands` the plain git commands.

What git itself does for a pick (hooks, signing, worktrees, the reflog) is in `git/picking/`. How a message names its
original is in `model/picks/provenance`, with the recipe for a new style.
"""
