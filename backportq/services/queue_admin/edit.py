"""Editing a file of the queue by hand: opened in the editor, validated, stored by compare-and-swap.

- Nothing of an edit is lost: the text stays under the git directory until it is stored.
- What others changed meanwhile is merged, as text; where both changed the same lines, both stand in the text.
- A branch that the edit of `config.toml` adds must exist in this clone. Only what the edit changed is judged, so a
  branch that went away does not keep anybody from mending another line.
- The keys are not known here; the codecs say what is wrong with a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from backportq.errors import BackportqError, ConfigError, QueueFileError, RefError, RepositoryError, UsageError
from backportq.git.read.queue_files import StoredFiles, read_blobs
from backportq.git.refs import Refs, read_refs, resolve_branch, resolve_configured
from backportq.git.user import edit_file
from backportq.git.write.text_merge import merge_texts
from backportq.model.config import Config
from backportq.model.ids import BranchName
from backportq.model.near_words import near_words
from backportq.model.trailers.dialects import DIALECTS
from backportq.model.words import typed
from backportq.queue.codec.config import CONFIG_FILE, config_table, read_config
from backportq.queue.codec.items import read_items, write_items
from backportq.queue.codec.misspelt import misspelt_keys
from backportq.queue.codec.paths import branch_of, closed_path, open_path
from backportq.queue.codec.stored_state import source_of
from backportq.queue.store import QueueChange
from backportq.queue.toml import positions
from backportq.queue.toml.reader import InvalidValueError, Table, quoted_found
from backportq.services.branches import choose_branches
from backportq.services.project import Project

CONFIG = "config"
PEOPLE = "people"

_NEW_PEOPLE = b"""schema = 1

# [[person]]
# key = "ada"
# name = "Ada Author"
# mails = ["ada@example.org"]
# branches = ["stable-4.18"]
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The files of an edit: `text` is what the person writes, `base` what the queue had when the edit began."""

    text: Path
    base: Path
    template: bytes

    def is_untouched(self) -> bool:
        """Whether nothing was written that could be lost."""
        return self.text.read_bytes() in {self.base.read_bytes(), self.template}

    def remove(self) -> None:
        for path in (self.text, self.base):
            path.unlink(missing_ok=True)


def edit_queue(project: Project, target: str, *, closed: bool = False, resume: bool = False) -> QueueChange:
    """Let the user edit `config`, `people` or the file of a branch, and store the result.

    Raise what is wrong with the text (`ConfigError`, `QueueFileError`, `SchemaError`), with hints that name where it is
    kept and how to go on. `resume` goes on with a kept text.
    """
    path = _path_of(project, target, closed=closed)
    kept = _kept(project, path)
    command = f"edit {'--closed ' if closed else ''}{typed(target)}"
    if resume:
        if not kept.text.exists():
            raise UsageError(f"there is no kept edit of '{path}'", hints=(f"backportq {command}",))
    else:
        _begin(project, path, kept, command)
    try:
        edit_file(project.repository, kept.text)
        return _store(project, path, kept, command)
    except BackportqError as error:
        if kept.is_untouched():
            kept.remove()
            raise
        resumed = command.replace("edit ", "edit --resume ", 1)
        error.message = _with_misspelt(error.message, path, kept.text)
        error.hints = (
            *(hint for hint in error.hints if not hint.startswith("backportq edit")),
            f"backportq {resumed}, to go on with your text",
            f"your text is in '{kept.text}'; remove it to give it up",
        )
        raise


def _with_misspelt(message: str, path: str, text: Path) -> str:
    """Return what is wrong with a text, with the unknown keys that look like slips: all in one go."""
    try:
        slips = misspelt_keys(path, text.read_bytes())
    except (BackportqError, OSError):
        return message
    told = [slip for slip in slips if slip.partition(": ")[2] not in message]
    return "\n".join((message, *told))


def _store(project: Project, path: str, kept: _Kept, command: str) -> QueueChange:
    try:
        text = kept.text.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(
            f"nothing was written to '{path}', which the queue has not", hints=("backportq log",)
        ) from error

    def make(files: StoredFiles) -> Mapping[str, bytes | None]:
        now = _content(project, files, path)
        # Nobody stored anything meanwhile: nothing to merge.
        if now == kept.base.read_bytes():
            return {path: _canonical(path, text)}
        return {path: _canonical(path, _merged(project, kept, now, path))}

    if kept.is_untouched():
        kept.remove()
        state = project.store.snapshot().state
        return QueueChange(state, state, None)
    _canonical(path, text)  # complains about what the user wrote before anything else is looked at
    if path == CONFIG_FILE:
        _refuse_unknown_branches(project, path, kept.base.read_bytes(), text)
    change = project.store.replace_files(
        make,
        command=command,
        summary=f"{command.removeprefix('edit ')} edited",
        actor=project.actor(),
        at=project.clock(),
    )
    kept.remove()
    return change


def _merged(project: Project, kept: _Kept, now: bytes, path: str) -> bytes:
    """Return the edit on top of what others stored since it began; raise where both changed the same lines."""
    theirs = kept.base.with_suffix(".theirs")
    theirs.write_bytes(now)
    try:
        merged, is_clean = merge_texts(project.repository, kept.text, kept.base, theirs)
    finally:
        theirs.unlink(missing_ok=True)
    if not is_clean:
        # Both sides with markers; the new base is theirs, so that the next attempt compares with that.
        kept.text.write_bytes(merged)
        kept.base.write_bytes(now)
        raise QueueFileError(f"'{path}' was changed in the same lines while you edited it; both are in your text now")
    return merged


def _canonical(path: str, text: bytes) -> bytes:
    """Return the bytes to store: items in canonical layout, `config.toml` and `people.toml` as they were written."""
    ours = branch_of(path)
    if ours is None:
        return text
    branch, closed = ours
    file = read_items(source_of(path, text), branch, closed=closed)
    if not file.items and not file.extra:
        return text
    return write_items(file)


def _begin(project: Project, path: str, kept: _Kept, command: str) -> None:
    if kept.text.exists():
        resumed = command.replace("edit ", "edit --resume ", 1)
        raise UsageError(
            f"an earlier edit of '{path}' was not stored",
            hints=(f"backportq {resumed}", f"rm {typed(kept.text)}, to give it up"),
        )
    files = project.store.files()
    if files is None:
        project.store.snapshot()  # raises the error that says there is no queue
        return
    content = _content(project, files, path)
    try:
        kept.text.parent.mkdir(parents=True, exist_ok=True)
        kept.base.write_bytes(content)
        kept.text.write_bytes(content or kept.template)
    except OSError as error:
        raise RepositoryError(f"cannot write '{error.filename}': {error.strerror}") from error


def _content(project: Project, files: StoredFiles, path: str) -> bytes:
    entry = files.find(path)
    if entry is None:
        return b""
    content = files.content.get(path)
    return content if content is not None else read_blobs(project.store.repository, [entry.oid])[entry.oid]


def _template(path: str) -> bytes:
    ours = branch_of(path)
    return _NEW_PEOPLE if ours is None else f'schema = 1\nbranch = "{ours[0]}"\n'.encode()


def _path_of(project: Project, target: str, *, closed: bool) -> str:
    if target in {CONFIG, PEOPLE}:
        if closed:
            raise UsageError(f"'{target}' has no closed items", hints=(f"backportq edit {typed(target)}",))
        return f"{target}.toml"
    try:
        config = project.store.snapshot().state.config
    except ConfigError as error:
        error.hints = (*error.hints, "backportq edit config")
        raise
    (branch,) = choose_branches(config, [target])
    return closed_path(branch.name) if closed else open_path(branch.name)


def _kept(project: Project, path: str) -> _Kept:
    text = project.repository.cache_dir / "edit" / path
    return _Kept(text, text.with_name(f"{text.name}.base"), _template(path))


def _refuse_unknown_branches(project: Project, path: str, before: bytes, text: bytes) -> None:
    """Raise `ConfigError` for a branch that `text` adds to what `before` named, and that this clone lacks."""
    try:
        was = read_config(source_of(path, before))
    except BackportqError:
        return  # what cannot be read is being mended, and nobody knows what of it is new
    refs = read_refs(project.repository)
    queue = project.store.ref.removeprefix("refs/heads/")
    if set(refs.branch_names()) <= {queue}:
        return  # a clone that holds only the queue has nothing to compare with
    read_config(source_of(path, text), lambda table: [*_wrong_branches(refs, was, table), *_wrong_dialects(table)])


def _wrong_dialects(table: Table) -> Iterator[InvalidValueError]:
    """Yield the dialects that nobody knows; reading accepts them, for those of a later version."""
    names = table.get("dialects")
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in DIALECTS:
            near = near_words(name, DIALECTS, at_most=1)
            hints = (f"did you mean '{near[0]}'?",) if near else ()
            yield InvalidValueError(("dialects", index), f"one of {', '.join(DIALECTS)}", quoted_found(name), hints)


def _wrong_branches(refs: Refs, was: Config, table: Table) -> list[InvalidValueError]:
    """Return what is wrong with the branches that a file names, whatever else is wrong in it."""
    known = {name for _, name in _named_branches(config_table(was))}
    remote = table.get("remote")
    config = replace(was, remote=remote if isinstance(remote, str) else None)
    wrong: list[InvalidValueError] = []
    for path, name in _named_branches(table):
        if name in known and (config.remote == was.remote or _branch_problem(refs, was, name) is not None):
            continue
        problem = _branch_problem(refs, config, name, is_remote_new=config.remote != was.remote)
        if problem is None:
            continue
        if name in known:
            remotes = refs.remotes()
            hints = (f"the remotes are {', '.join(remotes)}",) if remotes else ()
            found = quoted_found(config.remote) if config.remote else "nothing"
            wrong.append(InvalidValueError(("remote",), f"a remote that has branch '{name}'", found, hints))
            break
        several = " on several remotes" if name in refs.branch_names(config.remote) else ""
        wrong.append(
            InvalidValueError(path, "a branch of this repository", quoted_found(name) + several, problem.hints)
        )
    return wrong


def _branch_problem(
    refs: Refs, config: Config, name: BranchName, *, is_remote_new: bool = False
) -> BackportqError | None:
    try:
        if is_remote_new:  # whoever names a remote means one that is here
            resolve_branch(refs, name, config.remote)
        else:
            resolve_configured(refs, config, name)
    except RefError as error:
        return error
    return None


def _named_branches(table: Table) -> Iterator[tuple[positions.Path, BranchName]]:
    """Yield every branch that a configuration names, and the key that does; of other values nothing."""
    upstream = table.get("upstream")
    names: list[tuple[positions.Path, object]] = [(("upstream",), upstream)]
    if isinstance(upstream, list):
        names = [(("upstream", index), name) for index, name in enumerate(upstream)]
    branches = table.get("branch")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        if isinstance(branch, dict):
            names += [(("branch", index, key), branch.get(key)) for key in ("name", "staging")]
    yield from ((path, BranchName(name)) for path, name in names if isinstance(name, str) and name)
