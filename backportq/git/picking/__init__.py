"""Making real picks: commits of the trees that trials gave, topic branches, and worktrees for conflicts.

A package of its own because, unlike trials, it writes: objects first, a branch last and only by compare-and-swap.
Nothing here may touch the user's working tree, index, `HEAD`, stash, or any branch but the one it is told to make.
"""
