"""What several commands show alike, for people and as JSON."""
