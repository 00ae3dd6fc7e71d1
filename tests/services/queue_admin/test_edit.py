"""Editing by hand: stored when it is right, kept when it is not, merged with what others stored meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backportq.errors import ConfigError, GitFailedError, QueueFileError, UsageError
from backportq.model.ids import BranchName
from backportq.services.decisions import verbs
from backportq.services.decisions.nominate import Request, tag
from backportq.services.project import Project
from backportq.services.queue_admin.edit import edit_queue
from tests.driver import TestRepo
from tests.services.queued import decided, project_of, stable, start_queue

OLD = "stable-1.0"
Editor = Callable[[str], None]


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Set what the editor does: a shell script whose first argument is the file."""

    def choose(script: str) -> None:
        path = tmp_path / "my editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("GIT_EDITOR", f"'{path}'")

    return choose


@pytest.fixture
def project(repo: TestRepo) -> Project:
    repo.commit("start")
    repo.git("branch", OLD)
    fixes = [repo.commit(f"fix {number}") for number in range(3)]
    made = start_queue(repo, stable(OLD))
    tag(made, fixes, [], Request())
    return made


def notes(project: Project) -> list[str | None]:
    return [item.note for item in project.store.snapshot().state.queue_of(BranchName(OLD)).open]


def kept(project: Project, path: str = f"queue/{OLD}.toml") -> Path:
    return project.repository.cache_dir / "edit" / path


def test_edit_stores_items_in_canonical_layout_and_names_what_changed(project: Project, editor: Editor) -> None:
    editor("""sed -i '0,/^priority = .*/s//priority="high"   # urgent/' "$1" """)
    change = edit_queue(project, "1.0")
    assert [(item.branch, item.fields) for item in change.items] == [(OLD, ("priority",))]
    assert project.repository.git.text("show", f"backportq:queue/{OLD}.toml").count('\npriority = "high"\n') == 1
    assert project.repository.git.text("log", "-1", "--format=%s", "backportq") == "1.0 edited"
    assert not kept(project).exists()


def test_edit_without_a_change_stores_nothing(project: Project, editor: Editor) -> None:
    editor("true")
    before = project.store.tip()
    assert edit_queue(project, OLD).commit is None
    assert project.store.tip() == before
    assert not kept(project).exists()


def test_edit_refused_is_kept_and_resumed(project: Project, editor: Editor) -> None:
    editor("""sed -i '0,/"pending"/s//"pendng"/; $anote = "mine"' "$1" """)
    before = project.store.tip()
    with pytest.raises(QueueFileError) as caught:
        edit_queue(project, OLD)
    assert str(caught.value) == (
        f"queue/{OLD}.toml:9:1: key 'item.state': wanted one of 'pending', 'in-progress', 'deferred', found 'pendng'"
    )
    assert caught.value.hints == (
        f"backportq edit --resume {OLD}, to go on with your text",
        f"your text is in '{kept(project)}'; remove it to give it up",
    )
    assert project.store.tip() == before
    with pytest.raises(UsageError) as usage:
        edit_queue(project, OLD)
    assert str(usage.value) == f"an earlier edit of 'queue/{OLD}.toml' was not stored"
    editor("""sed -i 's/"pendng"/"pending"/' "$1" """)
    edit_queue(project, OLD, resume=True)
    assert notes(project) == [None, None, "mine"]
    assert not kept(project).exists()


def test_edit_is_merged_with_what_others_stored_meanwhile(project: Project, editor: Editor, repo: TestRepo) -> None:
    first = project.store.snapshot().state.queue_of(BranchName(OLD)).open[0].commit
    theirs = f"cd '{repo.path}' && git update-ref refs/heads/backportq refs/heads/theirs"
    before = project.store.tip()
    decided(project, verbs.note(project, "theirs"), [first], [])
    repo.git("update-ref", "refs/heads/theirs", "backportq")
    assert before is not None
    repo.git("update-ref", "refs/heads/backportq", before)
    editor(f"""sed -i '$anote = "mine"' "$1"; {theirs}""")
    edit_queue(project, OLD)
    assert notes(project) == ["theirs", None, "mine"]


def test_edit_of_the_same_lines_keeps_both_for_the_user_to_choose(
    project: Project, editor: Editor, repo: TestRepo
) -> None:
    before = project.store.tip()
    last = project.store.snapshot().state.queue_of(BranchName(OLD)).open[-1].commit
    decided(project, verbs.note(project, "theirs"), [last], [])
    repo.git("update-ref", "refs/heads/theirs", "backportq")
    assert before is not None
    repo.git("update-ref", "refs/heads/backportq", before)
    last_priority = r':a;N;$!ba;s/\(.*\npriority = "normal"\)/\1\nnote = "mine"/'
    editor(f"""sed -i '{last_priority}' "$1"; cd '{repo.path}'
git update-ref refs/heads/backportq refs/heads/theirs""")
    with pytest.raises(QueueFileError) as caught:
        edit_queue(project, OLD)
    assert str(caught.value) == (
        f"'queue/{OLD}.toml' was changed in the same lines while you edited it; both are in your text now"
    )
    assert (
        '<<<<<<< your edit\nnote = "mine"\n=======\nnote = "theirs"\n>>>>>>> the queue now\n'
        in kept(project).read_text()
    )
    assert notes(project) == [None, None, "theirs"]
    editor("""sed -i '/^<<<<<<<\\|^=======\\|^>>>>>>>\\|"theirs"/d' "$1" """)
    edit_queue(project, OLD, resume=True)
    assert notes(project) == [None, None, "mine"]


def test_edit_with_an_editor_that_fails_changes_nothing(project: Project, editor: Editor) -> None:
    editor("exit 3")
    with pytest.raises(GitFailedError) as caught:
        edit_queue(project, "config")
    assert str(caught.value).endswith("failed with status 3")
    assert not kept(project, "config.toml").exists()


def test_edit_mends_a_configuration_that_does_not_parse(project: Project, editor: Editor, repo: TestRepo) -> None:
    text = repo.git("show", "backportq:config.toml")
    repo.git("worktree", "add", "-q", "--detach", "../side", "backportq")
    side = replace(repo, path=repo.path.parent / "side")
    side.commit("break it", {"config.toml": text.replace("upstream", "upstrem") + "\n"})
    repo.git("update-ref", "refs/heads/backportq", side.id("HEAD"))
    editor("""sed -i 's/upstrem/# ours\\nupstream/' "$1" """)
    assert edit_queue(project, "config").commit is not None
    assert repo.git("show", "backportq:config.toml") == text.replace("upstream", "# ours\nupstream")


def test_edit_people_begins_with_an_example(project: Project, editor: Editor) -> None:
    editor("""cp "$1" "$1.seen"; printf 'schema = 1\\n[[person]]\\nkey = "ada"\\nname = "Ada"\\n' >"$1" """)
    edit_queue(project, "people")
    assert kept(project, "people.toml.seen").read_text().startswith("schema = 1\n\n# [[person]]\n")
    assert [person.key for person in project.store.snapshot().state.people.people] == ["ada"]


def test_edit_that_names_a_branch_which_is_not_here_is_refused_kept_and_resumed(
    project: Project, editor: Editor, repo: TestRepo
) -> None:
    repo.git("branch", "staging-1.0")
    before = project.store.tip()
    editor("""sed -i '/^version/astaging = "staging-1.00"' "$1" """)
    with pytest.raises(ConfigError) as caught:
        edit_queue(project, "config")
    assert str(caught.value) == (
        "config.toml:8:1: key 'branch.staging': wanted a branch of this repository, found 'staging-1.00'"
    )
    assert caught.value.hints == (
        "did you mean 'staging-1.0' or 'stable-1.0'?",
        "backportq edit --resume config, to go on with your text",
        f"your text is in '{kept(project, 'config.toml')}'; remove it to give it up",
    )
    assert project.store.tip() == before
    editor("""sed -i 's/staging-1.00/staging-1.0/' "$1" """)
    edit_queue(project, "config", resume=True)
    assert project.store.snapshot().state.config.branches[0].staging == "staging-1.0"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('/^upstream/s/".*"/"mastre"/', "2:1: key 'upstream': wanted a branch of this repository, found 'mastre'"),
        ('/^name/s/".*"/"stable-9"/', "6:1: key 'branch.name': wanted a branch of this repository, found 'stable-9'"),
    ],
)
def test_edit_is_refused_whichever_key_names_the_branch(
    project: Project, editor: Editor, script: str, said: str
) -> None:
    editor(f"sed -i '{script}' \"$1\"")
    with pytest.raises(ConfigError) as caught:
        edit_queue(project, "config")
    assert str(caught.value) == f"config.toml:{said}"


def test_edit_mends_another_line_while_a_branch_is_missing(project: Project, editor: Editor, repo: TestRepo) -> None:
    repo.git("branch", "-D", OLD)
    editor("""sed -i 's/^version.*/version = "1.0.x"/' "$1" """)
    edit_queue(project, "config")
    assert project.store.snapshot().state.config.branches[0].version == "1.0.x"


def test_edit_that_names_a_remote_without_the_branches_is_refused(
    project: Project, editor: Editor, repo: TestRepo, tmp_path: Path
) -> None:
    bare = TestRepo.create(tmp_path / "bare.git", bare=True)
    repo.git("remote", "add", "origin", str(bare.path))
    repo.git("push", "-q", "origin", "master", OLD)
    repo.git("checkout", "-q", "--detach")
    repo.git("branch", "-D", "master", OLD)
    editor("""sed -i '2aremote = "orgin"' "$1" """)
    with pytest.raises(ConfigError) as caught:
        edit_queue(project, "config")
    assert str(caught.value) == "config.toml:3:1: key 'remote': wanted a remote that has branch 'master', found 'orgin'"
    assert caught.value.hints[0] == "the remotes are origin"


def test_edit_in_a_clone_that_holds_only_the_queue_cannot_know_the_branches(
    project: Project, editor: Editor, repo: TestRepo, tmp_path: Path
) -> None:
    repo.git("clone", "-q", "--bare", "--single-branch", "-b", "backportq", str(repo.path), str(tmp_path / "queue.git"))
    alone = project_of(tmp_path / "queue.git")
    editor("""sed -i '/^version/astaging = "staging-1.0"' "$1" """)
    assert edit_queue(alone, "config").commit is not None


def test_edit_refuses_a_dialect_that_nobody_knows(project: Project, editor: Editor) -> None:
    editor("""sed -i 's/"xen"/"xne"/' "$1" """)
    with pytest.raises(ConfigError, match=r"key 'dialects': wanted one of xen, linux, .*, found 'xne'") as caught:
        edit_queue(project, "config")
    assert "did you mean 'xen'?" in caught.value.hints


def test_edit_tells_all_errors_at_once_and_misspelt_keys_as_misspelt(project: Project, editor: Editor) -> None:
    lines = (
        "[[rule]]",
        'pattern = "a"',
        'nominate = "maybe"',
        "[[rule]]",
        'patern = "b"',
        "[[branch]]",
        'name = "stable-9.0"',
        'versoin = "9.0"',
        "[polcy]",
        "[[key]]",
        'pattern = "no group"',
    )
    editor("cat >> \"$1\" <<'X'\n" + "\n".join(lines) + "\nX")
    with pytest.raises(ConfigError) as caught:
        edit_queue(project, "config")
    assert "did you mean 'stable-1.0'?" in caught.value.hints
    start = len(kept(project, "config.toml").read_text().splitlines()) - len(lines)
    assert caught.value.message.replace("config.toml:", "").splitlines() == [
        f"{start + 3}:1: key 'rule.nominate': wanted true, false or 'never', found 'maybe'",
        f"{start + 4}:1: key 'rule': wanted a rule with 'pattern', 'path' or 'author', found none of them",
        f"{start + 7}:1: key 'branch.name': wanted a branch of this repository, found 'stable-9.0'",
        f"{start + 8}:1: unknown key 'versoin', did you mean 'version'?",
        f"{start + 11}:1: key 'key.pattern': wanted a group (?P<key>…) around what both sides share, found 'no group'",
        f"{start + 5}: unknown key 'patern', did you mean 'pattern'?",
        f"{start + 9}: unknown key 'polcy', did you mean 'policy'?",
    ]
