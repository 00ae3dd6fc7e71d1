"""Parity with real `git cherry-pick`: differences in behaviour are bugs."""
