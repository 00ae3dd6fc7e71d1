"""What several verbs show alike, or one at length, as text and as JSON; its keys are those of `docs/design.md`.

- `pending_list` prints lists of open items, `pending_rows` makes their columns and cells; `work` says who is how far.
- `verdicts` says what a pick would give; `commit_report` is all that `show` says of a commit.
- `decided`, `proposals`, `picked`, `resolved` and `published` tell what a command did, or is about to do.
- `reported`, `planned`, `markdown` and `curves` are the figures over time; `annotations` is what `lint` finds.
- `json_documents` holds the shapes that several commands share; what one verb alone says is in the verb's file.
"""
