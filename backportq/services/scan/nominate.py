"""Which upstream commits are candidates for which stable branch, and for what reasons.

The rules of `docs/design.md` as one pure function of the facts of the history, the tags of the messages and the
configuration, so that two people always get the same answer. This module must not know the queue: what people decided
is reconciled with these nominations in `backportq.services.scan.reconcile`. How to add a reason: the docstring of this
folder.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from backportq.model.branch_relations import BranchRelations
from backportq.model.config import Config, Rule, RuleEffect, Support
from backportq.model.history.landed import LandedPick
from backportq.model.history.release_chores import is_chore_of_release
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.rules import CompiledRule, compile_rules, glob_pattern
from backportq.model.linear_patterns import compile_pattern
from backportq.model.priority import Priority
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.scan.matching_rules import PathsOf, matching_rules
from backportq.services.scan.not_merged_up import came_up
from backportq.services.scan.report import ScanWarning, WarningKind
from backportq.services.scan.urgent_follow_ups import LastReleases, is_urgent

if TYPE_CHECKING:  # nominations are made of what was read; what reads messages takes 30 ms to load
    from backportq.model.trailers.values import BackportRequest, CommitTrailers

NO_DATES: Mapping[tuple[Oid, int], datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One commit that one branch lacks and something nominates: why, how urgent, and what its tags say must come
    first (in pick order, whether or not the branch has it already)."""

    commit: Oid
    nominations: tuple[Nomination, ...]
    priority: Priority = Priority.NORMAL
    needs: tuple[Oid, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of each maintained branch by commit in upstream order, what a person should look at, which of the
    project's rules each upstream commit matches, the prerequisites that its tags name for any branch,
    what each fixes or reverts where all of that is known, and the commits that fix or revert one (`followers`).
    `takes_reverts` tells whether reverts of picks are taken. `preparer` looks up many commits at once."""

    branches: Mapping[BranchName, Mapping[Oid, Candidate]]
    warnings: Sequence[ScanWarning]
    rules: Mapping[Oid, tuple[Rule, ...]]
    needs: Mapping[Oid, tuple[Oid, ...]]
    targets: Mapping[Oid, tuple[Oid, ...]]
    followers: Mapping[Oid, tuple[Oid, ...]]
    takes_reverts: bool
    preparer: Callable[[Sequence[Oid]], None] = field(default=lambda _: None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sources:
    """What nominations are made from besides facts and configuration.

    `paths_of` is asked only about commits that a rule with a glob needs. `candidate_dates` tells when a release
    candidate with at least this number first contained a commit. `releases` know what branches took lately.
    `takes_reverts` is what the function of this name says of the facts.
    """

    paths_of: PathsOf
    candidate_dates: Mapping[tuple[Oid, int], datetime] = field(default_factory=lambda: NO_DATES)
    releases: LastReleases = field(default_factory=LastReleases)
    takes_reverts: bool = True


@dataclass(frozen=True, slots=True)
class _Case:
    """One tagged commit with what its tags refer to, looked up once for all branches."""

    oid: Oid
    tags: CommitTrailers
    targets: tuple[tuple[str, Oid], ...]
    are_targets_known: bool
    needs: tuple[tuple[Oid, int], ...]
    is_merge: bool


def maintained(facts: Facts, day: date) -> tuple[BranchFacts, ...]:
    """Return the branches that still take anything on `day`, oldest version first."""
    return tuple(entry for entry in facts.branches if entry.branch.support_on(day) is not Support.END_OF_LIFE)


def priority_of(
    entry: BranchFacts, rules: Sequence[Rule], asked: Sequence[BackportRequest] = (), *, is_high: bool = False
) -> Priority:
    """Return the priority of a commit that matches these `rules` and is `asked` for: the most urgent of them all, and
    high at the least if it `is_high`."""
    said = [request for request in asked if request.versions.covers(entry.branch)]
    found = [request.priority for request in said if request.priority is not None]
    found += [rule.priority for rule in rules if rule.priority is not None and _concerns(rule.branches, entry)]
    urgent = [Priority.HIGH] if is_high else []
    return min([*found, *urgent] or [Priority.NORMAL], key=lambda priority: priority.rank)


def nominate(
    facts: Facts, config: Config, sources: Sources, *, day: date, only: Collection[Oid] | None = None
) -> Candidates:
    """Return every candidate of every maintained branch on `day`, with `only` those among these upstream commits; raise
    `ConfigError` for an unusable rule."""
    return _Nominator(facts, compile_rules(config.rules), sources, day, only).run()


class _Nominator:
    """The one pass over branches; a class only because every rule reads the same lookups."""

    def __init__(
        self,
        facts: Facts,
        rules: Sequence[CompiledRule],
        sources: Sources,
        day: date,
        only: Collection[Oid] | None,
    ) -> None:
        self.facts = facts
        self.only = only
        self.sources = sources
        self.branches = maintained(facts, day)
        self.security_only = {
            entry.branch.name for entry in self.branches if entry.branch.support_on(day) is Support.SECURITY
        }
        self.relations = BranchRelations([entry.branch for entry in self.branches])
        self.warnings: list[ScanWarning] = []
        self.reverts = {
            revert: reverted for revert, reverted in facts.reverts().items() if only is None or revert in only
        }
        self.cases = self._cases()
        self.matches = (
            matching_rules(facts, facts.order if only is None else only, self.branches, rules, sources.paths_of)
            if rules
            else {}
        )

    def run(self) -> Candidates:
        found = {}
        relations = self.relations
        for entry in self.branches:
            next_newer = relations.next_newer(entry.branch.name)
            newer = next((other for other in self.branches if other.branch.name == next_newer), None)
            found[entry.branch.name] = self._of_branch(entry, newer)
        needs = {oid: tuple(need for need, _ in case.needs) for oid, case in self.cases.items() if case.needs}
        targets = {
            oid: tuple(target for _, target in case.targets)
            for oid, case in self.cases.items()
            if case.are_targets_known
        }
        followers: dict[Oid, tuple[Oid, ...]] = {}
        for oid, case in self.cases.items():
            for _, target in case.targets:
                followers[target] = (*followers.get(target, ()), oid)
        took = self.sources.takes_reverts
        return Candidates(found, tuple(self.warnings), self.matches, needs, targets, followers, took)

    def _cases(self) -> dict[Oid, _Case]:
        cases = {}
        wanted = self.facts.tags if self.only is None else [oid for oid in self.only if oid in self.facts.tags]
        self.facts.load(wanted)
        self.facts.prepare(wanted)
        named = [tag.hex for oid in wanted for tag in self.facts.tags[oid].fixes]
        self.facts.prepare_names(filter(None, named))
        for oid in sorted(wanted, key=self.facts.order.__getitem__):
            tags = self.facts.tags[oid]
            if oid in self.facts.copies or all(entry.has_ancestor(oid) for entry in self.branches):
                continue  # nobody can act on what its tags say any more, not even on a malformed one
            targets, is_known = self._targets(oid, tags)
            for bad in tags.malformed:
                self._warn(WarningKind.MALFORMED, oid, None, f"unreadable tag '{bad.text}': {bad.why}")
            cases[oid] = _Case(oid, tags, targets, is_known, self._needs(oid, tags), self.facts.commits[oid].is_merge)
        return cases

    def _targets(self, oid: Oid, tags: CommitTrailers) -> tuple[tuple[tuple[str, Oid], ...], bool]:
        targets: list[tuple[str, Oid]] = []
        is_known = bool(tags.fixes)
        for tag in tags.fixes:
            resolution = self.facts.resolve(tag, oid)
            if resolution.warning is not None:
                kind = WarningKind.BY_SUBJECT if resolution.targets else WarningKind.UNRESOLVED
                self._warn(kind, oid, None, resolution.warning)
            is_known = is_known and bool(resolution.targets)
            targets += [(tag.text, target) for target in resolution.targets]
        if oid in self.reverts and not tags.fixes:
            # A revert concerns a branch only if the branch has what it reverts, exactly as a fix does.
            return tuple((f"reverts {short(reverted)}", reverted) for reverted in self.reverts[oid]), True
        return tuple(targets), is_known

    def _needs(self, oid: Oid, tags: CommitTrailers) -> tuple[tuple[Oid, int], ...]:
        from backportq.model.trailers.values import FixesTag

        needs = []
        for position, line in enumerate(tags.prerequisites):
            resolution = self.facts.resolve(FixesTag(line.text, line.hex, line.subject), oid)
            if not resolution.targets:
                self._warn(WarningKind.UNRESOLVED, oid, None, f"prerequisite not found: '{line.text}'")
            needs += [(target, position) for target in resolution.targets[:1]]
        return tuple(needs)

    def _of_branch(self, entry: BranchFacts, newer: BranchFacts | None) -> Mapping[Oid, Candidate]:
        found: dict[Oid, list[Nomination]] = {}
        for oid, case in self.cases.items():
            if self._is_open(entry, oid):
                requested = tuple(self._requested(entry, case))
                fixing = () if self._came_up(entry, oid) else _fixing(entry, case, requested)
                reasons = [*requested, *fixing]
                if reasons:
                    found[oid] = reasons
        for oid, reason in (*self._reverting(entry), *self._taken(entry, newer), *self._by_rule(entry)):
            found.setdefault(oid, []).append(reason)
        self._leave_to_members(entry, found)
        self._keep_to_paths(entry, found)
        candidates = {}
        for oid in sorted(found, key=lambda oid: self.facts.order.get(oid, -1)):
            asked = self.cases[oid].tags.requests if oid in self.cases else ()
            commit = self.facts.commits.get(oid)
            took = self.sources.takes_reverts
            is_high = is_urgent(entry, self.sources.releases, commit, found[oid], takes_reverts=took)
            priority = priority_of(entry, self.matches.get(oid, ()), asked, is_high=is_high)
            if entry.branch.name in self.security_only and priority is not Priority.SECURITY:
                continue
            candidates[oid] = Candidate(oid, tuple(found[oid]), priority, self._needs_on(entry, oid))
        return MappingProxyType(candidates)

    def _leave_to_members(self, entry: BranchFacts, found: dict[Oid, list[Nomination]]) -> None:
        """Take out the merges all of whose members the branch has or is asked for, and the members of those that stay:
        a merge is one change with what it brought, and its reasons are theirs as well."""
        changes = self.facts.changes
        for merge in [oid for oid in found if oid in changes.members]:
            if changes.is_whole(merge, lambda member: member in found or entry.contains(member)):
                del found[merge]
                continue
            for member in changes.members[merge]:
                more = [reason for reason in found.pop(member, ()) if reason not in found[merge]]
                found[merge] += more

    def _keep_to_paths(self, entry: BranchFacts, found: dict[Oid, list[Nomination]]) -> None:
        """Take out what touches none of the paths that a branch is limited to."""
        if not entry.branch.paths:
            return
        paths = self.sources.paths_of(found)
        limits = [compile_pattern(glob_pattern(path)) for path in entry.branch.paths]
        for oid in list(found):
            touched = [path.encode("utf-8", "surrogateescape") for path in paths.get(oid, ())]
            if not any(limit.search(path) for limit in limits for path in touched):
                del found[oid]

    def _came_up(self, entry: BranchFacts, oid: Oid) -> bool:
        """Tell whether a commit was made on a newer stable branch and merged upwards from there: whoever wanted it on
        the older one had made it there."""
        merge = self.facts.changes.merge_of.get(oid)
        if merge is None:
            return False
        newer = self.relations.newer(entry.branch.name)
        return any(came_up(self.facts, merge, other) for other in self.branches if other.branch.name in newer)

    def _is_open(self, entry: BranchFacts, oid: Oid) -> bool:
        """Tell whether `oid` may be a candidate at all: missing in the branch, in force upstream, not opted out,
        and refused by no rule."""
        if entry.contains(oid) or oid in self.facts.reverted_by or oid in entry.refused or oid in self.facts.copies:
            return False
        if any(
            rule.effect is RuleEffect.NEVER and _concerns(rule.branches, entry) for rule in self.matches.get(oid, ())
        ):
            return False
        case = self.cases.get(oid)
        return case is None or not case.tags.refuses(entry.branch)

    def _requested(self, entry: BranchFacts, case: _Case) -> Iterator[Nomination]:
        has_target = any(entry.contains(target) for _, target in case.targets)
        for request in case.tags.requests:
            if not request.versions.covers(entry.branch):
                continue
            if case.are_targets_known and not has_target:
                if request.versions.is_all:
                    continue
                self._warn(
                    WarningKind.CONTRADICTION,
                    case.oid,
                    entry.branch.name,
                    f"'{request.text}' asks for it, but nothing that it fixes is in the branch",
                )
            yield self._request(case.oid, request)

    def _request(self, oid: Oid, request: BackportRequest) -> Nomination:
        commit = self.facts.commits[oid]
        due = None
        wait = None
        if request.wait is not None and request.wait.days is not None:
            due = commit.committed + timedelta(days=min(request.wait.days, _LONGEST_WAIT_DAYS))
        elif request.wait is not None and request.wait.candidate is not None:
            due = self.sources.candidate_dates.get((oid, request.wait.candidate))
            wait = None if due is not None else f"-rc{request.wait.candidate}"
        return Nomination(Via.TRAILER, text=request.text, by=str(commit.author), due=due, wait=wait)

    def _reverting(self, entry: BranchFacts) -> Iterator[tuple[Oid, Nomination]]:
        for revert, reverted in self.reverts.items():
            if self._is_open(entry, revert) and not self._came_up(entry, revert):
                here = next(filter(entry.contains, reverted), None)
                if here is not None:
                    yield revert, Nomination(Via.REVERT, target=here)

    def _taken(self, entry: BranchFacts, newer: BranchFacts | None) -> Iterator[tuple[Oid, Nomination]]:
        if newer is None:
            return
        said: set[tuple[Oid, Oid]] = set()  # a pick of a copy is one of the original, too
        picks: Sequence[LandedPick] = newer.picks
        if self.only is not None and not any(oid in self.facts.copies for oid in self.only):
            picks = [pick for oid in self.only for pick in newer.by_upstream.get(oid, ())]
        elif self.only is not None:
            picks = [pick for pick in picks if pick.upstream in self.only]  # in order: of what is there twice, too
        self.facts.load(pick.upstream for pick in picks)
        for pick in picks:
            if pick.commit in self.facts.order:
                continue  # picked for the release and merged back: that was no backport
            oid = self.facts.copies.get(pick.upstream, pick.upstream)
            # Whoever took it back here knew of the newer branch: that alone is no reason to offer it again.
            if any(each.reverted_by is not None for each in entry.by_upstream.get(oid, ())):
                continue
            if (oid, pick.commit) in said:
                continue
            if pick.reverted_by is not None or oid not in self.facts.order or not self._is_open(entry, oid):
                continue
            if newer.has_ancestor(oid):
                continue
            if is_chore_of_release(self.facts.commits[oid].subject, newer.branch.version):
                continue
            case = self.cases.get(oid)
            if case is not None and _is_for_others(entry, case):
                continue
            said.add((oid, pick.commit))
            yield oid, Nomination(Via.NEWER_BRANCH, branch=newer.branch.name, commit=pick.commit)

    def _by_rule(self, entry: BranchFacts) -> Iterator[tuple[Oid, Nomination]]:
        for oid, rules in self.matches.items():
            for rule in rules:
                if rule.effect is RuleEffect.NOMINATE and _concerns(rule.branches, entry) and self._is_open(entry, oid):
                    yield oid, Nomination(Via.RULE, rule=rule.title)

    def _needs_on(self, entry: BranchFacts, oid: Oid) -> tuple[Oid, ...]:
        case = self.cases.get(oid)
        if case is None:
            return ()
        lines = case.tags.prerequisites
        return tuple(
            dict.fromkeys(need for need, position in case.needs if lines[position].versions.covers(entry.branch))
        )

    def _warn(self, kind: WarningKind, commit: Oid, branch: BranchName | None, text: str) -> None:
        self.warnings.append(ScanWarning(kind, commit, branch, text))


_LONGEST_WAIT_DAYS = 36_500  # beyond this a date would leave what datetime can express


def _concerns(branches: Collection[str], entry: BranchFacts) -> bool:
    return not branches or entry.branch.name in branches


def _is_for_others(entry: BranchFacts, case: _Case) -> bool:
    """Tell whether a commit concerns other branches by what it says itself: it fixes what this one lacks, or asks for
    versions of which this is none."""
    if case.are_targets_known and not any(entry.contains(target) for _, target in case.targets):
        return True
    asked = case.tags.requests
    return bool(asked) and not any(request.versions.covers(entry.branch) for request in asked)


def _fixing(entry: BranchFacts, case: _Case, requested: Sequence[Nomination]) -> Iterator[Nomination]:
    # A merge that quotes the tags of what it merges is no fix; one that a person asks for is picked with --mainline.
    if case.is_merge or not case.tags.fixes:
        return
    # The author's wish to wait ("MFC after: 1 week") holds for the change, however it is nominated by its message.
    waiting = next(
        (reason for reason in requested if reason.due is not None or reason.wait is not None), Nomination(Via.FIXES)
    )
    for text, target in case.targets:
        if entry.has_ancestor(target):
            yield Nomination(Via.FIXES, text=text, target=target, due=waiting.due, wait=waiting.wait)
        elif entry.contains(target):
            yield Nomination(Via.FOLLOW_UP, text=text, target=target)
