"""A topic branch as files for `git send-email`: what `git format-patch` makes of it, with a cover letter for a series.

git writes the files, so that `git am` gives the commits back; only what stands above and below them is chosen here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backportq.errors import UsageError
from backportq.git.repository import Repository
from backportq.git.user import run_as_user
from backportq.model.ids import BranchName, Oid


@dataclass(frozen=True, slots=True)
class PatchHeads:
    """What stands above the patches: the `prefix` in brackets of their subjects, whom they go `to` and in copy, the
    message that they answer. `cover` is the subject and the text of a cover letter, None for no such letter."""

    prefix: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    in_reply_to: str | None = None
    cover: tuple[str, str] | None = None


def refuse_used(directory: Path) -> None:
    """Raise `UsageError` where patches would be written among others, or over them."""
    if directory.exists() and (not directory.is_dir() or any(directory.glob("*.patch"))):
        what = "has patches already" if directory.is_dir() else "is no directory"
        raise UsageError(f"'{directory}' {what}", hints=("give an empty or a new directory",))


def format_patches(
    repository: Repository, base: Oid, topic: BranchName, directory: Path, heads: PatchHeads
) -> tuple[Path, ...]:
    """Write the commits of `topic` after `base` to `directory` and return the files in order."""
    options = [f"--subject-prefix={heads.prefix}", f"--output-directory={directory}"]
    options += [f"--to={address}" for address in heads.to]
    options += [f"--cc={address}" for address in heads.cc]
    if heads.in_reply_to is not None:
        options.append(f"--in-reply-to={heads.in_reply_to}")
    config: tuple[str, ...] = ()
    if heads.cover is not None:
        subject, text = heads.cover
        # The description of a branch is what git takes for a cover letter; it encodes and folds it.
        options += ["--cover-letter", "--cover-from-description=subject"]
        config = (f"branch.{topic}.description={subject}\n\n{text}",)
    revisions = [f"^{base}", f"refs/heads/{topic}"]
    done = run_as_user(repository, "format-patch", "-q", *options, *revisions, config=config)
    del done  # -q: it names no files
    return tuple(sorted(directory.glob("*.patch")))
