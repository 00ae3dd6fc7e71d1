"""Reports: what landed and on what evidence, figures by person and branch, release notes, the check before a release.

- `landed`, `stats` (and its `--plan`: `cadence`), `release_notes` and `release_check` answer the verbs of these names.
- `overview` is the whole queue at a moment, for the pages of the report; `over_time` has the figures of its charts.
- `backports` remembers who made which pick and when, `conflict_places` where open items conflict.

Adding a report:

1. A file here with a frozen value for the answer and one function that gathers it; sums go to `model/reports/`.
2. A verb in `cli/commands/` that lays the value out as a table and as JSON (recipe in `cli/app.py`).
3. The JSON keys in `docs/design.md`, and a test on a repository of `fixtures/`.

A report reads the queue once and the history through `services/history/facts`. It changes nothing.
"""
