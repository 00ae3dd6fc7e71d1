"""Every fact of the form "git from version x on does y", each with its reason; no other module compares versions."""

from __future__ import annotations

MINIMUM_GIT = (2, 39, 0)
"""`merge-tree --write-tree --stdin` came with 2.39; trials are many merges in one process, so nothing older will do."""
# `merge-tree --merge-base` (2.40) is not used: a synthetic commit gives the base in every version, and works on trees.
