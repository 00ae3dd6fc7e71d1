"""Counts and shares for reports."""
