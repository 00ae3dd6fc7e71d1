"""What commits change, as patch-ids.

git's own plumbing makes them, in bulk, so they agree with `git patch-id --stable` by construction. What an equal
patch-id proves is for `services/history/`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.background import Background
from backportq.git.cache import Cache
from backportq.git.process import Git, failure
from backportq.git.read.history import translate
from backportq.git.read.touched_paths import ANSWER, DIFF, RAW
from backportq.git.repository import Repository
from backportq.model.ids import Oid

_PATCH_IDS = "patch_ids"
_NO_PATCH = b"-"
_FOR_ONE_LANE = 50
"""So many commits are worth two more processes to compare them."""
_SHA1_DIGITS = 40
_NO_CONTENTS = (b"000000", b"160000")
"""The modes of what is not there, and of a submodule, whose commit belongs to another repository."""

# Attributes of the scanned tree choose no driver here: none is defined in a sealed configuration, and these say so.
_PATCH = ("-p", "--no-ext-diff", "--no-textconv", "--full-index", "--no-color", "--ignore-submodules=none")


def patch_ids(repository: Repository, oids: Iterable[Oid]) -> dict[Oid, str | None]:
    """Return the `git patch-id --stable` of each commit against its first parent; None where nothing changes.

    Computed once for each commit and then kept in the cache. Commits whose contents are not here, as those of large
    files in a partial clone, are left out.
    """
    wanted = list(dict.fromkeys(oids))
    cache = Cache.open(repository)
    try:
        known = cache.find_many(_PATCH_IDS, wanted)
        missing = [oid for oid in wanted if oid not in known]
        if missing:
            computed = _computed_as_far_as_here(repository, missing)
            cache.put_many(_PATCH_IDS, computed)
            known |= computed
    finally:
        cache.close()
    return {oid: None if known[oid] == _NO_PATCH else known[oid].decode("ascii") for oid in wanted if oid in known}


def _computed_as_far_as_here(repository: Repository, oids: Sequence[Oid]) -> dict[str, bytes]:
    """Compute patch-ids, without those of commits that change what is not here if there are any.

    git ends at the first of these. Looking for them beforehand would cost every repository what only few need.
    """
    try:
        return _computed_at_once(repository, oids)
    except RepositoryError:
        lacking = _lacking(repository, oids)
        here = [oid for oid in oids if oid not in lacking]
        if not lacking:
            raise
    return _computed_at_once(repository, here) if here else {}


def _lacking(repository: Repository, oids: Sequence[Oid]) -> set[Oid]:
    """Return the commits that change the contents of a file which the repository does not have."""
    from backportq.git.trials.quarantine import Quarantine  # only where something is missing

    git = repository.git
    try:
        out = git.run(*DIFF, *RAW, stdin="".join(f"{oid}\n" for oid in oids).encode("ascii")).out
        contents: dict[bytes, list[Oid]] = {}
        for answer in ANSWER.finditer(out):
            for change in answer[2].split(b"\0")[::2]:
                modes, blobs = change[1:].split()[:2], change.split()[2:4]
                for mode, blob in zip(modes, blobs, strict=True):
                    if mode not in _NO_CONTENTS:
                        contents.setdefault(blob, []).append(Oid(answer[1].decode("ascii")))
        # In a repository that knows of no other to fetch from, what is missing is an answer and not a failure.
        with Quarantine(repository, "sha1" if len(oids[0]) == _SHA1_DIGITS else "sha256") as apart:
            asked = b"".join(blob + b"\n" for blob in contents)
            git = Git(apart.git_dir, apart.git_dir)
            found = git.run("cat-file", "--batch-check=%(objectname)", "--buffer", stdin=asked).out
    except GitFailedError as error:
        raise translate(repository, error) from error
    ends = (line.split() for line in found.splitlines())
    return {oid for end in ends if end[-1] == b"missing" for oid in contents[end[0]]}


def _computed_at_once(repository: Repository, oids: Sequence[Oid]) -> dict[str, bytes]:
    """Compute patch-ids by as many pairs of processes as are worth starting."""
    lanes = max(1, min(os.cpu_count() or 1, len(oids) // _FOR_ONE_LANE))
    size = -(-len(oids) // lanes)
    # Neighbours go together: they often change the same file, which git then reads once.
    shares = (oids[start : start + size] for start in range(0, len(oids), size))
    parts = [Background(partial(_compute_patch_ids, repository, share)) for share in shares]
    return {oid: patch_id for part in parts for oid, patch_id in part.result().items()}


def _compute_patch_ids(repository: Repository, oids: Sequence[Oid]) -> dict[str, bytes]:
    found: dict[str, bytes] = dict.fromkeys(oids, _NO_PATCH)
    git = repository.git.with_env(GIT_FLUSH="0")
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as errors:
        asked.write("".join(f"{oid}\n" for oid in oids).encode("ascii"))
        asked.seek(0)
        differ = git.start(*DIFF, *_PATCH, stdin=asked, stderr=errors)
        if differ.stdout is None:  # pragma: no cover - start() always pipes the output
            return found
        with differ.stdout as patches:
            summer = git.start("patch-id", "--stable", stdin=patches, stderr=errors)
        out, _ = summer.communicate()
        statuses = differ.wait(), summer.returncode
        if any(statuses):
            errors.seek(0)
            raise translate(repository, failure(("diff-tree",), max(statuses), errors.read()))
    for line in out.decode("ascii").splitlines():
        patch_id, oid = line.split(" ")
        found[oid] = patch_id.encode("ascii")
    return found
