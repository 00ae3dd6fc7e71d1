"""Lists of wanted backports that people keep elsewhere, read into entries: what names a change, and for which branches.

- a table (CSV, with a header or without) and JSON, as spreadsheets and scripts have it; `pending --json` too
- Mesa's `.pick_status.json`: what is nominated there and neither picked nor refused
- a `STATUS` file as Subversion's projects keep one: revisions, or commits, under a star, what was vetoed left out
- pull or merge requests with labels, as `gh pr list --json` and `glab mr list --output json` print them

Nothing is looked up here: which commit an entry means is for whoever has the repository.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backportq.errors import UsageError

_MOST = 5_000
_ID = re.compile(r"[0-9a-f]{7,64}\Z")
_STATUS_ID = r"(?=[0-9a-f]*[0-9])[0-9a-f]{7,64}"  # no word is one
_NUMBER = re.compile(r"([#!]?)(\d{1,9})\Z")
_NAMES: Mapping[str, Sequence[str]] = {
    "commit": ("commit", "sha", "hash", "oid", "id", "main_sha", "merge_commit_sha", "revision"),
    "title": ("subject", "title", "summary", "description", "change"),
    "number": ("number", "pr", "mr", "iid", "pull request", "merge request"),
    "branches": ("branch", "branches", "version", "versions", "target", "targets", "backport to", "stable"),
    "note": ("note", "notes", "reason", "comment", "comments", "justification", "why"),
    "priority": ("priority", "urgency"),
}
_YES = frozenset({"x", "y", "yes", "1", "true", "wanted", "todo", "pending", "+", "\u2713", "\u2714"})
_RESOLVED = {1: "picked already", 2: "denominated there", 3: "backported already", 4: "not needed, it says"}
_LABEL_WORD = re.compile(
    r"(?:needs?|please|auto|pick(?:ed)?|cherry|back|port|backport(?:s|ed)?|to|for|into|on|candidate)\Z"
)


class ListFormat(StrEnum):
    """What kind of file it was taken for."""

    TABLE = "table"
    JSON = "JSON list"
    PICK_STATUS = "Mesa's pick status"
    STATUS = "Subversion's STATUS"
    REQUESTS = "list of requests with labels"


@dataclass(frozen=True, slots=True)
class WantedEntry:
    """One entry: where it stands, what names the change (ids, the number of a request, revisions of Subversion, a
    title), for which branches in the list's own words, and what it says beside. `skipped` is why it asks nothing."""

    place: str
    ids: tuple[str, ...] = ()
    number: str | None = None
    revisions: tuple[str, ...] = ()
    title: str | None = None
    branches: tuple[str, ...] = ()
    note: str | None = None
    priority: str | None = None
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class WantedList:
    """All entries of a file, and what it was taken for."""

    format: ListFormat
    entries: tuple[WantedEntry, ...]


def read_wanted(content: bytes, branch_words: Sequence[str], label: str | None = None) -> WantedList:
    """Return the entries of a file. `branch_words` are the names and versions of branches, which may head a column or
    stand in a label; `label` says how labels look, with `{branch}`. Raise `UsageError` for what is no such list."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"line {line} is not UTF-8 text", hints=("save the list as UTF-8",)) from error
    if label is not None and "{branch}" not in label:
        raise UsageError(f"'{label}' says nothing of the branch", hints=("--label 'backport-{branch}'",))
    if text.lstrip()[:1] in ("[", "{"):
        found = _json_list(text, branch_words, label)
    elif re.search(rf"^\s*\*\s+(?:r\d+|{_STATUS_ID})\b", text, re.MULTILINE):
        found = WantedList(ListFormat.STATUS, tuple(_status_entries(text)))
    else:
        found = WantedList(ListFormat.TABLE, tuple(_table_entries(text, branch_words)))
    if not found.entries:
        raise UsageError("nothing is listed in it", hints=("backportq tag --help says what can be read",))
    if len(found.entries) > _MOST:
        raise UsageError(f"more than {_MOST:,} entries are listed in it", hints=("split the list",))
    return found


def branch_of_label(label: str, branch_words: Sequence[str], pattern: str | None) -> str | None:
    """Return the branch or version that a label names: `backport-4.18`, `needs backport to stable-4.18`, `4.18`."""
    if pattern is not None:
        before, _, after = pattern.partition("{branch}")
        if not (label.startswith(before) and label.endswith(after)) or len(label) < len(before) + len(after):
            return None
        name = label[len(before) : len(label) - len(after)]
        return name if name in branch_words else None
    for word in sorted(branch_words, key=len, reverse=True):
        found = re.search(rf"(?<![\w.])v?{re.escape(word)}(?![\w.])", label)
        if found is not None:
            rest = re.findall(r"[^\W_]+", f"{label[: found.start()]} {label[found.end() :]}".lower())
            return word if all(map(_LABEL_WORD.match, rest)) else None
    return None


def _json_list(text: str, branch_words: Sequence[str], label: str | None) -> WantedList:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"it begins like JSON and is none: {said}") from error
    rows = document
    if isinstance(document, dict):
        rows = next((document[key] for key in ("items", "commits", "entries") if key in document), None)
    if not isinstance(rows, list):
        raise UsageError("it has no list of commits", hints=("write a list, or an object with a list 'items'",))
    objects = [row for row in rows if isinstance(row, dict)]
    if any("nominated" in row and "resolution" in row for row in objects):
        entries = [_pick_status(row, f"entry {at}") for at, row in enumerate(rows, 1) if isinstance(row, dict)]
        return WantedList(ListFormat.PICK_STATUS, tuple(entries))
    if any("labels" in row for row in objects):
        requests = (_request(row, f"entry {at}", branch_words, label) for at, row in enumerate(rows, 1))
        return WantedList(ListFormat.REQUESTS, tuple(requests))
    return WantedList(ListFormat.JSON, tuple(_json_entry(row, f"entry {at}") for at, row in enumerate(rows, 1)))


def _json_entry(row: object, place: str) -> WantedEntry:
    if isinstance(row, str):
        return _entry(place, {"commit": row})
    if not isinstance(row, dict):
        raise UsageError(f"{place} is neither a commit nor an object")
    fields: dict[str, object] = {}
    for key, value in row.items():
        name = _field(str(key))
        if name is not None and value is not None:
            fields.setdefault(name, value)
    return _entry(place, fields)


def _pick_status(row: Mapping[str, object], place: str) -> WantedEntry:
    resolution = row.get("resolution")
    skipped = None if row.get("nominated") else "not nominated there"
    if isinstance(resolution, int) and resolution in _RESOLVED:
        skipped = skipped or _RESOLVED[resolution]
    entry = _entry(place, {"commit": row.get("sha") or "", "title": row.get("description") or ""})
    return WantedEntry(place, ids=entry.ids, title=entry.title, skipped=skipped)


def _request(row: object, place: str, branch_words: Sequence[str], label: str | None) -> WantedEntry:
    if not isinstance(row, dict):
        raise UsageError(f"{place} is no request")
    number = row.get("number", row.get("iid"))
    merged = row.get("mergeCommit")
    ids = [merged.get("oid")] if isinstance(merged, dict) else []
    ids += [row.get(key) for key in ("merge_commit_sha", "squash_commit_sha")]
    given = row.get("labels")
    labels = given if isinstance(given, list) else []
    names = [each.get("name") if isinstance(each, dict) else each for each in labels]
    found = (branch_of_label(name, branch_words, label) for name in names if isinstance(name, str))
    branches = tuple(dict.fromkeys(branch for branch in found if branch is not None))
    title = row.get("title")
    where = row.get("url", row.get("web_url"))
    known = tuple(oid for oid in ids if isinstance(oid, str) and _ID.match(oid))
    return WantedEntry(
        f"{place} (#{number})" if isinstance(number, int) else place,
        ids=known[:1],
        number=f"{'!' if 'iid' in row else '#'}{number}" if isinstance(number, int) else None,
        title=title if isinstance(title, str) else None,
        branches=branches,
        note=where if isinstance(where, str) else None,
        skipped=None if branches else "no label names a branch",
    )


def _status_entries(text: str) -> Iterable[WantedEntry]:
    """Yield the changes of a STATUS file. Sections are headed by a line that is underlined or ends with a colon."""
    section = ""
    block: list[str] = []
    start = 0
    lines = [*text.splitlines(), ""]
    for at, line in enumerate(lines, 1):
        begins = re.match(r"\s*\*\s+\S", line)
        is_heading = bool(re.match(r"\S.*:\s*\Z", line)) or (set(line.strip()) <= {"=", "-"} and bool(line.strip()))
        if block and (begins or is_heading or at == len(lines)):
            yield from _status_entry(block, f"line {start}", section)
            block = []
        if is_heading and line.strip().endswith(":"):
            section = line.strip(" :").lower()
        elif begins:
            block, start = [line.strip().removeprefix("*").strip()], at
        elif block and line.strip():
            block.append(line.strip())


def _status_entry(block: Sequence[str], place: str, section: str) -> Iterable[WantedEntry]:
    """Yield what stands under one star: the revisions together, or each commit of git."""
    revisions = tuple(dict.fromkeys(re.findall(r"\br(\d+)\b", block[0])))
    label = re.compile(r"(justification|votes?|notes?|branch|concerns?|depends|merge with):?", re.IGNORECASE)
    title: list[str] = []
    note: list[str] = []
    in_note = False
    for line in block[1:]:
        named = label.match(line)
        if named is not None:
            in_note = named[1].lower() == "justification"
            rest = line[named.end() :].strip()
            note += [rest] if in_note and rest else []
        elif in_note:
            note.append(line)
        elif not note and not title:
            title.append(line)
    skipped = "vetoed there" if "veto" in section or "reject" in section else None
    words = " ".join(note) or None
    ids = () if revisions else tuple(dict.fromkeys(re.findall(rf"\b{_STATUS_ID}\b", block[0])))
    for oid in ids:
        only = title[0] if title and len(ids) == 1 else None
        yield WantedEntry(place, ids=(oid,), title=only, note=words, skipped=skipped)
    if not ids:
        skipped = skipped or (None if revisions else "no revision is named")
        yield WantedEntry(place, revisions=revisions, title=title[0] if title else None, note=words, skipped=skipped)


def _table_entries(text: str, branch_words: Sequence[str]) -> Iterable[WantedEntry]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(re.findall(r"[^\n]*\n|[^\n]+", text), delimiter=delimiter))
    except csv.Error as error:
        raise UsageError(f"it is no table: {error}") from error
    if not rows:
        return
    heads = [head.strip() for head in rows[0]]
    fields = [_field(head) for head in heads]
    has_header = any(field in ("commit", "title", "number") for field in fields)
    if not has_header:
        heads, fields = [], ["commit", "branches", "note"]
    for at, row in enumerate(rows[1 if has_header else 0 :], 2 if has_header else 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        found: dict[str, object] = {}
        for field, cell in zip(fields, cells, strict=False):
            if field is not None and cell:
                found.setdefault(field, cell.removeprefix("'"))
        marked = [
            head for head, cell in zip(heads, cells, strict=False) if head in branch_words and cell.lower() in _YES
        ]
        named = found.get("branches")
        found["branches"] = [*_words(named), *marked]
        entry = _entry(f"line {at}", found)
        if any(head in branch_words for head in heads) and not entry.branches:
            entry = WantedEntry(entry.place, entry.ids, entry.number, title=entry.title, skipped="no branch is marked")
        yield entry


def _entry(place: str, fields: Mapping[str, object]) -> WantedEntry:
    commit = str(fields.get("commit", "")).strip()
    lowered = commit.lower()
    number = _NUMBER.match(str(fields.get("number", "")).strip() or ("" if _ID.match(lowered) else commit))
    title = str(fields.get("title", "")).strip() or None
    is_id = _ID.match(lowered) is not None
    if not is_id and number is None and title is None and commit:
        title = commit  # a list of subjects alone
    return WantedEntry(
        place,
        ids=(lowered,) if is_id else (),
        number=f"{number[1] or '#'}{number[2]}" if number is not None else None,
        title=title,
        branches=tuple(dict.fromkeys(_words(fields.get("branches")))),
        note=str(fields["note"]).strip() or None if "note" in fields else None,
        priority=str(fields["priority"]).strip().lower() if "priority" in fields else None,
        skipped=None if is_id or number is not None or title is not None else "it names no commit",
    )


def _words(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(word).strip() for word in value if str(word).strip()]
    return [word for word in re.split(r"[\s,;]+", str(value)) if word] if value is not None else []


def _field(head: str) -> str | None:
    plain = head.strip().lower().replace("_", " ")
    return next((field for field, names in _NAMES.items() if plain in (name.replace("_", " ") for name in names)), None)
