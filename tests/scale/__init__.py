"""Histories as large as the largest that backportq promises to serve."""
