"""What the history says: which commits a branch has, as itself or as a pick, and on what evidence."""
