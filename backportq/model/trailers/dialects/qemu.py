"""QEMU.

Grammar: `Cc: qemu-stable@nongnu.org` (every maintained branch), `Fixes:`. A comment (`# v4.2`, `(3.0.1)`) may begin
with versions; one bare version is where the bug came in, or the release to mend next, and means it and every newer
one. Picks carry git's cherry-pick line.

Source: docs/devel/stable-process.rst of qemu.git. It knows no versions; how they are meant is habit (`# v4.0` on a fix
that was then picked to 4.2).

Traps: `Fixes:` alone does not nominate there by the project's rules, but its maintainers look at it all the same; an
old address `qemu-stable@gnu.org` does not exist.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import Dialect, RecipientRule
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

QEMU = Dialect(
    name="qemu",
    summary="Cc: qemu-stable@nongnu.org",
    source="docs/devel/stable-process.rst in qemu.git",
    rules=(
        RecipientRule(r"(?<![\w.+-])qemu-stable@nongnu\.org(?![\w-]|\.\w)", "qemu-stable", single_is_minimum=True),
        *FIXES,
        *REVERTS,
    ),
    request="Cc: qemu-stable@nongnu.org",
)
