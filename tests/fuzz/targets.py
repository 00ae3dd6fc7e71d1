"""What is fuzzed: one function for each kind of text that strangers write, with the properties that must hold.

A target returns where the input is read or refused as designed, and raises for anything else: another exception, a
result that its writer does not give back, a hint that skipped what is there. They are run by `tests.fuzz.run` with
atheris, and on the kept seeds by the ordinary tests.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping

from backportq.cli.terminal.clean import UNSAFE, clean, clean_lines
from backportq.errors import BackportqError
from backportq.model.commit import Commit
from backportq.model.ids import BranchName, Oid
from backportq.model.items.query import parse_query
from backportq.model.people.codeowners import parse_codeowners
from backportq.model.people.maintainers import parse_maintainers
from backportq.model.trailers.dialects import DIALECTS, grammar_of
from backportq.model.trailers.dialects.grammar import Grammar
from backportq.model.trailers.message import trailers_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers
from backportq.model.versions import find_range, parse_range, parse_version
from backportq.queue.codec.config import CONFIG_FILE, config_table, read_config
from backportq.queue.codec.items import read_items, write_items
from backportq.queue.codec.paths import branch_of, closed_path, is_storable, open_path
from backportq.queue.codec.people import PEOPLE_FILE, people_table, read_people
from backportq.queue.codec.stored_state import source_of
from backportq.queue.log_message import compose_message, read_message
from backportq.queue.sync.merge_documents import merge_document
from backportq.queue.toml.kept_layout import document_bytes
from backportq.services.mail.mailbox import iter_mails, read_mail

OID = Oid("1" * 40)


class BrokenPropertyError(AssertionError):
    """Something that must hold for every input does not."""


def require(holds: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise unless the property holds."""
    if not holds:
        raise BrokenPropertyError(what)


@functools.cache
def _grammar() -> Grammar:
    return grammar_of(list(DIALECTS))


def tags(data: bytes) -> None:
    """Read a commit message: what the quick looks skip must not hold anything."""
    raw = b"tree 1\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n\n" + data
    message = Commit(OID, raw).message
    grammar = _grammar()
    trailers_of(message)
    found = read_trailers(message, grammar)
    anything = found.fixes or found.requests or found.opt_outs or found.prerequisites or found.malformed
    if anything and grammar.tag_hint.search(message.encode("utf-8", "surrogateescape")) is None:
        raise BrokenPropertyError(f"the hint for tags misses {found}")
    if read_picks(message, grammar) and grammar.pick_hint.search(message.encode("utf-8", "surrogateescape")) is None:
        raise BrokenPropertyError("the hint for picks misses one")


def commit(data: bytes) -> None:
    """Read a raw commit object, whatever its headers say."""
    one = Commit(OID, data)
    require("\n" not in one.subject, "a subject is one line")
    _ = (one.parents, one.author, one.committer, one.authored, one.committed, one.message)


def ranges(data: bytes) -> None:
    """Read versions and ranges of versions, and ask them."""
    text = data.decode("utf-8", "surrogateescape")
    first, _, second = text.partition("\n")
    version, other = parse_version(first), parse_version(second)
    if version is not None and other is not None:
        require((version < other) + (other < version) + (version == other) == 1, "versions are ordered")
    each = []
    with contextlib.suppress(ValueError):
        found, _ = find_range(text)
        each += [found] if found is not None else []
    for single_is_minimum in (False, True):
        with contextlib.suppress(ValueError):
            each.append(parse_range(text, single_is_minimum=single_is_minimum))
    for one in each:
        one.includes(first)
        one.includes("4.18")


def toml(data: bytes) -> None:
    """Read a file of the queue: refused with file and line, or written and read back equal."""
    branch = BranchName("stable-1")
    for closed, path in ((False, open_path(branch)), (True, closed_path(branch))):
        try:
            file = read_items(source_of(path, data), branch, closed=closed)
        except BackportqError as error:
            for line in error.message.split("\n"):  # one for each error of the file
                require(line.startswith(path) and UNSAFE.search(line) is None, f"unclean: {error.message!r}")
            continue
        written = write_items(file)
        again = read_items(source_of(path, written), branch, closed=closed)
        require(write_items(again) == written, "items come back")  # by their bytes, since NaN is not equal to itself
        require(
            UNSAFE.sub("", written.decode().replace("\n", "")) == written.decode().replace("\n", ""), "unclean file"
        )


def config(data: bytes) -> None:
    """Read configuration and people: refused with file and line, or written and read back equal."""
    try:
        value = read_config(source_of(CONFIG_FILE, data))
    except BackportqError:
        pass
    else:
        canonical = document_bytes(config_table(value))
        again = document_bytes(config_table(read_config(source_of(CONFIG_FILE, canonical))))
        require(again == canonical, "configuration comes back")
    try:
        people = read_people(source_of(PEOPLE_FILE, data))
    except BackportqError:
        return
    canonical = document_bytes(people_table(people))
    again = document_bytes(people_table(read_people(source_of(PEOPLE_FILE, canonical))))
    require(again == canonical, "people come back")


def documents(data: bytes) -> None:
    """Merge three texts of one document, separated by form feeds: refused, or the same whoever merges."""
    parts = data.split(b"\f")
    if len(parts) != 3:
        return
    results = []
    for ours, theirs in ((parts[1], parts[2]), (parts[2], parts[1])):
        try:
            merged = merge_document(
                PEOPLE_FILE, parts[0], ours, theirs, ours_is_later=lambda: None, merge=lambda *_: None
            )
        except BackportqError:
            return
        results.append(document_bytes(people_table(read_people(source_of(PEOPLE_FILE, merged.content)))))
    require(results[0] == results[1], "a merge is the same whoever makes it")


def mail(data: bytes) -> None:
    """Read a mailbox."""
    import io

    for raw in iter_mails(io.BytesIO(data)):
        try:
            read_mail(raw)
        except BackportqError:
            continue


def owners(data: bytes) -> None:
    """Read MAINTAINERS and CODEOWNERS of a stranger."""
    text = data.decode("utf-8", "replace")
    parse_maintainers(text)
    parse_codeowners(text)


def texts(data: bytes) -> None:
    """Clean text for a terminal, messages of the log, names of branches as paths, queries."""
    text = data.decode("utf-8", "surrogateescape")
    cleaned = clean(text)
    require(UNSAFE.search(cleaned) is None and clean(cleaned) == cleaned, "cleaning is complete and idempotent")
    require(all(UNSAFE.search(line) is None for line in clean_lines(text)), "every line is clean")
    message = compose_message(text, "note", ())
    record = read_message(message)
    require((record.command, record.items) == ("note", ()), f"a summary forges nothing: {record}")
    if is_storable(text):
        name = BranchName(text)
        require(branch_of(open_path(name)) == (name, False), "a branch has one path")
    branch_of(text)
    try:
        parse_query(text)
    except BackportqError:
        return


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (tags, commit, ranges, toml, config, documents, mail, owners, texts)
}
