"""Looking up what people type and what messages abbreviate, against real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import RefError
from backportq.git.read.lookup import read_commits, resolve_abbreviations, resolve_commit, resolve_many, resolve_range
from backportq.git.repository import Repository, discover
from backportq.model.commit import Commit, Identity
from backportq.model.ids import Oid
from backportq.model.notices import hearing
from tests.driver import TestRepo


def _shared_prefix(repo: TestRepo) -> tuple[str, str, str]:
    """Make commits until two share their first four digits; return the digits and both ids."""
    tree = repo.git("write-tree")
    seen: dict[str, str] = {}
    for number in range(5_000):
        raw = f"tree {tree}\nauthor A <a@example.org> {number} +0000\ncommitter A <a@example.org> {number} +0000\n\nx\n"
        oid = _hash(raw.encode())
        if oid[:4] in seen:
            for text in (seen[oid[:4]], raw):
                repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=text)
            return oid[:4], _hash(seen[oid[:4]].encode()), oid
        seen[oid[:4]] = raw
    raise AssertionError("no two ids share four digits")


def _hash(raw: bytes) -> str:
    import hashlib

    return hashlib.sha1(b"commit %d\0" % len(raw) + raw).hexdigest()


def _open(repo: TestRepo) -> Repository:
    return discover(repo.path)


def test_resolve_commit_takes_ids_abbreviations_refs_tags_and_expressions(repo: TestRepo) -> None:
    first = repo.commit("one")
    repo.git("tag", "-a", "-m", "a tag", "v1")
    second = repo.commit("two")
    wanted = {first: first, first[:8]: first, "HEAD": second, "master": second, "v1": first, "master~1": first}
    assert {text: resolve_commit(_open(repo), text) for text in wanted} == wanted


def test_name_of_a_branch_and_a_tag_means_the_branch_everywhere(repo: TestRepo, tmp_path: Path) -> None:
    first = repo.commit("one")
    repo.git("tag", "stable")
    second = repo.commit("two")
    repo.git("branch", "stable")
    TestRepo.create(tmp_path / "clone").git("fetch", "-q", str(repo.path), "refs/tags/*:refs/tags/*")
    clone = TestRepo(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(repo.path))
    clone.git("fetch", "-q", "origin")
    for each in (repo, clone):
        heard: list[str] = []
        with hearing(lambda text, _: heard.append(text)):  # noqa: B023 - called at once
            assert resolve_commit(_open(each), "stable") == second
            assert resolve_many(_open(each), ["stable", "refs/tags/stable"]) == {
                "stable": second,
                "refs/tags/stable": first,
            }
        assert set(heard) == {"'stable' is a branch and a tag: the branch is taken"}


def test_resolve_commit_finds_a_branch_that_only_a_remote_has(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("one")
    repo.git("branch", "stable-1")
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    assert resolve_commit(discover(tmp_path / "clone"), "stable-1") == repo.id("stable-1")


@pytest.mark.parametrize("text", ["--upload-pack=touch x", "-x", "--all", "nothing here", "a\\b", "HEAD:nothing"])
def test_resolve_commit_of_what_is_no_revision_refuses_and_runs_nothing(repo: TestRepo, text: str) -> None:
    repo.commit("one", {"file": "x"})
    with pytest.raises(RefError) as caught:
        resolve_commit(_open(repo), text)
    assert caught.value.message == f"'{text}' does not name a commit"


def test_resolve_commit_of_an_upstream_that_is_not_set_refuses(repo: TestRepo) -> None:
    head = repo.commit("start")
    repository = discover(repo.path)

    for text in ("@{upstream}", "master@{push}"):
        with pytest.raises(RefError):
            resolve_commit(repository, text)
    assert resolve_commit(repository, "HEAD") == head


@pytest.mark.parametrize("text", ["", "  ", "a\nHEAD", "HEAD\x1b[31m"])
def test_resolve_commit_of_control_characters_refuses_before_git_sees_them(repo: TestRepo, text: str) -> None:
    repo.commit("one")
    with pytest.raises(RefError, match="is not a revision"):
        resolve_commit(_open(repo), text)


def test_resolve_commit_of_an_unknown_id_says_it_may_be_newer(repo: TestRepo) -> None:
    repo.commit("one")
    with pytest.raises(RefError) as caught:
        resolve_commit(_open(repo), "0123456789")
    assert caught.value.message == "no commit '0123456789' in this repository"
    assert caught.value.hints == ("git fetch, if it is newer than this clone",)


@pytest.mark.parametrize(("text", "kind"), [("master^{tree}", "tree"), ("v1-notes", "tag"), ("master:file", "blob")])
def test_resolve_commit_of_another_object_says_what_it_is(repo: TestRepo, text: str, kind: str) -> None:
    repo.commit("one", {"file": "text\n"})
    repo.git("tag", "-m", "of a file", "v1-notes", "master:file")
    for named in (text, repo.git("rev-parse", text)):
        with pytest.raises(RefError) as caught:
            resolve_commit(_open(repo), named)
        assert caught.value.message == f"'{named}' is a {kind} and no commit"


def test_resolve_commit_of_a_misspelt_branch_offers_near_ones(repo: TestRepo) -> None:
    repo.commit("one")
    repo.git("branch", "stable-4.18")
    with pytest.raises(RefError) as caught:
        resolve_commit(_open(repo), "stabel-4.18")
    assert caught.value.hints == ("did you mean 'stable-4.18'?",)


def test_resolve_commit_of_an_ambiguous_abbreviation_lists_the_candidates(repo: TestRepo) -> None:
    repo.commit("one")
    digits, one, other = _shared_prefix(repo)
    with pytest.raises(RefError) as caught:
        resolve_commit(_open(repo), digits)
    assert caught.value.message == f"'{digits}' is ambiguous; it could be one of these commits"
    assert set(caught.value.hints) == {f"{one[:12]} x", f"{other[:12]} x"}


def test_resolve_range_gives_commits_oldest_first_and_defaults_to_head(repo: TestRepo) -> None:
    first = repo.commit("one")
    second = repo.commit("two")
    third = repo.commit("three")
    assert resolve_range(_open(repo), f"{first}..master") == (second, third)
    assert resolve_range(_open(repo), f"{second}..") == (third,)
    assert resolve_range(_open(repo), first[:9]) == (first,)


@pytest.mark.parametrize(("text", "said"), [("a...b", "symmetric difference"), ("HEAD..HEAD", "contains no commit")])
def test_resolve_range_refuses_what_is_no_range(repo: TestRepo, text: str, said: str) -> None:
    repo.commit("one")
    with pytest.raises(RefError, match=said):
        resolve_range(_open(repo), text)


def test_resolve_abbreviations_tells_one_from_none_from_several(repo: TestRepo) -> None:
    oid = repo.commit("one", {"file": "content"})
    digits, *both = _shared_prefix(repo)
    blob = repo.id("HEAD:file")
    found = resolve_abbreviations(_open(repo), [oid, oid[:7], digits, blob, "00000000", "not hex", oid.upper()])
    assert {text: set(oids) for text, oids in found.items()} == {
        oid: {oid},
        oid[:7]: {oid},
        oid.upper(): {oid},
        digits: set(both),
        blob: set(),
        "00000000": set(),
    }


def test_read_commits_gives_raw_commits_and_leaves_out_what_is_none(repo: TestRepo) -> None:
    first = repo.commit("one\n\nbody\n", {"file": "content"})
    second = repo.commit("two")
    blob = Oid(repo.id("HEAD:file"))
    found = read_commits(_open(repo), [Oid(first), Oid(second), blob, Oid("0" * 40), Oid(first)])
    assert found == {
        oid: Commit(Oid(oid), repo.git("cat-file", "commit", oid).encode() + b"\n"[: oid == first])
        for oid in (first, second)
    }
    assert found[Oid(first)].message == "one\n\nbody\n"
    assert found[Oid(second)].parents == (first,)
    assert found[Oid(first)].author == Identity("Ada Author", "ada@example.org")


def test_resolve_many_gives_for_each_text_what_resolve_commit_gives_or_raises(repo: TestRepo) -> None:
    first = repo.commit("one", {"file": "content"})
    second = repo.commit("two")
    repo.git("tag", "-a", "-m", "tag", "v1", first)
    texts = [first, first[:7], "HEAD", "HEAD~1", "v1", "master", "mastre", "--all", "", " ", "a\nb", "HEAD:file", first]
    known = {first: first, first[:7]: first, "HEAD": second, "HEAD~1": first, "v1": first, "master": second}
    found = resolve_many(_open(repo), iter(texts))
    assert list(found) != []
    assert set(found) == set(texts)
    for text, answer in found.items():
        if text in known:
            assert answer == known[text]
            continue
        assert isinstance(answer, RefError)
        with pytest.raises(RefError) as caught:
            resolve_commit(_open(repo), text)
        assert (answer.message, answer.hints) == (caught.value.message, caught.value.hints)


def test_resolve_many_of_many_bad_texts_explains_the_first_and_refuses_all(repo: TestRepo) -> None:
    repo.commit("one")
    found = resolve_many(_open(repo), [f"mastr{number}" for number in range(200)])
    assert len(found) == 200
    messages = [answer.message for answer in found.values() if isinstance(answer, RefError)]
    assert messages == [f"'mastr{number}' does not name a commit" for number in range(200)]


def test_resolve_many_of_nothing_gives_nothing(repo: TestRepo) -> None:
    assert resolve_many(_open(repo), []) == {}


@pytest.mark.parametrize(
    "text",
    [":/one", "HEAD~2", "HEAD^^", "HEAD^{/one}", "@{u}", "@{upstream}", "master@{u}", "v1", "v1^0", "@~2"],
)
def test_resolve_commit_takes_what_git_takes(repo: TestRepo, tmp_path: Path, text: str) -> None:
    repo.commit("one")
    repo.git("tag", "-a", "-m", "a tag", "v1")
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    clone = TestRepo(tmp_path / "clone")
    clone.git("commit", "-q", "--allow-empty", "-m", "two")
    clone.git("commit", "-q", "--allow-empty", "-m", "three")
    wanted = clone.git("rev-parse", "--verify", f"{text}^{{}}" if text.startswith("v") else text)
    assert wanted == repo.id("HEAD")
    opened = discover(clone.path)
    assert resolve_commit(opened, text) == wanted
    assert resolve_range(opened, text) == (wanted,)
    assert resolve_many(opened, [text]) == {text: wanted}
