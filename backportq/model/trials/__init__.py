"""Outcomes of test-applied cherry-picks, as values, and how a pick deviates from its original."""
