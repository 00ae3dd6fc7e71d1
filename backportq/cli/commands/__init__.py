"""One file for each command; the conventions are in `backportq.cli.app`."""
