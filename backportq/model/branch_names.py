"""Classifying branch names: which are stable branches, of which version, with which staging branch.

Pure, so that the proposal of `init` can be tested on the branch lists of many projects. This module must not know which
branch a remote calls its default, nor look at history.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from backportq.model.config import StableBranch
from backportq.model.ids import BranchName
from backportq.model.versions import Version, parse_version

UPSTREAM_NAMES = ("master", "main", "trunk", "devel", "develop")
"""Names under which projects keep the branch where fixes land first, likeliest first."""

_DOTTED = r"v?\d{1,4}(?:\.\d{1,4}){1,3}(?:\.[xy])?|v?\d{1,4}\.[xy]"
_DASHED = r"\d{1,4}(?:[-_]\d{1,4}){1,2}"
_ANY = rf"{_DOTTED}|v?\d{{1,4}}"
_WORDS = "stable|releases?|rel|releng|maint|maintenance|branch|lts|support|series|version"
_STABLE = (
    # stable-4.18, stable/13, stable/1.11.x, release/1.2, maint-2.9, releng/13.2; also release/2.38/master
    re.compile(rf"(?P<family>{_WORDS})[-/_]v?(?P<version>{_ANY}|{_DASHED})(?:/(?:master|main))?\Z"),
    # linux-6.6.y, openssl-3.0, releases/gcc-13: a project's own name before the version
    re.compile(rf"(?:(?:{_WORDS})/)?(?P<family>[a-z][a-z0-9]{{1,20}})-(?P<version>{_DOTTED}|{_DASHED})(?:-stable)?\Z"),
    re.compile(rf"releases/(?P<family>[a-z][a-z0-9]{{1,20}})-(?P<version>{_ANY})\Z"),
    # REL_16_STABLE, REL9_6_STABLE
    re.compile(r"(?P<family>REL)_?(?P<version>\d{1,4}(?:_\d{1,4})?)_STABLE\Z"),
    # 3.12, 23.11, 6.x, v1.2.x
    re.compile(rf"(?P<family>)(?P<version>{_DOTTED})\Z"),
    # v6.1-stable, 5.15-lts, 1.2-maint
    re.compile(rf"(?P<family>)(?P<version>{_ANY})[-_/](?:stable|lts|maint|branch|release)\Z"),
)
_STAGING = (
    re.compile(rf"(?:staging|proposed)[-/_]v?(?P<version>{_ANY}|{_DASHED})\Z"),
    re.compile(rf"(?P<version>{_ANY})[-_/]staging\Z"),
)
_UNMAINTAINED = re.compile(r"(?:unmaintained|end-of-life|eol)/[^/]+\Z")
_ANYWHERE = re.compile(rf"(?:(?<=[-_/])|\A)(?P<version>{_DOTTED}|{_DASHED}|v?\d{{1,4}})(?=[-_/]|\Z)")
_NOT_A_PROJECT = frozenset(
    # Words that begin the names of topic branches: `fix-1.2` is somebody's fix for 1.2.
    {
        "fix",
        "bug",
        "bugfix",
        "hotfix",
        "issue",
        "feature",
        "feat",
        "pr",
        "topic",
        "wip",
        "test",
        "tests",
        "testing",
        "tmp",
        "temp",
        "dev",
        "backport",
        "backports",
        "revert",
        "bump",
        "update",
        "upgrade",
        "release-notes",
        "docs",
        "doc",
        "merge",
        "staging",
        "proposed",
        "next",
        "queue",
        "rc",
        "beta",
        "alpha",
        "pre",
        "prerelease",
        "cherry",
        "pick",
        "patch",
        "review",
        "for",  # `for-6.0` gathers what is to go into 6.0
        "experiment",
        "experimental",
        "try",
        "old",
        "archive",
        "dependabot",
        "renovate",
        "user",
    }
)


@dataclass(frozen=True, slots=True)
class BranchProposal:
    """What the names suggest: branches that may be upstream, likeliest first, and the stable branches, newest last.

    `unmaintained` are stable branches that call themselves so, those without a version first.
    """

    upstream_candidates: tuple[str, ...]
    stable: tuple[StableBranch, ...]
    unmaintained: tuple[StableBranch, ...] = ()


def propose_branches(names: Iterable[str]) -> BranchProposal:
    """Classify short branch names (`stable-4.18`, without the remote's name).

    A staging branch belongs to the stable branch of the same version. Errata branches (`releng/13.2`) are left out
    where the project has stable branches too, because fixes reach them by other ways. Dates and names with anything
    after the version (`4.10.0-shim-comet`) are no stable branches.
    """
    known = sorted(set(names))
    found: list[tuple[Version, str, str]] = []
    staging: dict[tuple[int, ...], str] = {}
    for name in known:
        staged = _version_in(name, _STAGING)
        if staged is not None:
            staging.setdefault(staged[0].parts, name)
            continue
        stable = _version_in(name, _STABLE)
        if stable is not None:
            found.append((stable[0], stable[1], name))
    families = {family for _, family, _ in found}
    if "releng" in families and families & {"stable"}:
        found = [entry for entry in found if entry[1] != "releng"]
    found.sort(key=lambda entry: (entry[0], entry[2]))
    return BranchProposal(
        tuple(name for name in UPSTREAM_NAMES if name in known),
        tuple(_branch(version, name, staging.get(version.parts)) for version, _, name in found),
        tuple(sorted((branch_named(name) for name in known if _UNMAINTAINED.match(name)), key=_numbers_last)),
    )


def branch_named(name: str) -> StableBranch:
    """Return the branch that a person calls a stable one, whatever its name: its version is the last in the name
    (`unmaintained/2024.1`, `acme-5.10-rt`), the name itself where there is none."""
    found = [parse_version(_spelling(match["version"])) for match in _ANYWHERE.finditer(name)]
    versions = [version.text for version in found if version is not None and not _is_date(version.parts)]
    return StableBranch(BranchName(name), versions[-1] if versions else name)


def _numbers_last(branch: StableBranch) -> tuple[tuple[int, ...], str]:
    version = parse_version(branch.version)
    return (version.parts if version is not None else (), branch.name)


def _branch(version: Version, name: str, staging: str | None) -> StableBranch:
    return StableBranch(BranchName(name), version.text, BranchName(staging) if staging is not None else None)


def _version_in(name: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[Version, str] | None:
    """Return the version and family of the first pattern that the whole name fits, or None."""
    for pattern in patterns:
        match = pattern.match(name)
        if match is None:
            continue
        family = match.groupdict().get("family") or ""
        version = parse_version(_spelling(match["version"]))
        if version is None or family in _NOT_A_PROJECT or _is_date(version.parts):
            return None
        return version, family
    return None


def _spelling(written: str) -> str:
    """Return a version as people write it in tags: dots, without `v` and wildcard (`nm-1-46` is 1.46)."""
    return re.sub(r"[-_]", ".", re.sub(r"\.[xy]\Z", "", written.removeprefix("v")))


def _is_date(parts: tuple[int, ...]) -> bool:
    if len(parts) < 3 or not 1990 <= parts[0] <= 2199:
        return False
    try:
        date(*parts[:3])
    except ValueError:
        return False
    return True
