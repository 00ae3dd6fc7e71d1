"""Looking commits up: what a person typed, abbreviated ids in bulk, and raw commits in bulk.

All text goes to git over standard input and never as an argument, so nothing that was typed or written in a message can
be an option.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backportq.errors import RefError
from backportq.git.read.history import start_walk
from backportq.git.refs import near_names, read_refs, resolve_branch
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import Oid, is_oid, short
from backportq.model.notices import tell
from backportq.model.words import typed

_HEX = re.compile(r"[0-9a-fA-F]{4,64}\Z")
_NAME = re.compile(r"(?!refs/)[^\s~^:?*\[\\@{}-][^\s~^:?*\[\\{}]*\Z")
_NOTHING = (" missing", " ambiguous")
_SEARCH = ":/"
_SHOWN_CANDIDATES = 5
_SHOWN_TEXT = 80
_EXPLAINED = 20
_FEW = 40  # so many are asked for one by one, of the process that is open already
_OTHER_KINDS = ("tree", "blob", "tag")


def resolve_commit(repository: Repository, text: str) -> Oid:
    """Return the commit that a person means by `text`: an id, an abbreviation, a ref, or any revision git knows.

    A bare branch name that exists only as a remote-tracking branch is found too. Raise `RefError` with near matches
    where there is none, and with the candidates where an abbreviation is ambiguous.
    """
    if not text.strip() or any(ord(sign) < ord(" ") or ord(sign) == 127 for sign in text):
        raise RefError(f"'{_shown(text)}' is not a revision", hints=("give a commit id, a branch or a tag",))
    branch = _branches_beside_tags(repository, [text]).get(text)
    if branch is not None:
        return branch
    answer = _check(repository, [_as_commit(text)])[0]
    oid = answer.split(" ", 1)[0]
    if answer.endswith(" commit") and len(oid) >= 40:
        return Oid(oid)
    if _HEX.match(text) and resolve_abbreviations(repository, [text])[text]:
        raise _ambiguous(repository, text)
    refs = read_refs(repository)
    if text in refs.branch_names():
        return resolve_branch(refs, text).oid
    oid, _, kind = _check(repository, [text])[0].partition(" ")
    if kind in _OTHER_KINDS and len(oid) >= 40:
        raise RefError(f"'{_shown(text)}' is a {kind} and no commit", hints=("git log --oneline shows ids",))
    near = near_names(text, refs.branch_names())
    if near:
        meant = " or ".join(f"'{name}'" for name in near)
        raise RefError(f"'{_shown(text)}' does not name a commit", hints=(f"did you mean {meant}?",))
    if _HEX.match(text):
        raise RefError(f"no commit '{text}' in this repository", hints=("git fetch, if it is newer than this clone",))
    raise RefError(f"'{_shown(text)}' does not name a commit", hints=("git log --oneline shows ids",))


def resolve_many(repository: Repository, texts: Iterable[str]) -> dict[str, Oid | RefError]:
    """Return, for each text, what `resolve_commit` gives or raises; one git process for all that git knows.

    The first texts that don't resolve are explained one by one, further ones briefly: a thousand bad lines must not
    start a thousand processes.
    """
    wanted = list(dict.fromkeys(texts))
    found: dict[str, Oid | RefError] = {}
    plain = [text for text in wanted if text.strip() and text.isprintable()]
    found.update(_branches_beside_tags(repository, plain))
    plain = [text for text in plain if text not in found]
    for text, answer in zip(
        plain, _check(repository, [_as_commit(text) for text in plain]) if plain else (), strict=True
    ):
        oid = answer.split(" ", 1)[0]
        if answer.endswith(" commit") and len(oid) >= 40:
            found[text] = Oid(oid)
    unknown = [text for text in wanted if text not in found]
    for count, text in enumerate(unknown):
        if count >= _EXPLAINED:
            found[text] = RefError(f"'{_shown(text)}' does not name a commit")
            continue
        try:
            found[text] = resolve_commit(repository, text)
        except RefError as error:
            found[text] = error
    return found


def resolve_range(repository: Repository, text: str, *, merges: bool = False) -> tuple[Oid, ...]:
    """Return the commits of `A..B` (an empty side is HEAD), oldest first; of anything else the one commit it names.

    A range has no merges unless `merges` are asked for: what they bring stands in it by itself, and one that took
    upstream into a topic would drag all of that along.
    Raise `RefError` for a side that does not resolve, for `A...B`, and for an empty range.
    """
    if text.startswith(_SEARCH):
        return (resolve_commit(repository, text),)
    if "..." in text:
        raise RefError(f"'{_shown(text)}' is a symmetric difference, wanted A..B", hints=("write A..B",))
    if ".." not in text:
        return (resolve_commit(repository, text),)
    first, _, last = text.partition("..")
    excluded = resolve_commit(repository, first or "HEAD")
    included = resolve_commit(repository, last or "HEAD")
    listing = start_walk(
        repository, (included,), (excluded,), "--reverse", "--topo-order", *(() if merges else ("--no-merges",))
    )
    found = tuple(Oid(line.decode("ascii")) for line in listing.parts(b"\n"))
    if not found and not merges and list(start_walk(repository, (included,), (excluded,)).parts(b"\n")):
        raise RefError(f"range '{_shown(text)}' contains nothing but merges", hints=("--merges takes them",))
    if not found:
        raise RefError(f"range '{_shown(text)}' contains no commit", hints=("git log A..B shows what a range holds",))
    return found


def resolve_abbreviations(repository: Repository, abbreviations: Iterable[str]) -> dict[str, tuple[Oid, ...]]:
    """Return, for each hexadecimal text, the commits it may mean: none, the one, or several if it is ambiguous.

    One git process for all, and one more for each ambiguous text. Objects that are not commits do not count.
    """
    wanted = [text for text in dict.fromkeys(abbreviations) if _HEX.match(text)]
    if not wanted:
        return {}
    # Asked plainly, git need not read each commit to see that it is one; what is no commit may still lead to one.
    answers = dict(zip(wanted, _check(repository, wanted), strict=True))
    doubtful = [text for text, answer in answers.items() if not answer.endswith((" commit", " missing"))]
    answers |= zip(
        doubtful, _check(repository, [_as_commit(text) for text in doubtful]) if doubtful else (), strict=True
    )
    found = {
        text: (Oid(answer.split(" ", 1)[0]),) if answer.endswith(" commit") else () for text, answer in answers.items()
    }
    # Asked for a commit, git calls an abbreviation that several commits share missing.
    return found | {text: _candidates(repository, text) for text in doubtful if not found[text]}


def read_commits(repository: Repository, oids: Iterable[Oid]) -> dict[Oid, Commit]:
    """Return the commits of these ids; ids that are absent or no commits are left out."""
    wanted = list(dict.fromkeys(oids))
    if len(wanted) <= _FEW:
        read = [repository.reader.find(oid) for oid in wanted]
        return {each.oid: Commit(each.oid, each.raw) for each in read if each is not None and each.kind == "commit"}
    out = repository.git.run(
        "cat-file", "--batch", "--buffer", stdin="".join(f"{oid}\n" for oid in wanted).encode("ascii")
    ).out
    found: dict[Oid, Commit] = {}
    position = 0
    while position < len(out):
        line_end = out.index(b"\n", position)
        fields = out[position:line_end].split(b" ")
        position = line_end + 1
        if len(fields) != 3 or fields[1] == b"missing":
            continue
        size = int(fields[2])
        if fields[1] == b"commit":
            oid = Oid(fields[0].decode("ascii"))
            found[oid] = Commit(oid, out[position : position + size])
        position += size + 1
    return found


def _branches_beside_tags(repository: Repository, texts: Iterable[str]) -> dict[str, Oid]:
    """Return the tips of those of `texts` that are the names of a branch and of a tag, and tell which was taken.

    git takes the tag, with a warning. Here most commands ask for branches and cannot mean a tag, so the branch is meant
    in all of them.
    """
    names = [text for text in texts if _NAME.match(text) and not is_oid(text)]
    answers = zip(names, _check(repository, [f"refs/tags/{name}" for name in names]) if names else (), strict=True)
    tags = [name for name, answer in answers if not answer.endswith(_NOTHING)]
    refs = read_refs(repository) if tags else None
    found: dict[str, Oid] = {}
    for name in tags:
        if refs is not None and name in refs.branch_names():
            found[name] = resolve_branch(refs, name).oid
            tell(
                f"'{_shown(name)}' is a branch and a tag: the branch is taken",
                (f"refs/tags/{typed(name)} means the tag",),
            )
    return found


def _as_commit(text: str) -> str:
    """Return the expression for the commit that `text` leads to; of a search all the rest is what to search for, and it
    finds commits only."""
    return text if text.startswith(_SEARCH) else f"{text}^{{commit}}"


def _check(repository: Repository, names: list[str]) -> list[str]:
    """Return git's answer to each name: `ID TYPE`, `NAME missing` or `NAME ambiguous`."""
    if len(names) <= _FEW:
        return [repository.reader.describe(name) for name in names]
    given = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    answer = repository.git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer", stdin=given)
    return answer.out.decode("utf-8", "surrogateescape").splitlines()


def _candidates(repository: Repository, text: str) -> tuple[Oid, ...]:
    listed = repository.git.text("rev-parse", f"--disambiguate={text}").split()
    return tuple(Oid(line.split(" ")[0]) for line in _check(repository, listed) if line.endswith(" commit"))


def _ambiguous(repository: Repository, text: str) -> RefError:
    candidates = _candidates(repository, text) if _HEX.match(text) else ()
    commits = read_commits(repository, candidates[:_SHOWN_CANDIDATES])
    hints = tuple(f"{short(oid)} {commit.subject}" for oid, commit in commits.items())
    more = len(candidates) - len(hints)
    if more > 0:
        hints = (*hints, f"and {more} more")
    return RefError(f"'{_shown(text)}' is ambiguous; it could be one of these commits", hints=hints)


def _shown(text: str) -> str:
    """Return text that somebody typed, bounded and without control characters."""
    clean = "".join(sign if sign.isprintable() else "?" for sign in text)
    return clean if len(clean) <= _SHOWN_TEXT else f"{clean[:_SHOWN_TEXT]}..."
