"""`lint` on real repositories: what is wrong with tags, what authors are reminded of, and what is left in peace."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from backportq.git.repository import discover
from backportq.model.lint.draft import read_edited
from backportq.model.lint.finding import Code, Finding
from backportq.services.lint.context import lint_context
from backportq.services.lint.lint import lint
from backportq.services.lint.sources import drafts_of
from backportq.services.project import project_in
from backportq.services.queue_admin.init import InitRequest, initialise
from tests.driver import TestRepo


@dataclass
class Story:
    """A project with two stable branches: `bug` is in both, `late` in the newer one, `new` in none."""

    repo: TestRepo
    bug: str
    late: str
    new: str

    def say(self, message: str) -> list[Finding]:
        """Return what is said of a message that is not committed yet."""
        context = lint_context(project_in(discover(self.repo.path)))
        return lint([read_edited(message, "MSG")], context)

    def say_of(self, target: str, *, of_upstream: bool = False) -> list[Finding]:
        """Return what is said of commits."""
        context = lint_context(project_in(discover(self.repo.path)))
        return lint(drafts_of(target, context), context, of_upstream=of_upstream)


@pytest.fixture
def story(repo: TestRepo) -> Story:
    bug = repo.commit("crane: lift boxes", {"crane": "1\n2\n3\n4\n"})
    repo.git("branch", "stable-1.0")
    late = repo.commit("berth: moor ships", {"berth": "1\n2\n3\n"})
    repo.git("branch", "stable-1.1")
    new = repo.commit("tide: read the table", {"tide": "1\n"})
    initialise(
        project_in(discover(repo.path)),
        InitRequest(upstream="master", branches=("stable-1.0", "stable-1.1"), dialects=("xen",)),
    )
    return Story(repo, bug, late, new)


def _codes(findings: list[Finding]) -> list[Code]:
    return [finding.code for finding in findings]


def test_lint_right_tags_say_nothing(story: Story) -> None:
    assert story.say(f'a: b\n\nFixes: {story.bug[:12]} ("crane: lift boxes")\nBackport: 1.0+\n') == []
    assert story.say("a: add a thing\n\nText.\n") == []
    assert story.say("") == []


def test_lint_unreadable_tag_is_an_error_on_its_line(story: Story) -> None:
    (finding,) = story.say("a: b\n\nText.\n\nBackport: wherever\nSigned-off-by: A <a@example.org>\n")
    assert (finding.level, finding.code, finding.line) == ("error", Code.MALFORMED_TAG, 5)


def test_lint_unknown_id_is_an_error_and_the_quoted_subject_leads_on(story: Story) -> None:
    (finding,) = story.say('a: b\n\nFixes: 0123456789ab ("berth: moor ships")\nBackport: 1.1\n')
    assert (finding.level, finding.code) == ("error", Code.UNKNOWN_COMMIT)
    assert finding.suggestion == f'Fixes: {story.late[:12]} ("berth: moor ships")'


def test_lint_other_subject_is_a_warning_with_the_right_one(story: Story) -> None:
    (finding,) = story.say(f'a: b\n\nFixes: {story.bug[:12]} ("something else entirely")\nBackport: 1.0+\n')
    assert (finding.level, finding.code) == ("warning", Code.WRONG_SUBJECT)
    assert finding.suggestion == f'Fixes: {story.bug[:12]} ("crane: lift boxes")'


@pytest.mark.parametrize("quoted", ["Crane:  lift boxes", "crane: lift boxes, 2023-11-14", "crane: li..."])
def test_lint_subject_in_other_spelling_is_right(story: Story, quoted: str) -> None:
    assert story.say(f'a: b\n\nFixes: {story.bug[:12]} ("{quoted}")\nBackport: 1.0+\n') == []


def test_lint_commit_of_another_branch_is_doubted_unless_it_is_in_this_history(story: Story) -> None:
    story.repo.checkout("topic", "master")
    mine = story.repo.commit("sail: hoist", {"sail": "1\n"})
    assert story.say(f'a: b\n\nFixes: {mine[:12]} ("sail: hoist")\n') == []
    story.repo.checkout("master")
    (finding,) = story.say_of(story.repo.commit(f'a: b\n\nFixes: {mine[:12]} ("sail: hoist")\n'))
    assert (finding.level, finding.code) == ("warning", Code.NOT_CONTAINED)


def test_lint_version_without_branch_is_doubted_but_the_next_release_is_not(story: Story) -> None:
    assert _codes(story.say("a: b\n\nBackport: 7.5\n")) == [Code.UNKNOWN_VERSION]
    assert story.say("a: b\n\nBackport: 1.2\n") == []


def test_lint_reminds_of_the_branches_that_have_what_is_fixed(story: Story) -> None:
    (finding,) = story.say(f'a: b\n\nFixes: {story.bug[:12]} ("crane: lift boxes")\n')
    assert (finding.level, finding.code, finding.line) == ("reminder", Code.FIXES_RELEASED, 3)
    assert finding.text.endswith("in stable-1.0 and stable-1.1 since 2023")
    assert finding.suggestion == "Backport: 1.0+"
    (finding,) = story.say(f'a: b\n\nFixes: {story.late[:12]} ("berth: moor ships")\n')
    assert finding.suggestion == "Backport: 1.1+"
    assert story.say(f'a: b\n\nFixes: {story.new[:12]} ("tide: read the table")\n') == []


def test_lint_reminds_by_the_changed_lines_where_a_fix_names_nothing(story: Story) -> None:
    story.repo.write("berth", "1\n2 right\n3\n")
    (finding,) = story.say("berth: fix a collision\n")
    assert (finding.level, finding.code) == ("reminder", Code.CHANGES_RELEASED)
    assert finding.text.startswith(f'these lines came with {story.late[:12]} ("berth: moor ships"), in stable-1.1')
    assert finding.suggestion == "Backport: 1.1+"
    assert story.say("berth: paint it blue\n") == []
    assert story.say("berth: fix a typo in a comment\n") == []
    assert story.say("docs: fix how ships are moored\n") == []
    assert story.say("berth: fix a collision\n\nBackport: 1.1\n") == []


def test_lint_reminds_of_lines_older_than_every_branch(story: Story) -> None:
    story.repo.write("crane", "1\n2 right\n3\n4\n")
    (finding,) = story.say("crane: fix the hook\n")
    assert finding.text == "these lines are older than stable-1.0, so they are in stable-1.0 and stable-1.1"


def test_lint_says_nothing_of_new_lines(story: Story) -> None:
    story.repo.write("sail", "1\n")
    assert story.say("sail: fix the wind\n") == []


def test_lint_reminds_of_upstream_commits_only_when_asked(story: Story) -> None:
    fix = story.repo.commit(f'a: b\n\nFixes: {story.bug[:12]} ("crane: lift boxes")\n', {"crane": "1\n"})
    assert story.say_of(fix) == []
    assert _codes(story.say_of(fix, of_upstream=True)) == [Code.FIXES_RELEASED]
    assert story.say_of("HEAD~1..HEAD") == []


def test_lint_merge_is_not_reminded(story: Story) -> None:
    story.repo.checkout("topic", "HEAD~1")
    story.repo.commit("x", {"x": "1\n"})
    story.repo.checkout("master")
    story.repo.git("merge", "-q", "--no-ff", "-m", f"Merge a fix\n\nFixes: {story.bug[:12]}\n", "topic")
    assert story.say_of("HEAD", of_upstream=True) == []


def test_lint_without_a_queue_finds_dialect_and_branches(repo: TestRepo) -> None:
    bug = repo.commit("crane: lift boxes", {"crane": "1\n"})
    repo.git("branch", "stable-1.0")
    for number in range(3):
        repo.commit(f"change {number}\n\nBackport: 1.0+\n", {"crane": f"{number}\n"})
    context = lint_context(project_in(discover(repo.path)))
    (finding,) = lint([read_edited(f"a: b\n\nFixes: {bug[:12]}\n", "MSG")], context)
    assert finding.suggestion == "Backport: 1.0+"


def test_lint_title_below_an_importers_line_is_a_right_quotation(story: Story) -> None:
    old = story.repo.commit("bitkeeper revision 1.2 (abc)\n\nAdd the derrick.\n", {"d": "1\n"})
    assert story.say(f'a: b\n\nFixes: {old[:12]} ("Add the derrick")\n') == []
