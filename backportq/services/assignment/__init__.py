"""Who should do a backport: the people who could be asked for each item, and the proposal made from them.

- `candidates` finds people for each step of `[assign]`; `file_experts` scores who knows the files.
- `model/assignment/proposal` chooses, as a pure function; `propose` gathers what it needs and writes the result.

Robots get no task: `model/people/robots` knows them, `candidates` leaves them out of what the history names, `propose`
out of the people of the queue.

Adding a step: the recipe is in `model/assignment/__init__.py`.
"""
