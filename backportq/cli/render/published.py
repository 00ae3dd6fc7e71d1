"""Where finished picks were handed in for review, in words and as JSON."""

from __future__ import annotations

from backportq.cli.terminal import output
from backportq.services.picks.publish import HandedIn


def publication_document(publication: HandedIn) -> dict[str, object] | None:
    """Return what came of handing in; null where nothing was to be handed in."""
    if publication == HandedIn():
        return None
    return {
        "pushed": None
        if publication.pushed is None
        else {"remote": publication.pushed[0], "ref": publication.pushed[1]},
        "said": list(publication.said),
        "address": publication.address,
        "patches": [str(path) for path in publication.files],
        "problem": publication.problem,
    }


def tell_publication(publication: HandedIn) -> None:
    """Print where the branch was handed in, and what the server said."""
    if publication.pushed is not None:
        remote, ref = publication.pushed
        output.say(f"pushed to {remote} as {ref.removeprefix('refs/heads/')}")
        for line in publication.said:
            output.say(f"  {remote}: {line}")
        if publication.address is not None:
            output.say("a pull request is opened at:")
            output.say(f"  {publication.address}")
    for path in publication.files:
        output.say(f"wrote {path}")


def tell_hand_in(publication: HandedIn, hand_in: str | None) -> None:
    """Print what is to be typed next, so that it comes to a review."""
    if publication.files:
        output.next_step(f"git send-email {publication.files[0].parent}/*.patch", "sends them")
    if hand_in is not None:
        output.next_step(hand_in, "publish it")


def tell_problem(publication: HandedIn) -> None:
    """Warn of what kept it from being handed in; the branch is made all the same."""
    if publication.problem is not None:
        output.warn(publication.problem, publication.hints)
