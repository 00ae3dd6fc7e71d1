"""One run of `report --html`: the overview read, and the folder brought in line with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backportq.errors import UsageError
from backportq.git.remote import fetch_address
from backportq.model.reports.cadence import parse_plans
from backportq.model.reports.commit_links import parse_pattern, pattern_of_remote
from backportq.queue.log import read_log
from backportq.services.project import Project
from backportq.services.reports.overview import Overview, read_overview
from backportq.web.folder import WriteResult, write_pages
from backportq.web.site import Site, SiteSettings


def settings_of(
    project: Project, *, title: str | None, commit_url: str | None, url: str | None, plans: str | None
) -> SiteSettings:
    """Return the settings of a site: what was given, else the name of the repository and the host of its remote.

    Raise `UsageError` for an address or a plan that is none, `ConfigError` where there is no queue.
    """
    if url is not None and not url.startswith(("http://", "https://")):
        raise UsageError(f"'{url}' is no web address", hints=("write one such as https://example.org/backports/",))
    if commit_url is not None:
        pattern: str | None = parse_pattern(commit_url)
    else:
        address = fetch_address(project.repository, project.store.snapshot().state.config.remote)
        pattern = pattern_of_remote(address) if address is not None else None
    return SiteSettings(title or _name_of(project), pattern, url, parse_plans(plans) if plans is not None else ())


def publish(
    project: Project, folder: Path, branches: Sequence[str], settings: SiteSettings
) -> tuple[Overview, WriteResult]:
    """Bring the folder in line with the queue and the branches as they are now, and return what was shown.

    Raise `FolderError` where the folder has files of somebody else, or cannot be written.
    """
    overview = read_overview(project, branches)
    pages = list(Site(project, overview, read_log(project.store), settings).pages())
    return overview, write_pages(folder, pages)


def _name_of(project: Project) -> str:
    """Return the name of the folder of the repository, without `.git`."""
    directory = project.repository.git.directory.resolve()
    if directory.name == ".git":
        directory = directory.parent
    return directory.name.removesuffix(".git") or "project"
