"""A judge of the person's own, asked about candidates: `git config backportq.judge CMD`.

It is given one JSON document a candidate: the message, the diff, where the changed lines came from, and what the
project did with the most similar commits before. What it answers is kept by commit, branch and command. It is bounded
in time, size and number. This module must not decide: a judgement is one more opinion, marked as the judge's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from backportq.errors import UsageError
from backportq.git.cache import Cache
from backportq.git.own_command import OwnCommandError, ask_own_command, own_command
from backportq.model.ids import short
from backportq.model.likelihood.judgement import Judgement
from backportq.model.progress import advance
from backportq.services.project import Project
from backportq.services.suggest.evidence import JudgeEvidence
from backportq.services.suggest.judge_record import remember, trust_of
from backportq.services.suggest.suggest import Suggestion

KEY = "backportq.judge"
_SECONDS = 60.0
_MAX_ANSWER = 64 << 10
_MAX_REASON = 300
_TABLE = "judge"
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """The suggestions with what the judge said, and in words about which of them it gave no answer. `trust` is the
    weight, 0 to 1, that its word has beside what was learned."""

    rows: tuple[Suggestion, ...]
    warnings: tuple[str, ...]
    trust: float


def judge(project: Project, rows: Sequence[Suggestion], *, limit: int) -> Judged:
    """Ask the judge about the first `limit` rows of each branch; raise `UsageError` where there is none."""
    command = own_command(project.repository, KEY)
    if command is None:
        raise UsageError(
            "there is no judge", hints=(f"git config {KEY} 'COMMAND' names one; it reads JSON and prints JSON",)
        )
    cache = Cache.open(project.repository)
    asked = list(_first(rows, limit))
    keys = {row: _key_of(command, row) for row in asked}
    kept = cache.find_many(_TABLE, keys.values())
    said: dict[Suggestion, Judgement] = {}
    new: dict[Suggestion, Judgement] = {}
    warnings: list[str] = []
    evidence: JudgeEvidence | None = None
    for number, row in enumerate(asked):
        advance("asking the judge", number)
        raw = kept.get(keys[row])
        if raw is None:
            evidence = evidence or JudgeEvidence(project, [each.commit for each in asked])
            try:
                raw = ask_own_command(
                    project.repository, command, _question(row, evidence), seconds=_SECONDS, most=_MAX_ANSWER
                )
                said[row] = new[row] = _parsed(raw)
            except (OwnCommandError, ValueError) as error:
                warnings.append(f"the judge said nothing of '{short(row.commit)}' on {row.branch}: {error}")
                continue
            cache.put_many(_TABLE, {keys[row]: raw})
        else:
            said[row] = _parsed(raw)
    trust = trust_of(project, cache, command)
    remember(cache, command, new, project.clock())
    return Judged(tuple(row.judged(said.get(row)) for row in rows), tuple(warnings), trust)


def _first(rows: Sequence[Suggestion], limit: int) -> Iterator[Suggestion]:
    seen: dict[str, int] = {}
    for row in rows:
        seen[row.branch] = seen.get(row.branch, 0) + 1
        if seen[row.branch] <= limit:
            yield row


def _key_of(command: str, row: Suggestion) -> str:
    said = json.dumps([_SCHEMA, command, row.branch, row.commit])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _question(row: Suggestion, evidence: JudgeEvidence) -> bytes:
    document = {"schema": _SCHEMA, "branch": row.branch, "commit": row.commit, **evidence.of(row)}
    return json.dumps(document).encode("ascii")


def _parsed(raw: bytes) -> Judgement:
    """Return what the judge answered; raise `ValueError` where it is not what was asked for."""
    try:
        document: Any = json.loads(raw.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("its answer is nested too deep") from error
    except ValueError as error:
        raise ValueError("its answer is no JSON") from error
    likely = document.get("likely") if isinstance(document, dict) else None
    if isinstance(likely, bool) or not isinstance(likely, (int, float)) or not isfinite(likely) or not 0 <= likely <= 1:
        raise ValueError('wanted {"likely": 0 to 1, "reason": text}')
    reason = document.get("reason", "")
    text = " ".join(reason.split()) if isinstance(reason, str) else ""
    return Judgement(float(likely), text[:_MAX_REASON])
