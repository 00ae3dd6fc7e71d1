"""The folder of a report: only what changed is written, nothing of somebody else is touched."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from backportq.web.folder import MANIFEST, FolderError, Page, WriteResult, write_pages


def _pages(**contents: str) -> list[Page]:
    return [Page(name.replace("__", "/"), f"of {text}", partial(text.encode)) for name, text in contents.items()]


def _files(folder: Path) -> dict[str, str]:
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    found.pop(MANIFEST, None)
    return found


def test_second_run_writes_what_changed_and_removes_what_is_gone(tmp_path: Path) -> None:
    assert write_pages(tmp_path / "site", _pages(a="1", in__b="2", in__c="3")) == WriteResult(3, 0, 0)
    before = (tmp_path / "site" / "a").stat().st_mtime_ns
    assert write_pages(tmp_path / "site", _pages(a="1", in__b="new")) == WriteResult(1, 1, 1)
    assert _files(tmp_path / "site") == {"a": "1", "in/b": "new"}
    assert (tmp_path / "site" / "a").stat().st_mtime_ns == before


def test_page_with_the_same_inputs_is_not_rendered(tmp_path: Path) -> None:
    write_pages(tmp_path, _pages(a="1"))

    def fail() -> bytes:
        pytest.fail("rendered")

    assert write_pages(tmp_path, [Page("a", "of 1", fail)]) == WriteResult(0, 1, 0)


@pytest.mark.parametrize("listed", [False, True])
def test_foreign_file_in_the_way_stops_everything(tmp_path: Path, *, listed: bool) -> None:
    if listed:  # once ours, and then changed by somebody
        write_pages(tmp_path, _pages(b="1"))
    (tmp_path / "b").write_text("mine")
    with pytest.raises(FolderError, match="files that this report did not make: b"):
        write_pages(tmp_path, _pages(a="1", b="2"))
    assert _files(tmp_path) == {"b": "mine"}


def test_foreign_files_beside_it_stay(tmp_path: Path) -> None:
    (tmp_path / "CNAME").write_text("example.org")
    write_pages(tmp_path, _pages(in__a="1", b="2"))
    (tmp_path / "in" / "mine").write_text("mine")
    (tmp_path / "b").write_text("changed by hand")
    assert write_pages(tmp_path, []) == WriteResult(0, 0, 1)
    assert _files(tmp_path) == {"CNAME": "example.org", "in/mine": "mine", "b": "changed by hand"}


def test_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, site = tmp_path / "outside", tmp_path / "site"
    outside.mkdir()
    site.mkdir()
    (site / "in").symlink_to(outside)
    (site / "file").symlink_to(outside / "file")
    with pytest.raises(FolderError, match="did not make: in/a, file"):
        write_pages(site, _pages(in__a="1", file="2"))
    assert list(outside.iterdir()) == []


def test_list_of_files_that_names_others_touches_none(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "precious").write_text("x")
    digest = "2d711642b726b04401627ca9fbac32f5"  # of x
    files = f'{{"../precious": ["i", ["{digest}"], 1, 1], "{tmp_path}/precious": ["i", ["{digest}"], 1, 1]}}'
    (site / MANIFEST).write_text(f'{{"schema": 1, "files": {files}}}')
    write_pages(site, _pages(a="1"))
    assert (tmp_path / "precious").read_text() == "x"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 1, "files": {"a": 1}}', '{"schema": 1, "files": {"a": ["", "", 1, 1]}}']
)
def test_damaged_list_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(FolderError, match="is no list of a report's files") as failure:
        write_pages(tmp_path, _pages(a="1"))
    assert failure.value.hints


def test_killed_run_leaves_nothing_foreign(tmp_path: Path) -> None:
    write_pages(tmp_path, _pages(a="1", b="1"))

    class Killed(BaseException):
        pass

    def written(target: Path, *_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pathlib.Path.replace", _Nth(3, Path.replace, written))  # the list, one page, and then no more
        with pytest.raises(Killed):
            write_pages(tmp_path, _pages(a="2", b="2"))
    assert write_pages(tmp_path, _pages(a="2", b="2")).removed == 0
    assert _files(tmp_path) == {"a": "2", "b": "2"}


class _Nth:
    """Calls one function, and another from the n-th time on."""

    def __init__(self, number: int, first: object, then: object) -> None:
        self._left, self._first, self._then = number, first, then

    def __get__(self, target: Path, _: type) -> object:
        def call(*arguments: object) -> object:
            self._left -= 1
            return (self._first if self._left > 0 else self._then)(target, *arguments)  # type: ignore[operator]

        return call


def test_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        (tmp_path / "site").write_text("a file")  # nothing else stops the administrator
    else:
        (tmp_path / "site").mkdir(mode=0o500)
    with pytest.raises(FolderError, match=r"cannot (make|write|open)"):
        write_pages(tmp_path / "site", _pages(a="1"))
