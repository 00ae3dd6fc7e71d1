"""Where the items of a branch are: between branch names and the paths of the queue's files.

A slash in a name is a folder; what git or a file system would read differently is written as percent and two
hexadecimal digits, so that every name has exactly one path and every path that is ours gives back its name. It must
not open files.
"""

from __future__ import annotations

import re

from backportq.model.ids import BranchName

OPEN_FOLDER = "queue"
CLOSED_FOLDER = "closed"
LEARNED_FILE = "learned.json"

_SUFFIX = ".toml"
_PLAIN_SIGNS = frozenset("._-+@=,#!&'()")
_MAX_NAME = 1_024
# git-check-ref-format(1); 'HEAD' and '@' are names that git never gives to a branch, and what is not UTF-8 (lone
# surrogates) cannot be written in TOML
_REFUSED = re.compile(
    r"\.\.|//|@\{|[\x00-\x20\x7f~^:?*\[\\]|(?:^|/)\.|\.(?:/|$)|\.lock(?:/|$)|^/|/$|^-|^@$|^HEAD$|[\ud800-\udfff]"
)


def is_storable(name: str) -> bool:
    """Tell whether `name` is a branch name by git's rules (git-check-ref-format(1)) and of a bearable length."""
    return 0 < len(name) <= _MAX_NAME and _REFUSED.search(name) is None


def open_path(branch: BranchName) -> str:
    """Return the path of the file with the open items of `branch`."""
    return f"{OPEN_FOLDER}/{_encoded(branch)}{_SUFFIX}"


def closed_path(branch: BranchName) -> str:
    """Return the path of the file with the closed items of `branch`."""
    return f"{CLOSED_FOLDER}/{_encoded(branch)}{_SUFFIX}"


def branch_of(path: str) -> tuple[BranchName, bool] | None:
    """Return the branch that the file at `path` is about and whether it holds closed items; None if it is not ours."""
    folder, _, rest = path.partition("/")
    if folder not in {OPEN_FOLDER, CLOSED_FOLDER} or not rest.endswith(_SUFFIX):
        return None
    encoded = rest.removesuffix(_SUFFIX)
    try:
        name = _decoded(encoded)
    except UnicodeDecodeError:
        return None
    if not is_storable(name) or _encoded(name) != encoded:
        return None
    return BranchName(name), folder == CLOSED_FOLDER


def _encoded(name: str) -> str:
    parts = name.split("/")
    plain = ["".join(_encoded_sign(sign) for sign in part) for part in parts]
    # A folder 'a.toml' would stand where the file of the branch 'a' stands.
    folders = [part.removesuffix(_SUFFIX) + "%2Etoml" if part.endswith(_SUFFIX) else part for part in plain[:-1]]
    return "/".join([*folders, plain[-1]])


def _encoded_sign(sign: str) -> str:
    if sign.isalnum() or sign in _PLAIN_SIGNS:
        return sign
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogateescape"))


def _decoded(path: str) -> str:
    raw = re.sub(rb"%([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), path.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")
