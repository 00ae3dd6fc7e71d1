"""Queries as people type them, with `me` resolved to a key.

Apart from the language because that needs the people and the git identity. This module must not look at items.
"""

from __future__ import annotations

from backportq.model.items.query import ItemQuery, parse_query
from backportq.services.decisions.tasks import find_myself
from backportq.services.project import Project


def query_of(project: Project, text: str) -> ItemQuery:
    """Return the query that `text` spells; `assignee:me` is the one whose git identity this is."""
    query = parse_query(text)
    if not any(one.key == "assignee" and "me" in one.values for one in query.conditions):
        return query
    person = find_myself(project, project.store.snapshot().state.people)
    return parse_query(text, me=person.key if person is not None else None)
