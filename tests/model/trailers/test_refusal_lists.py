"""Files in which a stable branch keeps what it is not to take."""

from __future__ import annotations

import json

import pytest

from backportq.model.trailers.refusal_lists import ListedRefusal, read_refusal_list

_ONE, _TWO, _THREE = "1" * 40, "2" * 40, "abc0123"


def test_read_refusal_list_takes_the_comment_above_for_the_reason() -> None:
    text = f"""# fixes: the commit needs another one,
#        which the branch lacks
{_ONE} harbour: count the boats
{_TWO}

{_THREE.upper()} pilot: sleep
# explicit 2.0 only
#
{_ONE}
not a commit
"""
    needs = "fixes: the commit needs another one, which the branch lacks"
    assert read_refusal_list("bin/.cherry-ignore", text.encode()) == (
        ListedRefusal(_ONE, needs),
        ListedRefusal(_TWO, needs),
        ListedRefusal(_THREE, needs),
        ListedRefusal(_ONE, "explicit 2.0 only"),
    )


def test_read_refusal_list_without_comments_has_no_reasons() -> None:
    assert read_refusal_list("ignored", f"{_ONE}\n".encode()) == (ListedRefusal(_ONE, ""),)


def test_read_refusal_list_takes_what_the_pick_status_denominates() -> None:
    entries = [
        {"sha": _ONE, "description": "merged", "nominated": True, "resolution": 1},
        {"sha": _TWO, "description": "not wanted", "nominated": True, "resolution": 2, "notes": None},
        {"sha": _ONE, "description": "otherwise", "nominated": True, "resolution": 3},
        {"sha": _ONE, "description": "not nominated", "nominated": False, "resolution": 4},
        {"sha": _THREE, "description": "not wanted", "nominated": True, "resolution": 2, "notes": "needs a lot"},
    ]
    assert read_refusal_list(".pick_status.json", json.dumps(entries).encode()) == (
        ListedRefusal(_TWO, "denominated"),
        ListedRefusal(_ONE, "backported in another form"),
        ListedRefusal(_THREE, "needs a lot"),
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b"{}", b"null", b'[1, null, {}, {"sha": 1, "resolution": 2}]', b"\xff\xfe"],
)
def test_read_refusal_list_of_a_broken_file_refuses_nothing(content: bytes) -> None:
    assert read_refusal_list(".pick_status.json", content) == ()
    assert read_refusal_list("bin/.cherry-ignore", content) == ()
