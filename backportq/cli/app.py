"""The table of commands, and what is said of the program as a whole.

- The table is static: `--help` imports no verb, and a run imports only its own. `boundary` parses what stands before
  the verb and calls `load`.
- What both manuals say of the program (options before the verb, exit codes, variables) stands below the table.

Adding a verb `frob-it`:

1. A row in `VERBS`, in the order in which `--help` shows it. A row without a file is not shown.
2. `cli/commands/frob_it.py` with a function `run` (a Python keyword gets an underscore: `try_.py`):

       def run(
           commits: Annotated[list[str], typer.Argument(metavar="COMMIT...", help="commits, ids or ranges")],
           branch: BranchOption = None,
           as_json: JsonOption = False,  # unless the verb only talks with a person
       ) -> ExitCode | None:
           \"\"\"Frob commits.

           A paragraph more, shown by `backportq frob-it -h`.
           \"\"\"
           outcome = frob(project(), commits)          # one service call
           if as_json:
               output.emit_json({"commit": ...})       # "schema": 1 is put first
               return None
           output.table((Column("commit"), Column("subject", flexible=True)), rows)
           output.next_step("backportq pending")

3. `make docs` writes `docs/cli.md`, the manual page and the completion anew; a test compares them.
4. A transcript in `tests/cli/golden/` (`docs/testing.md`), and its row in `docs/design.md`.

What a verb uses:

- `cli.arguments` has the options that many verbs share, `invocation.project()` the repository.
- A verb that decides about items is made by `cli.deciding.deciding`, with the options that all of these take.
- `cli.terminal.output` prints, and cleans what it prints. Never print by other means, never build escapes or markup.
- Returning None means exit code 0. Return `ExitCode.NO` where the answer is no and the design says so. Everything that
  went wrong is raised as a `BackportqError`.
- Import the services at the top of the file: it is loaded for its own verb only. Inside `run` stands only what a common
  use of the verb does not need.
"""

from __future__ import annotations

import functools
import importlib
import keyword
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from backportq.errors import ExitCode

if TYPE_CHECKING:
    from typer.core import TyperCommand


@dataclass(frozen=True, slots=True)
class Verb:
    """One command: its `name`, the `group` under which `--help` shows it, its line there, and whether its text is
    paged."""

    name: str
    group: str
    summary: str
    paged: bool = False

    @property
    def module(self) -> str:
        """Name of its file in `cli/commands/`, without the ending."""
        plain = self.name.replace("-", "_")
        return f"{plain}_" if keyword.iskeyword(plain) else plain


_READ = "see what is pending"
_DECIDE = "nominate, assign, decide"
_PICK = "test and pick"
_WATCH = "report and check"
_QUEUE = "the queue itself"

VERBS = (
    Verb("init", _READ, "find upstream and stable branches, and start a queue"),
    Verb("scan", _READ, "bring the queue up to date with the history"),
    Verb("pending", _READ, "list the pending items, and whether they apply", paged=True),
    Verb("status", _READ, "count items by branch and person", paged=True),
    Verb("mine", _READ, "list what you have to do, on all branches", paged=True),
    Verb("show", _READ, "show everything known of one commit", paged=True),
    Verb("landed", _READ, "list what was picked to a branch, with evidence", paged=True),
    Verb("tag", _DECIDE, "nominate commits after the fact"),
    Verb("untag", _DECIDE, "withdraw nominations that people made"),
    Verb("assign", _DECIDE, "give items to a person"),
    Verb("unassign", _DECIDE, "take items from their person"),
    Verb("take", _DECIDE, "assign items to yourself and start on them"),
    Verb("hand-back", _DECIDE, "give an item back, with a reason"),
    Verb("decline", _DECIDE, "refuse a backport, with a reason"),
    Verb("defer", _DECIDE, "put an item off until a date"),
    Verb("reopen", _DECIDE, "make a closed or deferred item pending again"),
    Verb("priority", _DECIDE, "say how urgent items are"),
    Verb("note", _DECIDE, "write a note on an item"),
    Verb("need", _DECIDE, "record what an item needs first"),
    Verb("link", _DECIDE, "say that one commit is the pick of another"),
    Verb("approve", _DECIDE, "vote for a backport"),
    Verb("object", _DECIDE, "vote against a backport, with a reason"),
    Verb("try", _PICK, "test-apply commits, in memory"),
    Verb("explain", _PICK, "say why a pick conflicts and what it needs", paged=True),
    Verb("pick", _PICK, "make the real pick on a topic branch"),
    Verb("apply", _PICK, "build a branch with every item that applies"),
    Verb("suggest", _PICK, "list untagged commits that look like fixes to take", paged=True),
    Verb("stats", _WATCH, "show who backports how much, and how late", paged=True),
    Verb("backtest", _WATCH, "say what each list would have been worth in the past", paged=True),
    Verb("report", _WATCH, "write a report as HTML, markdown or CSV"),
    Verb("mail", _WATCH, "write mails to the people with tasks"),
    Verb("board", _WATCH, "show the queue full-screen in the terminal"),
    Verb("check", _WATCH, "say whether a branch is ready for a release"),
    Verb("release-notes", _WATCH, "list what a branch took since its last release", paged=True),
    Verb("lint", _WATCH, "check the tags of commits", paged=True),
    Verb("hook", _WATCH, "install hooks that check tags"),
    Verb("people", _QUEUE, "list and edit the people who get tasks"),
    Verb("edit", _QUEUE, "open a queue file in your editor, and check it"),
    Verb("log", _QUEUE, "show who decided what, and when", paged=True),
    Verb("undo", _QUEUE, "take back the last change of the queue"),
    Verb("sync", _QUEUE, "exchange the queue with a remote"),
    Verb("path", _QUEUE, "print where the queue is kept"),
)
"""Every command of the design, in the order of `--help`."""


BEGINNING = (
    ("init", "find the branches, start a queue"),
    ("scan", "find what is pending"),
    ("pending", "what to do next"),
    ("show COMMIT", "why, branch by branch"),
    ("pick COMMIT -b BRANCH", "do it, on a branch of its own"),
)
"""The first commands that anybody runs, with what each is for."""


def groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the names of the verbs of each group, in the order of `--help`."""
    verbs = available()
    return tuple(
        (group, tuple(verb.name for verb in verbs if verb.group == group))
        for group in dict.fromkeys(verb.group for verb in verbs)
    )


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


@functools.cache
def available() -> tuple[Verb, ...]:
    """Return the verbs that this installation has a file for."""
    files = set(os.listdir(Path(__file__).with_name("commands")))  # noqa: PTH208 - a tenth of the cost of iterdir
    return tuple(verb for verb in VERBS if f"{verb.module}.py" in files)


def find_verb(name: str) -> Verb | None:
    """Return the verb of this name, or None."""
    return next((verb for verb in available() if verb.name == name), None)


def implementation(verb: Verb) -> Callable[..., Any]:
    """Return the verb's `run` function; imports its module and no other verb's."""
    module = importlib.import_module(f"backportq.cli.commands.{verb.module}")
    return cast("Callable[..., Any]", module.run)


def with_optional_values(command: TyperCommand, arguments: Sequence[str]) -> list[str]:
    """Return the arguments with an empty value for each option whose value was left out and may be: those whose metavar
    stands in brackets, which the parser does not know of. A word that begins with a dash is no value."""
    optional = {
        name
        for parameter in command.params
        if str(parameter.metavar or "").startswith("[")
        for name in parameter.opts
        if name.startswith("--")
    }
    given: list[str] = []
    for at, word in enumerate(arguments):
        if word == "--":
            return [*given, *arguments[at:]]
        is_alone = at + 1 == len(arguments) or arguments[at + 1].startswith("-")
        given.append(f"{word}=" if word in optional and is_alone else word)
    return given


def load(verb: Verb) -> TyperCommand:
    """Return the verb as a command that parses its own arguments."""
    import typer
    from typer.main import get_command

    from backportq.cli.help import Command, offer_branch, offer_toml

    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,  # the one error boundary is `boundary`
        rich_markup_mode=None,  # help is plain text; rich would cost 70 ms and read markup into it
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command(name=verb.name, cls=Command)(implementation(verb))
    command = cast("TyperCommand", get_command(app))
    offer_toml(command)
    offer_branch(command)
    return command
