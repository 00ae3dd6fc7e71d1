"""The full-screen board of `backportq board`, drawn by Textual.

- `row_text.py`, `detail_text.py`: a row and the pane below the list as styled text; pure functions.
- `item_list.py`, `detail_pane.py`: list and pane, drawn line by line: what is not on the screen costs nothing.
- `prompts.py`: questions (a reason, a person, a query) and pages of text.
- `work.py`: what must not freeze the keys: verdicts, evidence and decisions, each in a thread with its repository.
- `shown.py`, `looking.py`, `deciding.py`: the application in three steps: what is on the screen, the keys that look,
  the keys that decide.

Adding a key: a row in `KEYS` of `keys.py`, and in `looking.py` or `deciding.py` the method `action_...` that it names.
The help page and the table of `docs/board.md` are made of the same rows.
"""
