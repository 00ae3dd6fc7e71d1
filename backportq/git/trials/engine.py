"""The engine of trials: takes commits apart, has git merge what must be merged, and puts the trees together.

Apart from the session so that a session that finds every answer in the cache starts nothing. This module must not keep
answers between runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backportq.git.missing import in_words
from backportq.git.repository import Repository
from backportq.git.trials.attributes import AttributeFiles, Attributes
from backportq.git.trials.conflict_hunks import Hunks, read_hunks
from backportq.git.trials.file_merges import FileMerges
from backportq.git.trials.merge_tree import Merge, Merger, Ticket, sides_of
from backportq.git.trials.quarantine import Quarantine
from backportq.git.trials.readers import REGULAR, ChangeReader, Entry, ObjectReader, TreeChange, is_regular
from backportq.git.trials.remembered import Application, FileMerge, Outcome, RememberedVerdict, TrialCache
from backportq.git.trials.trees import TREE_MODE, EntryPlace, MissingTreeError, OddTreeError, Trees
from backportq.model.commit import Commit
from backportq.model.ids import Oid, short
from backportq.model.progress import advance
from backportq.model.trials.verdict import PathConflict, Verdict

_AT_ONCE = 96  # taken apart together, while git merges those before
# Merged by the same processes; fewer lines than a pipe of 64 KiB holds, so that writing never waits for a stuck git.
_MERGES_IN_A_ROUND = 400
_TRIALS_IN_A_ROUND = 1_500
_OBJECTS_OF_A_TRIAL = 10  # that are read; some more in practice
_SYMLINK = b"120000"
_QUARANTINE_BYTES = 24 << 20


@dataclass(slots=True)
class _Work:
    """An application under way: either `whole`, or file by file, or already `done`."""

    application: Application
    onto_tree: str = ""
    base_tree: str = ""
    theirs_tree: str = ""
    done: Outcome | None = None
    taken: dict[bytes, Entry | None] = field(default_factory=dict)
    files: list[tuple[bytes, FileMerge]] = field(default_factory=list)
    whole: Ticket | None = None
    changes: tuple[TreeChange, ...] = ()


class Engine:
    """What a session starts once: the quarantine, the readers, the mergers."""

    def __init__(self, repository: Repository, remembered: TrialCache, workers: int | None, oid_length: int) -> None:
        self._repository = repository
        self._remembered = remembered
        hash_name = "sha256" if oid_length == 64 else "sha1"
        self._quarantine = Quarantine(repository, hash_name)
        self._objects = ObjectReader(self._quarantine)
        self._differences = ChangeReader(self._quarantine)
        self._trees = Trees(self._objects, hash_name)
        self._merger = Merger(self._quarantine, workers)
        self._attributes = Attributes(self._quarantine, self._objects, self._trees)
        self._files = FileMerges(self._quarantine, self._merger, self._trees, remembered)
        self._commits: dict[str, tuple[str, tuple[str, ...]] | str] = {}
        self._written: set[str] = set()
        self._is_kept = False

    def close(self) -> None:
        try:
            self._merger.close()
            self._objects.close()
            self._differences.close()
        finally:
            self._quarantine.close()

    def apply(self, applications: Sequence[Application], *, keep: bool) -> dict[Application, Outcome]:
        self._is_kept = self._is_kept or keep
        self._objects.expect(len(applications) * _OBJECTS_OF_A_TRIAL)
        outcomes: dict[Application, Outcome] = {}
        works: list[_Work] = []
        for start in range(0, len(applications), _AT_ONCE):
            advance("trying commits", start, len(applications))
            # Git merges what is started while the next ones are read and taken apart here.
            works += self._begin(applications[start : start + _AT_ONCE])
            if self._merger.asked > _MERGES_IN_A_ROUND or len(works) > _TRIALS_IN_A_ROUND:
                outcomes.update(self._end(works, keep=keep))
                works = []
        outcomes.update(self._end(works, keep=keep))
        return outcomes

    def written(self, trees: Sequence[Oid]) -> Quarantine:
        self._is_kept = True
        made: dict[str, None] = {}
        left: list[str] = list(trees)
        while left:
            root = left.pop()
            if root not in made and root in self._trees.made and root not in self._written:
                made[root] = None
                left += [oid.hex() for mode, oid in self._trees.tree(root).values() if mode == TREE_MODE]
        # All blobs in one go: what is merged side by side costs a fraction of what it costs tree by tree.
        entries = (entry for root in made for entry in self._trees.tree(root).values())
        self._files.write(oid for mode, oid in entries if mode in REGULAR)
        for tree in trees:
            self._write_made(tree)
        return self._quarantine

    def changes(self, commits: Sequence[Oid]) -> dict[Oid, tuple[TreeChange, ...]]:
        self._objects.expect(len(commits) * _OBJECTS_OF_A_TRIAL)
        works = [_Work(Application(commit, commit, mainline=1)) for commit in commits]
        self._take_apart(works)
        return {work.application.commit: work.changes for work in works}

    def conflict_hunks(self, applications: Iterable[Application]) -> dict[Application, dict[str, Hunks]]:
        merger, tickets = Merger(self._quarantine, style="diff3"), {}
        for application in applications:
            work = _Work(application)
            self._find_trees(work)
            if work.done is None:
                self._write_made(work.onto_tree)
                worktree = self._attributes.worktree_of(work.onto_tree)
                tickets[application] = merger.submit(Merge(worktree, work.base_tree, work.onto_tree, work.theirs_tree))
        merger.finish()
        return {application: self._hunks_of(ticket) for application, ticket in tickets.items()}

    def _hunks_of(self, ticket: Ticket) -> dict[str, Hunks]:
        outcome, hunks = ticket.outcome, dict[str, Hunks]()
        if outcome is None or isinstance(outcome, str):
            return hunks
        sides = sides_of(self._quarantine, ticket.merge)
        for path in dict.fromkeys(conflict.path for conflict in outcome.conflicts):
            entry = self._trees.find(outcome.tree, path.encode("utf-8", "surrogateescape")).entry
            if entry is not None and entry[0] in REGULAR:
                _, content = self._objects.read(entry[1].hex()) or (b"", b"")
                hunks[path] = read_hunks(content, sides)
        return hunks

    def tree_of(self, oid: Oid) -> Oid | None:
        commit = self._commit(oid)
        return None if isinstance(commit, str) else Oid(commit[0])

    def paths_named(self, tree: Oid, name: bytes) -> tuple[bytes, ...]:
        return tuple(self._trees.paths_named(tree, name))

    def entries(self, tree: Oid, paths: Iterable[bytes]) -> dict[bytes, Entry | None]:
        return {path: self._trees.find(tree, path).entry for path in paths}

    def base_entries(self, application: Application, paths: Iterable[bytes]) -> dict[bytes, Entry | None]:
        work = _Work(application)
        self._find_trees(work)
        return self.entries(Oid(work.base_tree), paths) if work.done is None else dict.fromkeys(paths)

    def spliced(self, tree: Oid, entries: Mapping[bytes, Entry | None]) -> Oid:
        self._is_kept = True
        return Oid(self._trees.spliced(tree, entries, keep=True)) if entries else tree

    def blobs(self, oids: Sequence[str]) -> dict[str, bytes]:
        self._files.write(bytes.fromhex(oid) for oid in oids)
        read = ((oid, self._objects.read(oid)) for oid in oids)
        return {oid: found[1] for oid, found in read if found is not None and found[0] == b"blob"}

    def _begin(self, applications: Sequence[Application]) -> list[_Work]:
        """Take these apart and start the merges: file by file where that is git's answer, as a whole elsewhere."""
        works = [_Work(each) for each in applications]
        whole: list[_Work] = []
        differing: list[tuple[_Work, TreeChange, Entry, AttributeFiles]] = []
        self._take_apart(works)
        for work in works:
            if work.done is not None:
                continue
            try:
                found = self._files_of(work)
            except MissingTreeError as error:
                work.done = self._missing_tree(error)
                continue
            if found is None:
                whole.append(work)
            else:
                differing += found
        drivers = self._attributes.drivers([(change.path, files) for _, change, _, files in differing])
        for (work, change, ours, _), driver in zip(differing, drivers, strict=True):
            if change.old is None:
                raise AssertionError(change)
            work.files.append((change.path, FileMerge(change.old, ours, change.new, driver)))
        self._files.start(merge for work in works for _, merge in work.files)
        self._start_whole(whole)
        return works

    def _take_apart(self, works: Sequence[_Work]) -> None:
        """Find the trees of each work, and what the commit changes; or why that can't be done."""
        for work in works:
            self._find_trees(work)
        works = [work for work in works if work.done is None]
        found = self._differences.read((work.base_tree, work.theirs_tree) for work in works)
        for work in works:
            changes = found[work.base_tree, work.theirs_tree]
            if isinstance(changes, str):
                work.done = f"the changes of commit '{short(work.application.commit)}' cannot be read: {changes}"
            else:
                work.changes = changes

    def _commit(self, oid: str) -> tuple[str, tuple[str, ...]] | str:
        """Return (tree, parents) of a commit, (itself, nothing) of a tree, or why it is neither."""
        found = self._commits.get(oid)
        if found is None:
            found = self._commits[oid] = self._read_commit(oid)
        return found

    def _read_commit(self, oid: str) -> tuple[str, tuple[str, ...]] | str:
        if oid in self._trees.made:
            return oid, ()
        kind, raw = self._objects.read(oid) or (b"", b"")
        match kind:
            case b"tree":
                return oid, ()
            case b"commit" if raw.startswith(b"tree "):
                return raw[5 : raw.index(b"\n")].decode("ascii"), Commit(Oid(oid), raw).parents
            case b"":
                return self._unreadable(f"object '{short(Oid(oid))}'")
            case _:
                return f"'{short(Oid(oid))}' is a {kind.decode('ascii')}, wanted a commit"

    def _missing_tree(self, error: MissingTreeError) -> str:
        return self._unreadable(f"tree '{short(Oid(str(error)))}'")

    def _unreadable(self, name: str) -> str:
        why = self._objects.why_unreadable()
        return f"{name} cannot be read: {why}" if why else f"{name} is not in this repository"

    def _find_trees(self, work: _Work) -> None:
        mainline = work.application.mainline
        commit, onto = self._commit(work.application.commit), self._commit(work.application.onto)
        if isinstance(commit, str) or isinstance(onto, str):
            work.done = commit if isinstance(commit, str) else str(onto)
            return
        work.theirs_tree, parents = commit
        work.onto_tree = onto[0]
        name = short(work.application.commit)
        if work.theirs_tree == work.application.commit:
            work.done = f"'{name}' is a tree, wanted a commit"
        elif mainline is None and len(parents) > 1:
            work.done = f"commit '{name}' is a merge of {len(parents)} parents and no mainline was given"
        elif mainline is not None and not 1 <= mainline <= max(len(parents), 1):
            work.done = f"commit '{name}' does not have parent {mainline}"
        elif not parents:
            work.base_tree = self._trees.empty_tree
        else:
            parent = self._commit(parents[(mainline or 1) - 1])
            if isinstance(parent, str):
                where = "cut off by the depth of this shallow clone" if self._repository.is_shallow else "missing"
                work.done = f"the parent of commit '{name}' is {where}"
            else:
                work.base_tree = parent[0]

    def _files_of(self, work: _Work) -> list[tuple[_Work, TreeChange, Entry, AttributeFiles]] | None:
        """Return the files of a commit that differ on both sides, taking those that don't; None where paths of the
        commit do not match those of the branch one to one, so that renames or types may matter."""
        differing = []
        # A removed path next to an added one may be a rename; a path added alone can be none.
        has_removed = any(change.new is None for change in work.changes)
        for change in work.changes:
            if change.old is None and not has_removed:
                there = self._trees.find_place(work.onto_tree, work.base_tree, change.path)
                if there is EntryPlace.TAKEN and self._trees.find(work.onto_tree, change.path).entry == change.new:
                    continue
                if there is not EntryPlace.FREE or change.new is None or change.new[0] not in (*REGULAR, _SYMLINK):
                    return None
                work.taken[change.path] = change.new
                continue
            if not is_regular(change.old) or not (change.new is None or is_regular(change.new)):
                return None
            found = self._trees.find(work.onto_tree, change.path)
            if found.entry is None or not is_regular(found.entry):
                return None
            if found.entry == change.old:
                work.taken[change.path] = change.new
            elif found.entry != change.new:
                differing.append((work, change, found.entry, found.attributes))
        return differing

    def _start_whole(self, works: Sequence[_Work]) -> None:
        for work in works:
            try:
                self._write_made(work.onto_tree)
                worktree = self._attributes.worktree_of(work.onto_tree)
            except MissingTreeError as error:
                work.done = self._missing_tree(error)
                continue
            work.whole = self._merger.submit(Merge(worktree, work.base_tree, work.onto_tree, work.theirs_tree))

    def _write_made(self, root: str) -> None:
        """Write a tree that exists only here, and the merged blobs in it, so that git can merge it."""
        raw = self._trees.made.get(root)
        if raw is None or root in self._written:
            return
        entries = self._trees.tree(root).values()
        self._files.write(oid for mode, oid in entries if mode in REGULAR)
        for mode, oid in entries:
            if mode == TREE_MODE:
                self._write_made(oid.hex())
        self._quarantine.write_object(b"tree", raw)
        self._written.add(root)

    def _end(self, works: Sequence[_Work], *, keep: bool) -> Iterator[tuple[Application, Outcome]]:
        """Wait for git and yield the outcomes; then make room in the quarantine."""
        self._merger.finish()
        for work in works:
            if work.done is None:
                work.done = self._whole_outcome(work) if work.whole is not None else self._outcome(work, keep=keep)
            yield work.application, work.done
        if not self._is_kept and self._quarantine.size() > _QUARANTINE_BYTES:
            self._quarantine.empty()
            self._files.forget_written()
            self._written.clear()
            self._trees.forget()

    def _whole_outcome(self, work: _Work) -> Outcome:
        if work.whole is None:
            raise AssertionError(work.application)
        if work.whole.outcome is None:
            self._merger.finish()
        merged = work.whole.outcome
        if merged is None or isinstance(merged, str):
            return _untried(work, merged)
        if not merged.is_clean:
            return RememberedVerdict(Verdict.CONFLICT, None, merged.conflicts, is_whole=True)
        return _applied(work, self._with_names(work, merged.tree), is_whole=True)

    def _with_names(self, work: _Work, tree: str) -> str:
        """Return the merged tree with the names of a cherry-pick in the conflict markers that git left in its files.

        git can call a merge clean that has markers in it: where both sides add the same file, and one of them also
        renames a file to it that the other changes (2.39). They name the sides, which are synthetic here.
        """
        if work.whole is None:
            raise AssertionError(work.application)
        ours, theirs = sides_of(self._quarantine, work.whole.merge)
        changes = self._differences.read([(work.onto_tree, tree)])[work.onto_tree, tree]
        named: dict[bytes, Entry | None] = {}
        for change in () if isinstance(changes, str) else changes:
            if change.new is None or change.new[0] not in REGULAR:
                continue
            _, content = self._objects.read(change.new[1].hex()) or (b"", b"")
            if ours in content or theirs in content:
                content = content.replace(ours, b"HEAD").replace(theirs, self._label(work.application.commit))
                oid = self._quarantine.write_object(b"blob", content)
                named[change.path] = (change.new[0], bytes.fromhex(oid))
        if not named:
            return tree
        tree = self._trees.spliced(tree, named, keep=True)
        self._write_made(tree)
        return tree

    def _label(self, commit: Oid) -> bytes:
        """Return what a cherry-pick calls the picked commit: its abbreviation and the first line of its message."""
        _, raw = self._objects.read(commit) or (b"", b"")
        subject = raw.partition(b"\n\n")[2].lstrip(b"\n").partition(b"\n")[0]
        return b"%s (%s)" % (self._quarantine.run("rev-parse", "--short", commit).strip(), subject)

    def _outcome(self, work: _Work, *, keep: bool) -> Outcome:
        conflicts: list[PathConflict] = []
        entries = dict(work.taken)
        for path, merge in work.files:
            merged = self._files.answer(merge)
            if isinstance(merged, str):
                return _untried(work, merged)
            if merged.conflicts:
                name = path.decode("utf-8", "surrogateescape")
                conflicts += [PathConflict(name, kind, text.replace("\1", name)) for kind, text in merged.conflicts]
            else:
                entries[path] = merged.entry
        if conflicts:
            return RememberedVerdict(Verdict.CONFLICT, None, tuple(conflicts))
        try:
            tree = self._trees.spliced(work.onto_tree, entries, keep=keep) if entries else work.onto_tree
            return _applied(work, tree)
        except OddTreeError:
            self._start_whole([work])
            return work.done if work.done is not None else self._whole_outcome(work)


def _applied(work: _Work, tree: str, *, is_whole: bool = False) -> RememberedVerdict:
    return RememberedVerdict(Verdict.EMPTY if tree == work.onto_tree else Verdict.CLEAN, Oid(tree), is_whole=is_whole)


def _untried(work: _Work, why: str | None) -> str:
    return f"commit '{short(work.application.commit)}' could not be tried: {in_words(why or '')}"
