"""How likely a project takes a commit on a branch: the past as values, counts of it, and the learned trees."""
