"""The queue brought in line with the history: what is new, landed, withdrawn, and what a person should know.

- `nominate` derives every candidate from facts, tags and configuration, as a pure function; `matching_rules`,
  `release_candidates` and `urgent_follow_ups` answer what it asks. `stored_candidates` keeps what it gives.
- `reconcile` merges the candidates with what people decided; `scan` reads, runs both and writes. Decisions follow
  commits that got a new id (`rewritten`), and topic branches (`topics`).
- `losses` is what upgrading may lose: `regressions` finds fixes that a newer branch lacks, `not_merged_up` commits that
  only an older one has.
- `report` holds what a scan tells. `last_scan` keeps it for the next scan, `last_scan_results` gives it to others.

Adding a reason to nominate. What a pattern, a path or an author can say is a `[[rule]]` of the configuration and needs
no code; a new condition of rules is a field of `Rule` in `model/config.py`, tested by `CompiledRule` in
`model/items/rules.py`. Else:

1. A member of `Via` in `model/items/nomination.py`, the word that TOML and JSON store.
2. A generator of nominations in `nominate.py`, called in `_of_branch`. If it follows up what a branch took, it also
   goes into `FOLLOWING` in `urgent_follow_ups.py`, which makes some of them urgent.
3. What it reads besides the facts is a field of `Sources` in `nominate.py`, filled in `with_candidates` of
   `stored_candidates.py`, and a part of `said` there, the digest of settings; else kept candidates stay as they are.
4. How likely such items are is counted by kind: its kind in `_KINDS` of `model/likelihood/outlook.py`.
5. Its row in `docs/nominations.md`, and tests of the rule and its traps in `tests/services/scan/test_nominate.py`.
   `make docs` writes completion and tables anew.
"""
