"""Letters to people with tasks, and requests that came by mail."""
