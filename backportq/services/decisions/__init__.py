"""Decisions of people. Each goes the same way, whatever the verb:

1. *select* (`select.py`): the items that are meant, by what was typed, on one reading of the queue;
2. *decide* (`decide.py`): a pure transition for each item (`backportq.model.items.decisions`), nothing written yet;
3. *write* (`decide.py`): one commit of the queue by compare-and-swap on the reading that was decided upon. Only if
   another writer was first it is decided again, on what that one wrote.

Adding a verb that changes items that are there: a transition in `backportq.model.items.decisions`, a function in
`verbs.py` that names it for the log, and a command that calls `backportq.cli.deciding.run_decision`. What makes new
items (`nominate.py`, `link.py`) gives `decide` a plan of its own.
"""
