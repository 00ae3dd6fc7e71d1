"""backportq: the backport queue manager for stable branches, kept in git."""

__version__ = "0.1.0"
