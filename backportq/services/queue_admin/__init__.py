"""The queue as a thing of its own: started, edited by hand, exchanged, read back and undone.

- `init` proposes and writes the first configuration: `find_branches` says which branches there are, `advisory_rule` and
  `dependency_bumps` which rules the history asks for. `edit` opens a file in the editor and stores it.
- `sync` exchanges the queue with a remote; `merge_driver` lets `git merge` do the same for one file; `verdicts` gives
  and takes what trials found.
- `audit` reads the log of changes and takes one back.
"""
