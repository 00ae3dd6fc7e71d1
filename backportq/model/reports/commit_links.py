"""Links to commits on the web, by the address of a remote: for hosts whose pages are known, and for no other.

A project that is hosted elsewhere gives its own pattern. This module must not look an address up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from backportq.errors import UsageError
from backportq.model.ids import Oid

_PLACE = "{commit}"
_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z+]+)://(?:[^@/]*@)?|(?:[^@/:]+@)?(?=[^/:]+:(?!//)))"
    r"(?P<host>[A-Za-z0-9.-]+)(?::\d+(?=/))?[:/]+(?P<path>[^?#]+?)(?:\.git)?/*\Z"
)

# The first host that fits counts. `{path}` is that of the repository without `.git`, `{name}` its last part.
_HOSTS: Sequence[tuple[str, str]] = (
    (r"github\.com", "https://github.com/{path}/commit/{commit}"),
    (r"bitbucket\.org", "https://bitbucket.org/{path}/commits/{commit}"),
    (r"codeberg\.org|gitea\.com", "https://{host}/{path}/commit/{commit}"),
    (r"git\.sr\.ht", "https://git.sr.ht/{path}/commit/{commit}"),
    (r"xenbits\.xen(?:project)?\.org", "https://xenbits.xen.org/gitweb/?p={name}.git;a=commit;h={commit}"),
    (r"git\.kernel\.org", "https://git.kernel.org/{path}.git/commit/?id={commit}"),
    (r"(?:dpdk|git\.dpdk)\.org", "https://git.dpdk.org/{name}/commit/?id={commit}"),
    (r"(?:cgit|git)\.freebsd\.org", "https://cgit.freebsd.org/{name}/commit/?id={commit}"),
    (r"git\.(?:savannah\.gnu|qemu)\.org", "https://{host}/cgit/{name}.git/commit/?id={commit}"),
    (r"sourceware\.org", "https://sourceware.org/git/?p={name}.git;a=commit;h={commit}"),
    (r"git\.postgresql\.org", "https://git.postgresql.org/gitweb/?p={name}.git;a=commit;h={commit}"),
    (
        r"(?:.+\.)?gitlab\.[a-z.]+|gitlab\..+|salsa\.debian\.org|invent\.kde\.org",
        "https://{host}/{path}/-/commit/{commit}",
    ),
    (r"(?:.+\.)?googlesource\.com", "https://{host}/{path}/+/{commit}"),
)


def pattern_of_remote(address: str) -> str | None:
    """Return the pattern of links to commits, with `{commit}` for the id; None where the host isn't known."""
    match = _ADDRESS.match(address.strip())
    if match is None or match["scheme"] == "file":
        return None
    host, path = match["host"].lower(), match["path"].strip("/")
    for known, pattern in _HOSTS:
        if re.fullmatch(known, host):
            whole = pattern.replace("{host}", host).replace("{path}", quote(path, safe="/~"))
            return whole.replace("{name}", quote(path.rpartition("/")[2], safe="~"))
    return None


def parse_pattern(text: str) -> str:
    """Return a pattern that a person gave; raise `UsageError` unless it is a web address with `{commit}` in it."""
    if not re.match(r"https?://[^\s\"'<>{}]+\Z", text.replace(_PLACE, "0")) or _PLACE not in text:
        raise UsageError(
            f"'{text}' is no pattern of links to commits",
            hints=("write one such as https://git.example.org/project/commit/?id={commit}",),
        )
    return text


def commit_link(pattern: str | None, oid: Oid) -> str | None:
    """Return the link to a commit."""
    return None if pattern is None else pattern.replace(_PLACE, oid)
