"""The domain model: plain values and pure functions, without git, files, clock or terminal.

- `ids`, `commit`, `config`, `versions` and `notices` are the values that every layer speaks of; `declared` and
  `stored_values` say how they are kept.
- `branch_names` reads a name, `branch_families` puts names together, `branch_life` says which of them live, and
  `branch_relations` which is newer.
- `titles` and `change_names` are what changes are called, `encodings` the bytes that they are written in.
- `linear_patterns` are patterns of strangers, bounded in time; `near_words` finds what was misspelt.
"""
