"""The first configuration: what is found, what is refused, what is added later."""

from __future__ import annotations

import pytest

from backportq.errors import ConfigError, RefError
from backportq.model.commit import Commit
from backportq.model.config import Config, RuleEffect, StableBranch, Support
from backportq.model.ids import BranchName, Oid
from backportq.model.items.rules import compile_rules
from backportq.model.priority import Priority
from backportq.queue.codec.config import read_config
from backportq.queue.toml.reader import TomlSource
from backportq.services.queue_admin.init import InitRequest, initialise
from tests.driver import TestRepo
from tests.services.queued import decide, project_of


def _branch(name: str, version: str, staging: str | None = None) -> StableBranch:
    return StableBranch(BranchName(name), version, BranchName(staging) if staging else None)


def _commit(message: str) -> Commit:
    return Commit(Oid("1" * 40), f"tree {'0' * 40}\n\n{message}\n".encode())


def _stable_branches(repo: TestRepo) -> None:
    for name in ("stable-4.9", "stable-4.10", "staging-4.10", "topic"):
        repo.git("branch", name)


def test_init_finds_upstream_branches_staging_and_dialect(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for n in range(3):
        repo.commit(f"fix {n}\n\nCc: stable@vger.kernel.org # 5.10+\n", {"file": f"fix {n}\n"})
    _stable_branches(repo)
    project = project_of(repo.path)
    repo.tick = 1_330_000  # so that the branches are alive on the day of the tests
    for name in ("stable-4.9", "stable-4.10"):
        repo.checkout(name)
        repo.commit("alive", {"alive": "1\n"})
    done = initialise(project, InitRequest())
    wanted = Config(
        BranchName("master"),
        (_branch("stable-4.9", "4.9"), _branch("stable-4.10", "4.10", "staging-4.10")),
        dialects=("linux",),
    )
    assert (done.config, done.dormant, dict(done.signs)) == (wanted, (), {"linux": 3})
    assert project.store.snapshot().state.config == wanted


def test_init_tells_the_dialect_by_picks_where_upstream_has_no_tags(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.10")
    fixes = [repo.commit(f"fix {n}", {f"file {n}": "1\n"}) for n in range(3)]
    repo.checkout("stable-4.10")
    for n, fix in enumerate(fixes):
        repo.commit(f"fix {n}\n\nmaster commit: {fix}\nmaster date: 2026-01-01\n", {f"file {n}": "1\n"})
    repo.pick(fixes[0], "-x", "--keep-redundant-commits")
    done = initialise(project_of(repo.path), InitRequest())
    assert (done.config.dialects, dict(done.signs)) == (("xen",), {"xen": 3})


@pytest.mark.parametrize(("count", "dialects"), [(7, {"xen": 3}), (18, {})])
def test_init_takes_an_odd_line_among_many_picks_for_no_habit(
    repo: TestRepo, count: int, dialects: dict[str, int]
) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.10")
    start = repo.id("HEAD")
    repo.checkout("stable-4.10")
    for n in range(count):
        line = f"master commit: {start}\nmaster date: 2026-01-01" if n < 3 else f"(cherry picked from commit {start})"
        repo.commit(f"fix {n}\n\n{line}\n")
    done = initialise(project_of(repo.path), InitRequest())
    assert (done.config.dialects, dict(done.signs)) == (tuple(dialects) or ("generic",), dialects)


@pytest.mark.parametrize(
    ("names", "dialect"),
    [
        (("nm-1-46", "nm-1-48"), "networkmanager"),
        (("linux-6.1.y", "linux-6.6.y"), "linux"),
        (("v254-stable", "v255-stable"), "systemd"),
        (("nm-1-46", "stable-4.9"), "generic"),
        (("stable-4.9",), "generic"),
    ],
)
def test_init_tells_the_dialect_by_the_names_of_branches_where_no_commit_does(
    repo: TestRepo, names: tuple[str, ...], dialect: str
) -> None:
    repo.commit("start", {"file": "1\n"})
    for name in names:
        repo.git("branch", name)
    done = initialise(project_of(repo.path), InitRequest())
    assert (done.config.dialects, dict(done.signs)) == ((dialect,), {})


def test_init_leaves_out_what_was_not_touched_for_long(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    _stable_branches(repo)
    repo.tick = 1_330_000
    repo.checkout("stable-4.10")
    repo.commit("alive", {"alive": "1\n"})
    done = initialise(project_of(repo.path), InitRequest())
    assert [branch.name for branch in done.config.branches] == ["stable-4.10"]
    assert [branch.name for branch in done.dormant] == ["stable-4.9"]


def test_init_leaves_out_what_is_called_unmaintained(repo: TestRepo) -> None:
    repo.tick = 1_330_000
    repo.commit("start", {"file": "1\n"})
    for name in ("stable/2025.1", "unmaintained/2024.1", "unmaintained/zed"):
        repo.git("branch", name)
    done = initialise(project_of(repo.path), InitRequest())
    assert [branch.name for branch in done.config.branches] == ["stable/2025.1"]
    assert [branch.name for branch in done.dormant] == ["unmaintained/zed", "unmaintained/2024.1"]


def test_init_of_a_clone_that_was_not_fetched_for_long_sees_it_as_it_was(repo: TestRepo) -> None:
    for month, name in enumerate(("4.8", "4.9", "4.10", "4.11", "4.12")):
        repo.tick = month * 6 * 30 * 1440 + 1  # a commit each half year, the last one long before the day of the tests
        repo.commit(name, {"file": f"{name}\n"})
        repo.git("branch", f"stable-{name}")
    done = initialise(project_of(repo.path), InitRequest())
    assert [branch.version for branch in done.dormant] == ["4.8"]
    assert [branch.version for branch in done.config.branches] == ["4.9", "4.10", "4.11", "4.12"]


def test_init_of_named_branches_takes_exactly_these_in_version_order(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    _stable_branches(repo)
    done = initialise(
        project_of(repo.path), InitRequest("master", ("topic", "stable-4.10", "stable-4.9"), ("xen", "generic"))
    )
    assert done.config == Config(
        BranchName("master"),
        (_branch("stable-4.9", "4.9"), _branch("stable-4.10", "4.10", "staging-4.10"), _branch("topic", "topic")),
        dialects=("xen", "generic"),
    )


def test_init_orders_branches_without_a_version_by_where_they_part(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for number, name in enumerate(("old/yoga", "old/zed", "old/2023.1", "stable/2025.1")):
        repo.git("branch", name)
        repo.commit(f"release {number}", {"file": f"{number}\n"})
    project = project_of(repo.path)
    done = initialise(project, InitRequest("master", ("stable/2025.1", "old/zed", "old/2023.1"), ("generic",)))
    assert [branch.name for branch in done.config.branches] == ["old/zed", "old/2023.1", "stable/2025.1"]
    initialise(project, InitRequest(branches=("old/yoga",)))
    assert project.store.snapshot().state.config.branches == (
        _branch("old/yoga", "old/yoga"),
        _branch("old/zed", "old/zed"),
        _branch("old/2023.1", "2023.1"),
        _branch("stable/2025.1", "2025.1"),
    )


def test_init_takes_remote_tracking_branches(repo: TestRepo, tmp_path: object) -> None:
    repo.commit("start", {"file": "1\n"})
    _stable_branches(repo)
    clone = repo.path.parent / "clone"
    repo.git("clone", "-q", "--no-local", str(repo.path), str(clone))
    done = initialise(project_of(clone), InitRequest(branches=("origin/stable-4.9", "stable-4.10")))
    assert [branch.name for branch in done.config.branches] == ["stable-4.9", "stable-4.10"]


@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        (InitRequest("mastre"), "branch 'mastre' does not exist", "did you mean 'master'?"),
        (InitRequest(branches=("stable-4.1",)), "branch 'stable-4.1' does not exist", "stable-4.10"),
        (InitRequest(branches=("--all",)), "branch '--all' does not exist", "git"),
    ],
)
def test_init_of_what_does_not_exist_names_near_ones(
    repo: TestRepo, wanted: InitRequest, message: str, hint: str
) -> None:
    repo.commit("start", {"file": "1\n"})
    _stable_branches(repo)
    project = project_of(repo.path)
    with pytest.raises(RefError) as raised:
        initialise(project, wanted)
    assert raised.value.message == message
    assert hint in raised.value.hints[0]
    assert project.store.tip() is None


def test_init_of_an_unknown_dialect_is_refused(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    with pytest.raises(ConfigError, match="unknown dialect 'xne'"):
        initialise(project_of(repo.path), InitRequest(dialects=("xne",)))


def test_init_again_refuses_adds_branches_or_writes_anew(repo: TestRepo) -> None:
    fix = repo.commit("start", {"file": "1\n"})
    _stable_branches(repo)
    project = project_of(repo.path)
    initialise(project, InitRequest("master", ("stable-4.10",), ("xen",)))
    with pytest.raises(ConfigError, match=r"there is a queue already \(upstream 'master', 1 stable branches\)"):
        initialise(project, InitRequest())
    with pytest.raises(ConfigError, match="there is a queue already"):
        initialise(project, InitRequest("topic", ("stable-4.9",)))
    added = initialise(project, InitRequest(branches=("stable-4.9", "stable-4.10")))
    assert [branch.name for branch in added.added] == ["stable-4.9"]
    config = project.store.snapshot().state.config
    assert [branch.name for branch in config.branches] == ["stable-4.9", "stable-4.10"]
    decide(project, fix, "stable-4.9", note="kept")
    anew = initialise(project, InitRequest("topic", ("stable-4.9",), ("mesa",)), force=True)
    assert anew.config == Config(BranchName("topic"), (_branch("stable-4.9", "4.9"),), dialects=("mesa",))
    state = project.store.snapshot().state
    assert state.config == anew.config
    assert [item.note for item in state.queue_of(BranchName("stable-4.9")).open] == ["kept"]
    assert state.config.branches[0].support is Support.FULL


def test_init_of_a_repository_without_commits_says_so(repo: TestRepo) -> None:
    with pytest.raises(RefError) as raised:
        initialise(project_of(repo.path), InitRequest())
    assert (str(raised.value), raised.value.hints) == (
        "the repository has no commit yet, so there is nothing to backport",
        ("make the first commits or 'git fetch' them, then run 'backportq init' again",),
    )


def test_init_without_a_usual_name_offers_the_branch_that_is_current(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "22.11")
    repo.git("branch", "-m", "default")
    with pytest.raises(RefError) as raised:
        initialise(project_of(repo.path), InitRequest())
    assert raised.value.hints[0] == "backportq init --upstream default"
    repo.git("checkout", "-q", "22.11")
    with pytest.raises(RefError) as raised:
        initialise(project_of(repo.path), InitRequest())
    assert raised.value.hints[0] == "backportq init --upstream NAME"


def test_init_doubts_an_upstream_that_sleeps_while_its_branches_do_not(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.checkout("22.11", "master")
    repo.tick = 1_330_000
    repo.commit("alive", {"alive": "1\n"})
    assert initialise(project_of(repo.path), InitRequest("master")).doubt == (
        "the last commit of 'master' is of 2023-11-14, and of its stable branches 2026-05-26: "
        "is upstream another branch or repository?"
    )


def test_init_names_a_branch_that_is_in_the_way(repo: TestRepo) -> None:
    repo.commit("start")
    repo.git("branch", "backportq/old")
    repo.git("branch", "stable-1.0")
    with pytest.raises(ConfigError) as refused:
        initialise(project_of(repo.path), InitRequest(branches=("stable-1.0",)))
    assert refused.value.message == (
        "the queue's branch 'backportq' cannot be made: there is a branch 'backportq/old', and git keeps only one"
    )
    assert refused.value.hints[0] == "git branch -m backportq/old NAME renames the other"


def test_init_proposes_a_rule_for_the_projects_own_advisories(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.10")
    for n in range(3):
        repo.commit(f"fix {n}\n\nThis is XSA-{440 + n}.\n", {"file": f"fix {n}\n"})
    repo.commit("bump\n\nFor CVE-2026-12345.\n", {"file": "bumped\n"})
    done = initialise(project_of(repo.path), InitRequest())
    (rule,) = done.config.rules
    assert (rule.pattern, rule.priority, rule.effect, done.advisories) == (
        r"\b(XSA-\d+)\b",
        Priority.SECURITY,
        RuleEffect.RANK,
        4,
    )


@pytest.mark.parametrize(("bumps", "is_proposed"), [(20, True), (19, False)])
def test_init_proposes_to_refuse_dependency_bumps_where_they_are_many(
    repo: TestRepo, bumps: int, *, is_proposed: bool
) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.10")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    tip = repo.id("HEAD")
    for n in range(bumps):
        tip = repo.git("commit-tree", tree, "-p", tip, "-m", f"build(deps): bump left from {n} to {n + 1} (#{n})")
    repo.git("reset", "-q", "--hard", tip)
    done = initialise(project_of(repo.path), InitRequest())
    assert (done.bumps is not None) is is_proposed
    assert done.config.rules == ()
    if done.bumps is not None:
        assert (done.bumps.commits, done.bumps.looked_at) == (20, 21)
        (rule,) = read_config(
            TomlSource("config.toml", f'schema = 1\nupstream = "x"\n{done.bumps.rule}\n'.encode(), "edit")
        ).rules
        assert (rule.effect, rule.search_in) == (RuleEffect.NEVER, "subject")
        (compiled,) = compile_rules((rule,))
        assert compiled.matches_message(_commit("chore(deps-dev): bump a/b from 1.2 to 1.3"))
        assert not compiled.matches_message(_commit("bump the version to 1.3"))
