"""Django.

Grammar: no tag asks for a backport (the release policy and the ticket do), but regressions name the commit that made
them (`Regression in X.`, also `Bug in`, `Follow up to`), which is what `Fixes:` says elsewhere. Picks carry
`Backport of X from main.`, and their subject begins with the branch (`[4.2.x] Fixed #123 -- ...`).

Source: docs/internals/committing-code.txt and release-process.txt of django.git; `Regression in` is habit: of 131 such
commits whose target was in stable/3.1.x, 3.2.x or 5.0.x, 110 were picked there.

Traps: `Fixed #123` and `Fixes #123` name a ticket; older branches say `from master.`, and a pick may be of two commits.
`Backport of X for ...` goes on as prose; a partial backport is none.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.pick_spellings import BACKPORTS
from backportq.model.trailers.dialects.rules import IDS, Dialect, Meaning, SentenceRule
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

REGRESSIONS = tuple(
    SentenceRule(
        f"{what}regressions? in", rf"{what}Regressions? in\s{{1,4}}(?:commits? )?(?P<ids>{IDS})", Meaning.FIXES
    )
    for what in ("", "performance ", "visual ", "tests? ")
)
FOLLOW_UPS = (
    SentenceRule("bug in ", rf"Bug in (?:commit )?(?P<ids>{IDS})", Meaning.FIXES),
    SentenceRule("follow", rf"Follow[ -]?up (?:to|of) (?:commits? )?(?P<ids>{IDS})", Meaning.FIXES),
)

DJANGO = Dialect(
    name="django",
    summary="Backport of X from main.",
    source="docs/internals/committing-code.txt in django.git",
    rules=(*FIXES, *REVERTS, *BACKPORTS, *REGRESSIONS, *FOLLOW_UPS),
)
