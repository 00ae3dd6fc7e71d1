"""A session of trials: from pairs of commits to verdicts and trees, exact and in bulk.

What is remembered is answered at once; `engine` finds out the rest. Nothing here may look at whether a commit has
landed: an empty trial is no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from backportq.git.cache import Cache
from backportq.git.missing import fetch_contents, speaks_of_missing
from backportq.git.process import installed_version
from backportq.git.repository import Repository
from backportq.git.trials.conflict_hunks import Hunks
from backportq.git.trials.quarantine import Quarantine
from backportq.git.trials.readers import Entry, TreeChange
from backportq.git.trials.remembered import Application, Outcome, RememberedVerdict, TrialCache
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Trial, TrialFailure, TrialOutcome

if TYPE_CHECKING:  # 15 ms, which a session that finds every answer in the cache need not pay
    from backportq.git.trials.engine import Engine

_TRIALS_BETWEEN_WRITES = 2_000
_FETCHES = 30
"""So often is asked for more of what is missing: renames are looked for in files that no commit names."""


def run_trials(
    repository: Repository,
    pairs: Sequence[tuple[Oid, Oid]],
    *,
    mainlines: Mapping[Oid, int] | None = None,
) -> list[TrialOutcome]:
    """Try each (commit, onto) pair and return the outcomes in the order asked; ids are full ids of commits.

    A pair that cannot be tried (a missing object, a merge that `mainlines` lacks) is a `TrialFailure`, the others are
    answered. Known verdicts cost a lookup; new ones about 1 ms each and core. Raise `RepositoryError` where temporary
    objects can't be written.
    """
    with TrialSession(repository, mainlines=mainlines) as session:
        return session.run(pairs)


def answers_of() -> str:
    """Return the version of git whose answers trials give, as part of a cache key."""
    return "_".join(map(str, installed_version()[:2]))


class TrialsStoppedError(Exception):
    """Nobody waits for the trials of this session any more."""


class TrialSession:
    """Trials in one repository that share what was read and merged; use it as a context manager.

    Nothing is started before the first trial that no cache answers. `mainlines` are the parents against which merges
    are tried where an application names none.
    """

    def __init__(
        self, repository: Repository, *, workers: int | None = None, mainlines: Mapping[Oid, int] | None = None
    ) -> None:
        self._repository = repository
        self._mainlines = dict(mainlines or {})
        self._workers = workers
        self._remembered = TrialCache(Cache.open(repository), answers_of())
        self._engine: Engine | None = None
        self._unwritten = 0
        self._kept: dict[Application, Outcome] = {}
        self._judged: dict[Application, RememberedVerdict] = {}  # whose trees need not exist any more
        self._recipes: dict[Oid, Application] = {}
        self._is_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Keep what is new in the cache, stop git, remove the quarantine."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
        self._remembered.flush()
        self._remembered.cache.close()

    def stop(self) -> None:
        """Have the thread that works with the session give up before its next trials: they raise
        `TrialsStoppedError`."""
        self._is_stopped = True

    def run(self, pairs: Sequence[tuple[Oid, Oid]], *, mainline: int | None = None) -> list[TrialOutcome]:
        """Try each (commit, onto) pair; see `run_trials`."""
        asked = [self._with_mainline(Application(commit, onto, mainline)) for commit, onto in pairs]
        applied = self.apply(asked)
        return [
            TrialFailure(each.commit, each.onto, outcome)
            if isinstance(outcome, str)
            else Trial(each.commit, each.onto, outcome.verdict, outcome.tree, outcome.conflicts, each.mainline)
            for each, outcome in zip(asked, applied, strict=True)
        ]

    def apply(self, applications: Sequence[Application], *, keep: bool = False) -> list[Outcome]:
        """Apply each commit to a tip or a tree and return the outcomes in order.

        With `keep` the resulting trees can be applied to in further calls of this session, though they exist nowhere;
        those of remembered verdicts are put together when they are needed.
        """
        if self._is_stopped:
            raise TrialsStoppedError
        applications = [self._with_mainline(each) for each in applications]
        asked = list(dict.fromkeys(applications))
        known = self._known(asked, keep=keep)
        new = [each for each in asked if each not in known]
        if new and self._repository.may_download:
            fetch_contents(self._repository, (each.commit for each in new), (each.onto for each in new), ())
        if new:
            for onto in dict.fromkeys(each.onto for each in new):
                self._put_together(onto)
            for start in range(0, len(new), _TRIALS_BETWEEN_WRITES):
                fresh = self._started(new[0].commit).apply(new[start : start + _TRIALS_BETWEEN_WRITES], keep=keep)
                if self._repository.may_download:
                    fresh = self._with_contents(fresh, keep=keep)
                known.update(fresh)
                self._remember(fresh, keep=keep)
        return [known[each] for each in applications]

    def _with_contents(self, fresh: Mapping[Application, Outcome], *, keep: bool) -> dict[Application, Outcome]:
        """Return the outcomes, tried again after what was missing for them was fetched."""
        done = dict(fresh)
        for _ in range(_FETCHES):
            failed = {each: why for each, why in done.items() if isinstance(why, str) and speaks_of_missing(why)}
            commits, tips = (each.commit for each in failed), (each.onto for each in failed)
            if not failed or not fetch_contents(self._repository, commits, tips, failed.values()):
                break
            if self._engine is not None and not self._kept:
                self._engine.close()  # its processes have seen that the objects are missing
                self._engine = None
            done.update(self._started(next(iter(failed)).commit).apply(list(failed), keep=keep))
        return done

    def _with_mainline(self, application: Application) -> Application:
        mainline = self._mainlines.get(application.commit)
        return application if mainline is None or application.mainline else replace(application, mainline=mainline)

    def _known(self, asked: Sequence[Application], *, keep: bool) -> dict[Application, Outcome]:
        """Return what this session or an earlier one found; trees to be kept are there, or have a recipe."""
        known: dict[Application, Outcome] = {each: self._kept[each] for each in asked if each in self._kept}
        for each in asked if self._judged else ():
            judged = self._judged.get(each)
            if judged is not None and not (keep and judged.tree is not None):
                known.setdefault(each, judged)
        remembered = self._remembered.verdicts([each for each in asked if each not in known] if known else asked)
        for each, found in remembered.items():
            known[each] = found
            if keep and found.tree is not None:
                self._recipes.setdefault(found.tree, each)
        return known

    def _remember(self, fresh: Mapping[Application, Outcome], *, keep: bool) -> None:
        if keep:
            self._kept.update(fresh)
        for each, outcome in fresh.items():
            if not isinstance(outcome, str):
                self._judged[each] = outcome
                self._remembered.remember_verdict(each, outcome)
        self._unwritten += len(fresh)
        if self._unwritten >= _TRIALS_BETWEEN_WRITES:  # a run that is killed is not for nothing
            self._remembered.flush()
            self._unwritten = 0

    def _put_together(self, tree: Oid) -> None:
        """Make a tree that is known only from remembered verdicts, by applying again what led to it."""
        steps: list[Application] = []
        at = tree
        while (step := self._recipes.pop(at, None)) is not None:
            if step.onto != at:
                steps.append(step)
            at = step.onto
        for step in reversed(steps):
            self._kept.update(self._started(tree).apply([step], keep=True))

    def written(self, trees: Sequence[Oid]) -> Quarantine:
        """Return the quarantine, with trees that this session made and all that is new in them written to it; for those
        who make something lasting of trials. It ends with the session."""
        for tree in trees:
            self._put_together(tree)
        return self._started(trees[0]).written(trees)

    def changes(self, commits: Sequence[Oid]) -> dict[Oid, tuple[TreeChange, ...]]:
        """Return what each commit changes against its first parent; nothing where that can't be read."""
        return self._started(commits[0]).changes(commits) if commits else {}

    def blobs(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of these blobs, of the repository or made by this session; missing ones are left out."""
        wanted = list(oids)
        return self._started(wanted[0]).blobs(wanted) if wanted else {}

    def conflict_hunks(self, application: Application) -> dict[str, Hunks]:
        """Return the places where applying a commit conflicts, by path; for reading, the verdict is `apply`'s."""
        return next(iter(self.all_conflict_hunks([application])), {})

    def all_conflict_hunks(self, applications: Sequence[Application]) -> list[dict[str, Hunks]]:
        """Return the same of some hundred applications at most, which git merges side by side."""
        asked = [self._with_mainline(each) for each in applications]
        for each in asked:
            self._put_together(each.onto)
        found = self._started(asked[0].commit).conflict_hunks(dict.fromkeys(asked)) if asked else {}
        return [found.get(each, {}) for each in asked]

    def tree_of(self, oid: Oid) -> Oid | None:
        """Return the tree of a commit, or None if there is no such commit."""
        self._put_together(oid)
        return self._started(oid).tree_of(oid)

    def paths_named(self, tree: Oid, name: bytes) -> tuple[bytes, ...]:
        """Return the paths of the files below `tree` whose last part is `name`."""
        self._put_together(tree)
        return self._started(tree).paths_named(tree, name)

    def entries(self, tree: Oid, paths: Iterable[bytes]) -> dict[bytes, Entry | None]:
        """Return what `tree` has at these paths; raise `MissingTreeError`."""
        self._put_together(tree)
        return self._started(tree).entries(tree, paths)

    def base_entries(self, application: Application, paths: Iterable[bytes]) -> dict[bytes, Entry | None]:
        """Return what the parent, against which a commit is applied, has at these paths, None everywhere if it cannot
        be read. Raise `MissingTreeError`."""
        return self._started(application.commit).base_entries(self._with_mainline(application), paths)

    def spliced(self, tree: Oid, entries: Mapping[bytes, Entry | None]) -> Oid:
        """Return a tree that can be applied to: `tree` with the entries at these paths replaced, removed where None."""
        self._put_together(tree)
        return self._started(tree).spliced(tree, entries)

    def _started(self, some_oid: str) -> Engine:
        if self._engine is None:
            from backportq.git.trials.engine import Engine

            self._engine = Engine(self._repository, self._remembered, self._workers, len(some_oid))
        return self._engine
