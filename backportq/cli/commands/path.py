"""`path`: where the queue is kept."""

from __future__ import annotations

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.terminal import output


def run(as_json: JsonOption = False) -> None:
    """Print where the queue is kept: the repository and the ref in it.

    `git -C REPOSITORY log REF` reads its history with plain git.
    """
    opened = project()
    ref, repository = opened.store.ref, str(opened.store.repository.common_dir)
    if as_json:
        output.emit_json({"repository": repository, "ref": ref})
        return
    output.say(f"{repository} {ref}")
