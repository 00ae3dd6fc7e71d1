"""The situations of git's own cherry-pick tests, rebuilt as states of three trees each: base, picked commit, branch.

Named after the test file of git that has them (t3501 to t3512, t4301) and what happens in them. `base` None makes the
picked commit a root.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.parity.histories import State


@dataclass(frozen=True)
class Scenario:
    """`theirs` is picked, its parent has `base`; `ours` is picked onto, and stems from `base` too unless `is_apart`."""

    base: State | None
    theirs: State
    ours: State
    is_apart: bool = False


def text(*lines: str) -> tuple[str, bytes]:
    """A plain file of these lines."""
    return "100644", "".join(f"{line}\n" for line in lines).encode()


def script(*lines: str) -> tuple[str, bytes]:
    """An executable file of these lines."""
    return "100755", text(*lines)[1]


def link(target: str) -> tuple[str, bytes]:
    """A symbolic link."""
    return "120000", target.encode()


def module(digit: str) -> tuple[str, bytes]:
    """A submodule at an invented commit."""
    return "160000", digit.encode() * 40


def raw(content: bytes) -> tuple[str, bytes]:
    """A plain file of these bytes."""
    return "100644", content


TEN = tuple("abcdefghij")
HEAD_EDITED = ("A", *TEN[1:])
TAIL_EDITED = (*TEN[:-1], "J")
BOTH_EDITED = ("A", *TEN[1:-1], "J")
OTHER_HEAD = ("Z", *TEN[1:])
CRLF = "".join(f"{line}\r\n" for line in TEN).encode()
BINARY = bytes(range(256)) * 4


def _in(folder: str, *names: str, lines: tuple[str, ...] = TEN) -> State:
    return {f"{folder}/{name}": text(name, *lines) for name in names}


SCENARIOS: dict[str, Scenario] = {
    "t3501 file renamed on the branch, edited upstream": Scenario(
        {"oops": text(*TEN), "x": text("x")},
        {"oops": text(*HEAD_EDITED), "x": text("x")},
        {"spoo": text(*TEN), "x": text("x")},
    ),
    "t3501 file renamed upstream, edited on the branch": Scenario(
        {"oops": text(*TEN), "x": text("x")},
        {"opos": text(*TEN), "x": text("x")},
        {"oops": text(*HEAD_EDITED), "x": text("x")},
    ),
    "t3501 file renamed and edited on both sides": Scenario(
        {"oops": text(*TEN)}, {"opos": text(*HEAD_EDITED)}, {"opos": text(*TAIL_EDITED)}
    ),
    "t3501 renamed to different names": Scenario({"oops": text(*TEN)}, {"one": text(*TEN)}, {"two": text(*TEN)}),
    "t3503 root commit onto something unrelated": Scenario(
        None, {"file2": text("second")}, {"file1": text("first")}, is_apart=True
    ),
    "t3503 root commit whose file is there already, different": Scenario(
        None, {"file1": text("second")}, {"file1": text("first")}, is_apart=True
    ),
    "t3503 root commit whose file is there already, the same": Scenario(
        None, {"file1": text("first")}, {"file1": text("first"), "x": text("x")}, is_apart=True
    ),
    "t3503 root commit without files": Scenario(None, {}, {"file1": text("first")}, is_apart=True),
    "t3505 commit that changes nothing": Scenario({"f": text(*TEN)}, {"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}),
    "t3505 change that is there already": Scenario(
        {"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}, {"f": text(*HEAD_EDITED)}
    ),
    "t3505 change that is there among others": Scenario(
        {"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}, {"f": text(*BOTH_EDITED)}
    ),
    "t3505 removal that is there already": Scenario(
        {"f": text(*TEN), "g": text("g")}, {"g": text("g")}, {"g": text("other")}
    ),
    "t3505 commit that removes everything": Scenario({"f": text(*TEN)}, {}, {"f": text(*TEN)}),
    "t3507 conflicting lines": Scenario({"foo": text("a")}, {"foo": text("c")}, {"foo": text("b")}),
    "t3507 neighbouring lines": Scenario(
        {"f": text(*TEN)}, {"f": text("a", "B", *TEN[2:])}, {"f": text("A", *TEN[1:])}
    ),
    "t3507 lines with one between": Scenario(
        {"f": text(*TEN)}, {"f": text("a", "b", "C", *TEN[3:])}, {"f": text("A", *TEN[1:])}
    ),
    "t3507 file removed on the branch": Scenario(
        {"f": text(*TEN), "g": text("g")}, {"f": text(*HEAD_EDITED), "g": text("g")}, {"g": text("g")}
    ),
    "t3507 file removed upstream, edited on the branch": Scenario(
        {"f": text(*TEN), "g": text("g")}, {"g": text("g")}, {"f": text(*HEAD_EDITED), "g": text("g")}
    ),
    "t3507 one of two files conflicts": Scenario(
        {"f": text(*TEN), "g": text(*TEN)},
        {"f": text(*HEAD_EDITED), "g": text(*HEAD_EDITED)},
        {"f": text(*OTHER_HEAD), "g": text(*TAIL_EDITED)},
    ),
    "t3509 branch has a folder where upstream adds a file": Scenario(
        {"x": text("x")}, {"x": text("x"), "a": text("file")}, {"x": text("x"), "a/b": text("inside")}
    ),
    "t3509 branch has a file where upstream adds a folder": Scenario(
        {"x": text("x")}, {"x": text("x"), "a/b": text("inside")}, {"x": text("x"), "a": text("file")}
    ),
    "t3509 rename across paths with a file and a folder": Scenario(
        {"a/b": text(*TEN), "x": text("x")},
        {"a": link("b/a"), "b/a": text(*TEN), "x": text("x")},
        {"a/b": text(*TEN), "x": text("y")},
    ),
    "t3509 rename to the name of a folder of the branch": Scenario(
        {"a": text(*TEN)}, {"b": text(*TEN)}, {"a": text(*HEAD_EDITED), "b/c": text("inside")}
    ),
    "t3509 rename in a folder that became a file": Scenario(
        {"sub/a": text(*TEN), "x": text("x")},
        {"sub/b": text(*HEAD_EDITED), "x": text("x")},
        {"sub": text("now a file"), "x": text("x")},
    ),
    "t3509 link replaces a file": Scenario({"f": text(*TEN)}, {"f": link("elsewhere")}, {"f": text(*HEAD_EDITED)}),
    "t3509 links to different places": Scenario({"f": link("a")}, {"f": link("b")}, {"f": link("c")}),
    "t3509 link changed upstream only": Scenario({"f": link("a")}, {"f": link("b")}, {"f": link("a"), "g": text("g")}),
    "t3509 link added on both sides": Scenario({}, {"f": link("b")}, {"f": link("b"), "x": text("x")}, is_apart=True),
    "t3512 submodule added": Scenario({"x": text("x")}, {"x": text("x"), "sub": module("1")}, {"x": text("y")}),
    "t3512 submodule moved on": Scenario(
        {"x": text("x"), "sub": module("1")}, {"x": text("x"), "sub": module("2")}, {"x": text("y"), "sub": module("1")}
    ),
    "t3512 submodule moved on both sides": Scenario({"sub": module("1")}, {"sub": module("2")}, {"sub": module("3")}),
    "t3512 submodule removed": Scenario(
        {"x": text("x"), "sub": module("1")}, {"x": text("x")}, {"x": text("y"), "sub": module("1")}
    ),
    "t3512 submodule becomes a folder": Scenario(
        {"sub": module("1"), "x": text("x")}, {"sub/f": text("f"), "x": text("x")}, {"sub": module("1"), "x": text("y")}
    ),
    "t3512 submodule becomes a file": Scenario(
        {"sub": module("1")}, {"sub": text("f")}, {"sub": module("1"), "x": text("y")}
    ),
    "t3512 file becomes a submodule": Scenario(
        {"sub": text("f")}, {"sub": module("1")}, {"sub": text("f"), "x": text("y")}
    ),
    "t4301 content merges": Scenario({"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}, {"f": text(*TAIL_EDITED)}),
    "t4301 folder renamed on the branch, file added to it upstream": Scenario(
        _in("old", "a", "b", "c"), _in("old", "a", "b", "c", "new"), _in("fresh", "a", "b", "c")
    ),
    "t4301 folder renamed upstream, file added to it on the branch": Scenario(
        _in("old", "a", "b", "c"), _in("fresh", "a", "b", "c"), _in("old", "a", "b", "c", "new")
    ),
    "t4301 folder split, file added to it upstream": Scenario(
        _in("old", "a", "b", "c", "d"),
        _in("old", "a", "b", "c", "d", "new"),
        {**_in("one", "a", "b"), **_in("two", "c", "d")},
    ),
    "t4301 part of a folder renamed, file added to it upstream": Scenario(
        _in("old", "a", "b", "c"), _in("old", "a", "b", "c", "new"), {**_in("fresh", "a", "b"), **_in("old", "c")}
    ),
    "t4301 inner folder renamed, file added to a new folder in it": Scenario(
        _in("top/old", "a", "b"),
        {**_in("top/old", "a", "b"), "top/old/deep/new": text("n")},
        _in("top/fresh", "a", "b"),
    ),
    "t4301 file added to a folder that the branch removed": Scenario(
        {**_in("old", "a"), "x": text("x")}, {**_in("old", "a", "new"), "x": text("x")}, {"x": text("x")}
    ),
    "t4301 file added to a folder that nobody has": Scenario(
        {"x": text("x")}, {"x": text("x"), "new/deep/f": text("f")}, {"x": text("y")}
    ),
    "t4301 file added that the branch has, the same": Scenario(
        {"x": text("x")}, {"x": text("x"), "f": text("f")}, {"x": text("y"), "f": text("f")}
    ),
    "t4301 file added that the branch has, different": Scenario(
        {"x": text("x")}, {"x": text("x"), "f": text(*HEAD_EDITED)}, {"x": text("y"), "f": text(*TAIL_EDITED)}
    ),
    "t4301 rename and delete": Scenario(
        {"a": text(*TEN), "x": text("x")}, {"b": text(*TEN), "x": text("x")}, {"x": text("x")}
    ),
    "t4301 rename and add": Scenario({"a": text(*TEN)}, {"b": text(*TEN)}, {"a": text(*TEN), "b": text("other")}),
    "t4301 two renamed to one": Scenario(
        {"a": text(*TEN), "b": text(*reversed(TEN))},
        {"c": text(*TEN), "b": text(*reversed(TEN))},
        {"a": text(*TEN), "c": text(*reversed(TEN))},
    ),
    "t4301 swapped names": Scenario(
        {"a": text(*TEN), "b": text(*reversed(TEN))},
        {"a": text(*HEAD_EDITED), "b": text(*reversed(TEN))},
        {"a": text(*reversed(TEN)), "b": text(*TEN)},
    ),
    "t4301 mode changed upstream, lines on the branch": Scenario(
        {"f": text(*TEN)}, {"f": script(*TEN)}, {"f": text(*HEAD_EDITED)}
    ),
    "t4301 mode changed on both sides": Scenario({"f": text(*TEN)}, {"f": script(*TEN)}, {"f": script(*TEN)}),
    "t4301 mode and lines changed, crosswise": Scenario(
        {"f": text(*TEN)}, {"f": script(*HEAD_EDITED)}, {"f": text(*TAIL_EDITED)}
    ),
    "t4301 file added with different modes": Scenario(
        {"x": text("x")}, {"x": text("x"), "f": script("f")}, {"x": text("x"), "f": text("f")}
    ),
    "t4301 removed upstream, mode changed on the branch": Scenario(
        {"f": text(*TEN), "x": text("x")}, {"x": text("x")}, {"f": script(*TEN), "x": text("x")}
    ),
    "t4301 binary file changed on both sides": Scenario(
        {"f": raw(BINARY)}, {"f": raw(b"x" + BINARY)}, {"f": raw(BINARY + b"x")}
    ),
    "t4301 binary file changed upstream only": Scenario(
        {"f": raw(BINARY), "x": text("x")},
        {"f": raw(b"x" + BINARY), "x": text("x")},
        {"f": raw(BINARY), "x": text("y")},
    ),
    "line ends changed on the branch": Scenario({"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}, {"f": raw(CRLF)}),
    "line ends the same on all sides": Scenario(
        {"f": raw(CRLF)}, {"f": raw(b"A\r\n" + CRLF[3:])}, {"f": raw(CRLF[:-3] + b"J\r\n")}
    ),
    "no line end at the end": Scenario(
        {"f": raw(b"a\nb\nc\nd")}, {"f": raw(b"a\nb\nc\nd\n")}, {"f": raw(b"A\nb\nc\nd")}
    ),
    "attributes of the branch: union": Scenario(
        {"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}, {"f": text(*OTHER_HEAD), ".gitattributes": text("f merge=union")}
    ),
    "attributes of the branch: binary": Scenario(
        {"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}, {"f": text(*TAIL_EDITED), ".gitattributes": text("f binary")}
    ),
    "attributes of the branch: in a folder, overriding": Scenario(
        {"d/f": text(*TEN), "d/g": text(*TEN)},
        {"d/f": text(*HEAD_EDITED), "d/g": text(*HEAD_EDITED)},
        {
            "d/f": text(*OTHER_HEAD),
            "d/g": text(*TAIL_EDITED),
            ".gitattributes": text("* -merge"),
            "d/.gitattributes": text("f merge=union", "g merge"),
        },
    ),
    "attributes of the branch: a macro": Scenario(
        {"f": text(*TEN)},
        {"f": text(*HEAD_EDITED)},
        {"f": text(*TAIL_EDITED), ".gitattributes": text("[attr]odd -merge", "f odd")},
    ),
    "attributes of the branch: a renamed file": Scenario(
        {"f": text(*TEN)},
        {"f": text(*HEAD_EDITED)},
        {"g": text(*OTHER_HEAD[:1], *TAIL_EDITED[1:]), ".gitattributes": text("g merge=union")},
    ),
    "attributes of the commit do not count": Scenario(
        {"f": text(*TEN)}, {"f": text(*HEAD_EDITED), ".gitattributes": text("f merge=union")}, {"f": text(*OTHER_HEAD)}
    ),
    "attributes ask for a driver that nobody defined": Scenario(
        {"f": text(*TEN)}, {"f": text(*HEAD_EDITED)}, {"f": text(*TAIL_EDITED), ".gitattributes": text("f merge=mine")}
    ),
    "names that need quoting": Scenario(
        {'d "q"\n/ä': text(*TEN)}, {'d "q"\n/ä': text(*HEAD_EDITED)}, {'d "q"\n/ä': text(*TAIL_EDITED)}
    ),
    "names that sort differently as file and folder": Scenario(
        {"a-b": text("1"), "a.b": text("2"), "z": text("z")},
        {"a-b": text("1"), "a.b": text("2"), "a/c": text("new"), "z": text("z")},
        {"a-b": text("1"), "a.b": text("2"), "a0": text("3"), "z": text("y")},
    ),
}
