"""No project in particular: what is understood anywhere without being told.

Grammar: `Fixes:` and `Amends:` in all forms, `Backport:` and `Backport-to:` with versions, `Ignore-Backport:` (commit,
versions, or nothing), reverts, and the pick lines of every dialect, because these cannot be taken for anything else.

Source: the dialects it is put together from.

Traps: it nominates by no `Cc:`; whose stable list an address is, only the project can say.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.networkmanager import IGNORE_BACKPORT, IGNORE_FIXES
from backportq.model.trailers.dialects.rules import Dialect, Meaning, SentenceRule, TrailerRule, Value
from backportq.model.trailers.dialects.shared import AMENDS, FIXES, FIXES_OF_NUMBERS, REVERTS
from backportq.model.trailers.dialects.xen import XEN

GENERIC = Dialect(
    name="generic",
    summary="Fixes:, Backport:, Backport-to:, Ignore-Backport:, and every pick line",
    source="docs/tags.md of backportq",
    rules=(
        *FIXES,
        *FIXES_OF_NUMBERS,
        AMENDS,
        TrailerRule(("Backport", "Backport-to"), Meaning.NOMINATE, Value.VERSIONS),
        IGNORE_BACKPORT,
        IGNORE_FIXES,
        *REVERTS,
        *(rule for rule in XEN.rules if isinstance(rule, SentenceRule) and rule.meaning is Meaning.PICK),
    ),
    request="Backport: VERSION+",
)
