"""Exchanging the queue with a remote, and merging what both sides did."""
