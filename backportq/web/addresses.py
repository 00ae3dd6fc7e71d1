"""Where pages are: the path of each below the folder, and the way from one page to another.

Branch names and keys of people hold whatever git and TOML allow. Paths must be files of one folder on any disk, and
links must survive a web server and a browser that opens the file itself.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

from backportq.model.ids import Oid

_LONGEST = 120
_PLAIN = re.compile(r"[^A-Za-z0-9_.@+ -]|\A[. ]|[. ]\Z")


def branch_path(name: str, page: int = 1) -> str:
    """Return the page of a branch; a slash stays a folder."""
    return f"branch/{'/'.join(_segment(part) for part in name.split('/'))}{_numbered(page)}"


def person_path(key: str) -> str:
    """Return the page of a person."""
    return f"person/{_segment(key)}.html"


def change_path(oid: Oid) -> str:
    """Return the page of a change."""
    return f"change/{oid}.html"


def list_path(page: int) -> str:
    """Return one page of the list of all changes; the first is the index."""
    return f"index{_numbered(page)}"


def link(path: str) -> str:
    """Return a path as it is written in a link."""
    return quote(path)


def way_up(path: str) -> str:
    """Return what leads from a page to the folder: `../` for each folder that it is in."""
    return "../" * path.count("/")


def _numbered(page: int) -> str:
    # No name of a branch holds a tilde, which git forbids.
    return ".html" if page == 1 else f"~{page}.html"


def _segment(name: str) -> str:
    """Return a name as that of one file or folder; what is not plain becomes `~` and its code."""
    plain = _PLAIN.sub(lambda match: "".join(f"~{byte:02x}" for byte in match[0].encode("utf-8", "replace")), name)
    if len(plain) > _LONGEST:
        plain = f"{plain[:_LONGEST]}~{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return f"{plain}~" if plain.endswith(".html") or not plain else plain
