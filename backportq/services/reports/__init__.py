"""Reports: what landed, who backported how much, and what a release took or still waits for."""
