"""`report`: the whole queue for people who do not sit at this terminal: pages, markdown, CSV, a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import BranchesArgument, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.reported import csv_of, markdown_lines, report_document
from backportq.cli.terminal import output
from backportq.errors import UsageError
from backportq.model.words import counted
from backportq.services.project import Project
from backportq.services.reports.overview import Overview, read_overview

if TYPE_CHECKING:
    from backportq.web.site import SiteSettings

_PORT = 8117


def run(
    branches: BranchesArgument = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="DIR", help="write pages into this folder, those that changed")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="with --html: show it on this machine, and anew whenever something moves")
    ] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, metavar="N", help="with --serve: the port")] = _PORT,
    markdown: Annotated[bool, typer.Option("--markdown", help="write a table in markdown")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="write a table for spreadsheets")] = False,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="with --html: the project's name; else the folder's")
    ] = None,
    commit_url: Annotated[
        str | None,
        typer.Option("--commit-url", metavar="PATTERN", help="with --html: links to commits, with {commit} for the id"),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="with --html: where the pages will be; for the feed")
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan", metavar="PLANS", help="with --html: a page on what these cadences cost; see stats --plan"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Report the whole queue: every open change with what is to be said of it on every branch.

    --html writes a site that needs no server and no network: the matrix, a page for each branch, person and change,
    charts, a feed (feed.atom) and a badge (badge.svg). Only files that changed are written, and files that it did not
    make are never touched. --markdown, --csv and --json write one table or document to standard output.

    Links to commits go to the host of the remote where that host is known.
    """
    asked = [html is not None, markdown, csv, as_json]
    if sum(asked) != 1:
        raise UsageError(
            "report takes one of --html DIR, --markdown, --csv and --json",
            hints=("backportq report --html DIR", "backportq report --markdown"),
        )
    if html is None and (serve or any(option is not None for option in (title, commit_url, url, plan))):
        raise UsageError("--serve, --title, --commit-url, --url and --plan go with --html DIR")
    opened, names = project(), tuple(branches or ())
    if html is None:
        overview = read_overview(opened, names)
        if as_json:
            output.emit_json(report_document(overview))
        elif csv:
            output.emit_bytes(csv_of(overview))
        else:
            output.emit_bytes("".join(f"{line}\n" for line in markdown_lines(overview)).encode("utf-8"))
        _say_moved(overview)
        return
    from backportq.web.publish import settings_of  # jinja2 takes 40 ms to import

    settings = settings_of(opened, title=title, commit_url=commit_url, url=url, plans=plan)
    _write_site(opened, names, html, settings, serve_on=port if serve else None)


def _write_site(
    opened: Project, branches: Sequence[str], folder: Path, settings: SiteSettings, *, serve_on: int | None
) -> None:
    from backportq.web.publish import publish

    overview, written = publish(opened, folder, branches, settings)
    output.say(
        f"{folder}: {counted(written.written, 'file')} written, {written.kept} as before"
        + (f", {written.removed} removed" if written.removed else "")
    )
    _say_moved(overview)
    if serve_on is None:
        return
    from backportq.web.serve import serve

    def tell(address: str) -> None:
        output.say(f"{address} shows it; Ctrl-C ends this")
        output.flush()

    serve(folder, serve_on, lambda: publish(opened, folder, branches, settings), opened, tell, output.error)


def _say_moved(overview: Overview) -> None:
    if overview.status.moved:
        output.note(f"{', '.join(overview.status.moved)} moved since the last scan; run 'backportq scan'")
