"""The queue for somebody who works it off row by row: what stands on the screen, what is known of one row, decisions.

- `contents.py`: the open items in rows, one a change, in the order of `pending`.
- `evidence.py`: what the pane beside the list shows of one row; it is read while the row is looked at.
- `session.py`: decisions one after the other, and taking them back.

Nothing here knows a terminal, so that the board's behaviour is tested without one.
"""
