"""Letters to the people with tasks, and requests that came by mail.

A letter goes through these files, in this order:

- `outgoing` chooses who is written to, about which items, and whether that is due; `items_in_mail` describes an item.
- `model/mail/letter_text` writes the text, `model/mail/letter` makes the bytes.
- `hand_over` writes files or an mbox, or sends by `deliver`; `sent_log` survives a killed run.
- `hand_over.record` keeps with each item that its letter went out, in one change of the queue.

When a reminder is due is for `_needs_reminding` in `outgoing`; its days are `remind_days` in `model/assignment/policy`.

A mail that asks for backports is split off by `mailbox`, read by `model/mail/request`, and matched by `requests`.

Adding a kind of letter:

1. A member of `LetterKind` in `model/mail/letter`, its text in `model/mail/letter_text`, and the event that it leaves
   with its items in `EVENT_OF_LETTER` in `outgoing`; a new word for that event goes into `LETTERS` in
   `model/items/records` too.
2. A case in `_Mailing._recipients` in `outgoing`: who gets it, about which items, and when it is due again.
   A letter that is not about single items gets a function of its own beside `letters_due`.
3. A sentence in the help of `cli/commands/mail.py`, a row in `docs/people.md`, a test in
   `tests/services/mail/test_outgoing.py`.
"""
