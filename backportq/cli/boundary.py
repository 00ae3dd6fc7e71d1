"""The error boundary: global options, the choice of the verb, and the one place where failures become exit codes.

It is apart from `app` so that the boundary is read in one piece. Nothing below it exits, prints an error, or catches
what it cannot act on; this module must not know any verb.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from backportq.cli import app, invocation
from backportq.cli.invocation import Invocation
from backportq.cli.terminal import output, pager, progress
from backportq.cli.terminal.table import fold
from backportq.errors import BackportqError, ExitCode, UsageError
from backportq.model.notices import hearing
from backportq.model.progress import listening

_CLOSED_OUTPUT = 128 + signal.SIGPIPE  # what a shell reports for git in `git log | head`

_SECONDS_TO_REPEAT = 0.01
"""How long a finalizer that a signal hit gets to end."""

_NO_BUGS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM}
)  # what the machine lacks, wherever it is noticed
_EXTRA_ARGUMENT = re.compile(r"^Got unexpected extra argument.*? \((.*)\)$", re.DOTALL)


def run(arguments: Sequence[str]) -> int:
    """Run the program with `arguments` and return its exit code."""
    invocation.begin(Invocation(Path(), program=_program(), arguments=tuple(arguments)))
    with _ending_in_order() as received, contextlib.ExitStack() as last:
        last.callback(_end_git)
        try:
            status = _listened(list(arguments))
        except output.OutputClosed:
            status = _CLOSED_OUTPUT
        except KeyboardInterrupt:
            status = ExitCode.INTERRUPTED
        except Exception as failure:  # noqa: BLE001 - this is the boundary that the rule asks for
            # A signal can surface as another error: a git that it ended too, or a wrapper put around the interrupt.
            status = 128 + received[0] if received else _report(failure)
        paged = pager.is_pager(sys.stdout)
        pager.finish()
    if paged and status == _CLOSED_OUTPUT:
        status = ExitCode.DONE  # leaving the pager before the end is a way to have read enough
    if status not in (ExitCode.DONE, ExitCode.NO):
        _abandon_output()
    return int(status)


def _listened(arguments: list[str]) -> int:
    with contextlib.ExitStack() as stack:
        if progress.wanted():
            stack.callback(progress.line.clear)
            stack.enter_context(listening(progress.line))
        stack.enter_context(hearing(_warn_once()))
        status = _run(arguments)
    output.flush()
    return status


def _warn_once() -> Callable[[str, Sequence[str]], None]:
    told: set[str] = set()

    def warn(text: str, hints: Sequence[str]) -> None:
        if text not in told:
            told.add(text)
            output.warn(text, hints)

    return warn


def _report(failure: Exception) -> int:
    """Tell the person what went wrong; return the exit code."""
    if os.environ.get("BACKPORTQ_DEBUG", "") not in ("", "0"):
        import traceback

        output.note(traceback.format_exc())
    known = failure if isinstance(failure, BackportqError) else _internal(failure)
    opened = invocation.current().opened
    if isinstance(known, output.UnwritableOutputError) and opened is not None and opened.store.has_written:
        # The command did what it is for; a failure would have it done again.
        output.warn(f"the queue was changed, and {known.message}")
        return ExitCode.DONE
    output.error(known)
    return known.exit_code


@contextlib.contextmanager
def _ending_in_order() -> Iterator[list[int]]:
    """Have signals that end a program unwind it, so that temporary files and child processes are cleaned up.

    Yields the list of the signals received. What the parent had us ignore (`nohup`, a job of a script) stays ignored.
    """
    received: list[int] = []

    def unwind(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with _none_lost_in_finalizers(received):
        try:
            for number, handler in before.items():
                if handler is not signal.SIG_IGN:
                    signal.signal(number, unwind)
            yield received
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def _none_lost_in_finalizers(received: Sequence[int]) -> Iterator[None]:
    """Have a signal that came while an object was taken down come once more.

    Nothing can be raised out of a finalizer: Python prints what was, and goes on.
    """
    again: list[threading.Timer] = []

    def repeat(lost: sys.UnraisableHookArgs) -> None:
        if received and isinstance(lost.exc_value, (KeyboardInterrupt, SystemExit)):
            main_thread = threading.main_thread().ident
            again.append(threading.Timer(_SECONDS_TO_REPEAT, signal.pthread_kill, (main_thread, received[-1])))
            again[-1].start()
        else:
            before(lost)

    before = sys.unraisablehook
    sys.unraisablehook = repeat
    try:
        yield
    finally:
        sys.unraisablehook = before
        for timer in again:
            timer.cancel()


def _run(arguments: list[str]) -> int:
    """Take the global options off `arguments` and run the verb."""
    here = invocation.current()
    while arguments:
        word = arguments.pop(0)
        if word in ("-h", "--help"):
            return _help(arguments)
        if word == "help":
            return _help(arguments)
        if word in ("-V", "--version"):
            return _version()
        if word == "-C":
            if not arguments:
                raise UsageError("no directory given for '-C'", hints=(f"{here.program} -C DIR COMMAND",))
            here.directory = here.directory / arguments.pop(0)
        elif word.startswith("-C") and word != "-C":
            here.directory = here.directory / word[2:]
        elif word == "--no-color":
            here.color = False
        elif word == "--no-pager":
            here.pages = False
        elif word.startswith("-"):
            raise UsageError(f"unknown option '{word}'", hints=(f"{here.program} --help",))
        else:
            return _run_verb(word, arguments)
    _say_beginning()
    return ExitCode.USAGE


_THINKING = frozenset({"assign", "check", "scan"})
"""Beside the verbs that only list, those that print something before they ask; `--fetch` may have git ask first."""


def _run_verb(name: str, arguments: list[str]) -> int:
    verb = app.find_verb(name)
    if verb is None:
        raise _unknown(name)
    import typer  # 45 ms, which `--help` and a mistyped command need not pay

    command = app.load(verb)
    here = invocation.current()
    here.paged = here.pages and verb.paged
    here.verb = name
    program = invocation.current().program
    if progress.wanted() and (verb.paged or name in _THINKING) and "--fetch" not in arguments:
        progress.line.expect()
    try:
        with command.make_context(f"{program} {name}", app.with_optional_values(command, arguments)) as context:
            result = command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort as end:
        raise KeyboardInterrupt from end
    except typer.TyperException as problem:
        raise _wrong_usage(problem, f"{program} {name}") from problem
    return result if isinstance(result, int) else ExitCode.DONE


def _wrong_usage(problem: Exception, command: str) -> UsageError:
    """Return what the parser says in our form: lower case, no full stop, options in single quotes, a next step."""
    hints = [f"{command} -h"]
    option = getattr(problem, "option_name", None)
    possible = getattr(problem, "possibilities", None)
    if option is not None and hasattr(problem, "possibilities"):
        message = f"unknown option '{option}'"
        hints[:0] = [f"did you mean '{word}'?" for word in sorted(possible or ())[:1]]
    else:
        said = str(problem.format_message() if hasattr(problem, "format_message") else problem)
        said = _EXTRA_ARGUMENT.sub(r"unexpected argument '\1'", said)
        message = (said[:1].lower() + said[1:]).rstrip(".")
    return UsageError(message, hints=tuple(hints))


def _unknown(name: str) -> UsageError:
    from backportq.model.near_words import near_words

    program = invocation.current().program
    names = [verb.name for verb in app.available()]
    near = [*near_words(name, names)]
    near += [other for other in names if other.startswith(name) and other not in near]
    hints = [f"did you mean '{program} {other}'?" for other in near[:3]]
    return UsageError(f"'{name}' is not a {program} command", hints=(*hints, f"{program} --help"))


def _help(words: list[str]) -> int:
    for word in words:
        if not word.startswith("-"):
            return _run_verb(word, ["--help"])
    program = invocation.current().program
    lines = [
        f"usage: {program} [-C DIR] [--no-color] [--no-pager] COMMAND [ARGUMENTS]",
        f"       {app.PURPOSE}",
    ]
    verbs = app.available()
    width = max((len(verb.name) for verb in verbs), default=0)
    for group in dict.fromkeys(verb.group for verb in verbs):
        lines += ["", group]
        lines += [f"   {verb.name:<{width}}   {verb.summary}" for verb in verbs if verb.group == group]
    lines += ["", f"'{program} COMMAND -h' explains a command."]
    for line in lines:
        output.say(line)
    return ExitCode.DONE


def _say_beginning() -> None:
    """Print how to begin and how to go on, on standard error, in what every terminal has room for."""
    program = invocation.current().program
    lines = [
        f"usage: {program} [-C DIR] [--no-color] [--no-pager] COMMAND [ARGUMENTS]",
        *fold(f"       {app.PURPOSE}", 80),
        "",
        *(f"   {program} {command:<24}{words}" for command, words in app.BEGINNING),
        "",
    ]
    width = max(len(group) for group, _ in app.groups())
    for group, names in app.groups():
        first, *others = fold(" ".join(names), 72 - width)
        lines += [f"{group:<{width}}  {first}", *(f"{'':<{width}}  {line.strip()}" for line in others)]
    lines += ["", f"'{program} --help' says what each does, '{program} COMMAND -h' explains one."]
    print(*lines, sep="\n", file=sys.stderr)  # noqa: T201 - constants only


def _version() -> int:
    from backportq import __version__

    output.say(f"backportq {__version__}")
    return ExitCode.DONE


def _internal(bug: Exception) -> BackportqError:
    if isinstance(bug, MemoryError):
        return BackportqError("out of memory")
    if isinstance(bug, OSError) and bug.errno in _NO_BUGS:
        where = f" ('{os.fsdecode(bug.filename)}')" if bug.filename is not None else ""
        return BackportqError(f"the system refused to go on: {os.strerror(bug.errno or 0).lower()}{where}")
    told = str(bug)[:300]
    return BackportqError(
        f"internal error: {type(bug).__name__}" + (f": {told}" if told else ""),
        hints=("run it again with BACKPORTQ_DEBUG=1 to see where, and report that",),
    )


def _program() -> str:
    return "git backportq" if sys.argv and Path(sys.argv[0]).name == "git-backportq" else "backportq"


def _end_git() -> None:
    """End the git processes that nobody waits for any more, after an interrupt or a failure."""
    history = sys.modules.get("backportq.git.read.history")  # nothing can be running before it was loaded
    if history is not None:
        history.end_all()


def _abandon_output() -> None:
    """Point standard output at nothing, so that the interpreter's own flush at exit cannot fail after us."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
