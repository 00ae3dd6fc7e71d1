"""Evidence by what messages say: the lines that name a commit, followed through other stable branches to upstream.

How such a line is spelt is for `model/trailers/dialects/pick_spellings.py`. A line is evidence only if it leads to a
commit that upstream has; an id that nobody knows any more proves nothing.

Lines are evidence in the other direction, too: where a fix was made on a stable branch and upstream names that commit
as what it is a pick of, the branch has it, however much it was adapted. This module must not know branches: reverts and
staging are put together in `backportq.services.history.branch_picks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.config import Config
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.ids import Oid, short
from backportq.model.trailers.dialects import Grammar
from backportq.model.trailers.pick_lines import PickMark, read_picks
from backportq.model.trailers.project_grammar import project_grammar
from backportq.services.history.evidence import BranchCommits, Explained, Found, on_each
from backportq.services.history.upstream import NamedCommits, Upstream

_MAX_CHAIN = 8
"""How many stable branches a chain of picks is followed through."""


class PickLines:
    """The lines in which commits say what they are picks of.

    Commits of the range have their `notes` already, those on untracked branches get them here.
    """

    kind = EvidenceKind.TRAILER
    is_explicit = True

    def __init__(
        self,
        repository: Repository,
        grammar: Grammar,
        upstream: Upstream,
        names: NamedCommits,
        notes: Callable[[], Mapping[Oid, bytes]],
    ) -> None:
        self._repository = repository
        self._grammar = grammar
        self._upstream = upstream
        self.names = names
        self._notes = notes
        self._marks: dict[Oid, tuple[PickMark, ...]] = {}

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Follow the lines of these commits."""
        self.prepare(dict.fromkeys(oid for branch in branches for oid in branch.oids))
        return on_each(branches, {oid: self.find(oid) for branch in branches for oid in branch.oids})

    def originals(self, oid: Oid) -> tuple[Oid, ...]:
        """Return the upstream commits of which any commit says it is a pick."""
        self.prepare((oid,))
        return tuple(self.find(oid))

    def prepare(self, oids: Iterable[Oid]) -> None:
        """Read the lines of these commits and, in bulk, of every commit on the way to upstream that they name."""
        pending = [oid for oid in oids if oid not in self._marks]
        for _ in range(_MAX_CHAIN):
            if not pending:
                return
            pending = self._read(pending)

    def find(self, oid: Oid) -> Found:
        """Return what the lines of this commit, followed through other branches, prove: of each line the shortest way.

        Projects that repeat all lines of a pick in the pick of it name the same ways again and again: there are twice
        as many at each step.
        """
        found: dict[Oid, dict[str, Evidence]] = {}
        for mark in self._marks.get(oid, ()):
            for upstream, text in self._ways(oid, mark):
                found.setdefault(upstream, {}).setdefault(text, Evidence(EvidenceKind.TRAILER, text))
        return {upstream: tuple(evidence.values()) for upstream, evidence in found.items()}

    def dangling(self, oid: Oid) -> str | None:
        """Return in words why the lines of a commit lead nowhere; None where it has none, or they name a commit of a
        stable branch, which need not be upstream's."""
        marks = self._marks.get(oid, ())
        named = [found for mark in marks for found in self.names.find(mark.hex)]
        if not marks or any(found in self._upstream.commits or self._upstream.contains(found) for found in named):
            return None
        why = "names a commit that upstream does not have" if named else "names what no clone at hand has"
        return f"'{_one_line(marks[0])}' {why}"

    def _read(self, oids: Sequence[Oid]) -> list[Oid]:
        """Read one step of the chains; return the commits of the next."""
        commits = self._upstream.commits
        unknown = [oid for oid in oids if oid not in commits]
        elsewhere = {
            oid: commit.with_note_of(self._notes()) for oid, commit in read_commits(self._repository, unknown).items()
        }
        hint = self._grammar.pick_hint
        asked: set[str] = set()
        for oid in oids:
            commit = commits.get(oid) or elsewhere.get(oid)
            self._marks[oid] = ()
            if commit is not None and hint.search(commit.raw):
                self._marks[oid] = read_picks(commit.message, self._grammar)
                asked.update(mark.hex for mark in self._marks[oid])
        self.names.prepare(asked)
        named = dict.fromkeys(found for digits in asked for found in self.names.find(digits))
        return [oid for oid in named if oid not in self._marks and not self._upstream.contains(oid)]

    def _ways(self, oid: Oid, mark: PickMark) -> Iterator[tuple[Oid, str]]:
        """Yield the upstream commits to which a line of a commit leads, each with the shortest way there in words."""
        passed = {oid}
        steps = [((oid, _one_line(mark)), target) for target in self._targets(mark)]
        ways: list[tuple[tuple[tuple[Oid, str], ...], Oid]] = [((step,), target) for step, target in steps]
        for _ in range(_MAX_CHAIN + 1):
            following = []
            for way, reached in ways:
                if reached in passed:
                    continue
                passed.add(reached)
                if self._upstream.contains(reached):
                    yield reached, _chain_text(way)
                    continue
                for other in self._marks.get(reached, ()):
                    step = (reached, _one_line(other))
                    following += [((*way, step), target) for target in self._targets(other)]
            ways = following

    def _targets(self, mark: PickMark) -> tuple[Oid, ...]:
        """Return the commits that a line names; of several that share an abbreviation, the one that upstream has."""
        meant = self.names.find(mark.hex)
        if len(meant) > 1:
            upstream = tuple(oid for oid in meant if self._upstream.contains(oid))
            return upstream if len(upstream) == 1 else ()
        return meant


def _one_line(mark: PickMark) -> str:
    return " ".join(mark.text.split())


def _chain_text(steps: Sequence[tuple[Oid, str]]) -> str:
    """Return the lines of a chain, each later one with the commit it stands in."""
    first, *rest = steps
    return "".join((first[1], *(f", where {short(oid)} says: {text}" for oid, text in rest)))


class ForwardPorts:
    """What upstream took from stable branches. `picks` are the upstream commits that say what they are picks of, with
    the ids that they name; `names` has been prepared for these."""

    kind = EvidenceKind.TRAILER
    is_explicit = True

    def __init__(self, picks: Mapping[Oid, Sequence[str]], upstream: Upstream, names: NamedCommits) -> None:
        self.of_commits: dict[Oid, list[Oid]] = {}
        for port, digits in picks.items():
            for each in digits:
                meant = [oid for oid in names.find(each) if not upstream.contains(oid)]
                if len(meant) == 1 and port not in self.of_commits.setdefault(meant[0], []):
                    self.of_commits[meant[0]].append(port)

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Return the commits of the branches that upstream took."""
        own = dict.fromkeys(oid for branch in branches for oid in branch.oids)
        return on_each(branches, {oid: self._found(oid) for oid in own if oid in self.of_commits})

    def _found(self, oid: Oid) -> Found:
        return {
            port: (Evidence(EvidenceKind.TRAILER, f"{short(port)} says that upstream took it from here"),)
            for port in self.of_commits[oid]
        }


def pick_lines_of(
    repository: Repository,
    config: Config,
    upstream: Upstream,
    names: NamedCommits,
    notes: Callable[[], Mapping[Oid, bytes]],
) -> PickLines:
    """Return the lines as the project of `config` writes them."""
    grammar = project_grammar(config)
    return PickLines(repository, grammar, upstream, names, notes)
