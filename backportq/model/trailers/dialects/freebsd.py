"""FreeBSD.

Grammar: `MFC after: 2 weeks` (request, due after that time; `never` refuses), `MFC to: stable/13` (these branches
only), `MFC with: X` or `X-MFC-With: X` (together with that commit, which is a prerequisite), `Fixes:`. Picks carry
git's cherry-pick line.

Source: the FreeBSD Committer's Guide, "Commit message" and "MFC", and its commit template.

Traps: git does not take `MFC after` for a trailer, because of the space in it; a revision of the old Subversion
repository (`r123456`) is no commit id.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import IDS, Dialect, Meaning, SentenceRule, TrailerRule, Value
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

FREEBSD = Dialect(
    name="freebsd",
    summary="MFC after: 2 weeks, MFC to: stable/13, X-MFC-With: X",
    source="FreeBSD Committer's Guide (documentation/content/en/articles/committers-guide)",
    rules=(
        TrailerRule(("MFC after", "MFC-after", "X-MFC-after"), Meaning.WAIT, Value.DELAY),
        TrailerRule(("MFC to", "MFC-to", "X-MFC-to"), Meaning.NOMINATE, Value.VERSIONS),
        TrailerRule(("MFC with", "MFC-with", "X-MFC-with"), Meaning.PREREQUISITE, Value.COMMIT, nominates=True),
        *FIXES,
        *REVERTS,
        SentenceRule("MFC", rf"MFC(?: of)?:?[ \t]+(?:commit[ \t]+)?(?=[a-f]{{0,40}}[0-9])(?P<ids>{IDS})", Meaning.PICK),
    ),
    request="MFC after: 1 week",
)
