"""Counts and shares for reports: plain sums over values that services gathered, so that people can check them by
hand."""
