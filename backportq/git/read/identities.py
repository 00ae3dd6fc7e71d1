"""Identities as git knows them: mapped through `.mailmap`, and counted over a stretch of history.

Both ask git itself (`check-mailmap`, and `log` with `%aN %aE`), so the mapping is git's own. Who of them is a person of
the queue is for `services/people`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from backportq.git.repository import Repository
from backportq.model.commit import Identity, parse_identity
from backportq.model.ids import Oid

_FULL_NAME = 2
_SEARCHED = 500


def canonical_identities(
    repository: Repository, identities: Iterable[Identity], *, tip: Oid | None
) -> dict[Identity, Identity]:
    """Return the identity that the mailmap of `tip` gives for each of `identities`; one process answers for all.

    With no tip it is the mailmap of HEAD.
    """
    wanted = list(dict.fromkeys(identities))
    lines = {identity: _line(identity) for identity in wanted}
    asked = [identity for identity in wanted if lines[identity] is not None]
    canonical = {identity: identity for identity in wanted}
    if not asked:
        return canonical
    given = "".join(lines[identity] or "" for identity in asked).encode("utf-8", "replace")
    answer = repository.git.run("check-mailmap", "--stdin", stdin=given, ok=(0, 128), config=_mailmap_of(tip))
    # git refuses all lines for one that it cannot parse; identities then stay as they are.
    if answer.status != 0:
        return canonical
    mapped = answer.out.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if len(mapped) == len(asked):
        canonical.update({identity: parse_identity(line) for identity, line in zip(asked, mapped, strict=True)})
    return canonical


def find_addresses(repository: Repository, tip: Oid | None, name: str) -> tuple[str, ...]:
    """Return the addresses under which the author with this full name wrote what `tip` reaches, newest first; none for
    a name of one word, which may be anybody's."""
    if len(name.split()) < _FULL_NAME or tip is None:
        return ()
    asked = (
        "--fixed-strings",
        f"--author={name} <",
        "--use-mailmap",
        f"--max-count={_SEARCHED}",
        "--format=%aN%x00%aE",
    )
    log = repository.git.run("log", *asked, tip, config=_mailmap_of(tip)).out.decode("utf-8", "replace")
    found = (line.partition("\0") for line in log.split("\n"))
    return tuple(dict.fromkeys(mail for given, _, mail in found if given.casefold() == name.casefold()))


def _mailmap_of(tip: Oid | None) -> tuple[str, ...]:
    """Return the settings by which git reads the mailmap of a commit, and not that of what is checked out."""
    return ("core.bare=true", f"mailmap.blob={tip or 'HEAD'}:.mailmap")


def _line(identity: Identity) -> str | None:
    """Return the line that `check-mailmap` is given for an identity; None for one that it cannot take."""
    name, mail = (re.sub(r"[<>\x00-\x1f]", "", part) for part in (identity.name, identity.mail))
    return f"{name} <{mail}>\n" if mail else None


def count_people(repository: Repository, tips: Sequence[Oid], *, since: date) -> Counter[Identity]:
    """Return how many commits since a day each person wrote or committed, over all `tips` and without merges, after the
    mailmap of the first tip."""
    given = "".join(f"{tip}\n" for tip in tips).encode()
    log = repository.git.run(
        "log",
        "--stdin",
        "--no-merges",
        f"--since={since.isoformat()}",
        "--format=%aN%x00%aE%x00%cN%x00%cE",
        stdin=given,
        config=_mailmap_of(tips[0]),
    )
    counts: Counter[Identity] = Counter()
    for line in log.out.decode("utf-8", "replace").split("\n"):
        fields = line.split("\0")
        if len(fields) == 4:
            counts.update({Identity(fields[0], fields[1]), Identity(fields[2], fields[3])})
    return counts
