"""PostgreSQL.

Grammar: `Backpatch-through: 14` (that branch and newer ones), and sentences of prose: "Back-patch to v14", "Backpatch
through 9.6, where this was introduced", "Back-patch to all supported branches", "no back-patch". The same commit is
made on every branch, with one author, date and message, so that author and subject are the evidence.

Source: the committing checklist of the project's wiki; `Backpatch-through:` is habit since 2020.

Traps: the branches are `REL_14_STABLE` and `REL9_6_STABLE`; master is committed to last or first.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import Dialect, Meaning, ProseRule, TrailerRule, Value
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

POSTGRESQL = Dialect(
    name="postgresql",
    summary="Backpatch-through: 14; Back-patch to all supported branches",
    source="Committing checklist in the PostgreSQL wiki",
    rules=(
        TrailerRule(
            ("Backpatch-through", "Back-patch-through"), Meaning.NOMINATE, Value.VERSIONS, single_is_minimum=True
        ),
        ProseRule(r"back-?patch", r"(?:\d\.\d{1,2}|\d{2})", imperative=True),
        *FIXES,
        *REVERTS,
    ),
    branches=r"REL_?\d+(?:_\d+)?_STABLE",
)
