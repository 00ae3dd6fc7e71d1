"""NetworkManager.

Grammar: `Fixes: <id> ('subject')`, and nothing else nominates; `Ignore-Backport: <id>` on a commit says that <id> is
not to be backported there, `Ignore-Fixes: <id>` takes the `Fixes:` of the same message back. Picks are made from the
next newer branch with git's cherry-pick line, so that lines of several branches stand in one message.

Source: CONTRIBUTING.md ("Git Notes") and contrib/scripts/find-backports of NetworkManager.

Traps: the subject is quoted with apostrophes; the branches are `nm-1-46`, version 1.46; some of the tags and pick lines
are in git notes (refs/notes/bugs), which read as if they ended the message.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import Dialect, Meaning, TrailerRule, Value
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

IGNORE_BACKPORT = TrailerRule(("Ignore-Backport",), Meaning.OPT_OUT, Value.COMMIT_OR_VERSIONS)
IGNORE_FIXES = TrailerRule(("Ignore-Fixes",), Meaning.IGNORE_FIXES, Value.COMMIT)

NETWORKMANAGER = Dialect(
    name="networkmanager",
    summary="Fixes: X ('subject'); Ignore-Backport: X",
    source="CONTRIBUTING.md, contrib/scripts/find-backports in NetworkManager.git",
    rules=(*FIXES, IGNORE_BACKPORT, IGNORE_FIXES, *REVERTS),
    notes=("refs/notes/bugs",),
    branches=r"nm-\d+-\d+",
)
