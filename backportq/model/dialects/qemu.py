"""QEMU.

Grammar: `Cc: qemu-stable@nongnu.org` (every maintained branch; a comment after `#` may begin with versions), `Fixes:`.
Picks carry git's cherry-pick line.

Source: docs/devel/stable-process.rst of qemu.git.

Traps: `Fixes:` alone does not nominate there by the project's rules, but its maintainers look at it all the same; an
old address `qemu-stable@gnu.org` does not exist.
"""

from __future__ import annotations

from backportq.model.dialects.grammar import Dialect, RecipientRule
from backportq.model.dialects.shared import CHERRY_PICKS, FIXES, REVERTS

QEMU = Dialect(
    name="qemu",
    summary="Cc: qemu-stable@nongnu.org",
    source="docs/devel/stable-process.rst in qemu.git",
    rules=(
        RecipientRule(r"(?<![\w.+-])qemu-stable@nongnu\.org(?![\w-]|\.\w)", "qemu-stable"),
        FIXES,
        *REVERTS,
        *CHERRY_PICKS,
    ),
)
