"""The queue brought in line with the history: what is new, landed, withdrawn, and what a person should know."""
