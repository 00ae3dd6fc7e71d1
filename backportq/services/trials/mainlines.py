"""Mainlines: which merges are picked as one change, against their first parent.

A merge on upstream's first-parent line is what others call a pull request: what it brought there is its diff to the
first parent, so that is what a pick takes unless another parent is named. A merge elsewhere (upstream merged into a
topic) has no such side, and is left to whoever picks it. This module must not try anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backportq.errors import ConfigError, RefError
from backportq.git.cache import Cache
from backportq.git.process import failure
from backportq.git.refs import Refs, read_refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.services.project import Project

_TABLE = "mainlines_1"
_PLAIN, _FIRST = b"-", b"1"
_ARGUMENTS = ("rev-list", "--first-parent", "--min-parents=2")


def default_mainlines(repository: Repository, upstream: Sequence[Oid], commits: Iterable[Oid]) -> dict[Oid, int]:
    """Return mainline 1 for those of `commits` that are merges on the first-parent line of one of the `upstream` tips.

    What is known costs a lookup. What is new costs one git process, and a walk along the line where there is a merge
    among it.
    """
    wanted = list(dict.fromkeys(commits))
    cache = Cache.open(repository)
    known = dict(cache.find_many(_TABLE, wanted))
    unknown = [oid for oid in wanted if oid not in known]
    if unknown and upstream:
        merges = _merges(repository, unknown)
        on_line = _on_first_parent_line(repository, upstream, merges) if merges else set()
        # A merge beside the line may come onto it when upstream is moved forward to it, so that is not kept.
        new: dict[str, bytes] = {
            oid: _FIRST if oid in on_line else _PLAIN for oid in unknown if oid in on_line or oid not in merges
        }
        cache.put_many(_TABLE, new)
        known.update(new)
    cache.close()
    return {Oid(oid): 1 for oid, value in known.items() if value == _FIRST}


def upstream_tips(project: Project, refs: Refs | None = None) -> tuple[Oid, ...]:
    """Return the tips of the queue's upstream branches; none where there is no queue that can be read. `refs` are those
    of the project, if they were read already."""
    if project.store.tip() is None:
        return ()
    try:
        config = project.store.snapshot().state.config
        refs = read_refs(project.repository) if refs is None else refs
        return tuple(resolve_configured(refs, config, name).oid for name in config.upstreams)
    except (ConfigError, RefError):
        return ()


def _merges(repository: Repository, commits: Sequence[Oid]) -> set[Oid]:
    asked = "".join(f"{oid}\n" for oid in commits).encode("ascii")
    answer = repository.git.run(
        "rev-list", "--no-walk", "--min-parents=2", "--ignore-missing", "--stdin", stdin=asked, ok=(0, 128)
    )
    return {Oid(line) for line in answer.out.decode("ascii").split()}


def _on_first_parent_line(repository: Repository, upstream: Sequence[Oid], merges: set[Oid]) -> set[Oid]:
    """Return those of `merges` on the line; the walk ends as soon as all are found."""
    found: set[Oid] = set()
    process = repository.git.start(*_ARGUMENTS, *upstream)
    try:
        if process.stdout is None or process.stderr is None:
            raise AssertionError(process)
        for line in process.stdout:
            oid = Oid(line.decode("ascii").strip())
            if oid in merges:
                found.add(oid)
                if len(found) == len(merges):
                    return found
        said = process.stderr.read()
        if process.wait() != 0:
            raise failure(_ARGUMENTS, process.returncode, said)
        return found
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
