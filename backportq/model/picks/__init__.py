"""A pick as values: how far it is (`record`), and the message that a picked commit gets (`provenance`).

Adding a style of provenance:

1. A member of `ProvenanceStyle`, its words in `provenance_words`, where they go in `compose`, and the dialects that
   use it in `_STYLE_OF_DIALECT`.
2. How the style is read back in `model/trailers/dialects/pick_spellings` or the dialect's file; a pick whose message
   says nothing is found by its patch at best. A test in `tests/model/picks/` composes each style and reads it back.
3. Where the words go in `services/picks/print_commands._format`, and a row in `docs/picking.md`.
"""
