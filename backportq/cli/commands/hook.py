"""`hook`: install or remove the git hooks that check tags."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.services.lint.hooks import install_hooks, remove_hooks


class Action(StrEnum):
    """What to do with the hooks."""

    INSTALL = "install"
    REMOVE = "remove"


def run(
    action: Annotated[Action, typer.Argument(metavar="install|remove", help="what to do with the hooks")],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[HOOK]...",
            help="commit-msg, pre-push, pre-receive; the first two by default, the last in a bare repository",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="also in a folder that other repositories share, or what was edited since")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Install or remove the git hooks that check tags.

    'commit-msg' checks the message and reminds of a backport while it can still be asked for; 'pre-push' and, on a
    server, 'pre-receive' refuse commits whose tags do nothing. A hook that is there already runs first and is put back
    by 'remove'. With the pre-commit framework use '.pre-commit-hooks.yaml' of this repository instead.
    """
    change = install_hooks if action is Action.INSTALL else remove_hooks
    results = change(project().repository, names or (), force=force)
    if as_json:
        hooks = [{"hook": each.name, "path": str(each.path), "state": each.state.name.lower()} for each in results]
        output.emit_json({"hooks": hooks})
        return
    for each in results:
        output.say(f"{each.name}: {each.state} ({each.path})")
    if action is Action.INSTALL:
        output.next_step("backportq lint", "checks what you have not pushed yet")
