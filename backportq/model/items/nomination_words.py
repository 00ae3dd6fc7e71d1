"""Nominations in words, the same wherever an item is shown. This module must not look at more than the item."""

from __future__ import annotations

from backportq.model.ids import short
from backportq.model.items.item import Item
from backportq.model.items.nomination import Nomination, Via


def nomination_words(nomination: Nomination) -> str:
    """Return one reason in words: `fixes, Fixes: 3f2a12ab34cd ("x86: add the thing")`."""
    parts = [str(nomination.via)]
    if nomination.branch is not None and nomination.commit is not None:
        parts.append(f"{nomination.branch} has it as {short(nomination.commit)}")
    elif nomination.target is not None and nomination.text is None:
        parts.append(short(nomination.target))
    parts += [text for text in (nomination.rule, nomination.text) if text is not None]
    if nomination.due is not None:
        parts.append(f"not before {nomination.due.date().isoformat()}")
    by = f" ({nomination.by})" if nomination.by is not None and nomination.is_decided else ""
    return ", ".join(parts) + by


def first_reason(item: Item) -> str:
    """Return the first reason in a word: the newer branch that has it, the rule, or how it was nominated."""
    if not item.nominations:
        return "kept"
    first = item.nominations[0]
    return first.branch or "" if first.via is Via.NEWER_BRANCH else first.rule or str(first.via)
