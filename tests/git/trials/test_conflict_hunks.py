"""What is shown of a conflict is what the file holds there, and nothing of the next conflict."""

from __future__ import annotations

from backportq.git.trials.conflict_hunks import read_hunks

_FILE = b"""top
<<<<<<< ours 1
a
||||||| base
b
=======
c
>>>>>>> theirs 1
between
<<<<<<< ours 1
d
||||||| base
e
=======
f
>>>>>>> theirs 1
end
"""


def test_lines_after_a_conflict_end_where_the_next_begins() -> None:
    first, second = read_hunks(_FILE, (b"ours 1", b"theirs 1"))
    assert first.after == (b"between",)
    assert (second.before, second.branch, second.commit, second.after) == ((b"between",), (b"d",), (b"f",), (b"end",))
