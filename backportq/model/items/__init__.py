"""Items of the queue: what they hold, what people decide about them, and how they are ordered and queried.

- `item`, `nomination` and `records` are the values; `queue` and `changes` are sets of items, and how two sets differ.
- `decisions`, `votes`, `tasks` and `work` are pure transitions of one item; `task_words` says them in words.
- `query` and `rules` choose items and commits.

Adding a field of an item: declare it in its class with `declared(...)`, with how it merges. Queue files, JSON and the
merge come from that declaration, and `make docs` writes completion and the table in `docs/queue-format.md` anew from
it; `_print_item` in `cli/render/commit_report.py` is what `show` prints of an item. A field that is decided by itself
needs a word of its own in `Aspect`, called like the field; only a new word of `Collected` needs its case in `_item` of
`model/merge/queues.py`.

Adding a word of queries: the recipe in `query`. Adding a priority: a member of `Priority` in `model/priority.py`,
in its place.
"""
