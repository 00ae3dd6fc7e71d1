"""Every fact of the form "git from version x on does y", each with its reason; no other module compares versions."""

from __future__ import annotations

MINIMUM_GIT = (2, 39, 0)
"""`merge-tree --write-tree --stdin` came with 2.39; trials are many merges in one process, so nothing older will do."""

MERGE_TREE_MERGE_BASE = (2, 40, 0)
"""`merge-tree --write-tree --merge-base`; before it, a synthetic commit with the wanted parent gives the base."""
