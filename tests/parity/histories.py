"""Random histories that are hard to merge: few different lines, many repetitions, and every kind of change.

A seed gives the same history everywhere. States are kept here as plain dictionaries and written by `git fast-import`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

State = dict[str, tuple[str, bytes]]
"""Path → mode and content."""

_LINES = (b"a\n", b"b\n", b"c\n", b"{\n", b"}\n", b"\n")
_FOLDERS = ("", "", "lib/", "lib/deep/", "doc/", "src/x86/")
_ATTRIBUTES = (b"*.txt merge=union\n", b"*.c -merge\n", b"doc/* binary\n", b"*.c merge=custom\n", b"* text=auto\n")


@dataclass
class History:
    """Commits as marks of one import: `upstream` in order, and `tips` to pick onto."""

    path: Path
    upstream: list[str] = field(default_factory=list)
    tips: list[str] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)


def make_history(path: Path, seed: int, *, upstream: int = 8, tips: int = 5, object_format: str = "sha1") -> History:
    """Make a bare repository at `path` with `upstream` commits on a base and `tips` commits diverging from it."""
    random = Random(seed)
    base: State = {}
    for _ in range(random.randint(3, 7)):
        _add_file(base, random)
    if random.random() < 0.3:
        base[".gitattributes"] = ("100644", random.choice(_ATTRIBUTES))
    states: list[tuple[State, tuple[int, ...]]] = [(base, ())]
    upstream_at = []
    state, parent = base, 0
    for _ in range(upstream):
        state = _changed(state, random)
        states.append((state, (parent,)))
        parent = len(states) - 1
        upstream_at.append(parent)
    tips_at = []
    state, parent = base, 0
    for _ in range(tips):
        for _ in range(random.randint(1, 3)):
            # A branch takes some of upstream's changes as they are, so that picks may also be empty.
            state = _with_part_of(state, random.choice(states)[0], random) if random.random() < 0.3 else state
            state = _changed(state, random)
        states.append((state, (parent,)))
        parent = len(states) - 1
        tips_at.append(parent)
    ids = import_states(path, states, object_format=object_format)
    return History(path, [ids[at] for at in upstream_at], [ids[at] for at in tips_at])


def make_criss_cross(path: Path, seed: int, *, object_format: str) -> History:
    """Make a bare repository in which two lines merge each other again and again, with `merges` of two parents each,
    and a branch of its own to pick onto."""
    random = Random(seed)
    base: State = {}
    for _ in range(random.randint(3, 7)):
        _add_file(base, random)
    states: list[tuple[State, tuple[int, ...]]] = [(base, ())]
    lines = [(base, 0), (base, 0)]
    merges_at = []
    for _ in range(3):
        grown = []
        for state, parent in lines:
            states.append((_changed(state, random), (parent,)))
            grown.append((states[-1][0], len(states) - 1))
        (one, one_at), (other, other_at) = grown
        crossed = []
        for (mine, mine_at), (its, its_at) in (((one, one_at), (other, other_at)), ((other, other_at), (one, one_at))):
            states.append((_with_part_of(mine, its, random), (mine_at, its_at)))
            merges_at.append(len(states) - 1)
            crossed.append((states[-1][0], len(states) - 1))
        lines = crossed
    states.append((_changed(_changed(base, random), random), (0,)))
    ids = import_states(path, states, object_format=object_format)
    return History(path, tips=[ids[-1], ids[1]], merges=[ids[at] for at in merges_at])


def _changed(before: State, random: Random) -> State:
    state = dict(before)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        kinds = (_edit, _edit, _edit, _edit, _edit, _add_file, _remove, _rename, _rename_folder, _odd)
        random.choice(kinds)(state, random)
    return state


def _lines(random: Random) -> list[bytes]:
    count = random.choice((3, 8, 20, 40))
    return [random.choice(_LINES) for _ in range(count)]


def _add_file(state: State, random: Random) -> None:
    name = random.choice(_FOLDERS) + random.choice("fghij") + random.choice((".c", ".txt", ""))
    _put(state, name, ("100644", b"".join(_lines(random))))


def _put(state: State, name: str, entry: tuple[str, bytes]) -> None:
    """Put a file; what would be a file and a folder at once gives way."""
    for other in list(state):
        if other.startswith(f"{name}/") or name.startswith(f"{other}/"):
            del state[other]
    state[name] = entry


def _pick_name(state: State, random: Random) -> str | None:
    return random.choice(sorted(state)) if state else None


def _edit(state: State, random: Random) -> None:
    name = _pick_name(state, random)
    if name is None or not state[name][0].startswith("100"):
        return
    mode, content = state[name]
    lines = content.splitlines(keepends=True)
    for _ in range(random.choice((1, 1, 2))):
        at = random.randint(0, len(lines))
        removed = random.choice((0, 0, 1, 2, 5))
        lines[at : at + removed] = [random.choice(_LINES) for _ in range(random.choice((0, 1, 1, 2, 4)))]
    state[name] = (mode, b"".join(lines))


def _remove(state: State, random: Random) -> None:
    name = _pick_name(state, random)
    if name is not None and len(state) > 1:
        del state[name]


def _rename(state: State, random: Random) -> None:
    name = _pick_name(state, random)
    if name is not None:
        entry = state.pop(name)
        _put(state, random.choice(_FOLDERS) + random.choice("fghijklm") + ".c", entry)
        if random.random() < 0.4:
            _edit(state, random)


def _rename_folder(state: State, random: Random) -> None:
    folders = sorted({name.rpartition("/")[0] for name in state if "/" in name})
    if not folders:
        return
    old, new = random.choice(folders), random.choice(("moved", "lib", "doc", "src/arm"))
    for name in [name for name in sorted(state) if name.startswith(f"{old}/")]:
        entry = state.pop(name)
        _put(state, new + name[len(old) :], entry)


def _odd(state: State, random: Random) -> None:
    """Modes, links, submodules, binary files, line ends, missing final line ends, attributes."""
    kind = random.randint(0, 7)
    name = _pick_name(state, random)
    if kind == 0 or name is None:
        state[".gitattributes"] = ("100644", random.choice(_ATTRIBUTES))
        return
    mode, content = state[name]
    if kind == 6:
        _put(state, "sub", ("160000", random.choice((b"1", b"2")) * 40))
    elif kind == 2:
        state[name] = ("120000", b"target" + random.choice((b"1", b"2")))
    elif kind == 7 or not mode.startswith("100"):
        state[name] = ("100644", b"".join(_lines(random)))
    elif kind == 1:
        state[name] = ("100755" if mode == "100644" else "100644", content)
    elif kind == 3:
        state[name] = (mode, content + b"\0binary" + random.choice(_LINES))
    elif kind == 4:
        state[name] = (mode, content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    elif kind == 5:
        state[name] = (mode, content.rstrip(b"\n"))


def _with_part_of(state: State, other: State, random: Random) -> State:
    """Return `state` with some files as they are in `other`."""
    result = dict(state)
    for name in sorted(other):
        if random.random() < 0.4:
            _put(result, name, other[name])
    return result


def import_states(
    path: Path, states: Sequence[tuple[State, Sequence[int]]], *, object_format: str = "sha1"
) -> list[str]:
    """Make a bare repository whose commits have these states; parents are places in the same list. Return the ids."""
    subprocess.run(
        ["git", "init", "-q", "--bare", "-b", "master", f"--object-format={object_format}", str(path)], check=True
    )
    digits = 64 if object_format == "sha256" else 40
    stream = []
    for at, (state, parents) in enumerate(states):
        stream.append(b"commit refs/heads/c%d\nmark :%d\n" % (at, at + 1))
        stream.append(b"author A <a@example.org> %d +0000\n" % (1_700_000_000 + at))
        stream.append(b"committer C <c@example.org> %d +0000\ndata 1\n%c\n" % (1_700_000_000 + at, 97 + at % 26))
        for number, parent in enumerate(parents):
            stream.append(b"%s :%d\n" % (b"merge" if number else b"from", parent + 1))
        stream.append(b"deleteall\n")
        for name, (mode, content) in sorted(state.items()):
            quoted = b'"' + name.encode().replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b'"', b'\\"') + b'"'
            if mode == "160000":
                stream.append(b"M 160000 %s %s\n" % (content[:1] * digits, quoted))
            else:
                stream.append(b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), quoted, len(content), content))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=path, input=b"".join(stream), check=True)
    names = "".join(f"refs/heads/c{at}\n" for at in range(len(states)))
    listed = subprocess.run(
        ["git", "cat-file", "--batch-check=%(objectname)"],
        cwd=path,
        input=names.encode(),
        capture_output=True,
        check=True,
    )
    return listed.stdout.decode().split()
