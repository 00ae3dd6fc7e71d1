"""The people of the queue: who they are, what they look after, and where they come from.

- `identities` tells which person an author, committer or maintainer is, for thousands at once.
- `ownership` reads MAINTAINERS and CODEOWNERS of a branch.
- `people_list` lists, adds and removes people; `import_files` takes those whom the project's own files name.

Adding a file format that says who looks after what: a parser in `model/people/`, its path and a method in `ownership`,
and a step in `services/assignment/candidates`.
"""
