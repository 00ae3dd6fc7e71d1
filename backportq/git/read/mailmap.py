"""Identities as `.mailmap` maps them, by git's own `check-mailmap`.

Apart because it concerns people and not history. It must not decide who a person of the queue is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backportq.git.repository import Repository
from backportq.model.commit import Identity, parse_identity


def canonical_identity(repository: Repository, identity: Identity) -> Identity:
    """Return the identity that the repository's mailmap gives for `identity`; the same where it has none.

    A bare repository's mailmap is that of its HEAD, as git has it (gitmailmap(5)).
    """
    return canonical_identities(repository, [identity])[identity]


def canonical_identities(repository: Repository, identities: Iterable[Identity]) -> dict[Identity, Identity]:
    """Return, for each identity, the one that the repository's mailmap gives; asked of one process for all."""
    wanted = list(dict.fromkeys(identities))
    lines = {one: _line(one) for one in wanted}
    asked = [one for one in wanted if lines[one] is not None]
    found = {one: one for one in wanted}
    if not asked:
        return found
    given = "".join(lines[one] or "" for one in asked).encode("utf-8", "replace")
    answer = repository.git.run("check-mailmap", "--stdin", stdin=given, ok=(0, 128))
    if answer.status != 0:
        return found
    said = answer.out.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if len(said) == len(asked):
        found.update({one: parse_identity(line) for one, line in zip(asked, said, strict=True)})
    return found


def _line(identity: Identity) -> str | None:
    """Return the line that git is asked; None for what it could not take."""
    name, mail = (re.sub(r"[<>\x00-\x1f]", "", part) for part in (identity.name, identity.mail))
    return f"{name} <{mail}>\n" if mail else None
