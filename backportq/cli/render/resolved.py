"""What a resolver of one's own makes of conflicts, to people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.errors import ExitCode
from backportq.model.ids import short
from backportq.services.picks.resolver import ProposedResolution


def proposal_document(proposal: ProposedResolution | None) -> dict[str, object] | None:
    """Return a proposal; null where no resolver was asked."""
    if proposal is None:
        return None
    deviation = proposal.deviation
    return {
        "commit": proposal.commit,
        "resolver": proposal.name,
        "accepted": proposal.refused is None,
        "refused": proposal.refused,
        "said": proposal.said,
        "deviation": None if deviation is None else {"kind": str(deviation.kind), "lines": deviation.lines},
        "difference": proposal.difference,
    }


def tell_proposal(proposal: ProposedResolution) -> None:
    """Print what the resolver made of a conflict: how it differs from the original, hunk by hunk, or why it is not
    accepted."""
    if proposal.refused is not None:
        output.say(f"'{proposal.name}' did not resolve {short(proposal.commit)}: {proposal.refused}", Style.BAD)
        for line in proposal.said.splitlines()[-5:]:
            output.say(f"  {line}", Style.DIM)
        return
    output.say(
        f"'{proposal.name}' resolves {short(proposal.commit)}; deviation from the original: {proposal.deviation}"
    )
    for line in proposal.difference.splitlines():
        output.say(f"  {line}")


def tell_proposals(proposals: Sequence[ProposedResolution], *, as_json: bool) -> ExitCode | None:
    """Print the outcome of a trial run; return exit code 1 if one is not accepted."""
    if as_json:
        output.emit_json({"proposals": [proposal_document(proposal) for proposal in proposals]})
    elif not proposals:
        output.say("nothing conflicts, so there is nothing to resolve")
    else:
        for proposal in proposals:
            tell_proposal(proposal)
        output.say("nothing was kept (--resolver-only)")
    return ExitCode.NO if any(proposal.refused is not None for proposal in proposals) else None
