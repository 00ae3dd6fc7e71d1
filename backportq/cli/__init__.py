"""The command line: parse, call one service, show what it returned.

- `main` is the entry point, `boundary` turns failures and signals into exit codes, `app` has the table of verbs.
- `commands/` has one file a verb; a new verb starts with the recipe in `app`.
- `arguments` are options that verbs share, `invocation` is what stood before the verb.
- `render/` shows what several verbs show alike; `terminal/` is the only way to print; `docs/` writes help and manuals.
"""
