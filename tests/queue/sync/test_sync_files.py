"""Exchanging configuration, people and other files: comments stay, keys are merged, nothing is lost."""

from __future__ import annotations

from pathlib import Path

from backportq.model.merge.tables import OverruledKey
from tests.queue.shared_queue import item, shared

CONFIG_TEXT = """\
# the project
schema = 1
upstream = "master"
dialects = ["xen"]

# oldest first
[[branch]]
name = "stable-1"
version = "1"  # long-term

[[branch]]
name = "release/2"
version = "2"
"""


def test_sync_of_configuration_keeps_the_comments_of_both(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.write("config.toml", CONFIG_TEXT)
    ada.sync()
    bo.sync()
    ada.write("config.toml", CONFIG_TEXT.replace("# the project", "# our project"))
    bo.write("config.toml", CONFIG_TEXT + '\n# urgent things\n[[rule]]\nname = "xsa"\npattern = "XSA-"\n')
    ada.sync()
    assert bo.sync().merged.keys == []
    assert bo.text("config.toml") == (
        CONFIG_TEXT.replace("# the project", "# our project")
        + '\n# urgent things\n[[rule]]\nname = "xsa"\npattern = "XSA-"\n'
    )


def test_sync_of_configuration_changed_in_the_same_lines_merges_keys(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.write("config.toml", CONFIG_TEXT)
    ada.sync()
    bo.sync()
    ada.write("config.toml", CONFIG_TEXT.replace('["xen"]', '["xen", "linux"]') + 'support = "security"\n', minute=2)
    bo.write("config.toml", CONFIG_TEXT.replace('["xen"]', '["mesa", "xen"]') + 'support = "end-of-life"\n', minute=1)
    ada.sync()
    done = bo.sync()
    assert done.merged.keys == [
        ("config.toml", OverruledKey("branch.release/2.support", "security", "end-of-life")),
    ]
    assert bo.text("config.toml") == (
        CONFIG_TEXT.replace('["xen"]', '["mesa", "xen", "linux"]') + 'support = "security"\n'
    )


def test_sync_of_people_added_on_both_sides_has_all(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.write("people.toml", 'schema = 1\n\n[[person]]\nkey = "ada"\nname = "Ada Author"\n')
    bo.write("people.toml", 'schema = 1\n\n# builds\n[[person]]\nkey = "bo"\nname = "Bo Builder"\n')
    ada.sync()
    assert bo.sync().merged.keys == []
    assert [person.key for person in bo.store.snapshot().state.people.people] == ["ada", "bo"]
    assert "# builds" in bo.text("people.toml")


def test_sync_of_what_two_learned_keeps_the_later_whole(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    lines = [f"line {number}\n" for number in range(9)]
    ada.write("learned.json", "".join(lines))
    ada.sync()
    bo.sync()
    ada.write("learned.json", "".join(["ada\n", *lines[1:]]), minute=3)
    bo.write("learned.json", "".join([*lines[:-1], "bo\n"]), minute=2)
    ada.sync()
    bo.sync()
    assert bo.text("learned.json") == "".join(["ada\n", *lines[1:]])


def test_sync_of_other_files_merges_lines_and_keeps_the_later_where_they_conflict(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    lines = [f"line {number}\n" for number in range(9)]
    for path in ("README", "tools/notes"):
        ada.write(path, "".join(lines))
    ada.sync()
    bo.sync()
    ada.write("README", "".join(["ada\n", *lines[1:]]))
    bo.write("README", "".join([*lines[:-1], "bo\n"]))
    ada.write("tools/notes", "ada\n", minute=3)
    bo.write("tools/notes", "bo\n", minute=2)
    lost = bo.repo.id("backportq:tools/notes")
    ada.sync()
    done = bo.sync()
    assert bo.text("README") == "".join(["ada\n", *lines[1:-1], "bo\n"])
    assert bo.text("tools/notes") == "ada\n"
    assert [(one.path, one.lost) for one in done.merged.files] == [("tools/notes", lost)]
