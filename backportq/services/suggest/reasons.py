"""Why learned trees think something likely or not, in words.

What the single numbers of a row add is summed up by what they are about, and the weightiest become one sentence each.
This module must not change what is likely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backportq.model.likelihood.learned import LearnedModel
from backportq.model.likelihood.outlook import REASONS, passed_over_words
from backportq.model.likelihood.past import PastChange
from backportq.model.likelihood.traits import CommitProfile, Traits
from backportq.model.words import counted
from backportq.services.suggest.features import FEATURES, GROUPS

_WORDS_SHOWN = 3
_PLACES = ("subject", "text")


@dataclass(frozen=True, slots=True)
class Case:
    """One candidate with everything that a reason may name."""

    change: PastChange
    traits: Traits
    description: CommitProfile
    row: list[float]

    def __getitem__(self, name: str) -> float:
        """Return a feature by its name."""
        return self.row[_PLACE[name]]


_PLACE = {name: place for place, name in enumerate(FEATURES)}


def reasons_of(model: LearnedModel, case: Case) -> tuple[str, ...]:
    """Return what weighs most, for or against, the weightiest first."""
    sums: dict[str, float] = {}
    for place, part in model.trees.parts(case.row).items():
        subject = _SUBJECT[place]
        sums[subject] = sums.get(subject, 0.0) + part
    told: list[str] = []
    for subject in sorted(sums, key=lambda each: -abs(sums[each])):
        text = _said(model, case, for_it=sums[subject] > 0) if subject == "words" else _TEXTS[subject](case)
        if text:
            told.append(f"{'for' if sums[subject] > 0 else 'against'}: {text}")
    return tuple(told[:REASONS])


def _subject_of(group: str, name: str) -> str:
    if name == "age":
        return "age"
    if group == "traits":
        if name.startswith("trailer "):
            return "trailers"
        return "topics" if " says " in name else "size"
    if group == "nearby":
        return "habits"
    return group


_SUBJECT = [_subject_of(group, name) for group, names in GROUPS.items() for name in names]


def _said(model: LearnedModel, case: Case, *, for_it: bool) -> str:
    """Return the words of the message that say most; paths and people have reasons of their own."""
    words = model.words.strongest(case.description.words, for_it=for_it)
    said = [text for place, _, text in (word.partition(" ") for word in words) if place in _PLACES]
    shown = list(dict.fromkeys(said))[:_WORDS_SHOWN]
    if not shown:
        return ""
    return f"it says {', '.join(repr(word) for word in shown)}, as what is {'taken' if for_it else 'left'} does"


def _elsewhere(case: Case) -> str:
    count = int(case["newer have"] + case["older have"])
    return f"{counted(count, 'other branch has', 'other branches have')} it" if count else "no other branch has it"


def _targets(case: Case) -> str:
    if case["named"] == 4:
        return "its message asks for this branch"
    if case["target picked"]:
        return "it fixes what was picked here"
    if case["target in base"] or case["target unknown"]:
        return "it fixes what the branch has had from the beginning"
    return "it fixes what the branch lacks" if case["target absent"] else "it names nothing that it fixes"


def _neighbours(case: Case) -> str:
    here, series = int(case["series taken here"]), int(case["series"])
    if series:
        return f"{here} of {series} commits that came with it were taken here"
    later = int(case["fixed by"] + case["mentioned by"])
    return f"{later} later commits name it" if later else "it came alone"


def _code(case: Case) -> str:
    if case["files absent"]:
        return "it changes files that the branch lacks"
    changes = int(case["most drift"])
    return f"a file of it changed {changes} times since the branch parted" if changes else "its files are as here"


def _lines(case: Case) -> str:
    if case["lines with an origin"] == 0:
        return "it changes no lines that were there before"
    absent, picked = case["lines absent"], case["lines picked"]
    if absent > 0:
        return f"the branch lacks {absent:.0%} of the lines that it changes"
    return "the lines that it changes came here with picks" if picked else "the branch has the lines that it changes"


def _habits(case: Case) -> str:
    traits = case.traits
    where = f" and {case['area rate']:.0%} in '{traits.area}'" if traits.area else ""
    return f"{case['author rate']:.0%} of what {case.change.commit.author.name} writes is taken{where}"


def _size(case: Case) -> str:
    lines = round(2.718281828 ** case["lines changed"] - 1)
    return f"it changes {counted(lines, 'line')} in {int(case['files'])} files"


def _trailers(case: Case) -> str:
    names = [name.removeprefix("trailer ").capitalize() for name in _TRAILERS if case[name]]
    return f"it has {', '.join(names)}" if names else "nobody reported, tested or asked for it"


def _topics(case: Case) -> str:
    topics = [name.rpartition(" says ")[2] for name in _TOPICS if case[name]]
    return f"it is about: {', '.join(dict.fromkeys(topics))}" if topics else "its topic"


_TRAILERS = [name for name in FEATURES if name.startswith("trailer ") and name != "trailer signed-off-by"]
_TOPICS = [name for name in FEATURES if " says " in name]

_TEXTS: Mapping[str, Callable[[Case], str]] = {
    "age": lambda case: f"upstream has had it for {case['age']:.0f} days",
    "waiting": lambda case: passed_over_words(int(case["passed over"])),
    "branch": lambda case: f"the branch parted {case['branch age'] / 30:.0f} months ago",
    "elsewhere": _elsewhere,
    "targets": _targets,
    "neighbours": _neighbours,
    "code": _code,
    "lines": _lines,
    "habits": _habits,
    "size": _size,
    "trailers": _trailers,
    "topics": _topics,
}
