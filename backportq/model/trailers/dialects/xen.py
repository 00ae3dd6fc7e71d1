"""The Xen hypervisor.

Grammar: `Backport: 4.9+ # comment` (that release and newer), `Backport: 4.14` (exactly that one), several versions;
`Fixes:` and `Amends:` name a commit; `Origin: <url> <id>` and `[Linux commit: <id>]` end what was copied from another
project, so the tags above belong to that project. Backports carry `master commit: <id>` or git's cherry-pick line.

Source: docs/process/backport-tag.pandoc and docs/process/sending-patches.pandoc of xen.git.

Traps: on the stable branches a paragraph `Backport: Dropped the libxenvchan change, ...` describes the adaptation and
is prose, as is `master commit abcf15fa8f ["..."] does`, which has no colon; `master changeset:` and `master-commit-id:`
are older spellings of the pick line, some with no-break spaces; `xen-unstable changeset: 26287:127c2c47d440` and every
other id shorter than 40 digits there is Mercurial's; one commit may carry several.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import (
    ID,
    IDS,
    PARAGRAPH,
    Dialect,
    Meaning,
    SentenceRule,
    TrailerRule,
    Value,
)
from backportq.model.trailers.dialects.shared import AMENDS, FIXES, REVERTS

# Some of these lines were pasted from a mail with no-break spaces.
_SPACE = "[ \\u00a0-]"
_SPACES = "[ \\t\\u00a0]{0,4}"

XEN = Dialect(
    name="xen",
    summary="Backport: 4.9+ # comment; Fixes:, Amends:; Origin: encloses what is foreign; master commit: X",
    source="docs/process/backport-tag.pandoc, docs/process/sending-patches.pandoc in xen.git",
    rules=(
        TrailerRule(("Backport",), Meaning.NOMINATE, Value.VERSIONS),
        *FIXES,
        AMENDS,
        TrailerRule(("Origin",), Meaning.FOREIGN, Value.NONE),
        SentenceRule(
            r"\[[ \t]*(?:original )?(?:linux|qemu|edk2|freebsd)",
            rf"\[[ \t]*(?:original )?(?:linux|qemu|edk2|freebsd)(?: kernel)?(?:\.git)? commits?:?[ \t]+(?P<ids>{ID})",
            Meaning.FOREIGN,
        ),
        *REVERTS,
        *(
            SentenceRule(
                branch,
                rf"{branch}{_SPACE}(?:commit|changeset)(?:{_SPACE}id)?{_SPACES}:{_SPACES}{full}(?P<ids>{IDS})",
                Meaning.PICK,
            )
            for branch, full in (("master", ""), ("xen-unstable", "(?=[0-9a-f]{40})"))
        ),
        SentenceRule(
            r"\[[ \t]*corr?espon?ding",
            rf"\[[ \t]*corr?espon?ding [^\]\n]{{0,40}}\bcommit is (?P<ids>{ID})",
            Meaning.PICK,
        ),
        SentenceRule(
            "this is a ",
            rf"{PARAGRAPH}This is a (?:straight |clean )?backport of (?:upstream |master )?(?:commit|c/s) "
            rf"(?P<ids>{ID})\.?[ \t\r]*(?=\n|\Z)",
            Meaning.PICK,
        ),
    ),
    request="Backport: VERSION+",
)
