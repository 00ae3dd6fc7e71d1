"""The queue as TOML files on a git branch: codec, store, audit log, synchronisation."""
