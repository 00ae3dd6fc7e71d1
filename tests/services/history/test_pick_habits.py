"""Backports as many projects write them: each is known as a pick of its original, from one history for all.

Every row is an original's message and that of its backport, whose content is adapted, so that no patch says so.
"""

from __future__ import annotations

import pytest

from backportq.services.history.facts import BranchFacts
from tests.driver import TestRepo
from tests.services.history.forked import facts_of

_BRANCH = "stable-1.2"

_BY_THE_AUTHOR = (
    ("fix 1 (#101)", "[release-1.2] fix 1 (#101)"),
    ("fix 2 (#102)", "[release-1.2] fix 2 (#102) (#900)"),
    ("fix 3 (#103)", "fix 3 (#901)"),
    ("fix 4 (#104)", "[release-1.2] fix 4 (#902)"),
    ("fix 5 (#105)", "chore(backport release-1.2): fix 5 (#903)"),
    ("fix 6 (#106)", "[Backport release-1.2] fix 6 (#904)"),
    ("fix 7 (#107)", "[1.2] fix 7 (#905)"),
    ("fix 8 (#108)", "Backport PR #108: fix 8"),
    ("fix 9 (#109)", "fix 9 (#109) (#906)"),
    ("fix 10 (#110)", "Backport of fix 10 into release/1.2.x (#907)"),
    ("fix 11 (#111)", "fix 11 (backport #111) (#908)"),
    ("fix 12 (#112)", "[release-1.2] fix 12 (#909)\n\nBackport of #112"),
    ("fix 13 (#113)", "fix 13 (#910)\n\nBackport of https://forge.example/proj/repo/pull/113"),
    ("fix 14 (#114)", "Cherry-pick #114 to 1.2: fix 14 (#911)"),
    ("fix 15 (#115)", "Automated cherry pick of #115: fix 15"),
    ("fix 16 (#116)", "[BACKPORT 1.2] fix 16 (#116)"),
    ("fix 17 (#117)", "fix 17 [1.2]"),
    ("fix 18 (#118)", "1.2: fix 18"),
    ("Bug 1 - Fix the parser. r=bob", "Bug 1 - Fix the parser. r=bob a=cleo"),
    ("Bug 2 - Fix the lexer. r=bob", "Bug 2 - Fix the lexer. r=bob, a=dora DONTBUILD"),
    ("Bug 3 - Fix the lexer", "Bug 3 - Fix the lexer a=cleo CLOSED TREE"),
    ("[core] fix gc", "merge revision(s) {id}: [Backport #19161]\n\n\t[core] fix gc"),
    ("[parser] fix token", "Merged: [parser] fix token\n\nRevision: {id}"),
    ("[SILGen] fix crash", "[5.9][SILGen] fix crash"),
    ("[Sema] fix loop", "🍒[5.9] [Sema] fix loop"),
    ("net: fix socket", "[beta] net: fix socket"),
    ("net: fix pipe", "[backport] net: fix pipe"),
    ("gh-100: fix A (#301)", "[3.12] gh-100: fix A (GH-301)"),
    ("gh-200: fix B (GH-201)", "[3.12] gh-200: fix B (GH-201) (#202)\n\n(cherry picked from commit {id})"),
    ("core: fix C", "core: fix C (1.2)"),
    ("core: fix D", "stable/1.2: core: fix D"),
    ("core: fix E", "BACKPORT: core: fix E"),
    ("core: fix F", "UPSTREAM: core: fix F"),
    ("core: fix G", "UPSTREAM: 1234: core: fix G"),
    ("Fixed #35000 -- Made it work.", "[5.0.x] Fixed #35000 -- Made it work.\n\nBackport of {id} from main"),
    ("lib: fix it\n\nPR-URL: https://forge.example/n/pull/1", "lib: for v22\n\nPR-URL: https://forge.example/n/pull/1"),
    ("src: same\n\nPR-URL: https://forge.example/n/pull/2", "src: same\n\nPR-URL: https://forge.example/n/pull/2"),
)
_BY_A_ROBOT = (
    ("bot 1 (#119)", "[release-1.2] bot 1 (#119) (#920)"),
    ("bot 2 (#120)", "[release-1.2] bot 2 (#921)\n\nBackport of #120"),
    ("bot 3 (#121)", "bot 3 (backport #121) (#922)"),
    ("bot 4 (#122)", "[release-1.2] bot 4 (#122)"),
    ("deps: cherry-pick\n\nPR-URL: https://forge.example/n/pull/3", "deps\n\nPR-URL: https://forge.example/n/pull/3"),
)
_NOT_PICKED = ("src: same\n\nPR-URL: https://forge.example/n/pull/4", "fix 7 again (#207)")


@pytest.fixture
def branch(repo: TestRepo) -> BranchFacts:
    """The facts of a branch with all of these, and after them those originals that it lacks."""
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", _BRANCH)
    originals = [message for message, _ in (*_BY_THE_AUTHOR, *_BY_A_ROBOT)]
    _add(repo, "master", [("Ada", message) for message in (*originals, *_NOT_PICKED)], line="five")
    ids = repo.git("rev-list", "--reverse", f"{_BRANCH}..master").split()
    picks = [("Ada", message) for _, message in _BY_THE_AUTHOR] + [("Robot", message) for _, message in _BY_A_ROBOT]
    written = [(author, message.replace("{id}", oid[:10])) for (author, message), oid in zip(picks, ids, strict=False)]
    _add(repo, _BRANCH, written, line="5")
    (branch,) = facts_of(repo.path, _BRANCH).branches
    return branch


def test_backports_of_many_habits_are_known_and_nothing_else_is(repo: TestRepo, branch: BranchFacts) -> None:
    ids = repo.git("rev-list", "--reverse", f"{_BRANCH}..master").split()
    own = repo.git("rev-list", "--reverse", f"master..{_BRANCH}").split()
    messages = [message for _, message in (*_BY_THE_AUTHOR, *_BY_A_ROBOT)]
    found = {(pick.upstream, pick.commit) for pick in branch.picks}
    missing = [text for text, oid, pick in zip(messages, ids, own, strict=False) if (oid, pick) not in found]
    assert missing == []
    assert len(found) == len(own)
    assert [branch.contains(oid) for oid in ids[-len(_NOT_PICKED) :]] == [False, False]  # type: ignore[arg-type]


def _add(repo: TestRepo, name: str, commits: list[tuple[str, str]], *, line: str) -> None:
    """Add a commit for each author and message, which makes a file of its own, by one process."""
    stream = []
    for number, (author, message) in enumerate(commits):
        who = f"{author} <{author.lower()}@example.org> {1_770_000_000 + number + (10_000 if line == '5' else 0)} +0000"
        stream.append(f"commit refs/heads/{name}\nauthor {who}\ncommitter {who}\n{_data(message)}")
        stream.append(f"from refs/heads/{name}^0\n" if number == 0 else "")
        stream.append(f"M 100644 inline f{number}\n{_data(f'line 4{chr(10)}line {line}{chr(10)}line 6{chr(10)}')}")
    repo.git("fast-import", "--quiet", stdin="".join(stream))


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
