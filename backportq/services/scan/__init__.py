"""The queue brought in line with the history: what is new, landed, withdrawn, and what a person should know.

- `nominate` derives every candidate from facts, tags and configuration, as a pure function.
- `reconcile` merges the candidates with what people decided; `scan` reads, runs both and writes.
- `regressions` finds fixes that a newer branch lacks; `report` holds what a scan tells.

Adding a reason to nominate. What a pattern, a path or an author can say is a `[[rule]]` of the configuration and needs
no code; a new condition of rules is a field of `Rule` in `model/config.py`, tested by `CompiledRule` in
`model/items/rules.py`. Else:

1. A member of `Via` in `model/items/nomination.py`, the word that TOML and JSON store.
2. A generator of nominations in `nominate.py`, called in `_of_branch`. If it follows up what a branch took, it also
   goes into `FOLLOWING` in `urgent_follow_ups.py`, which makes some of them urgent.
3. How likely such items are is counted by kind: its kind in `_KINDS` of `model/likelihood/outlook.py`.
4. Its row in `docs/nominations.md`, and tests of the rule and its traps in `tests/services/scan/test_nominate.py`.
"""
