"""The queue as TOML files on a git branch.

- `store` reads and writes it, one writer at a time (`writer_lock`); `toml/` and `codec/` are the files.
- `log` and `log_message` are its history, `undo` goes back in it; `sync/` exchanges and merges it.
- `completion_file` keeps what a shell offers while a line is typed: which branches, people and commits.
"""
