"""Tests of backportq; the folders mirror the package."""
