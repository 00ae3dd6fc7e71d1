"""What there is to say of the program as a whole, for both manuals: options before the command, exit codes, variables.

Apart from them so that the one in markdown and the one for `man` say the same. It must not hold a word of any command.
"""

from __future__ import annotations

from backportq.errors import ExitCode

PURPOSE = "finds, queues, assigns and test-applies the fixes that belong on each stable branch"

SYNOPSIS = "backportq [-C DIR]... [--no-color] [--no-pager] COMMAND [ARGUMENTS]"

OPTIONS = {
    "-C DIR": "look for the repository from DIR; several add up, as in git",
    "--no-color": "no colours; NO_COLOR in the environment does the same",
    "--no-pager": "print on the terminal what would go through the pager: GIT_PAGER, the core.pager of your own"
    " configuration, PAGER, or less",
    "-V, --version": "print the version",
    "-h, --help": "list the commands; 'backportq COMMAND -h' explains a command (through git it must be -h, since git"
    " takes --help for itself and shows the manual page)",
}

JSON = (
    "Every command works as 'git backportq COMMAND' too. With --json a command prints exactly one JSON document, in"
    " UTF-8, 'schema' first, with full object ids, and nothing else on standard output."
)

ENVIRONMENT = {
    "BACKPORTQ_NOW": "a moment (ISO 8601 with an offset) that replaces the clock",
    "BACKPORTQ_DEBUG": "1 shows where a failure comes from",
}

EXIT_CODES = {
    int(ExitCode.DONE): "done",
    int(ExitCode.NO): "the answer is no, where a command documents it",
    int(ExitCode.USAGE): "wrong usage",
    int(ExitCode.BAD_STATE): "bad repository, ref, configuration or queue file; or a failure of the program itself",
    int(ExitCode.CONFLICT): "a conflict that a person must resolve",
    int(ExitCode.INTERRUPTED): "interrupted",
    141: "the reader of a pipe went away, as git reports it",
}
