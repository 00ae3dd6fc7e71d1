"""Where picks for a stable branch go: onto its staging branch, unless the stable branch has gone past that.

`refs` only reads names; this asks how two tips relate.
"""

from __future__ import annotations

from backportq.git.refs import BranchTip, Refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.config import Config, StableBranch


def branch_to_pick_onto(repository: Repository, refs: Refs, config: Config, branch: StableBranch) -> BranchTip:
    """Return the tip that picks for `branch` go onto: that of its staging branch, else its own.

    A staging branch that the stable branch reaches holds nothing that waits, and lacks what a release added (Mesa makes
    its releases on the stable branch and moves the staging branch up later): picks go onto the stable branch then.
    Raise `RefError` for a configured branch that is gone.
    """
    tip = resolve_configured(refs, config, branch.name)
    if branch.staging is None:
        return tip
    staging = resolve_configured(refs, config, branch.staging)
    if staging.oid == tip.oid:
        return staging
    git = repository.git
    # A missing object (128) is for those to report who need it.
    reached = git.run("merge-base", "--is-ancestor", staging.oid, tip.oid, ok=(0, 1, 128)).status == 0
    return tip if reached else staging
