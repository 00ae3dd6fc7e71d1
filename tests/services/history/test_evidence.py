"""What landed, on small real histories: each kind of evidence, chains, reverts, links, and what proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.model.config import Config
from backportq.model.history.landed import Evidence, EvidenceKind, LandedPick
from backportq.model.ids import BranchName, Oid
from backportq.services.history.facts import BranchFacts
from backportq.services.history.gather import gather
from backportq.services.history.links import Links
from tests.driver import TestRepo
from tests.services.queued import stable

LINES = "".join(f"line {number}\n" for number in range(30))
LINK, TRAILER, PATCH, SUBJECT = EvidenceKind.LINK, EvidenceKind.TRAILER, EvidenceKind.PATCH_ID, EvidenceKind.SUBJECT


@pytest.fixture
def forked(repo: TestRepo) -> TestRepo:
    """master: base, fix (of `file`); stable-1 forks at base and is checked out."""
    repo.commit("base", {"file": LINES})
    repo.git("branch", "stable-1")
    repo.commit("x86: fix line 3\n", {"file": LINES.replace("line 3\n", "line three\n")})
    repo.checkout("stable-1")
    return repo


def branch_of(
    path: Path, *more: str, links: Links | None = None, dialects: tuple[str, ...] = ("xen", "linux")
) -> BranchFacts:
    """Gather facts for `master`, `stable-1` and more branches; return those of `stable-1`."""
    config = Config(
        BranchName("master"), tuple(stable(name) for name in ("stable-1", *more)), dialects=("xen", "linux")
    )
    facts = gather(discover(path), config, links=links or {})
    return next(branch for branch in facts.branches if branch.branch.name == "stable-1")


def kinds(branch: BranchFacts) -> list[tuple[str, str, list[EvidenceKind]]]:
    """Return the picks as (upstream, commit, kinds of evidence)."""
    return [(pick.upstream, pick.commit, [item.kind for item in pick.evidence]) for pick in branch.picks]


def rewritten(number: int, text: str) -> dict[str, str | bytes | None]:
    """Return `file` with one line changed, which makes another patch than the fix upstream."""
    return {"file": LINES.replace(f"line {number}\n", f"{text}\n")}


@pytest.mark.parametrize(
    "line",
    [
        "(cherry picked from commit {0})",
        "(cherry picked from commit {1})",
        "master commit: {0}\nmaster date: 2023-11-14 22:15:20 +0000",
        "commit {0} upstream.",
        "[ Upstream commit {0} ]",
    ],
)
def test_landed_by_each_line_keeps_it_as_evidence(forked: TestRepo, line: str) -> None:
    fix = forked.id("master")
    text = line.format(fix, fix[:10])
    pick = forked.commit(
        f"adapted by hand\n\n{text}\n\nSigned-off-by: Ada Author <ada@example.org>\n", rewritten(3, "3!")
    )
    branch = branch_of(forked.path)
    found = LandedPick(Oid(fix), Oid(pick), (Evidence(TRAILER, text.splitlines()[0]),))
    assert branch.picks == (found,)
    assert branch.landed(Oid(fix)) == found
    assert branch.contains(Oid(fix))
    assert not branch.has_ancestor(Oid(fix))


def test_landed_of_several_upstream_commits_in_one_pick(forked: TestRepo) -> None:
    first = forked.id("master")
    forked.checkout("master")
    second = forked.commit("second", {"other": "x\n"})
    forked.checkout("stable-1")
    pick = forked.commit(f"both\n\nmaster commit: {second}\nmaster commit: {first}\n")
    assert kinds(branch_of(forked.path)) == [(first, pick, [TRAILER]), (second, pick, [TRAILER])]


@pytest.mark.parametrize("configured", [("stable-2",), ()])
def test_landed_through_another_stable_branch_names_the_whole_chain(
    forked: TestRepo, configured: tuple[str, ...]
) -> None:
    fix = forked.id("master")
    forked.checkout("stable-2", "master~1")
    forked.commit("own of 2", {"two": "2\n"})
    middle = forked.pick(fix, "-x")
    forked.checkout("stable-1")
    pick = forked.commit(f"third hand\n\n(cherry picked from commit {middle})\n", rewritten(3, "3!"))
    branch = branch_of(forked.path, *configured)
    text = f"(cherry picked from commit {middle}), where {middle[:12]} says: (cherry picked from commit {fix})"
    assert branch.picks == (LandedPick(Oid(fix), Oid(pick), (Evidence(TRAILER, text),)),)


def test_landed_with_lines_of_the_whole_way_lists_each(forked: TestRepo) -> None:
    fix = forked.id("master")
    forked.checkout("elsewhere", "master~1")
    middle = forked.pick(fix, "-x")
    forked.checkout("stable-1")
    forked.commit("own", {"own": "x\n"})
    pick = forked.pick(middle, "-x")
    assert kinds(branch_of(forked.path)) == [(fix, pick, [TRAILER, TRAILER])]


def test_landed_with_lines_of_a_long_way_says_once_where_each_leads(forked: TestRepo) -> None:
    fix = forked.id("master")
    made = [fix]
    for number in range(6):
        forked.checkout(f"release-{number}", "master~1")
        forked.commit(f"own of {number}", {f"own{number}": "x\n"})
        made.append(forked.pick(made[-1], "-x"))
    forked.checkout("stable-1")
    forked.commit("own", {"own": "x\n"})
    forked.pick(made[-1], "-x")
    (pick,) = branch_of(forked.path).picks
    says = f"says: (cherry picked from commit {fix})"
    assert [evidence.text for evidence in pick.evidence] == [
        f"(cherry picked from commit {fix})",
        *(f"(cherry picked from commit {oid}), where {oid[:12]} {says}" for oid in made[1:]),
    ]


def test_landed_with_lines_in_a_circle_ends_and_proves_nothing(forked: TestRepo) -> None:
    itself = "0123456789abcdef0123456789abcdef01234567"
    first = forked.commit(f"one\n\n(cherry picked from commit {itself})\n", rewritten(5, "5!"))
    forked.commit(f"two\n\n(cherry picked from commit {first})\n", rewritten(6, "6!"))
    assert branch_of(forked.path).picks == ()


def test_landed_with_a_dead_id_falls_through_to_patch_and_subject(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.pick(fix)
    forked.git("commit", "-q", "--amend", "-m", f"x86: fix line 3\n\n(cherry picked from commit {'0' * 40})")
    pick = forked.id("HEAD")
    assert branch_of(forked.path).picks == (
        LandedPick(
            Oid(fix),
            Oid(pick),
            (
                Evidence(PATCH, f"same patch-id as {fix[:12]}"),
                Evidence(SUBJECT, f"same author and subject as {fix[:12]}"),
            ),
        ),
    )


def test_landed_by_patch_id_alone_whoever_wrote_it(forked: TestRepo) -> None:
    fix = forked.id("master")
    forked.commit("other lines", {"file": LINES.replace("line 29\n", "line last\n")})
    changed = LINES.replace("line 29\n", "line last\n").replace("line 3\n", "line three\n")
    forked.write("file", changed)
    forked.tick += 1
    forked.git("commit", "-q", "--author=Olga Other <olga@example.org>", "-m", "another subject")
    pick = forked.id("HEAD")
    branch = branch_of(forked.path)
    assert kinds(branch) == [(fix, pick, [PATCH])]
    # What was compared is remembered, and new commits upstream are still looked at.
    forked.checkout("master")
    forked.commit("remove", {"file": LINES})
    second = forked.commit("second fix", {"file": LINES.replace("line 9\n", "line nine\n")})
    forked.checkout("stable-1")
    own = forked.commit("same as the second", {"file": changed.replace("line 9\n", "line nine\n")})
    assert kinds(branch_of(forked.path)) == [(fix, pick, [PATCH]), (second, own, [PATCH])]


def test_landed_by_patch_id_of_translations_into_all_languages(forked: TestRepo) -> None:
    files: dict[str, str | bytes | None] = {f"locale/{number}.po": f"text {number}\n" for number in range(420)}
    forked.checkout("master")
    fix = forked.commit("update translations", files)
    forked.checkout("stable-1")
    pick = forked.commit("[1.x] update translations for 1.1", files)
    assert kinds(branch_of(forked.path)) == [(fix, pick, [PATCH])]


def test_landed_by_patch_id_when_upstream_takes_it_later(forked: TestRepo) -> None:
    early = forked.commit("embargoed", rewritten(7, "line seven"))
    assert kinds(branch_of(forked.path)) == []
    forked.checkout("master")
    both = LINES.replace("line 3\n", "line three\n").replace("line 7\n", "line seven\n")
    fix = forked.commit("now public", {"file": both})
    assert kinds(branch_of(forked.path)) == [(fix, early, [PATCH])]


def test_landed_by_author_and_subject_of_an_adapted_pick(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.commit("X86:  fix line 3", rewritten(3, "line III"))
    assert kinds(branch_of(forked.path)) == [(fix, pick, [SUBJECT])]


def test_landed_by_a_subject_behind_the_name_of_the_branch(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.commit("[1.x] x86: fix line 3", rewritten(3, "line III"))
    assert kinds(branch_of(forked.path)) == [(fix, pick, [SUBJECT])]


def test_landed_by_a_subject_that_upstream_marks_too_is_of_that_one(forked: TestRepo) -> None:
    forked.checkout("master")
    marked = forked.commit("[1.x] x86: fix line 3", {"elsewhere": "x\n"})
    forked.checkout("stable-1")
    pick = forked.commit("[1.x] x86: fix line 3", rewritten(3, "line III"))
    assert kinds(branch_of(forked.path)) == [(marked, pick, [SUBJECT])]


@pytest.mark.parametrize("upstream", [1, 2])
def test_landed_by_the_change_id_of_gerrit(forked: TestRepo, upstream: int) -> None:
    line = f"Change-Id: I{'0a' * 20}"
    forked.checkout("master")
    fix = forked.commit(f"refuse the list\n\nQuoting:\n\nChange-Id: I{'1b' * 20}\n\n{line}\n", {"list": "1\n"})
    if upstream == 2:
        forked.commit(f"refuse the list again\n\n{line}\n", {"list": "2\n"})
    forked.checkout("stable-1")
    pick = forked.commit(f"[stable-only] refuse all\n\n{line}\nSigned-off-by: A <a@example.org>\n", {"other": "1\n"})
    evidence = (Evidence(TRAILER, f"{line}, as {fix[:12]} has"),)
    found = (LandedPick(Oid(fix), Oid(pick), evidence),)
    assert branch_of(forked.path).picks == (found if upstream == 1 else ())


def test_landed_by_a_change_id_of_several_commits_is_of_the_one_with_the_subject(forked: TestRepo) -> None:
    line = f"Change-Id: I{'0a' * 20}"
    forked.checkout("master")
    forked.commit(f"refuse the list\n\n{line}\n", {"list": "1\n"})
    again = forked.commit(f"refuse the list again\n\n{line}\n", {"list": "2\n"})
    forked.checkout("stable-1")
    pick = forked.commit(f"[1.x] refuse the list again\n\n{line}\n", {"other": "1\n"})
    assert kinds(branch_of(forked.path)) == [(again, pick, [TRAILER])]


@pytest.mark.parametrize("value", ["I0a0a", f"I{'0a' * 20}0", f"I{'0g' * 20}", ""])
def test_landed_by_what_is_no_change_id_proves_nothing(forked: TestRepo, value: str) -> None:
    forked.checkout("master")
    forked.commit(f"refuse the list\n\nChange-Id: {value}\n", {"list": "1\n"})
    forked.checkout("stable-1")
    forked.commit(f"refuse all\n\nChange-Id: {value}\n", {"other": "1\n"})
    assert branch_of(forked.path).picks == ()


def test_landed_by_subject_needs_the_author(forked: TestRepo) -> None:
    forked.write("file", LINES.replace("line 3\n", "line III\n"))
    forked.tick += 1
    forked.git("commit", "-q", "--author=Olga Other <olga@example.org>", "-m", "x86: fix line 3")
    assert branch_of(forked.path).picks == ()


@pytest.mark.parametrize("where", ["upstream", "before-the-branch", "branch"])
def test_landed_by_a_subject_used_twice_proves_nothing(repo: TestRepo, where: str) -> None:
    if where == "before-the-branch":
        repo.commit("update version", {"version": "0\n"})
    repo.commit("base", {"file": LINES})
    repo.git("branch", "stable-1")
    repo.commit("update version", {"version": "1\n"})
    if where == "upstream":
        repo.commit("update version", {"version": "2\n"})
    repo.checkout("stable-1")
    repo.commit("update version", {"version": "1.1\n"})
    if where == "branch":
        repo.commit("update version", {"version": "1.2\n"})
    assert branch_of(repo.path).picks == ()


def test_landed_by_an_author_date_or_by_prose_proves_nothing(forked: TestRepo) -> None:
    fix = forked.id("master")
    date = forked.git("log", "-1", "--format=%ad", "master")
    forked.write("file", LINES.replace("line 8\n", "line VIII\n"))
    forked.git("commit", "-q", f"--date={date}", "-m", f"own\n\nmaster commit {fix[:10]} does more than we need here.")
    assert branch_of(forked.path).picks == ()


def test_landed_by_a_link_that_a_person_made(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.commit("nobody would know", {"elsewhere": "x\n"})
    links = {BranchName("stable-1"): {Oid(pick): Oid(fix)}}
    assert branch_of(forked.path, links=links).picks == (
        LandedPick(Oid(fix), Oid(pick), (Evidence(LINK, "linked by a person"),)),
    )


def test_landed_shared_before_the_merge_base_is_no_pick(forked: TestRepo) -> None:
    branch = branch_of(forked.path)
    assert branch.picks == ()
    assert branch.contains(Oid(forked.id("stable-1")))


def test_reverted_on_the_branch_by_its_own_id_has_not_landed(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.pick(fix, "-x")
    revert = forked.commit(f'Revert "x86: fix line 3"\n\nThis reverts commit {pick}.\n', {"file": LINES})
    branch = branch_of(forked.path)
    assert [(found.commit, found.reverted_by) for found in branch.picks] == [(pick, revert)]
    assert (branch.landed(Oid(fix)), branch.contains(Oid(fix))) == (None, False)


def test_reverted_on_the_branch_by_the_upstream_id_has_not_landed(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.pick(fix, "-x")
    revert = forked.commit(f'Revert "x86: fix line 3"\n\nThis reverts commit {fix[:12]}.\n', {"file": LINES})
    assert [(found.commit, found.reverted_by) for found in branch_of(forked.path).picks] == [(pick, revert)]


def test_picking_an_upstream_revert_lands_it_and_takes_the_pick_back(forked: TestRepo) -> None:
    fix = forked.id("master")
    forked.checkout("master")
    upstream_revert = forked.commit(f'Revert "x86: fix line 3"\n\nThis reverts commit {fix}.\n', {"file": LINES})
    forked.checkout("stable-1")
    pick = forked.pick(fix, "-x")
    revert = forked.pick(upstream_revert, "-x")
    branch = branch_of(forked.path)
    assert [(found.upstream, found.commit, found.reverted_by) for found in branch.picks] == [
        (fix, pick, revert),
        (upstream_revert, revert, None),
    ]
    assert [branch.contains(Oid(oid)) for oid in (fix, upstream_revert)] == [False, True]


def test_revert_of_the_revert_lands_it_again(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.pick(fix, "-x")
    revert = forked.commit(f'Revert "x86: fix line 3"\n\nThis reverts commit {pick}.\n', {"file": LINES})
    again = f'Revert "Revert "x86: fix line 3""\n\nThis reverts commit {revert}.\n'
    back = forked.commit(again, rewritten(3, "line three"))
    branch = branch_of(forked.path)
    # The second revert makes the change of the fix itself, so it counts as a pick by its patch-id too.
    assert kinds(branch) == [(fix, pick, [TRAILER]), (fix, back, [PATCH])]
    assert [found.reverted_by for found in branch.picks] == [None, None]
    assert branch.contains(Oid(fix))
    third = forked.commit(f"again no\n\nThis reverts commit {forked.id('HEAD')}.\n", {"file": LINES})
    assert [found.reverted_by for found in branch_of(forked.path).picks] == [third, third]
    assert not branch_of(forked.path).contains(Oid(fix))


def test_picking_again_after_a_revert_lands_it_again(forked: TestRepo) -> None:
    fix = forked.id("master")
    first = forked.pick(fix, "-x")
    revert = forked.commit(f'Revert "x86: fix line 3"\n\nThis reverts commit {first}.\n', {"file": LINES})
    second = forked.pick(fix, "-x")
    branch = branch_of(forked.path)
    assert [(found.commit, found.reverted_by) for found in branch.picks] == [(first, revert), (second, None)]
    assert branch.landed(Oid(fix)) == branch.picks[1]


def test_revert_of_a_commit_of_another_branch_takes_nothing_back(forked: TestRepo) -> None:
    fix = forked.id("master")
    pick = forked.pick(fix, "-x")
    forked.commit(f"Revert something\n\nThis reverts commit {'f' * 40}.\n")
    assert [(found.commit, found.reverted_by) for found in branch_of(forked.path).picks] == [(pick, None)]


def test_landed_in_a_merge_on_the_branch_is_found_on_its_side(forked: TestRepo) -> None:
    fix = forked.id("master")
    forked.checkout("topic", "stable-1")
    pick = forked.pick(fix, "-x")
    forked.checkout("stable-1")
    forked.commit("own", {"own": "x\n"})
    forked.git("merge", "-q", "--no-ff", "-m", "merge topic", "topic")
    assert kinds(branch_of(forked.path)) == [(fix, pick, [TRAILER])]


def test_landed_of_a_message_that_is_not_utf_8(forked: TestRepo) -> None:
    fix = forked.id("master")
    forked.tick += 1
    message = b"Gr\xfc\xdfe\n\n(cherry picked from commit " + fix.encode() + b")\n"
    forked.git("commit", "-q", "--allow-empty", "-F", "-", stdin=message)
    assert kinds(branch_of(forked.path)) == [(fix, forked.id("HEAD"), [TRAILER])]
