"""How likely a project takes a commit on a branch: the past as values, counts of it, and the learned trees.

- `past` is what upstream got and the branches took; `counts` and `rates` are how often something of a kind was taken.
- `outlook` makes of them the likelihood of an open item, with reasons; no learning is needed.
- `traits` and `words` describe a change; `learned` and `trees` are a model, and what it says of a row of numbers.
- `judgement` is the word of a judge of the person's own; `measures` tell how good a list would have been.
"""
