"""A history with a habit, long enough to learn from: what mends a leak is taken, what paints is not; nothing says so.

Written by `git fast-import`, so that hundreds of commits cost a fraction of a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.driver import TestRepo

DAY = 86_400
BEGIN = 1_640_995_200  # 2022-01-01T00:00:00Z
_PEOPLE = ("Nora Mender <nora@example.org>", "Otto Painter <otto@example.org>")


@dataclass
class Habit:
    """Two branches, `stable-1` from the beginning and `stable-2` a year later; three commits a week on master; every
    month the leaks of that month are taken. `leaks` are the ids of what mends one, oldest first."""

    repo: TestRepo
    leaks: list[str] = field(default_factory=list)
    paints: list[str] = field(default_factory=list)
    moment: int = BEGIN
    _mark: int = 0
    _begun: set[str] = field(default_factory=set)

    def grow(self, *, days: int) -> None:
        """Let so many days go by."""
        first = self._tip("master") is None
        made: list[tuple[str, int, int]] = []
        stream: list[str] = []
        if first:
            stream += self._commit("master", "base", self.moment, {"base.c": "1\n"}, person=0)
            stream.append(f"reset refs/heads/stable-1\nfrom :{self._mark}\n\n")
        end = self.moment + days * DAY
        start = len(self.leaks) + len(self.paints)
        number = start
        while self.moment < end:
            self.moment += 2 * DAY
            is_leak = number % 3 == 0
            folder = ("net", "disk", "paint")[number % 3]
            text = f"mend the leak of buffer {number}" if is_leak else f"paint the wall {number}"
            message = f"{folder}: {text}\n\nIt was seen.\n"
            files = {f"{folder}/f{number % 7}.c": f"{number}\n"}
            stream += self._commit("master", message, self.moment, files, person=number % 2)
            made.append(("leak" if is_leak else "paint", self._mark, self.moment))
            number += 1
            if number == 180:
                stream.append(f"reset refs/heads/stable-2\nfrom :{self._mark}\n\n")
        ids = self._import(stream)
        due = self.leaks[-(len(self.leaks) % 5) :] if len(self.leaks) % 5 else []
        waiting = [(oid, self.moment) for oid in due]
        picks: list[str] = []
        for kind, mark, when in made:
            (self.leaks if kind == "leak" else self.paints).append(ids[mark])
            if kind == "leak":
                waiting.append((ids[mark], when))
                if len(self.leaks) % 5 == 0:
                    picks += self._session(waiting, when + DAY, number=len(self.leaks))
                    waiting = []
        self._import(picks)

    def _session(self, waiting: list[tuple[str, int]], when: int, *, number: int) -> list[str]:
        stream: list[str] = []
        for at, (oid, _) in enumerate(waiting):
            for branch in ("stable-1", "stable-2") if number * 3 > 200 else ("stable-1",):
                message = f"mend a leak, {number} {at}\n\n(cherry picked from commit {oid})\n"
                stream += self._commit(branch, message, when + 60 * at, {f"picked/{number}-{at}": f"{oid}\n"}, person=0)
        return stream

    def _commit(self, branch: str, message: str, when: int, files: dict[str, str], *, person: int) -> list[str]:
        self._mark += 1
        tip = self._tip(branch) if branch not in self._begun else None
        self._begun.add(branch)
        lines = [
            f"commit refs/heads/{branch}\nmark :{self._mark}\n",
            f"author {_PEOPLE[person]} {when} +0000\ncommitter {_PEOPLE[0]} {when} +0000\n",
            f"data {len(message.encode())}\n{message}\n",
            f"from {tip}\n" if tip else "",
        ]
        for path, content in files.items():
            lines.append(f"M 100644 inline {path}\ndata {len(content)}\n{content}\n")
        return [*lines, "\n"]

    def _tip(self, branch: str) -> str | None:
        return self.repo.git("rev-parse", "-q", "--verify", f"refs/heads/{branch}", check=False) or None

    def _import(self, stream: list[str]) -> dict[int, str]:
        marks = self.repo.path / ".git" / "test-marks"
        self.repo.git("fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin="".join(stream))
        self._begun.clear()
        pairs = (line.split() for line in marks.read_text().splitlines())
        return {int(mark[1:]): oid for mark, oid in pairs}
