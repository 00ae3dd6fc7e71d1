"""Reading one branch name: the words in it, the version it spells, and what kind of branch that makes it.

Pure, so that it can be tested on the branch lists of many projects. Which names belong together, and which of them are
maintained, is for `backportq.model.branch_families`. This module must not look at history.

Most names are read already: try `branch_named(NAME).version`, and add a row to `tests/model/test_branch_names.py`.
Where the version is wrong:

- A word that says "this is a release branch" and names no project goes into `_GENERIC`.
- A word of topic branches goes into `_NOT_A_PROJECT`.
- A word that joins two numbers into one version (`15-SP4` is 15.4) goes into `_JOINING_WORDS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from backportq.model.config import StableBranch
from backportq.model.ids import BranchName
from backportq.model.versions import Version, parse_version

UPSTREAM_NAMES = ("master", "main", "trunk", "devel", "develop")
"""Names under which projects keep the branch where fixes land first, likeliest first."""

CHANNELS = ("stable", "beta", "oldstable", "old-stable", "lts", "maint", "maintenance", "release")
"""Names of branches that stay while releases go by (Rust's `beta`, git's `maint`)."""

CODE_NAMES = tuple(
    tuple(names.split())
    for names in (
        "luminous mimic nautilus octopus pacific quincy reef squid tentacle umbrella",  # Ceph
        "dunfell honister kirkstone langdale mickledore nanbield scarthgap styhead wrynose",  # Yocto
        "dashing eloquent foxy galactic humble iron jazzy kilted lyrical",  # ROS 2
        "indigo jade kinetic lunar melodic noetic",  # ROS
        "stretch buster bullseye bookworm trixie forky",  # Debian
        "bionic focal jammy noble resolute",  # Ubuntu
        "krypton leia matrix nexus omega piers",  # Kodi
    )
)
"""What projects call their releases by in place of versions, in the order of the releases."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say "this is a release branch" and name no project.
_GENERIC = _words(
    "stable release releases rel releng maint maintenance maintained branch branches heads lts support supported "
    "series version relbranch esr line r"
)
_SUFFIXES = _GENERIC - {"r", "heads"} | {"master", "main", "ee", "ce", "fixes"}
_DEVELOPED = _words("dev devel develop")
_STAGING_BEFORE = _words("staging proposed")
_STAGING_AFTER = _STAGING_BEFORE | {"test"}  # `v4-19-test`, from which `v4-19-stable` is made
_UNMAINTAINED = _words("unmaintained eol")
# Words of topic branches: `fix-1.2` is somebody's fix for 1.2, and `for-6.0` gathers what is to go into 6.0.
_NOT_A_PROJECT = _words(
    "fix bug bugfix hotfix hot issue issues feature features feat pr topic wip test tests testing tmp temp dev devel "
    "develop backport backports backporting revert bump update updates upgrade notes docs doc merge staging proposed "
    "next queue rc beta alpha pre preview prerelease candidate cherry pick picks patch patches patchback review for "
    "experiment experimental try old archive archived dependabot renovate copilot user users ci cd jira ticket task gh "
    "bot snapshot nightly demo spike poc prototype private sandbox pages changelog prep prepare refactor refactoring "
    "cleanup add remove use draft pull request chore perf eol unmaintained and with without on in of to from new deps "
    "dependencies lint debug mirror import sync migrate migration"
)
_JOINING_WORDS = frozenset({"sp"})  # `SLE-15-SP4` is 15.4, as its os-release says
_TOKEN = re.compile(r"(?P<number>[0-9]+)|(?P<word>[A-Za-z]+)|(?P<separator>[-_./+])")
_ALL_TOKENS = re.compile(r"[0-9A-Za-z_./+-]+\Z")
_LONGEST_NUMBER = 4
_MOST_NUMBERS = 4
_LONGEST_NAME = 120
_LAST_VERSION = re.compile(
    r"(?:(?<=[-_/])|\A)(?P<version>v?\d{1,4}(?:\.\d{1,4}){1,3}(?:\.[xy])?|v?\d{1,4}\.[xy]"
    r"|\d{1,4}(?:[-_]\d{1,4}){1,2}|v?\d{1,4})(?=[-_/]|\Z)"
)


class NameKind(IntEnum):
    """How sure a name is to be that of a release branch. The surest is the smallest."""

    USUAL = 0
    """Nothing but release words and a version: `stable-4.18`, `3.12`, `6-1-stable`."""
    NAMED = 1
    """A project's word as well: `openssl-3.0`, `R4_29_maintenance`, `releases/gcc-13`."""
    COUNTED = 2
    """Only together with others of its family: `gnome-44`, `Plasma/5.27`, `4.4-dev`, `20`."""


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """A branch name read as that of a release branch.

    `words` are those that name a project or a component, in lower case; `folder` is the part before the last slash
    where it has such a word. `shape` is the name with every number as `#`. `is_staging` is whether picks land on it on
    their way to the branch proper, `is_errata` whether it is cut from a stable branch for one point release.
    """

    name: str
    kind: NameKind
    version: Version
    words: tuple[str, ...] = ()
    folder: str | None = None
    shape: str = ""
    is_staging: bool = False
    is_errata: bool = False
    is_unmaintained: bool = False
    has_wildcard: bool = False


@dataclass(slots=True)
class _Parts:
    """A name cut into what stands before its version, the version, and what stands after it."""

    before: list[str]
    numbers: list[str]
    after: list[str]
    separator: str = ""
    has_wildcard: bool = False


def read_release_name(name: str) -> ReleaseName | None:
    """Return what the name of a release branch says, None where it is none or has no version.

    Dates and names with anything but release words after the version (`4.10.0-shim-comet`) are no release branches.
    """
    parts = _cut(name)
    if parts is None or any(len(number) > _LONGEST_NUMBER for number in re.findall(r"[0-9]+", name)):
        return None
    version = parse_version(".".join(parts.numbers))
    if version is None or _is_date(version.parts):
        return None
    before = [word.lower() for word in parts.before]
    after = [word.lower() for word in parts.after]
    is_staging = True
    if before and before[0] in _STAGING_BEFORE:
        del before[0]
    elif after and after[-1] in _STAGING_AFTER:
        del after[-1]
    else:
        is_staging = False
    is_unmaintained = bool(before and before[0] in _UNMAINTAINED) or name.startswith("end-of-life/")
    if is_unmaintained:
        before = []
    is_developed = bool(after) and after[-1] in _DEVELOPED
    after = after[:-1] if is_developed else after
    if any(word in _NOT_A_PROJECT for word in before) or not _SUFFIXES.issuperset(after):
        return None
    kind = _kind(name, parts, before, after)
    if kind is None:
        return None
    words = tuple(word for word in before if word not in _GENERIC)
    folder = name.rpartition("/")[0]
    in_folder = [word.lower() for word in re.findall(r"[A-Za-z]+", folder)]
    return ReleaseName(
        name,
        NameKind.COUNTED if is_developed else kind,
        version,
        words,
        folder if any(word in words for word in in_folder) else None,
        re.sub(r"[0-9]+", "#", name),
        is_staging,
        "releng" in before,
        is_unmaintained,
        parts.has_wildcard,
    )


def _cut(name: str) -> _Parts | None:
    """Cut a name at its version: its last run of numbers."""
    if len(name) > _LONGEST_NAME or _ALL_TOKENS.match(name) is None:
        return None
    tokens = [(match.lastgroup, match[0]) for match in _TOKEN.finditer(name)]
    at = max((index for index, (kind, _) in enumerate(tokens) if kind == "number"), default=None)
    if at is None:
        return None
    end = at + 1
    parts = _Parts([], [tokens[at][1]], [])
    # A wildcard ends the version: `6_x`, `9x`, `1.3.X`.
    following = [text.lower() for _, text in tokens[end : end + 2]]
    wild = following[:1] if following[:1] in (["x"], ["y"]) else following
    if wild[-1:] in (["x"], ["y"]) and (len(wild) == 1 or wild[0] in "._-"):
        parts.has_wildcard, end = True, end + len(wild)
    while at >= 2 and tokens[at - 1][0] == "separator" and tokens[at - 1][1] in "._-" and tokens[at - 2][0] == "number":
        if parts.separator not in ("", tokens[at - 1][1]):
            break
        parts.separator = tokens[at - 1][1]
        parts.numbers.insert(0, tokens[at - 2][1])
        at -= 2
    at = _joined_pack(tokens, at, parts)
    if at >= 1 and tokens[at - 1][1] in ("v", "V") and (at == 1 or tokens[at - 2][0] == "separator"):
        at -= 1
    parts.before = [text for kind, text in tokens[:at] if kind != "separator"]
    parts.after = [text for kind, text in tokens[end:] if kind != "separator"]
    return parts


def _joined_pack(tokens: list[tuple[str | None, str]], at: int, parts: _Parts) -> int:
    """Take the number before a service pack into the version (`15-SP4`); return where the version begins then."""
    if at < 2 or tokens[at - 1][1].lower() not in _JOINING_WORDS:
        return at
    main = at - 3 if tokens[at - 2][0] == "separator" else at - 2
    if main < 0 or tokens[main][0] != "number":
        return at
    parts.numbers.insert(0, tokens[main][1])
    parts.separator = "-"
    return main


def _kind(name: str, parts: _Parts, before: list[str], after: list[str]) -> NameKind | None:
    count = len(parts.numbers)
    if count > _MOST_NUMBERS:
        return None
    generic = [word for word in (*before, *after) if word in _SUFFIXES | _GENERIC]
    words = [word for word in before if word not in _GENERIC]
    folder, _, last = name.rpartition("/")
    is_dotted = parts.has_wildcard or (count > 1 and parts.separator == ".")
    if not words:
        if generic == ["r"]:
            return NameKind.USUAL if is_dotted else NameKind.COUNTED
        return NameKind.USUAL if generic or is_dotted else NameKind.COUNTED
    folder_words = [word.lower() for word in re.findall(r"[A-Za-z]+", folder)]
    in_folder = [word for word in folder_words if word in words]
    if in_folder:
        # `Plasma/5.27`, `component-a/release-1.x`; but `ada/clippy-1.64` is somebody's.
        is_bare = not set(re.findall(r"[a-z]+", last.lower())) - _SUFFIXES - _GENERIC - {"v", "x", "y", *folder_words}
        return NameKind.COUNTED if is_bare else None
    if sum(not word.isdecimal() for word in words) > 2:
        return None
    if len(words) == 1 and len(words[0]) > 1 and (generic or count > 1 or parts.has_wildcard):
        return NameKind.NAMED
    return NameKind.COUNTED


def branch_named(name: str) -> StableBranch:
    """Return the branch that a person calls a stable one, whatever its name: its version is the one that the name
    spells, or the last in it (`unmaintained/2024.1`, `acme-5.10-rt`), the name itself where there is none."""
    read = read_release_name(name)
    if read is not None:
        return StableBranch(BranchName(name), read.version.text)
    found = [parse_version(_spelling(match["version"])) for match in _LAST_VERSION.finditer(name)]
    versions = [version.text for version in found if version is not None and not _is_date(version.parts)]
    return StableBranch(BranchName(name), versions[-1] if versions else name)


def is_topic_name(name: str) -> bool:
    """Tell whether a name is that of somebody's work in progress, as far as its words say."""
    return any(word.lower() in _NOT_A_PROJECT for word in re.findall(r"[A-Za-z]+", name[:_LONGEST_NAME]))


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
