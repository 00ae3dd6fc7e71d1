"""How finished picks are handed in for review: refs, push options, and where a person opens a pull request.

Each server has its own way, and none of them needs more than a push: GitLab reads push options, Gerrit a ref under
`refs/for/`, Gitea and Forgejo that ref with options (AGit). The addresses are only shown, never called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from backportq.model.config import PublishWay
from backportq.model.ids import BranchName, RefName
from backportq.model.words import typed

_ADDRESS = re.compile(
    r"(?:[a-z+]+://)?(?:[^@/\s]*@)?(?P<host>[A-Za-z0-9.-]+)(?P<port>:\d+(?=/))?[:/]+(?P<path>[^\s?#\x00-\x1f\x7f]+?)(?:\.git)?/?\Z"
)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+\Z")


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What to push: the topic branch to the full ref `ref`, with `options` for the server."""

    ref: RefName
    options: tuple[str, ...] = ()

    @property
    def is_branch(self) -> bool:
        """Whether the ref is a branch, which a remote-tracking branch will follow."""
        return self.ref.startswith("refs/heads/")

    def command(self, remote: str, topic: str) -> str:
        """Return the plain git command that pushes so."""
        options = "".join(f" -o {typed(option)}" for option in self.options)
        refspec = topic if self.ref == f"refs/heads/{topic}" else f"{topic}:{self.ref}"
        return f"git push{options} {typed(remote)} {typed(refspec)}"


def plan_push(
    how: PublishWay,
    landing: BranchName,
    topic: BranchName,
    title: str,
    *,
    push_as: str | None = None,
    options: Sequence[str] = (),
) -> PushPlan:
    """Return what to push for a review on `landing`, the branch that the picks are to land on.

    `push_as` names another ref there, as a branch or in full; then the server is told nothing but the given `options`.
    """
    if push_as is not None:
        return PushPlan(full_ref(push_as), tuple(options))
    branch = RefName(f"refs/heads/{topic}")
    match how:
        case PublishWay.PUSH_OPTIONS:
            own = ("merge_request.create", f"merge_request.target={landing}", f"merge_request.title={title}")
            return PushPlan(branch, (*own, *options))
        case PublishWay.AGIT:
            return PushPlan(RefName(f"refs/for/{landing}"), (f"topic={topic}", f"title={title}", *options))
        case PublishWay.GERRIT:
            return PushPlan(RefName(f"refs/for/{landing}%topic={quote(topic, safe='/')}"), tuple(options))
        case PublishWay.PUSH | PublishWay.FORMAT_PATCH:
            return PushPlan(branch, tuple(options))


def full_ref(name: str) -> RefName:
    """Return the ref that a person means by a name on a remote: a branch, unless it is written in full."""
    return RefName(name if name.startswith("refs/") else f"refs/heads/{name}")


def review_address(remote: str, landing: BranchName, topic: BranchName) -> str | None:
    """Return where a pull request from `topic` to `landing` is opened, for the address of a remote on a host whose
    pages are known; None for any other."""
    match = _ADDRESS.match(remote)
    if match is None:
        return None
    host, path = match["host"].lower(), quote(match["path"].strip("/"), safe="/~")
    if _HOST.match(host) is None or "/" not in path:
        return None
    site, target, source = f"https://{host}/{path}", quote(landing, safe="/"), quote(topic, safe="/")
    kind = _kind(host)
    if kind == "github":
        return f"{site}/compare/{target}...{source}?expand=1"
    if kind == "gitlab":
        query = {"merge_request[source_branch]": topic, "merge_request[target_branch]": landing}
        return f"{site}/-/merge_requests/new?{urlencode(query)}"
    if kind == "gitea":
        return f"{site}/compare/{target}...{source}"
    if kind == "bitbucket":
        return f"{site}/pull-requests/new?{urlencode({'source': topic, 'dest': landing})}"
    return None


def _kind(host: str) -> str | None:
    """Return which program serves a host, as far as its name tells."""
    words = re.split(r"[.-]", host)
    for kind, names in _KINDS.items():
        if any(name in words for name in names):
            return kind
    return None


_KINDS = {
    "github": ("github",),
    "gitlab": ("gitlab", "salsa"),
    "gitea": ("gitea", "forgejo", "codeberg"),
    "bitbucket": ("bitbucket",),
}
