"""What the last scan found, kept in the cache, so that a scan with nothing new answers at once.

A remembered report is used only while everything that it was made from is the same: the queue, every branch tip, the
tags, the shape of the clone, the day's support levels and this program. Light to import: a scan that is answered from
here loads no more. This module must not be asked for anything but what a scan would find again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from backportq import __version__
from backportq.errors import RefError
from backportq.git.cache import Cache
from backportq.git.refs import Refs, read_refs, resolve_branch
from backportq.git.repository import Repository
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.services.scan.report import BranchReport, Offer, ScanReport, ScanWarning, WarningKind

_LAST_SCAN = "last-scan"
_FORMAT = 1
_RULES = ("git", "model", "services")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a scan depends on besides the history that its tips reach.

    `tips` are `(name, object id or "")` of upstream, stable and staging branches as resolved on `remote`; `rest` is a
    digest of all else: tags, replacements, grafts, the program.
    """

    queue: str
    remote: str | None
    tips: tuple[tuple[str, str], ...]
    rest: str


def inputs_of(repository: Repository, refs: Refs, config: Config, queue: Oid) -> Inputs:
    """Return what a scan of `config` would depend on now; `queue` is the commit that it leaves."""
    names = [config.upstream]
    for branch in config.branches:
        names += [branch.name] if branch.staging is None else [branch.name, branch.staging]
    return Inputs(queue, config.remote, _tips(refs, names, config.remote), _rest(repository, refs))


def remember(repository: Repository, inputs: Inputs, report: ScanReport, config: Config, day: date) -> None:
    """Keep what a scan that finds nothing new would report; silently does nothing where the cache can't be written."""
    steady = replace(
        report,
        branches=tuple(replace(branch, added=(), closed=(), withdrawn=(), reopened=()) for branch in report.branches),
    )
    body = {
        "format": _FORMAT,
        "inputs": asdict(inputs),
        "days": [day.isoformat(), _last_day_of_same_support(config, day).isoformat()],
        "report": asdict(steady),
    }
    Cache.open(repository).write(_LAST_SCAN, json.dumps(body, separators=(",", ":")).encode())


def recall(repository: Repository, queue: Oid, day: date) -> ScanReport | None:
    """Return what a scan now would report, or None where that has to be found out."""
    kept = _load(repository)
    if kept is None or kept["inputs"]["queue"] != queue or not kept["days"][0] <= day.isoformat() <= kept["days"][1]:
        return None
    refs = read_refs(repository)
    remote = kept["inputs"]["remote"]
    names = [name for name, _ in kept["inputs"]["tips"]]
    tips = [list(pair) for pair in _tips(refs, names, remote)]
    if tips != kept["inputs"]["tips"] or _rest(repository, refs) != kept["inputs"]["rest"]:
        return None
    return _report(kept["report"])


def tips_at_last_scan(repository: Repository) -> dict[str, str]:
    """Return the tips that the last scan here saw, by branch name; empty where none is remembered."""
    kept = _load(repository)
    return {} if kept is None else dict(kept["inputs"]["tips"])


def _tips(refs: Refs, names: list[BranchName], remote: str | None) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name in names:
        try:
            found.append((name, resolve_branch(refs, name, remote).oid))
        except RefError:
            found.append((name, ""))
    return tuple(found)


def _rest(repository: Repository, refs: Refs) -> str:
    digest = hashlib.sha256(f"{__version__} {_FORMAT}".encode())
    for name, modified, size in _program():
        digest.update(f"{name} {modified} {size}\n".encode("utf-8", "surrogateescape"))
    for ref, oid in sorted(refs.oids.items()):
        if ref.startswith(("refs/tags/", "refs/notes/")):
            digest.update(f"{ref} {oid}\n".encode("utf-8", "surrogateescape"))
    for name in ("shallow", "info/grafts"):
        path = repository.common_dir / name
        digest.update(path.read_bytes() if path.is_file() else b"-")
    return digest.hexdigest()


def _program() -> list[tuple[str, int, int]]:
    """Return the files that hold the rules, as they are installed: a version alone doesn't tell one checkout of this
    program from the next."""
    found = []
    for folder in _RULES:
        top = Path(__file__).parent.parent.parent / folder
        for directory, _, names in os.walk(top):
            for name in names:
                if name.endswith(".py"):
                    path = os.path.join(directory, name)  # noqa: PTH118 - a tenth of the cost of a Path
                    with contextlib.suppress(OSError):
                        status = os.stat(path)  # noqa: PTH116 - likewise
                        found.append((path[len(str(top.parent)) :], status.st_mtime_ns, status.st_size))
    return sorted(found)


def _last_day_of_same_support(config: Config, day: date) -> date:
    """Return the last day until which every branch takes what it takes on `day`."""
    ends = [end for branch in config.branches for end in (branch.full_until, branch.security_until) if end is not None]
    return min((end for end in ends if end >= day), default=date.max)


def _load(repository: Repository) -> Any:
    body = Cache.open(repository).read(_LAST_SCAN)
    kept = json.loads(body) if body is not None else None
    return kept if kept is not None and kept["format"] == _FORMAT else None


def _report(kept: Any) -> ScanReport:
    branches = tuple(
        BranchReport(
            branch=BranchName(its["branch"]),
            tip=Oid(its["tip"]),
            base=its["base"],
            candidates=its["candidates"],
            pending=its["pending"],
            landed=its["landed"],
            offered=tuple(Offer(**offer) for offer in its["offered"]),
        )
        for its in kept["branches"]
    )
    warnings = tuple(
        ScanWarning(WarningKind(its["kind"]), its["commit"], its["branch"], its["text"]) for its in kept["warnings"]
    )
    return ScanReport(branches, warnings)
