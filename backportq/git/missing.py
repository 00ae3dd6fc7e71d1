"""Contents that a partial clone lacks: told from other failures, and fetched in bulk where the person allows it.

Git's own commands fetch them one by one, when they need them; ours never use the network unasked. This module must not
decide whether it is allowed: `Repository.may_download` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backportq.errors import GitFailedError
from backportq.git.object_database import ObjectDatabase
from backportq.git.process import Git
from backportq.git.repository import Repository
from backportq.model.ids import Oid

_MISSING = re.compile(
    r"(?:unable to read|could not read|cannot read|missing|not find|bad) (?:blob |tree |sha1 )?(?:object |file )?"
    r"['(]?(?P<oid>[0-9a-f]{40}(?:[0-9a-f]{24})?)|unable to read tree|promisor remote"
    r"|the changes of commit \S+ cannot be read",
    re.IGNORECASE,
)
GET_CONTENTS = (
    "--fetch gets what is missing, as git's own commands do",
    "git fetch --refetch --no-filter REMOTE gets everything",
)
_NOTHING = "0" * 40
_SHA256 = 64
_PATHS_AT_ONCE = 500


def speaks_of_missing(why: str) -> bool:
    """Tell whether a failure is that contents are not here."""
    return _MISSING.search(why) is not None


def in_words(why: str) -> str:
    """Return git's words for a failure, and before them that contents are missing where they say that."""
    return f"this clone lacks what it changes ({why})" if speaks_of_missing(why) else why


def fetch_contents(repository: Repository, commits: Iterable[Oid], tips: Iterable[Oid], failures: Iterable[str]) -> int:
    """Fetch what these commits change, what the tips have at the same paths, and the objects that the failures name.

    Return how many objects were fetched, 0 where nothing was missing. Raise `GitFailedError` where the remote does not
    give them.
    """
    remote = _promisor(repository)
    if remote is None:
        return 0
    git = repository.git.with_env(GIT_NO_LAZY_FETCH="0", GIT_ALLOW_PROTOCOL="file:git:http:https:ssh")
    wanted = {found["oid"] for why in failures for found in _MISSING.finditer(why) if found["oid"]}
    blobs, paths = _changed(git, list(dict.fromkeys(commits)))
    wanted |= blobs
    for tip in dict.fromkeys(tips):
        wanted |= _held(git, tip, paths)
    lacking = _lacking(repository, wanted)
    if lacking:
        _fetch(git, remote, lacking)
    return len(lacking)


def _promisor(repository: Repository) -> str | None:
    said = repository.git.run("config", "--get-regexp", r"^remote\..*\.promisor$", "true", ok=(0, 1)).out.decode()
    names = [line.split(" ")[0].removeprefix("remote.").removesuffix(".promisor") for line in said.splitlines()]
    return names[0] if names else None


def _changed(git: Git, commits: list[Oid]) -> tuple[set[str], list[bytes]]:
    """Return the contents before and after each commit, and the paths that they change; trees are fetched by git."""
    options = ("--stdin", "-r", "--raw", "-z", "--no-renames", "--root", "--no-commit-id", "--diff-merges=first-parent")
    listed = git.run("diff-tree", *options, stdin="".join(f"{oid}\n" for oid in commits).encode(), ok=(0, 128)).out
    blobs: set[str] = set()
    paths: dict[bytes, None] = {}
    parts = listed.split(b"\0")
    for header, path in zip(parts[::2], parts[1::2], strict=False):
        fields = header.decode("ascii", "replace").lstrip(":").split(" ")
        if len(fields) == 5:
            blobs.update(oid for oid in fields[2:4] if not oid.startswith(_NOTHING))
            paths[path] = None
    return blobs, list(paths)


def _held(git: Git, tip: Oid, paths: list[bytes]) -> set[str]:
    """Return the contents that a commit or tree has at these paths."""
    found: set[str] = set()
    for start in range(0, len(paths), _PATHS_AT_ONCE):
        some = [path.decode("utf-8", "surrogateescape") for path in paths[start : start + _PATHS_AT_ONCE]]
        listed = git.run("ls-tree", "-z", tip, "--", *some, ok=(0, 128)).out
        entries = (entry.partition(b"\t")[0].split(b" ") for entry in listed.split(b"\0") if entry)
        found.update(entry[2].decode("ascii") for entry in entries if len(entry) == 3 and entry[1] == b"blob")
    return found


def _lacking(repository: Repository, oids: set[str]) -> list[str]:
    # git before 2.45 gives up at the first object that it may not fetch, so it is not asked.
    hash_name = "sha256" if any(len(oid) == _SHA256 for oid in oids) else "sha1"
    database = ObjectDatabase.open(repository.objects_dir, hash_name=hash_name)
    return sorted(oid for oid in oids if database is None or database.read(oid) is None)


def _fetch(git: Git, remote: str, oids: list[str]) -> None:
    """Fetch objects as git does it for itself (promisor-remote.c): by their ids, and no history with them."""
    options = ("--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin")
    try:
        asked = "".join(f"{oid}\n" for oid in oids).encode()
        git.run("fetch", "--quiet", *options, "--", remote, stdin=asked, config=("fetch.negotiationAlgorithm=noop",))
    except GitFailedError as error:
        raise GitFailedError(
            f"'{remote}' did not give the {len(oids)} objects that are missing: {error.message}",
            hints=(f"git fetch --refetch --no-filter {remote} gets everything",),
        ) from error
