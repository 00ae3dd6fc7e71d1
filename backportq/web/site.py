"""The pages of a report: one for the queue, and one for each branch, person and change; a feed and a badge.

Each page names all that it depends on, so that one that would come out the same is not made again. This module must not
lay out anything: templates do.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from backportq.git.trials.session import answers_of
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.reports.cadence import CadencePlan, PlannedMonth
from backportq.model.reports.commit_links import commit_link
from backportq.model.reports.series import Series, SeriesOverTime
from backportq.model.words import short_names
from backportq.queue.log import LogEntry
from backportq.services.items.status import BranchStatus, Load
from backportq.services.project import Project
from backportq.services.reports.conflict_places import Places, conflict_places
from backportq.services.reports.over_time import FiguresOverTime, figures_over_time
from backportq.services.reports.overview import ChangeOnBranch, Overview, ReportedChange
from backportq.services.reports.release_notes import ReleaseNotes, remembered_notes
from backportq.web import addresses, charts, rendering
from backportq.web.feed import feed_entries
from backportq.web.folder import Page
from backportq.web.rows import changes_script

ROWS = 100
"""Rows of the first page of a list; the others follow on pages of their own, and at once where scripts run."""

BRANCH_ROWS = 400
ASSETS = ("site.css", "site.js")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What a report is told: its title, the pattern of links to commits, the address that it will be found at, and the
    cadences to compare."""

    title: str
    commit_pattern: str | None = None
    address: str | None = None
    plans: tuple[CadencePlan, ...] = ()


class Site:
    """The pages of one overview."""

    def __init__(self, project: Project, overview: Overview, log: Sequence[LogEntry], settings: SiteSettings) -> None:
        self._project = project
        self._overview = overview
        self._settings = settings
        self._people = {person.key: person.name for person in overview.state.people.people}
        self._by_commit = {change.commit.oid: change for change in overview.changes}
        self._decisions: dict[Oid, list[LogEntry]] = {}
        for entry in log:
            if not _is_scan(entry):
                for oid in dict.fromkeys(item.commit for item in entry.items):
                    self._decisions.setdefault(oid, []).append(entry)
        self._log = log
        names = [branch.name for branch in overview.state.config.branches]
        self._basis = _digest(
            rendering.digest_of_program(),
            answers_of(),
            settings,
            overview.branches,
            names,
            overview.state.config.upstream,
        )

    def pages(self) -> Iterator[Page]:
        """Yield every page."""
        for name in ASSETS:
            yield Page(f"assets/{name}", _digest(rendering.asset(name)), functools.partial(rendering.asset, name))
        yield self._page("assets/changes.js", "", [self._rows_digest], lambda: changes_script(self._overview))
        yield from self._lists()
        for status in self._overview.status.branches:
            yield from self._branch(status)
        for load in self._overview.status.people:
            yield self._person(load)
        for change in self._overview.changes:
            yield self._change(change)
        if self._settings.plans:
            own = self._project.store.ref.rpartition("/")[2]  # decisions change nothing in the past
            refs = [(name, oid) for name, oid in self._overview.refs.items() if not name.endswith(f"/{own}")]
            inputs = [sorted(refs), self._overview.today.replace(day=1)]
            yield self._page("plan.html", "plan.html", inputs, self._plan_values)
        yield self._feed()
        pending = len([change for change in self._overview.changes if change.open])
        yield self._page("badge.svg", "badge.svg", [pending], lambda: {"pending": pending})

    def _page(
        self, path: str, template: str, inputs: Sequence[object], values: Callable[[], bytes | Mapping[str, object]]
    ) -> Page:
        def make() -> bytes:
            found = values()
            if isinstance(found, bytes):
                return found
            return rendering.render(template, **self._common(path), **found)

        return Page(path, _digest(self._basis, template, *inputs), make)

    def _common(self, path: str) -> dict[str, object]:
        return {
            "root": addresses.way_up(path),
            "path": path,
            "settings": self._settings,
            "overview": self._overview,
            "short_branch": self._short_names,
            "people": self._people,
            "commit_url": functools.partial(commit_link, self._settings.commit_pattern),
        }

    @functools.cached_property
    def _short_names(self) -> Mapping[str, str]:
        return short_names(self._overview.branches)

    # The list of all changes, with the counts of branches and people on its first page.

    def _lists(self) -> Iterator[Page]:
        parts = self._in_pages(self._overview.changes, ROWS, 2 * ROWS)
        for number, rows in enumerate(parts, 1):
            inputs: list[object] = [
                len(parts),
                len(self._overview.changes),
                *(self._row_digest(change) for change in rows),
            ]
            if number == 1:
                inputs += [
                    self._overview.queue,
                    self._overview.today,
                    self._overview.status,
                    self._overview.hidden,
                    self._overview.history.key,
                ]
            values = functools.partial(self._list_values, number, rows, len(parts))
            template = "index.html" if number == 1 else "list.html"
            yield self._page(addresses.list_path(number), template, inputs, values)

    def _list_values(self, number: int, rows: Sequence[ReportedChange], pages: int) -> dict[str, object]:
        values: dict[str, object] = {"changes": rows, "number": number, "pages": pages}
        if number == 1:
            figures = self._figures
            values["charts"] = (
                ("Backlog", "open changes on each branch at the end of a month", charts.line_chart(figures.backlog)),
                (
                    "Lag",
                    "days from upstream to the branch, of the backports of a quarter",
                    charts.line_chart(figures.lag),
                ),
                ("Load", "backports of each person in a quarter", charts.stacked_chart(figures.load)),
                ("Share", "of a hundred backports in a quarter", charts.stacked_chart(figures.share, top=100)),
            )
            values["answers"] = self._answer_counts
        return values

    @functools.cached_property
    def _answer_counts(self) -> Mapping[BranchName, Mapping[str, int]]:
        counts: dict[BranchName, dict[str, int]] = {name: {} for name in self._overview.branches}
        for change in self._overview.changes:
            for name, on in change.open.items():
                counts[name][str(on.answer)] = counts[name].get(str(on.answer), 0) + 1
        return counts

    @functools.cached_property
    def _figures(self) -> FiguresOverTime:
        return figures_over_time(self._project, self._overview)

    @staticmethod
    def _in_pages(changes: Sequence[ReportedChange], first: int, others: int) -> list[Sequence[ReportedChange]]:
        starts = range(first, len(changes), others)
        return [changes[:first], *(changes[start : start + others] for start in starts)]

    # One branch: what is pending, and what its next release would take.

    def _branch(self, status: BranchStatus) -> Iterator[Page]:
        name = status.branch
        rows = [change for change in self._overview.changes if name in change.open]
        rows.sort(key=lambda change: _urgency_on(change.branches[name]))
        declined = [change for change in self._overview.changes if str(change.branches[name].answer) == "declined"]
        parts = self._in_pages(rows, BRANCH_ROWS, 2 * BRANCH_ROWS)
        for number, part in enumerate(parts, 1):
            inputs: list[object] = [
                name,
                len(parts),
                self._overview.tips.get(name),
                *(self._row_digest(change) for change in part),
            ]
            if number == 1:
                inputs += [status, self._tags, *(self._row_digest(change) for change in declined)]
            yield self._page(
                addresses.branch_path(name, number),
                "branch.html",
                inputs,
                functools.partial(self._branch_values, status, part, number, len(parts), declined),
            )

    def _branch_values(
        self,
        status: BranchStatus,
        rows: Sequence[ReportedChange],
        number: int,
        pages: int,
        declined: Sequence[ReportedChange],
    ) -> dict[str, object]:
        name = status.branch
        notes: ReleaseNotes | None = None
        if number == 1:
            notes = remembered_notes(self._project, name, f"{self._overview.history.key} {self._tags}")
        return {
            "status": status,
            "branch": self._configured(name),
            "changes": rows,
            "number": number,
            "pages": pages,
            "notes": notes,
            "declined": declined,
            "answers": self._answer_counts[name],
        }

    @functools.cached_property
    def _tags(self) -> str:
        refs = self._overview.refs
        return _digest(sorted((name, oid) for name, oid in refs.items() if name.startswith("refs/tags/")))

    def _configured(self, name: BranchName) -> StableBranch:
        return next(branch for branch in self._overview.state.config.branches if branch.name == name)

    # One person, and one change.

    def _person(self, load: Load) -> Page:
        rows = [
            (change, name, on)
            for change in self._overview.changes
            for name, on in change.open.items()
            if on.place.item is not None and on.place.item.assignee == load.key
        ]
        inputs = [load, self._overview.today, *(self._row_digest(change) for change, _, _ in rows)]
        return self._page(addresses.person_path(load.key), "person.html", inputs, lambda: {"load": load, "rows": rows})

    def _change(self, change: ReportedChange) -> Page:
        oid = change.commit.oid
        entries = self._decisions.get(oid, [])
        inputs = [
            self._row_digest(change),
            [entry.commit for entry in entries],
            [on.place for on in change.branches.values() if not on.is_open],
            [
                (name, on.tried.entry.onto, on.tried.alternative, on.tried.outcome)
                for name, on in change.open.items()
                if on.tried
            ],
            [on.likelihood.reasons for on in change.open.values() if on.likelihood],
        ]
        return self._page(
            addresses.change_path(oid), "change.html", inputs, functools.partial(self._change_values, change, entries)
        )

    def _change_values(self, change: ReportedChange, entries: Sequence[LogEntry]) -> dict[str, object]:
        return {
            "change": change,
            "decisions": entries,
            "message": change.commit.message.strip(),
            "places": {name: self._places.get((name, change.commit.oid), ()) for name in change.open},
            "chains": {
                name: charts.chain(self._item(change.commit.oid, name), blockers, self._waits(name))
                for name, blockers in change.blockers.items()
            },
            "has_page": self._by_commit.__contains__,
        }

    def _item(self, oid: Oid, name: BranchName) -> Item:
        item = self._by_commit[oid].branches[name].place.item
        if item is None:  # pragma: no cover - only open items wait
            raise LookupError(oid)
        return item

    def _waits(self, name: BranchName) -> Mapping[Oid, Sequence[Item]]:
        return self._waiting.setdefault(
            name, {oid: change.blockers[name] for oid, change in self._by_commit.items() if name in change.blockers}
        )

    @functools.cached_property
    def _waiting(self) -> dict[BranchName, Mapping[Oid, Sequence[Item]]]:
        return {}

    @functools.cached_property
    def _places(self) -> Places:
        open_on = (on.tried for change in self._overview.changes for on in change.open.values())
        return conflict_places(self._project, [tried for tried in open_on if tried is not None])

    def _plan_values(self) -> dict[str, object]:
        from backportq.services.reports.cadence import plan_cadence  # reports without a plan need not load it

        report = plan_cadence(self._project, self._settings.plans)
        months = report.forecasts[0].months
        labels = tuple(month.label for month in months)

        def lines(value: Callable[[PlannedMonth], float]) -> SeriesOverTime:
            series = (Series(str(each.plan), tuple(map(value, each.months))) for each in report.forecasts)
            return SeriesOverTime(labels, tuple(series))

        return {
            "report": report,
            "plans": "; ".join(map(str, self._settings.plans)),
            "charts": (
                ("Backports", "to be expected in each month", charts.line_chart(lines(lambda month: month.backports))),
                ("Branches", "alive in each month", charts.line_chart(lines(lambda month: month.alive))),
            ),
        }

    # What became pending.

    def _feed(self) -> Page:
        entries = feed_entries(self._log, self._by_commit)
        inputs = [(entry.id, self._row_digest(entry.change), entry.branches) for entry in entries]
        values = {
            "entries": entries,
            "feed_id": uuid.uuid5(uuid.NAMESPACE_URL, f"backportq:{self._project.repository.git.directory.name}"),
            "updated": entries[0].entry.at
            if entries
            else self._overview.at.replace(hour=0, minute=0, second=0, microsecond=0),
            "base": f"{self._settings.address.rstrip('/')}/" if self._settings.address else "",
        }
        return self._page("feed.atom", "feed.xml", inputs, lambda: values)

    # Digests of what a row shows.

    @functools.cached_property
    def _rows_digest(self) -> str:
        return _digest(*(self._row_digest(change) for change in self._overview.changes))

    def _row_digest(self, change: ReportedChange) -> str:
        oid = change.commit.oid
        if oid not in self._row_digests:
            self._row_digests[oid] = _digest(
                oid,
                [
                    (
                        on.answer,
                        on.place.item,
                        on.place.standing,
                        on.tried.blockers if on.tried else (),
                        (on.likelihood.likely, on.likelihood.passed_over, on.likelihood.is_folded)
                        if on.likelihood
                        else (),
                    )
                    for on in change.branches.values()
                ],
                [self._people.get(key) for key in change.assignees],
            )
        return self._row_digests[oid]

    @functools.cached_property
    def _row_digests(self) -> dict[Oid, str]:
        return {}


def _urgency_on(on: ChangeOnBranch) -> tuple[float, ...]:
    item, likelihood = on.place.item, on.likelihood
    if item is None or likelihood is None:  # it is not open there
        return (2.0,)
    return (likelihood.is_folded, item.priority.rank, -likelihood.likely, -item.committed.timestamp())


def _is_scan(entry: LogEntry) -> bool:
    return entry.command == "scan"


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
