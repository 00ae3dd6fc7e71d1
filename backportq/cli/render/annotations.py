"""Findings of `lint` in the formats that other programs show beside the code: GitHub, GitLab, SARIF.

- GitHub: workflow commands, one line each (`::error file=…,line=…::text`).
- GitLab: the code quality report, a JSON list; a fingerprint tells two runs of one finding as the same.
- SARIF 2.1.0 (OASIS), which editors and forges read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from backportq import __version__
from backportq.model.ids import short
from backportq.model.lint.finding import Code, Finding, Level

_GITHUB = {Level.ERROR: "error", Level.WARNING: "warning", Level.REMINDER: "notice"}
_GITLAB = {Level.ERROR: "major", Level.WARNING: "minor", Level.REMINDER: "info"}
_SARIF = {Level.ERROR: "error", Level.WARNING: "warning", Level.REMINDER: "note"}
_PLACE = "COMMIT_EDITMSG"
"""Where a finding of a commit is put: these formats know files only."""


def whole_text(finding: Finding) -> str:
    """Return what a finding says, with the commit it is about and what is suggested."""
    where = f"{short(finding.commit)}: " if finding.commit is not None else ""
    more = f": '{finding.suggestion}'?" if finding.suggestion is not None else ""
    return f"{where}{finding.text}{more}"


def github(findings: Sequence[Finding]) -> str:
    """Return workflow commands of GitHub Actions."""
    return "".join(f"::{_GITHUB[each.level]} {_place(each)}::{_escaped(whole_text(each))}\n" for each in findings)


def _place(finding: Finding) -> str:
    title = f"title={_property(finding.code)}"
    return title if finding.source is None else f"file={_property(finding.source)},line={finding.line},{title}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def gitlab(findings: Sequence[Finding]) -> str:
    """Return a code quality report of GitLab."""
    report = [
        {
            "description": whole_text(each),
            "check_name": str(each.code),
            "fingerprint": _fingerprint(each),
            "severity": _GITLAB[each.level],
            "location": {"path": each.source or _PLACE, "lines": {"begin": each.line}},
        }
        for each in findings
    ]
    return json.dumps(report, indent=1) + "\n"


def _fingerprint(finding: Finding) -> str:
    said = "\0".join((finding.commit or finding.source or "", finding.code, str(finding.line), finding.text))
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def sarif(findings: Sequence[Finding]) -> str:
    """Return a SARIF log of one run."""
    rules = [{"id": str(code), "shortDescription": {"text": code.summary}} for code in Code]
    order = {code: index for index, code in enumerate(Code)}
    results = [
        {
            "ruleId": str(each.code),
            "ruleIndex": order[each.code],
            "level": _SARIF[each.level],
            "message": {"text": whole_text(each)},
            "partialFingerprints": {"finding/v1": _fingerprint(each)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": each.source or _PLACE},
                        "region": {"startLine": each.line},
                    }
                }
            ],
        }
        for each in findings
    ]
    driver = {"name": "backportq", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"
