"""The open items of the queue, as a person sees them: listed, tried, counted, shown.

- `open_items` reads them and says which are due; `query` keeps those that a person asks for.
- `tried_items` adds verdicts; `grouping` puts them in order, one row for a change, and folds what is hardly ever taken.
- `show`, `status` and `my_tasks` answer the verbs of these names.
"""
