"""Mail as values: the letters that the program writes, and the requests that people send.

- `letter` makes the bytes of a letter, `letter_text` its text; `policy` is `[mail]` of `config.toml`.
- `request` reads what a mail asks for; `versions_asked` tells which versions are meant for which commit.

How to add a kind of letter: `services/mail/__init__.py`.
"""
