"""What checks ask about: the project's grammar and branches, the commits that tags name, and what history says.

History is read only when a check asks for it, so that a message without tags costs nothing. Without a queue the
project is looked at as `init` would: its dialect is found, and its stable branches are proposed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from backportq.errors import BackportqError, RefError
from backportq.git.read.lookup import read_commits, resolve_abbreviations
from backportq.git.refs import Refs, read_refs
from backportq.model.commit import Commit
from backportq.model.config import Config, Support
from backportq.model.ids import BranchName, Oid
from backportq.model.trailers.dialects.grammar import Grammar
from backportq.model.trailers.project_grammar import project_grammar
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.links import links_of
from backportq.services.history.stored_facts import facts_of
from backportq.services.project import Project

_NO_BRANCHES = Config(BranchName(""), ())


_QUARANTINE = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")


@dataclass(slots=True, kw_only=True)
class LintContext:
    """`config` is the queue's, or what `init` would propose; its `branches` are empty where nothing is found.

    `head` is the commit on which a draft that is no commit yet would be made, None where there is none.
    """

    project: Project
    config: Config
    has_queue: bool
    grammar: Grammar
    head: Oid | None
    _named: dict[str, tuple[Oid, ...]] = field(default_factory=dict)
    _commits: dict[Oid, Commit] = field(default_factory=dict)
    _contained: dict[tuple[Oid, Oid], bool] = field(default_factory=dict)
    _facts: Facts | None = None
    _has_no_facts: bool = False
    _refs: Refs | None = None

    def look_up(self, digits: Iterable[str]) -> None:
        """Look up all ids and abbreviations that are going to be asked for, in one go."""
        unknown = {text.lower() for text in digits} - self._named.keys()
        if unknown:
            found = resolve_abbreviations(self.project.repository, unknown)
            self._named |= {text: found.get(text, ()) for text in unknown}
            missing = {oid for oids in found.values() for oid in oids} - self._commits.keys()
            self._commits |= read_commits(self.project.repository, missing)

    def named(self, digits: str) -> tuple[Oid, ...]:
        """Return the commits that an id or abbreviation may mean."""
        self.look_up((digits,))
        return self._named[digits.lower()]

    def commit(self, oid: Oid) -> Commit | None:
        """Return a commit, or None where the repository lacks it."""
        if oid not in self._commits:
            self._commits |= read_commits(self.project.repository, (oid,))
        return self._commits.get(oid)

    def is_ancestor(self, oid: Oid, of: Oid) -> bool:
        """Tell whether `of` reaches the commit `oid`."""
        if (oid, of) not in self._contained:
            git = self.project.repository.git
            self._contained[oid, of] = git.run("merge-base", "--is-ancestor", oid, of, ok=(0, 1)).status == 0
        return self._contained[oid, of]

    @property
    def facts(self) -> Facts | None:
        """What history says; None where no branch is known, or where it cannot be read (a shallow clone)."""
        if self._facts is None and not self._has_no_facts:
            try:
                self._facts = self._read_facts() if self.config.branches else None
            except BackportqError:
                self._facts = None
            self._has_no_facts = self._facts is None
        return self._facts

    def _read_facts(self) -> Facts:
        repository = self.project.repository
        state = self.project.store.snapshot().state if self.has_queue else None
        if state is not None and not any(name in _QUARANTINE for name, _ in repository.git.extra_env):
            return facts_of(repository, state)
        from backportq.services.history.gather import gather

        # What is only proposed, or seen together with objects that git may still refuse, is nothing to remember.
        return gather(repository, self.config, links={} if state is None else links_of(state))

    def maintained(self) -> tuple[BranchFacts, ...]:
        """Return the branches that still take fixes, oldest release first."""
        facts, day = self.facts, self.project.clock().date()
        if facts is None:
            return ()
        return tuple(e for e in facts.branches if e.branch.support_on(day) is not Support.END_OF_LIFE)

    @property
    def refs(self) -> Refs:
        """All refs, read once."""
        if self._refs is None:
            self._refs = read_refs(self.project.repository)
        return self._refs


def in_quarantine(project: Project) -> Project:
    """Return the project as a pre-receive hook sees it: with the objects that a push brought and git has not taken yet.

    See git-receive-pack(1), QUARANTINE ENVIRONMENT.
    """
    given = {name: os.environ[name] for name in _QUARANTINE if name in os.environ}
    repository = project.repository
    return replace(project, repository=replace(repository, git=repository.git.with_env(**given)))


def lint_context(project: Project) -> LintContext:
    """Return the context of a run; raise `ConfigError` for a configuration that cannot be read."""
    has_queue = project.store.tip() is not None
    config = project.store.snapshot().state.config if has_queue else _proposed(project)
    grammar = project_grammar(config)
    answer = project.repository.git.run("rev-parse", "--quiet", "--verify", "HEAD^{commit}", ok=(0, 1, 128))
    head = Oid(answer.out.decode("ascii").strip()) if answer.status == 0 else None
    return LintContext(project=project, config=config, has_queue=has_queue, grammar=grammar, head=head)


def _proposed(project: Project) -> Config:
    from backportq.services.queue_admin.init import InitRequest, propose  # not loaded where there is a queue

    try:
        return propose(project, read_refs(project.repository), InitRequest()).config
    except RefError:
        return _NO_BRANCHES
