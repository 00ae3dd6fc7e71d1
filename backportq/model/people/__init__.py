"""People, and the files in which projects say who looks after what.

`people` holds the values of `people.toml`; `maintainers` and `codeowners` read the two file formats, whose patterns are
in `path_patterns`. `robots` tells which identities are no people.
"""
