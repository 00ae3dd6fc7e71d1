"""What nobody remembers: ranking of open items and suggestions, both from the project's own past."""
