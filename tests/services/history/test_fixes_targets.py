"""What `Fixes:` lines name: by id, by abbreviation, by the subject they quote."""

from __future__ import annotations

from backportq.model.ids import Oid
from backportq.model.trailers.values import FixesTag
from backportq.services.history.facts import TargetResolution
from tests.driver import TestRepo
from tests.services.history.forked import facts_of


def fixes(hex_id: str | None, subject: str | None = None) -> FixesTag:
    """Return the tag that `Fixes: HEX ("SUBJECT")` is read as."""
    return FixesTag(f'Fixes: {hex_id or ""} ("{subject or ""}")', hex_id, subject)


def test_resolve_by_id_and_abbreviation_old_and_new(forked: TestRepo) -> None:
    old, new = forked.id("master~2"), forked.id("master")
    facts = facts_of(forked.path, "stable-1")
    assert facts.resolve(fixes(old, "old")) == TargetResolution((Oid(old),))
    assert facts.resolve(fixes(new[:10].upper(), "new")) == TargetResolution((Oid(new),))
    assert facts.resolve(fixes(new[:10])) == TargetResolution((Oid(new),))


def test_resolve_a_wrong_id_by_its_quoted_subject_with_a_warning(forked: TestRepo) -> None:
    old, new = forked.id("master~2"), forked.id("master")
    facts = facts_of(forked.path, "stable-1")
    assert facts.resolve(fixes("0123456789", "NEW")) == TargetResolution(
        (Oid(new),),
        f"'Fixes: 0123456789 (\"NEW\")' names '0123456789', which is no commit of this repository, "
        f"taken as {new[:12]} by its subject",
    )
    assert facts.resolve(fixes(None, "old")) == TargetResolution(
        (Oid(old),), f"'Fixes: (\"old\")' names no id, taken as {old[:12]} by its subject"
    )


def test_resolve_a_commit_that_quotes_its_own_subject_does_not_fix_itself(forked: TestRepo) -> None:
    own = Oid(forked.commit("rewritten"))
    facts = facts_of(forked.path, "stable-1")
    line = fixes("0123456789", "rewritten")
    assert facts.resolve(line).targets == (own,)
    assert facts.resolve(line, own) == TargetResolution(
        (),
        "'Fixes: 0123456789 (\"rewritten\")' names '0123456789', which is no commit of this repository",
    )
    old = Oid(forked.id("master~3"))
    assert facts.resolve(fixes(old, "rewritten"), own) == TargetResolution((old,))


def test_resolve_what_is_nowhere_or_twice_is_unresolved(forked: TestRepo) -> None:
    for _ in range(2):
        forked.commit("twice")
    facts = facts_of(forked.path, "stable-1")
    assert facts.resolve(fixes("0123456789", "nothing")) == TargetResolution(
        (),
        "'Fixes: 0123456789 (\"nothing\")' names '0123456789', which is no commit of this repository",
    )
    assert facts.resolve(fixes("0123456789", "twice")) == TargetResolution(
        (),
        "'Fixes: 0123456789 (\"twice\")' names '0123456789', which is no commit of this repository, "
        "and 2 upstream commits have the subject it quotes",
    )


def test_resolve_a_pick_on_a_stable_branch_means_what_it_was_picked_from(forked: TestRepo) -> None:
    new = forked.id("master")
    forked.checkout("stable-1")
    pick = forked.pick(new, "-x")
    forked.checkout("elsewhere", "stable-1~1")
    chained = forked.pick(pick, "-x")
    facts = facts_of(forked.path, "stable-1")
    for oid in (pick, chained):
        assert facts.resolve(fixes(oid, "new")) == TargetResolution(
            (Oid(new),), f"'Fixes: {oid} (\"new\")' names a pick on a stable branch, taken as {new[:12]}"
        )


def test_resolve_an_id_outside_upstream_by_its_subject(forked: TestRepo) -> None:
    new = forked.id("master")
    forked.checkout("elsewhere", "stable-1")
    outside = forked.commit("new")
    facts = facts_of(forked.path, "stable-1")
    assert facts.resolve(fixes(outside[:12], "new")) == TargetResolution(
        (Oid(new),),
        f"'Fixes: {outside[:12]} (\"new\")' names '{outside[:12]}', which upstream does not contain, "
        f"taken as {new[:12]} by its subject",
    )


def test_resolve_an_id_that_contradicts_its_subject_believes_the_subject(forked: TestRepo) -> None:
    base, new = forked.id("master~1"), forked.id("master")
    facts = facts_of(forked.path, "stable-1")
    assert facts.resolve(fixes(base[:12], "new")) == TargetResolution(
        (Oid(new),),
        f"'Fixes: {base[:12]} (\"new\")' names another commit than it quotes, taken as {new[:12]} by its subject",
    )
    assert facts.resolve(fixes(base[:12], "some old name of base")) == TargetResolution((Oid(base),))
