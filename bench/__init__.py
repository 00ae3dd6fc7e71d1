"""Benchmarks: each prints ratios that were measured in one run; none is a test with a time limit."""
