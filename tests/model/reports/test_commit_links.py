"""Links to commits lead to hosts that are known, and nowhere else."""

from __future__ import annotations

import pytest

from backportq.errors import UsageError
from backportq.model.ids import Oid
from backportq.model.reports.commit_links import commit_link, parse_pattern, pattern_of_remote


@pytest.mark.parametrize(
    ("address", "pattern"),
    [
        ("git@github.com:owner/name.git", "https://github.com/owner/name/commit/{commit}"),
        ("https://user:secret@github.com/owner/name", "https://github.com/owner/name/commit/{commit}"),
        ("ssh://git@gitlab.com:22/group/sub/name.git", "https://gitlab.com/group/sub/name/-/commit/{commit}"),
        ("https://gitlab.example.org/group/name/", "https://gitlab.example.org/group/name/-/commit/{commit}"),
        ("git://xenbits.xen.org/xen.git", "https://xenbits.xen.org/gitweb/?p=xen.git;a=commit;h={commit}"),
        ('https://github.com/a/"><b>{commit}', "https://github.com/a/%22%3E%3Cb%3E%7Bcommit%7D/commit/{commit}"),
        ("https://github.com.evil.example/a/b", None),
        ("https://evil.example/github.com/a/b", None),
        ("https://git.example.org/name.git", None),
        ("file:///srv/git/name.git", None),
        ("/srv/git/name.git", None),
        ("C:\\git\\name", None),
        ("", None),
    ],
)
def test_pattern_comes_from_the_host_of_the_remote(address: str, pattern: str | None) -> None:
    assert pattern_of_remote(address) == pattern


@pytest.mark.parametrize(
    "text", ["javascript:alert('{commit}')", "https://example.org/", 'https://e.org/"{commit}', "{commit}"]
)
def test_pattern_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no pattern of links to commits"):
        parse_pattern(text)


def test_pattern_of_a_persons_own_is_taken() -> None:
    pattern = parse_pattern("https://git.example.org/c/?id={commit}")
    assert commit_link(pattern, Oid("a" * 40)) == f"https://git.example.org/c/?id={'a' * 40}"
    assert commit_link(None, Oid("a" * 40)) is None
