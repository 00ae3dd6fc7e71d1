"""`python -m backportq`: the program where its scripts are not on the search path."""

from backportq.cli.main import run_process

run_process()
