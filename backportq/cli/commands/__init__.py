"""One file for each verb: its options, its help, one call of a service, and how the answer is laid out.

The recipe for a new verb, and what it uses, stand in `cli/app.py`.
"""
