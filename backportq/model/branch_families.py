"""Which branches of a project are its stable branches: families of names that differ in their numbers only.

Pure: what is known of history (which branches live, which folders there are) is passed in. How one name is read is for
`backportq.model.branch_names`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from backportq.model.branch_names import (
    CHANNELS,
    CODE_NAMES,
    UPSTREAM_NAMES,
    NameKind,
    ReleaseName,
    is_topic_name,
    read_release_name,
)
from backportq.model.branch_relations import in_release_order
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName
from backportq.model.versions import parse_version

_FEWEST = 2  # members that a family needs to count as one, where a single name says little
_LARGEST_COUNTED = 1_000  # what counts higher is an issue's number
_SPARSE = 4  # versions follow each other; numbers of issues do not
_NAMED_FOLDERS = re.compile(r"(?:stable|releases?|maint)/(?P<word>[a-z]{2,20})\Z")
_A_DATE = re.compile(r"[0-9]{6}")
_LIKELY = re.compile(r"[0-9]|stable|release|maint|lts", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BranchFamily:
    """Branches of one project or component whose names differ in their numbers only, oldest release first.

    `label` is what the family is called in a list of several: its newest name with the numbers as `*`. `folder` is the
    part of the names that may be a folder of the tree.
    """

    label: str
    kind: NameKind
    branches: tuple[StableBranch, ...]
    words: tuple[str, ...] = ()
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class BranchProposal:
    """What the names suggest: branches that may be upstream, likeliest first, and the families, surest first.

    `unmaintained` are stable branches that call themselves so, those without a version first. `point_releases` are cut
    from one of the stable branches, for one release.
    """

    upstream_candidates: tuple[str, ...]
    families: tuple[BranchFamily, ...] = ()
    unmaintained: tuple[StableBranch, ...] = ()
    point_releases: tuple[StableBranch, ...] = ()

    @property
    def stable(self) -> tuple[StableBranch, ...]:
        """The branches of the surest families, without regard to which are alive."""
        return tuple(branch for family in choose_families(self.families).chosen for branch in family.branches)

    @property
    def known(self) -> tuple[StableBranch, ...]:
        """The branches of every family."""
        families = (branch for family in self.families for branch in family.branches)
        return (*families, *self.point_releases, *self.unmaintained)


@dataclass(frozen=True, slots=True)
class FamilyChoice:
    """The families whose branches are the project's stable ones, and others that could be."""

    chosen: tuple[BranchFamily, ...]
    also_possible: tuple[BranchFamily, ...]


def propose_branches(names: Iterable[str]) -> BranchProposal:
    """Classify short branch names (`stable-4.18`, without the remote's name).

    A staging branch belongs to the stable branch of the same version and words.
    """
    known = sorted(set(names))
    read = [found for name in known if (found := read_release_name(name)) is not None]
    staging: dict[tuple[tuple[str, ...], tuple[int, ...]], str] = {}
    groups: dict[tuple[str, ...], list[ReleaseName]] = {}
    for each in read:
        if each.is_staging:
            staging.setdefault((each.words, each.version.parts), each.name)
        elif not each.is_unmaintained:
            groups.setdefault(each.words, []).append(each)
    families: list[BranchFamily] = []
    errata: list[StableBranch] = []
    for words, members in groups.items():
        kept, others = _split(words, members)
        point_releases = _point_releases(kept)
        errata += (_branch(each, None) for each in point_releases)
        for group in (kept, *others):
            branches = [
                _branch(each, staging.get((words, each.version.parts))) for each in group if each not in point_releases
            ]
            if branches:
                families.append(_family(group, branches))
    families += _by_words(known)
    families = _with_words_joined(families)
    families.sort(key=lambda family: (family.kind, -len(family.branches), family.label))
    unmaintained = [_branch(each, None) for each in read if each.is_unmaintained]
    unmaintained += [
        StableBranch(BranchName(name), name)
        for name in known
        if re.match(r"(?:unmaintained|end-of-life|eol)/[^/]+\Z", name) and read_release_name(name) is None
    ]
    unmaintained.sort(key=_numbers_last)
    return BranchProposal(
        tuple(name for name in UPSTREAM_NAMES if name in known), tuple(families), tuple(unmaintained), tuple(errata)
    )


def choose_families(
    families: Sequence[BranchFamily],
    *,
    alive: Collection[BranchName] | None = None,
    folders: Collection[str] = (),
) -> FamilyChoice:
    """Return which of `families` (surest first) are the project's; with `alive`, only families with such a branch.

    The surest with a living branch is chosen. Families whose words or `folder` are one of the `folders` of the tree are
    components of it and are chosen beside it, if there is more than one.
    """
    living = [family for family in families if alive is None or any(branch.name in alive for branch in family.branches)]
    if not living:
        # A dormant project has dormant branches; but names that say little say nothing any more.
        sure = [family for family in families if family.kind is not NameKind.COUNTED]
        return FamilyChoice(tuple(sure[:1]), ())
    components = [family for family in living if folder_of(family, folders) is not None]
    if len(components) > 1:
        usual = [family for family in living if family.kind is NameKind.USUAL and family not in components]
        chosen = [*usual, *components]
    else:
        main = max(living, key=lambda family: (-family.kind, _count_alive(family, alive)))
        chosen = [family for family in living if family is main or _is_sibling(family, main)]
    return FamilyChoice(tuple(chosen), tuple(family for family in living if family not in chosen))


def folder_of(family: BranchFamily, folders: Collection[str]) -> str | None:
    """Return the folder of the tree that the family's names are called after, None if there is none."""
    if family.folder is not None and family.folder in folders:
        return family.folder
    named = "-".join(family.words)
    return next((folder for folder in folders if folder.lower().replace("_", "-") == named), None) if named else None


def likeliest_names(names: Iterable[str], *, at_most: int) -> tuple[str, ...]:
    """Return the names that look most like those of stable branches, of which none was recognised as one."""
    found = [name for name in names if name not in UPSTREAM_NAMES and not is_topic_name(name)]
    found = [name for name in found if not _A_DATE.search(name)]
    found.sort(key=lambda name: (_LIKELY.search(name) is None, "/" in name))
    return tuple(found[:at_most])


def _split(words: tuple[str, ...], members: Sequence[ReleaseName]) -> tuple[list[ReleaseName], list[list[ReleaseName]]]:
    """Return the members of a family, one for each version, and the groups of those that repeat one in another shape
    (`15-11-stable` and `15-11-stable-ee`) or are unlike them."""
    shapes = Counter(each.shape for each in members)
    by_version: dict[tuple[int, ...], list[ReleaseName]] = {}
    unsure: dict[str, list[ReleaseName]] = {}
    for each in members:
        if each.kind is NameKind.COUNTED:
            unsure.setdefault(each.shape, []).append(each)
        else:
            by_version.setdefault(each.version.parts, []).append(each)
    kept: list[ReleaseName] = []
    left_over: dict[str, list[ReleaseName]] = {}
    for same in by_version.values():
        same.sort(key=lambda each: (-shapes[each.shape], len(each.name), each.name))
        kept.append(same[0])
        for each in same[1:]:
            left_over.setdefault(each.shape, []).append(each)
    others = list(left_over.values())
    for group in unsure.values():
        if not _is_counted(group):
            continue
        versions = {each.version.parts for each in kept}
        if not kept or (words and versions.isdisjoint(each.version.parts for each in group)):
            kept += group  # `gnome-44` goes on where `gnome-3-38` ended
        else:
            others.append(group)
    return kept, others


def _is_counted(group: Sequence[ReleaseName]) -> bool:
    """Tell whether names that say little alone are a family together: several, and their numbers follow each other."""
    majors = sorted({each.version.parts[0] for each in group})
    if len(group) < _FEWEST or majors[-1] >= _LARGEST_COUNTED:
        return False
    return majors[-1] - majors[0] < _SPARSE * len(majors) + _SPARSE


def _point_releases(members: Sequence[ReleaseName]) -> list[ReleaseName]:
    """Return those cut from another of `members` for one release: `releng/14.1` of `stable/14`, `1.2.3` of `1.2.x`."""
    lines = {each.version.parts: each for each in members if not each.is_errata}
    found = []
    for each in members:
        line = lines.get(each.version.parts[:-1])
        is_cut = line is not None and line.shape != each.shape and len(each.version.parts) > 2
        if is_cut or (each.is_errata and any(not other.is_errata for other in members)):
            found.append(each)
    return found


def _family(group: Sequence[ReleaseName], branches: Sequence[StableBranch]) -> BranchFamily:
    ordered = in_release_order(branches)
    newest = ordered[-1].name
    first = next(each for each in group if each.name == newest)
    label = re.sub(r"[0-9]+", "*", newest)
    return BranchFamily(label, min(each.kind for each in group), ordered, first.words, first.folder)


def _by_words(known: Sequence[str]) -> list[BranchFamily]:
    """Return the families that have words in place of versions; their order is for history to tell."""
    found = []
    for names in CODE_NAMES:
        there = [name for name in names if name in known]
        if len(there) >= _FEWEST:
            found.append(BranchFamily(", ".join(there[-2:]), NameKind.USUAL, tuple(_called(name) for name in there)))
    in_folders = [(name, match["word"]) for name in known if (match := _NAMED_FOLDERS.match(name)) is not None]
    if len(in_folders) >= _FEWEST:
        branches = tuple(StableBranch(BranchName(name), word) for name, word in in_folders)
        found.append(BranchFamily(f"{in_folders[0][0].partition('/')[0]}/NAME", NameKind.USUAL, branches))
    there = [name for name in known if name in CHANNELS]
    if there:
        found.append(BranchFamily(", ".join(there), NameKind.COUNTED, tuple(_called(name) for name in there)))
    return found


def _with_words_joined(families: Sequence[BranchFamily]) -> list[BranchFamily]:
    """Return the families with `stable/zed` put beside `stable/2023.1`: one project that went over to numbers."""
    usual = [family for family in families if not family.words and family.kind is NameKind.USUAL]
    numbered = next((family for family in usual if "*" in family.label), None)
    named = next((family for family in families if family.label.endswith("/NAME")), None)
    if numbered is None or named is None or not numbered.label.startswith(named.label.removesuffix("NAME")):
        return list(families)
    joined = replace(numbered, branches=(*named.branches, *numbered.branches))
    return [joined if family is numbered else family for family in families if family is not named]


def _called(name: str) -> StableBranch:
    return StableBranch(BranchName(name), name)


def _branch(read: ReleaseName, staging: str | None) -> StableBranch:
    branch = StableBranch(BranchName(read.name), read.version.text)
    return replace(branch, staging=BranchName(staging)) if staging is not None else branch


def _is_sibling(family: BranchFamily, main: BranchFamily) -> bool:
    """Tell whether two families are of components that share a folder of releases (`rel/auth-*`, `rel/rec-*`)."""
    ours, theirs = main.label.partition("/"), family.label.partition("/")
    return bool(ours[1]) and main.folder is None and family.kind is main.kind is NameKind.NAMED and ours[0] == theirs[0]


def _count_alive(family: BranchFamily, alive: Collection[BranchName] | None) -> int:
    return sum(alive is None or branch.name in alive for branch in family.branches)


def _numbers_last(branch: StableBranch) -> tuple[tuple[int, ...], str]:
    version = parse_version(branch.version)
    return (version.parts if version is not None else (), branch.name)
