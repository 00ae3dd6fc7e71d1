"""Reading the repository: history, commits, patches, files. Nothing here writes, or uses the network.

- `history` walks; `lookup` finds what was typed or abbreviated; `commit_store` keeps many commits.
- `patch_ids`, `patch_lines` and `touched_paths` tell what commits change; `range_diff` shows two changes to a person.
- `queue_files` and `tree_files` read files without a checkout; `notes` reads git notes.
- `blame` and `line_history` tell who wrote lines; `identities` maps people; `release_tags` and `pick_target` read refs.
"""
