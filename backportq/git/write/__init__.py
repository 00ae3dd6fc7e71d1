"""Writing to the repository: commits of the queue branch, and its refs."""
