"""Reading commit messages: trailers, pick lines, references to commits, and the dialects that projects write.

- `message` splits a message into trailers and prose; `project_grammar` and `own_patterns` say what counts in a project.
- `reader` reads what a message asks for, as `values`; `prose`, `recipients`, `delays`, `branch_words` read its parts.
- `pick_lines`, `identity_keys`, `references` and `unnamed_reverts` read which other commit a message is about.
- Spellings are data: `dialects/`.
"""
