"""What nobody remembers: ranking of open items and suggestions, both from the project's own past.

- `past` reads the past from the facts; `candidates` and `replay` go through it as it went, without a look ahead.
- `likelihood` says how likely each open item is, by counts alone, or by a model where the queue has one.
- `features` makes a candidate numbers, `code_changes` what it does to files; `learn` and `boosting` learn from them.
- `keep_learned` proves a model and writes it to the queue branch; `ranking` applies it, `reasons` puts it in words.
- `suggest` is the verb; `judge` and `evidence` ask a judge of the person's own, `judge_record` tells how that did.
- `backtest` is the proof of all of it.
"""
