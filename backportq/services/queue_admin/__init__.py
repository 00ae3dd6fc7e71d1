"""The queue as a thing of its own: started, edited by hand, exchanged, read back and undone.

- `init` proposes and writes the first configuration; `edit` opens a file in the editor and stores it.
- `sync` exchanges the queue with a remote; `merge_driver` lets `git merge` do the same for one file.
- `audit` reads the log of changes and takes one back.
"""
