"""What several verbs show alike, as text and as JSON; the keys of JSON are those of `docs/design.md`.

- `pending_list` prints lists of open items, `pending_rows` makes their columns and cells; `work` says who is how far.
- `decided`, `proposals`, `picked`, `resolved` and `published` tell what a command did, or is about to do.
- `reported`, `planned`, `markdown` and `curves` are the figures over time; `annotations` is what `lint` finds.
- `json_documents` holds the shapes that several commands share; what one verb alone says is in the verb's file.
"""
