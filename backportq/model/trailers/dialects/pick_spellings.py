"""Pick lines as people and tools write them anywhere: every dialect reads all of these.

They stand apart from the dialects because no project is safe from another project's tool: a line that names a commit of
upstream as the original can't be taken for anything else. What only one project writes is with its dialect.

To read one more spelling, add a rule here: `start` is the beginning of the line, `pattern` the whole wording with the
group `ids`. A sentence without brackets must be alone on its line or begin a paragraph, because wrapped prose can leave
the same words at the beginning of a line.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import (
    ID,
    IDS,
    PARAGRAPH,
    Meaning,
    Rule,
    SentenceRule,
    SubjectRule,
    TrailerRule,
    Value,
)

_WHERE = r"(?:https?://\S{1,300}/(?:commit|c)/|[\w.-]{1,100}/[\w.-]{1,100}@)?"
_BRANCH = r"(?:(?:upstream|mainline|master|main|trunk|devel|develop)\s{1,4})?"
_WORD = r"(?:commits?|c/s|changesets?)?"
_END = r"\.?[ \t\r]*(?=\n|\Z)"
_TO = r"(?:[ \t]+(?:from|to|for|on|onto|in|into)[ \t]+[\w./-]{1,100})?"

_BRACKETED = (
    r"\((?:cherry[ -]?picked|backported|picked)(?:\s(?:from|of))?:?\s{1,4}"
    rf"{_BRANCH}{_WORD}:?\s{{0,4}}{_WHERE}(?P<ids>{IDS})"
)

CHERRY_PICKS: tuple[Rule, ...] = (
    SentenceRule(r"[ \t]*\((?:cherry|backport|picked)", _BRACKETED, Meaning.PICK),
    SentenceRule(r">[ \t]?\((?:cherry|backport|picked)", rf">[ \t]?{_BRACKETED}", Meaning.PICK),
    SentenceRule(
        "cherry[ -]?pick",
        rf"{PARAGRAPH}cherry[ -]?pick(?:ed)?[ -](?:from|of):?[ \t]+(?:commit:?[ \t]+)?{_WHERE}(?P<ids>{ID})",
        Meaning.PICK,
    ),
    SentenceRule(
        "cherry[ -]?picked", rf"{PARAGRAPH}cherry[ -]?picked[ -]from[ \t]+commit[ \t]+(?P<ids>{ID}){_END}", Meaning.PICK
    ),
    SentenceRule(
        "git cherry-pick", rf"{PARAGRAPH}git cherry-pick (?:-[a-z]{{1,4}} )?(?P<ids>{ID}){_END}", Meaning.PICK
    ),
    TrailerRule(
        (
            "Cherry-picked-from",
            "Cherry-picked-from-commit",
            "Cherry-pick",
            "Cherry-pick-of",
            "Picked-from",
            "Rebased-from",
            "Backported-from",
            "Backport-of",
            "Upstream-commit",
            "Upstream commit",
            "Upstream",
            "Original-commit",
            "Original commit",
            "X-Original-Commit-Id",
            "MFC",
        ),
        Meaning.PICK,
        Value.COMMIT,
    ),
    SentenceRule(r"\(from ", rf"\(From [\w./-]{{1,60}} rev(?:ision)?:?[ \t]+(?P<ids>{ID})[ \t]*\)", Meaning.PICK),
    SentenceRule("svn path=", rf"svn path=[^\n;]{{0,200}};[ \t]*git-commit:[ \t]*(?P<ids>{ID})", Meaning.PICK),
)
"""What `git cherry-pick -x` writes, and how people and robots write it by hand. In parentheses it may be indented,
because those who combine several picks indent it under each subject."""

UPSTREAM_COMMIT: tuple[Rule, ...] = (
    SentenceRule(
        r"[ \t]*\[[ \t]*(?:backport|from|upstream)",
        r"\[[ \t]*(?:(?:backport(?:ed)?[ \t]+)?(?:(?:of|from)[ \t]+)?(?:upstream|stable)"
        r"|backport(?:ed)?[ \t]+(?:of|from))[ \t]+"
        rf"(?:(?:commits?|fix)(?:[ \t]+id)?:?[ \t]+)?\"?(?P<ids>{IDS})",
        Meaning.PICK,
    ),
    SentenceRule(
        r"\[[ \t]*commit", rf"\[[ \t]*commit[ \t]+(?P<ids>{ID})[ \t]+(?:from |in )?(?:upstream|mainline)", Meaning.PICK
    ),
    SentenceRule(
        "upstream commit", rf"{PARAGRAPH}upstream commit:?[ \t]+(?P<ids>{ID})\.?[ \t\r]*(?=\n|\Z)", Meaning.PICK
    ),
    SentenceRule(
        "commit [0-9a-f]",
        rf"{PARAGRAPH}commit (?P<ids>{ID})[ \t]+(?:from |in )?(?:upstream|mainline)(?: commit)?[.,]?[ \t\r]*(?=\n|\Z)",
        Meaning.PICK,
    ),
)
"""The kernel's stable trees: `commit X upstream.` or `[ Upstream commit X ]`, alone on their line. Without brackets it
must begin a paragraph as well, because wrapped prose can leave the same words alone on a line."""

BACKPORTS: tuple[Rule, ...] = (
    SentenceRule(
        "back(?:port|patch)(?:ed)? (?:of|from) ",
        rf"Back(?:port|patch)(?:ed)? (?:of|from) {_BRANCH}(?:commits? )?\[?{_WHERE}(?P<ids>{IDS})\]?{_TO}"
        r"(?:\.?[ \t\r]*(?=\n|\Z)|[.,;][ \t]|[ \t]*\(|[ \t]+(?=Backport of))",
        Meaning.PICK,
    ),
    SentenceRule("backport(?:ed)? from ", rf"Backport(?:ed)? from [\w./-]{{1,100}} \((?P<ids>{IDS})\)", Meaning.PICK),
    SentenceRule(
        "back(?:port|patch)(?:es|s)? ",
        rf"{PARAGRAPH}Back(?:ports?|patch|patches) {_BRANCH}(?:commits? )?{_WHERE}(?P<ids>{IDS}){_TO}{_END}",
        Meaning.PICK,
    ),
    SentenceRule(
        "this ",
        rf"{PARAGRAPH}This (?:(?:commit|patch|change) )?(?:is a (?:straight |clean )?backport of|backports) {_BRANCH}"
        rf"(?:(?:commits?|c/s) )?{_WHERE}(?P<ids>{IDS}){_TO}{_END}",
        Meaning.PICK,
    ),
    SentenceRule(
        "merged from ", rf"{PARAGRAPH}Merged from {_BRANCH}(?:commit )?{_WHERE}(?P<ids>{ID}){_END}", Meaning.PICK
    ),
)
"""Sentences of people: Django's `Backport of X from main.` and its kin."""

_PATCHBACK = r"This is a backport of (?:PR|MR|pull request|merge request) [#!]\d{1,9}[^\n(]{0,200}?"

PATCHBACK: tuple[Rule, ...] = (
    *(
        SentenceRule(f"{stars}this is a ", rf"{stars}{_PATCHBACK}\s{{1,4}}\(?(?P<ids>{ID})\)?", Meaning.PICK)
        for stars in ("", r"\*\*")
    ),
    SubjectRule(r"\[(?:pr|mr) [#!]", r"\[(?:PR|MR) [#!]\d{1,9}/(?P<ids>[0-9a-f]{7,64}) backport\]"),
)
"""patchback, a robot: number and abbreviated id in the subject, and a sentence that goes on on the next line."""

UPLIFTS: tuple[Rule, ...] = (
    SubjectRule(r"merge revision", rf"merge revision(?:\(s\)|s)? (?P<ids>{IDS})(?=[:\s]|\Z)"),
    SentenceRule("revision: ", rf"{PARAGRAPH}Revision:[ \t]+(?P<ids>{ID}){_END}", Meaning.PICK),
)
"""What Ruby's script writes in the subject, and V8's below the title, in a paragraph of its own."""

PICK_SPELLINGS: tuple[Rule, ...] = (*CHERRY_PICKS, *UPSTREAM_COMMIT, *BACKPORTS, *PATCHBACK, *UPLIFTS)
"""All of the above."""
