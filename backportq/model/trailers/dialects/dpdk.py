"""DPDK.

Grammar: `Cc: stable@dpdk.org` (every maintained branch) next to `Fixes:` with 12 digits; the branches are named
`22.11`, `23.11`. Picks carry `[ upstream commit X ]`.

Source: doc/guides/contributing/patches.rst and stable.rst of dpdk.git.

Traps: both spellings `Cc:` and `CC:` are common; v2.2.0 is older than v16.04, so versions are not years throughout.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.pick_spellings import UPSTREAM_COMMIT
from backportq.model.trailers.dialects.rules import Dialect, RecipientRule
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

DPDK = Dialect(
    name="dpdk",
    summary="Cc: stable@dpdk.org; [ upstream commit X ]",
    source="doc/guides/contributing/patches.rst, stable.rst in dpdk.git",
    rules=(
        RecipientRule(r"(?<![\w.+-])stable@dpdk\.org(?![\w-]|\.\w)", "stable"),
        *FIXES,
        *REVERTS,
        *UPSTREAM_COMMIT,
    ),
    request="Cc: stable@dpdk.org",
)
