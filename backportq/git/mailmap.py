"""Identities as `.mailmap` maps them, by git's own `check-mailmap`.

Apart because it concerns people and not history. It must not decide who a person of the queue is.
"""

from __future__ import annotations

import re

from backportq.git.repository import Repository
from backportq.model.commit import Identity, parse_identity


def canonical_identity(repository: Repository, identity: Identity) -> Identity:
    """Return the identity that the repository's mailmap gives for `identity`; the same where it has none.

    A bare repository's mailmap is that of its HEAD, as git has it (gitmailmap(5)).
    """
    name, mail = (re.sub(r"[<>\x00-\x1f]", "", part) for part in (identity.name, identity.mail))
    if not mail:
        return identity
    answer = repository.git.run("check-mailmap", "--stdin", stdin=f"{name} <{mail}>\n".encode(), ok=(0, 128))
    if answer.status != 0 or not answer.out:
        return identity
    return parse_identity(answer.out.decode("utf-8", "replace").strip())
