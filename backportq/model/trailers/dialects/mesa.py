"""Mesa.

Grammar: `Cc: mesa-stable` (every maintained branch), `Cc: 24.1 mesa-stable` or `Cc: "20.0" "20.1" <mesa-stable@...>`
(these), `Backport-to: 24.2` (one or several, `*` for all), `Fixes:`. Picks carry git's cherry-pick line.

Source: docs/submittingpatches.rst of mesa.git ("Nominating a commit for a stable branch").

Traps: the project's own script reads `Backport-to: 25.10` as 25.1, two versions at most, and not `*`; the name in `Cc:
Name <mesa-stable@...>` is no version; versions before the address of mesa-dev are a nomination sent to the wrong list.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import Dialect, Meaning, RecipientRule, TrailerRule, Value
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

_BEGIN = r"(?<![\w.+-])"
_HOST = r"(?:@[\w-]+(?:\.[\w-]+)*)?(?![\w@-]|\.\w)"  # people mistype it, and it can't be another list

MESA = Dialect(
    name="mesa",
    summary="Cc: mesa-stable, Cc: 24.1 mesa-stable, Backport-to: 24.2",
    source="docs/submittingpatches.rst in mesa.git",
    rules=(
        RecipientRule(rf"{_BEGIN}mesa-stable{_HOST}", "mesa-stable", versions_before=True),
        RecipientRule(rf"{_BEGIN}mesa-dev{_HOST}", "mesa-dev", versions_before=True, needs_versions=True),
        TrailerRule(("Backport-to",), Meaning.NOMINATE, Value.VERSIONS),
        *FIXES,
        *REVERTS,
    ),
    refusal_lists=("bin/.cherry-ignore", ".pick_status.json"),
    request="Cc: mesa-stable",
)
