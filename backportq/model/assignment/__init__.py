"""Who should do which backport: the project's policy, and the choice among the candidates.

Adding a step of `[assign]`: a member of `AssignStep` and its place in both chains (`policy`), and a generator of
candidates for it in `services/assignment/candidates`; the choice in `proposal` needs no change.
"""
