"""Evidence in the other direction: a fix was made on a stable branch, and upstream says that it took it from there.

The upstream commit names the commit of the branch as what it is a pick of, so the branch has it, however much it was
adapted. This module must not look at messages; what upstream names is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.ids import Oid, short
from backportq.services.history.evidence import BranchCommits, Explained, Found, on_each
from backportq.services.history.upstream import NamedCommits, Upstream


class ForwardPorts:
    """What upstream took from stable branches. `picks` are the upstream commits that say what they are picks of, with
    the ids that they name; `names` has been prepared for these."""

    kind = EvidenceKind.TRAILER
    is_explicit = True

    def __init__(self, picks: Mapping[Oid, Sequence[str]], upstream: Upstream, names: NamedCommits) -> None:
        self.of_commits: dict[Oid, list[Oid]] = {}
        for port, digits in picks.items():
            for each in digits:
                meant = [oid for oid in names.find(each) if not upstream.contains(oid)]
                if len(meant) == 1 and port not in self.of_commits.setdefault(meant[0], []):
                    self.of_commits[meant[0]].append(port)

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Return the commits of the branches that upstream took."""
        own = dict.fromkeys(oid for branch in branches for oid in branch.oids)
        return on_each(branches, {oid: self._found(oid) for oid in own if oid in self.of_commits})

    def _found(self, oid: Oid) -> Found:
        return {
            port: (Evidence(EvidenceKind.TRAILER, f"{short(port)} says that upstream took it from here"),)
            for port in self.of_commits[oid]
        }
