"""HAProxy.

Grammar: sentences of prose. "This must be backported as far as 2.6", "up to 2.6", "until 2.6" and "to 2.6" mean 2.6 and
every newer branch, unless "only" is said; "to 2.6 and 2.7" means these two; "to all stable versions" all. "may", "can"
and "could" ask less firmly than "must" and "should"; "no backport needed" refuses; "after a period of observation"
waits. `BUG/MAJOR:` and `BUG/CRITICAL:` in the subject are urgent. Picks carry git's cherry-pick line; the stable
branches are in repositories of their own.

Source: CONTRIBUTING of haproxy.git ("backport"), and habit: of 8,928 commits since 2023, 3,355 speak of backporting.

Traps: "was backported", "is backported" and "if X is backported" tell of other commits; "No backport needed unless X
is" refuses all the same; "wherever the fix above was backported" names no version.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import Dialect, ProseRule
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

HAPROXY = Dialect(
    name="haproxy",
    summary="This must be backported as far as 2.6; no backport needed",
    source="CONTRIBUTING in haproxy.git",
    rules=(
        ProseRule(r"back-?port", r"\d{1,2}\.\d{1,2}(?:\.0)?", urgent=r"(?:REVERT: ?)?BUG/(?:MAJOR|CRITICAL)\b"),
        *FIXES,
        *REVERTS,
    ),
)
