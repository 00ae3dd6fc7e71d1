"""Three-way merges of plain collections: sets, mappings and ordered sequences.

They know nothing of queues, so that their laws can be tested by themselves. A value is taken from the side that changed
it; what both sides changed is for the caller to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from backportq.model.declared import NO_EXTRA

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

Element = TypeVar("Element", bound=Hashable)


def merge_set(
    base: Sequence[Element],
    left: Sequence[Element],
    right: Sequence[Element],
    *,
    key: Callable[[Element], SupportsRichComparison],
) -> tuple[Element, ...]:
    """Merge collections of distinct elements: what either side added is there, what either side removed is gone. The
    order of the only side that changed is kept; where both did, the result is sorted by `key`."""
    if tuple(left) in (tuple(right), tuple(base)):
        return tuple(right)
    if tuple(right) == tuple(base):
        return tuple(left)
    removed = {element for element in base if element not in left or element not in right}
    return tuple(sorted({*left, *right} - removed, key=key))


def merge_order(
    base: Sequence[Element],
    left: Sequence[Element],
    right: Sequence[Element],
    *,
    key: Callable[[Element], SupportsRichComparison],
) -> tuple[Element, ...]:
    """Merge like `merge_set`, for elements whose order says something: each side's order is kept, and where they
    contradict each other `key` decides."""
    if tuple(left) in (tuple(right), tuple(base)):
        return tuple(right)
    if tuple(right) == tuple(base):
        return tuple(left)
    kept = {*left, *right} - {element for element in base if element not in left or element not in right}
    return tuple(merge_sequence(left, right, key=key, of=kept))


def merge_mapping(
    base: Mapping[str, object],
    left: Mapping[str, object],
    right: Mapping[str, object],
    *,
    choose: Callable[[str, object, object], object] | None = None,
) -> Mapping[str, object]:
    """Merge key by key; where both sides changed one key differently, `choose` decides by the key and the two values
    (None: absent). Without it the greater spelling is taken, which is arbitrary but the same for everybody."""
    if left == right:
        return left
    decide = choose or _greater
    merged: dict[str, object] = {}
    for key in sorted({*left, *right}):
        was, mine, others = base.get(key), left.get(key), right.get(key)
        if mine == others or others == was:
            chosen = mine
        elif mine == was:
            chosen = others
        else:
            chosen = decide(key, mine, others)
        if chosen is not None:
            merged[key] = chosen
    return merged or NO_EXTRA


def plain_text(value: object) -> str:
    """Return a value of a file as people read it, the same for equal values."""
    if value is None:
        return "none"
    if value == "":
        return '""'
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {plain_text(value[key])}" for key in sorted(value))
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(plain_text(element) for element in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _greater(_key: str, mine: object, others: object) -> object:
    return max((mine, others), key=lambda value: (value is not None, plain_text(value)))


def merge_sequence(
    left: Sequence[Element],
    right: Sequence[Element],
    *,
    key: Callable[[Element], SupportsRichComparison],
    of: Container[Element],
) -> list[Element]:
    """Merge two sequences that follow one order which is not known here: elements keep the order of each side, and
    where neither side tells which of two comes first, `key` does. Elements that are not in `of` are left out. Should
    the sides contradict each other, `key` decides, and nothing is lost."""
    ours = [element for element in left if element in of]
    theirs = [element for element in right if element in of]
    in_ours, in_theirs = set(ours), set(theirs)
    placed: set[Element] = set()
    merged: list[Element] = []
    first = second = 0
    while first < len(ours) or second < len(theirs):
        if first < len(ours) and ours[first] in placed:
            first += 1
            continue
        if second < len(theirs) and theirs[second] in placed:
            second += 1
            continue
        candidates = []
        if first < len(ours):
            candidates.append(ours[first])
        if second < len(theirs) and theirs[second] not in candidates:
            candidates.append(theirs[second])
        # A head that the other side has further down must wait for what stands before it there.
        free = [head for head in candidates if not (head in in_ours and head in in_theirs)] or candidates
        chosen = min(free, key=key)
        placed.add(chosen)
        merged.append(chosen)
    return merged
