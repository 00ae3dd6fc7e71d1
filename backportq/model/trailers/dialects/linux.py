"""The Linux kernel.

Grammar: `Cc: stable@vger.kernel.org # 5.10+`. The comment may begin with versions (`# 4.19.x, 5.4.x`, `# v6.1`,
`[3.8+]`, `>= 3.8`), name a prerequisite (`# 3.3.x: a1f84a3: sched: Check for idle`, one line each, in pick order), or
ask to wait (`# after -rc3`, `# after 4 weeks in mainline`). One bare version means that tree and every newer one,
"for each -stable tree starting with the specified version"; a list means the trees listed. `Cc:
<stable+noautosel@kernel.org> # reason` asks not to be picked. Picks carry `commit X upstream.` or
`[ Upstream commit X ]`.

Source: Documentation/process/stable-kernel-rules.rst and submitting-patches.rst of the kernel.

Traps: a pattern for `stable.*@.*kernel.org` takes the opt-out for a request; `# 10.2+` is not 0.2; `# needs adjustments
for <= 6.3` names no version; a Cc may be folded and share its line with other people.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.pick_spellings import UPSTREAM_COMMIT
from backportq.model.trailers.dialects.rules import Dialect, Meaning, RecipientRule
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

LINUX = Dialect(
    name="linux",
    summary="Cc: stable@vger.kernel.org # 5.10+; prerequisites, waits, stable+noautosel; commit X upstream.",
    source="Documentation/process/stable-kernel-rules.rst in linux.git",
    rules=(
        RecipientRule(r"(?<![\w.+-])stable@(?:vger\.)?kernel\.org(?![\w-]|\.\w)", "stable", single_is_minimum=True),
        RecipientRule(r"(?<![\w.+-])stable\+noautosel@kernel\.org(?![\w-]|\.\w)", "stable", Meaning.OPT_OUT),
        *FIXES,
        *REVERTS,
        *UPSTREAM_COMMIT,
    ),
    branches=r"linux-\d+\.\d+\.y",
    request="Cc: <stable@vger.kernel.org> # VERSION+",
)
