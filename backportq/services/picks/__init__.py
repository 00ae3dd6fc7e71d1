"""Real picks: asked for, made in memory or in a worktree, resumed, and recorded in the queue."""
