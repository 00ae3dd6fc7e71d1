"""All changes as one script, for the table that filters, sorts and searches in the browser.

A script and not JSON, because a page that was opened from a disk may load scripts and nothing else. It is asked for
when somebody first filters or sorts, so that it does not count for the first page.
"""

from __future__ import annotations

import json

from backportq.services.reports.overview import ChangeOnBranch, Overview, ReportedChange
from backportq.web.addresses import link, person_path
from backportq.web.rendering import CODES, visible


def changes_script(overview: Overview) -> bytes:
    """Return the script. A row is id, subject, author, day, likely in percent, passed over, priority, whether it is
    folded, assignees, and the answer on each branch as its letter with the number of items that come first."""
    document = {
        "branches": list(overview.branches),
        "people": {person.key: [person.name, link(person_path(person.key))] for person in overview.state.people.people},
        "rows": [_row(change, overview) for change in overview.changes],
    }
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return f"backportqChanges({text.replace('<', chr(92) + 'u003c')});\n".encode()


def _row(change: ReportedChange, overview: Overview) -> list[object]:
    commit = change.commit
    return [
        commit.oid,
        visible(commit.title),
        visible(commit.author.name),
        commit.committed.date().isoformat(),
        round(change.likely * 100),
        change.passed_over,
        str(change.priority)[0] if change.priority != "normal" else "",
        int(change.is_folded),
        list(change.assignees),
        ",".join(_cell(change.branches[name]) for name in overview.branches),
    ]


def _cell(on: ChangeOnBranch) -> str:
    number = len(on.tried.blocked_by) if on.tried is not None and on.answer == "after others" else ""
    return f"{CODES[on.answer]}{number}"
