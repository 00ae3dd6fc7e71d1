"""Checking commit messages before they are pushed, and reminding their authors of backports.

- `sources` reads drafts: of commits, of the file a hook is given, of patches and mailboxes.
- `context` is what the checks ask: the grammar, the branches, what history says. It is made once for a run.
- `check` finds what is wrong with the tags, `remind` what is missing.
- `hooks` installs git hooks that run all of it.

How to add a check: a `Code` with its summary in `backportq.model.lint.finding`, and one function in `check` or
`remind` that takes a draft, its trailers and the context and yields findings; `lint` calls it.
"""
