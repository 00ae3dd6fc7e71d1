"""Histories made up step by step, and all that facts say of them as plain values."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from backportq.model.config import Config
from backportq.model.history.landed import LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.model.trailers.values import FixesTag
from backportq.services.history.facts import Facts
from tests.driver import TestRepo
from tests.services.queued import stable


def config_of(*names: str) -> Config:
    """Return a configuration with these branches and two dialects."""
    return Config(BranchName("master"), tuple(stable(name) for name in names), dialects=("xen", "linux"))


def _listed(by_upstream: Mapping[Oid, Sequence[LandedPick]]) -> dict[Oid, list[LandedPick]]:
    return {oid: list(picks) for oid, picks in by_upstream.items()}


def values_of(facts: Facts, oids: list[Oid]) -> dict[str, object]:
    """Return all that the facts say, as plain values."""
    fixes = [tag for trailers in facts.tags.values() for tag in trailers.fixes]
    fixes += [FixesTag(f"Fixes: {oid[:9]}", oid[:9], None) for oid in oids[:3]]
    return {
        "upstream": facts.upstream,
        "order": list(facts.order.items()),
        "commits": {oid: commit.subject for oid, commit in facts.commits.items()},
        "reverted": dict(facts.reverted_by),
        "copies": dict(facts.copies),
        "trailers": dict(facts.tags),
        "resolved": [facts.resolve(tag) for tag in fixes],
        "is upstream": [facts.is_upstream(oid) for oid in oids],
        "branches": [
            (
                *(branch.branch.name, branch.tip, branch.onto, branch.base, branch.staging_tip, branch.landed_count),
                *(
                    tuple(branch.picks),
                    tuple(branch.own),
                    dict(branch.refused),
                    _listed(branch.by_upstream),
                ),
                *([branch.contains(oid) for oid in oids], [branch.landed(oid) for oid in oids]),
            )
            for branch in facts.branches
        ],
    }


class Story:
    """A history that goes on: upstream and two branches, one step after another."""

    def __init__(self, repo: TestRepo, seed: int) -> None:
        self.repo = repo
        self.choice = random.Random(seed)
        self.number = 0
        repo.commit("start", {"start": "1\n"})
        for name in ("stable-1", "stable-2"):
            self._on("master")
            self._commit("more")
            repo.git("branch", name)

    def step(self) -> None:
        """Do one thing that projects do."""
        steps: list[Callable[[], None]] = [self.fix, self.fix, self._pick, self._pick, self._revert, self._topic]
        steps += [self._merge_back, self._rewind, self._revert_on_branch, self.same_subject, self._merge_upstream]
        self.choice.choice(steps)()
        self.repo.checkout("master")

    def _on(self, name: str) -> None:
        self.repo.checkout(name)

    def _branch(self) -> str:
        return self.choice.choice(["stable-1", "stable-2"])

    def _some(self, name: str = "master") -> str:
        return self.choice.choice(self.repo.git("rev-list", "--no-merges", "--max-count=8", name).split())

    def _commit(self, subject: str, body: str = "") -> None:
        self.number += 1
        self.repo.commit(f"{subject}\n\n{body}", {f"file{self.number}": f"{self.number}\n"})

    def fix(self) -> None:
        """Fix one of the last commits."""
        self._on("master")
        self._commit(f"fix {self.number}", f'Fixes: {self._some()[:12]} ("whatever")\n')

    def same_subject(self) -> None:
        """Have the subject that others have."""
        self._on("master")
        self._commit("fix again")

    def quote(self) -> None:
        """Name no commit by its id, but one that may come by its subject."""
        self._on("master")
        self._commit(f"quote {self.number}", f'Fixes: 0123456789ab ("fix {self.number + 1}")\n')

    def plain(self) -> None:
        """Say nothing, or ask for a backport."""
        self._on("master")
        self._commit(f"plain {self.number}", "Cc: stable@vger.kernel.org # 1+\n" if self.number % 2 else "")

    def revert(self) -> None:
        """Take one of the last commits back, by its id or by its subject alone."""
        self._on("master")
        original = self._some()
        subject = self.repo.git("log", "-1", "--format=%s", original).strip()
        line = self.choice.choice([f"This reverts commit {original}.\n"] * 3 + [""])
        self._commit(f'Revert "{subject}"', line)

    def port(self) -> None:
        """Name as an original what is on a branch, upstream, or nowhere."""
        self._on("master")
        named = self.choice.choice([self._some(self._branch()), self._some(), "a" * 40, "b" * 40])
        self._commit(f"port {self.number}", f"(cherry picked from commit {named})\n")

    def pick(self) -> None:
        """Pick as most projects do: upstream's commit, another branch's pick, by a full id or an abbreviation."""
        original = self._some(self.choice.choice(["master", "master", "master", self._branch()]))
        self._on(self._branch())
        subject = self.repo.git("log", "-1", "--format=%s", original).strip()
        self._commit(
            subject, f"(cherry picked from commit {self.choice.choice([original, original, original[:12]])})\n"
        )

    def topic(self) -> None:
        """Merge a topic that began some commits ago, by a request or without one."""
        self.repo.git("checkout", "-q", "-B", "topic", f"master~{self.choice.choice([0, 1, 2])}")
        for _ in range(self.choice.choice([1, 1, 2])):
            self._commit(f"topic {self.number}", self.choice.choice(["", f"Fixes: {self._some()[:12]}\n"]))
        subject = self.repo.git("log", "-1", "--format=%s").strip()
        merge = self.choice.choice(["merge topic", f"Merge pull request #{self.number} from a/topic\n\n{subject}"])
        self._on("master")
        self.repo.git("merge", "-q", "--no-ff", "-m", merge, "topic")

    def numbered(self) -> None:
        """Have a number, and name another one, of a change or of an issue."""
        self._on("master")
        named = self.choice.choice([self.number - 1, self.number + 1, 10_000])
        self._commit(f"numbered (#{self.number})", f"Fixes: #{named}\n")

    def pick_by_request(self) -> None:
        """Merge picks, or what a branch made itself, from a topic that began some commits ago."""
        original, name = self._some(), self._branch()
        line = self.choice.choice([f"(cherry picked from commit {original})\n"] * 3 + [""])
        self.repo.git("checkout", "-q", "-B", "topic", f"{name}~{self.choice.choice([0, 0, 1])}")
        for _ in range(self.choice.choice([1, 2])):
            self._commit(f"topic {self.number}", line)
        self._on(name)
        self.repo.git("merge", "-q", "--no-ff", "-m", f"Merge pull request #{self.number} from a/topic", "topic")

    def day(self) -> None:
        """Have several things happen between two looks."""
        for _ in range(3):
            self.choice.choice([self.plain, self.pick, self.topic, self.pick_by_request])()

    def _pick(self) -> None:
        original = self._some()
        self._on(self._branch())
        subject = self.repo.git("log", "-1", "--format=%s", original).strip()
        line = self.choice.choice([f"(cherry picked from commit {original})\n", "", f"commit {original} upstream.\n"])
        self._commit(subject, line)

    def _revert(self) -> None:
        self._on("master")
        self._commit("Revert something", f"This reverts commit {self._some()}.\n")

    def _revert_on_branch(self) -> None:
        name = self._branch()
        self._on(name)
        self._commit("Revert something here", f"This reverts commit {self._some(name)}.\n")

    def _topic(self) -> None:
        self.repo.git("checkout", "-q", "-B", "topic", f"master~{self.choice.choice([0, 1])}")
        self._commit(f"topic {self.number}")
        self._on("master")
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge topic", "topic")

    def _merge_back(self) -> None:
        self._on("master")
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge release", self._branch())

    def _merge_upstream(self) -> None:
        self._on(self._branch())
        self.repo.git("merge", "-q", "--no-ff", "-m", "merge upstream", "master~1")

    def _rewind(self) -> None:
        self._on(self._branch())
        self.repo.git("reset", "-q", "--hard", "HEAD~1")
