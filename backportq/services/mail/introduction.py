"""How a letter introduces itself to somebody outside: what the project is called, and how to get the program.

Both are settings of the queue (`[mail]`); here is what is taken where they are empty. A letter must not name a command
that does not work where it is read: an address that nobody outside can reach is none. This module must not use the
network.
"""

from __future__ import annotations

import json
import re
from importlib import metadata

from backportq.git.refs import DEFAULT_REMOTE
from backportq.model.words import typed
from backportq.services.project import Project

_PROGRAM = "backportq"
_INSTALLED_FROM = "direct_url.json"
"""Where installers keep the address that a program was installed from, if it was no package index (PEP 610)."""

_PUBLIC = re.compile(r"https?://|ssh://|git://")


def project_name(project: Project) -> str:
    """Return what to call a project without a configured name: as its remote does, else the folder of the clone."""
    named = name_at_remote(project)
    if named is not None:
        return named
    directory = project.repository.common_dir.resolve()
    return directory.parent.name if directory.name == ".git" else directory.name.removesuffix(".git")


def name_at_remote(project: Project) -> str | None:
    """Return the last part of the remote's address without `.git`; None where there is no remote."""
    remote = DEFAULT_REMOTE
    if project.store.tip() is not None:
        remote = project.store.snapshot().state.config.remote or remote
    answer = project.repository.git.run("config", "--get", f"remote.{remote}.url", ok=(0, 1))
    address = answer.out.decode("utf-8", "replace").strip().rstrip("/")
    name = re.split(r"[/:\\]", address.removesuffix("/.git"))[-1].removesuffix(".git")
    return name or None


def install_command() -> str:
    """Return what installs the program from where this one came from; nothing where that is a folder here."""
    try:
        text = metadata.distribution(_PROGRAM).read_text(_INSTALLED_FROM)
    except metadata.PackageNotFoundError:
        return ""
    return command_for(text or "")


def command_for(installed_from: str) -> str:
    """Return the same for what an installer wrote down."""
    try:
        record = json.loads(installed_from or "{}")
    except ValueError:
        return ""
    url = record.get("url") if isinstance(record, dict) else None
    if not isinstance(url, str) or not _PUBLIC.match(url):
        return ""
    versions = record.get("vcs_info")
    kind = versions.get("vcs") if isinstance(versions, dict) else None
    return f"pipx install {typed(f'{kind}+{url}' if isinstance(kind, str) else url)}"
