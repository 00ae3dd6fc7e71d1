"""Tests of the use cases, on small real repositories."""
