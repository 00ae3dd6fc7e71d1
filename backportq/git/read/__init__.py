"""Reading the repository: history, commits, patches, files."""
