"""Whether the branches that an edit of `config.toml` names are there: one that isn't would stop every command, for
everybody.

Apart from reading the file, which others may have written for branches that this clone has not fetched yet. Only what
the edit changed is judged, so that a branch that went away doesn't keep anybody from mending another line.
"""

from __future__ import annotations

from collections.abc import Iterator

from backportq.errors import BackportqError, RefError
from backportq.git.refs import Refs, read_refs, resolve_configured
from backportq.model.config import Config
from backportq.model.ids import BranchName
from backportq.queue.codec.config import read_config
from backportq.queue.codec.stored_state import source_of
from backportq.queue.toml.positions import Path
from backportq.queue.toml.reader import InvalidValueError, quoted_found
from backportq.services.project import Project


def refuse_unknown_branches(project: Project, path: str, before: bytes, text: bytes) -> None:
    """Raise `ConfigError` for a branch that `text` names, that `before` did not name, and that this clone lacks."""
    try:
        was = read_config(source_of(path, before))
    except BackportqError:
        return  # what cannot be read is being mended, and nobody knows what of it is new
    refs = read_refs(project.repository)
    queue = project.store.ref.removeprefix("refs/heads/")
    if set(refs.branch_names()) <= {queue}:
        return  # a clone that holds only the queue has nothing to compare with
    read_config(source_of(path, text), lambda config: _check(refs, was, config))


def _check(refs: Refs, was: Config, config: Config) -> None:
    known = {name for _, name in _named(was)}
    for path, name in _named(config):
        if name in known and (config.remote == was.remote or _problem(refs, was, name) is not None):
            continue
        problem = _problem(refs, config, name)
        if problem is None:
            continue
        if name in known:
            remotes = refs.remotes()
            hints = (f"the remotes are {', '.join(remotes)}",) if remotes else ()
            found = quoted_found(config.remote) if config.remote else "nothing"
            raise InvalidValueError(("remote",), f"a remote that has branch '{name}'", found, hints)
        several = " on several remotes" if name in refs.branch_names(config.remote) else ""
        raise InvalidValueError(path, "a branch of this repository", quoted_found(name) + several, problem.hints)


def _problem(refs: Refs, config: Config, name: BranchName) -> BackportqError | None:
    try:
        resolve_configured(refs, config, name)
    except RefError as error:
        return error
    return None


def _named(config: Config) -> Iterator[tuple[Path, BranchName]]:
    """Yield every branch that the configuration names, and the key that does."""
    yield ("upstream",), config.upstream
    for index, branch in enumerate(config.branches):
        yield ("branch", index, "name"), branch.name
        if branch.staging is not None:
            yield ("branch", index, "staging"), branch.staging
