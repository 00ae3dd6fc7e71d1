"""A judge of the person's own: a real program that is asked, bounded in every way, and never decides."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from backportq.errors import UsageError
from backportq.git.own_command import OwnCommandError, ask_own_command
from backportq.model.ids import BranchName, Oid
from backportq.model.likelihood.judgement import JudgedOutcome, Judgement, trust_in, weighed
from backportq.services.project import Project
from backportq.services.suggest import judge as judging
from backportq.services.suggest.judge import judge
from backportq.services.suggest.suggest import Suggestion
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

ASKED = "asked.jsonl"


@pytest.fixture
def project(repo: TestRepo) -> Project:
    """stable-1 took two leaks; a third one, in lines that upstream wrote since, is a candidate."""
    repo.commit("base", {"a.c": "int first;\nint second;\n"})
    repo.git("branch", "stable-1")
    for number in range(2):
        made = repo.commit(f"mend a rare leak {number}", {f"leak{number}.c": "int leak;\n"})
        repo.checkout("stable-1")
        repo.pick(made, "-x")
        repo.checkout("master")
    for number in range(20):
        repo.commit(f"paint {number}", {"wall.c": f"int colour = {number};\n"})
    repo.commit("write the third", {"a.c": "int first;\nint second;\nint third_line;\n"})
    repo.commit("mend a rare leak at last\n\nIt leaks.\n", {"a.c": "int first;\nint second;\nint mended_line;\n"})
    return start_queue(repo, stable("stable-1"))


def suggestion(project: Project) -> Suggestion:
    oid = project.repository.reader.describe("master").split()[0]
    return Suggestion(BranchName("stable-1"), Oid(oid), "mend a rare leak at last", "Ada", 0.5, ("for: it leaks",))


def use(project: Project, tmp_path: Path, script: str) -> None:
    """Make a program of `script`, in Python, the judge."""
    program = tmp_path / "judge.py"
    program.write_text(f"import json, sys, time\nquestion = json.load(sys.stdin)\n{script}\n")
    project.repository.git.run("config", "backportq.judge", f"python3 '{program}'")


def test_judge_is_told_what_there_is_and_its_words_are_kept(project: Project, tmp_path: Path) -> None:
    asked = tmp_path / ASKED
    use(project, tmp_path, f"open({str(asked)!r}, 'a').write(json.dumps(question) + chr(10))\n"
                           "print(json.dumps({'likely': 0.9, 'reason': 'it  is\\n a leak'}))")  # fmt: skip
    row = suggestion(project)

    found = judge(project, [row], limit=5)

    assert found.warnings == ()
    assert found.rows == (row.judged(Judgement(0.9, "it is a leak")),)
    (question,) = map(json.loads, asked.read_text().splitlines())
    assert question["commit"] == row.commit
    assert question["branch"] == "stable-1"
    assert question["message"].startswith("mend a rare leak at last")
    assert "+int mended_line;" in question["diff"]
    assert [(each["subject"], each["in_branch"]) for each in question["lines_came_from"]] == [
        ("write the third", False)
    ]
    assert {each["subject"]: each["taken_on"] for each in question["similar"][:2]} == {
        "mend a rare leak 0": ["stable-1"],
        "mend a rare leak 1": ["stable-1"],
    }
    assert judge(project, [row], limit=5) == found
    assert len(asked.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("print('no')", "no JSON"),
        ("print('[' * 60_000)", "nested too deep|no JSON"),
        ("print(json.dumps({'likely': 2}))", "wanted"),
        ("print(json.dumps({'likely': True}))", "wanted"),
        ("print('{\"likely\": NaN}')", "wanted"),
        ("print(json.dumps([0.5]))", "wanted"),
        ("print('x' * 100_000)", "more than 65536 bytes"),
        ("sys.stderr.write('out of order'); sys.exit(3)", "exit status 3: out of order"),
        ("time.sleep(60)", "no answer within 2 seconds"),
        (
            "import subprocess\nsubprocess.Popen(['sleep', '60'], start_new_session=True)\ntime.sleep(60)",
            "no answer within 2 seconds",
        ),
    ],
)
def test_judge_that_gives_no_answer_is_told_of_and_counts_for_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, complaint: str
) -> None:
    monkeypatch.setattr(judging, "_SECONDS", 2.0 if "sleep" in script else 30.0)
    use(project, tmp_path, script)
    row = suggestion(project)
    begun = time.monotonic()

    found = judge(project, [row], limit=1)

    assert found.rows == (row,)
    (warning,) = found.warnings
    assert re.search(complaint, warning), warning
    assert time.monotonic() - begun < 40


def test_judge_is_asked_so_many_of_each_branch(project: Project, tmp_path: Path) -> None:
    asked = tmp_path / ASKED
    use(project, tmp_path, f"open({str(asked)!r}, 'a').write('x')\nprint(json.dumps({{'likely': 0.1}}))")
    row = suggestion(project)
    other = Suggestion(BranchName("stable-1"), Oid("ab" * 20), "", "", 0.1, ())

    found = judge(project, [row, other], limit=1)

    assert [each.judge for each in found.rows] == [Judgement(0.1, ""), None]
    assert asked.read_text() == "x"


def test_no_judge_is_a_hint(project: Project) -> None:
    with pytest.raises(UsageError, match="there is no judge") as caught:
        judge(project, [], limit=1)
    assert "git config backportq.judge" in caught.value.hints[0]


def test_a_child_that_holds_the_pipe_is_not_waited_for(project: Project) -> None:
    said = ask_own_command(project.repository, "echo '{}'; (sleep 30 &) ", b"", seconds=20.0, most=100)
    assert said == b"{}\n"
    with pytest.raises(OwnCommandError, match="exit status 127"):
        ask_own_command(project.repository, "no-such-program-anywhere", b"", seconds=20.0, most=100)


def test_judge_never_decides_alone() -> None:
    assert weighed(0.5, None) == 0.5
    assert 0.5 < weighed(0.5, Judgement(0.9, "")) < 0.9
    assert weighed(0.0, Judgement(1.0, "")) == pytest.approx(0.5)


def test_judge_weighs_as_much_as_it_was_right_before() -> None:
    right = tuple(JudgedOutcome(0.3, 0.9 if taken else 0.05, taken) for taken in [True, False] * 60)
    wrong = tuple(JudgedOutcome(0.8 if taken else 0.1, 0.5 if taken else 0.9, taken) for taken in [True, False] * 60)
    assert trust_in(()) == 0.5
    assert trust_in(right[:4]) < trust_in(right)
    assert trust_in(right) >= 0.8
    assert trust_in(wrong) <= 0.1


def test_what_became_of_judged_candidates_is_looked_up(repo: TestRepo, project: Project, tmp_path: Path) -> None:
    use(project, tmp_path, "print(json.dumps({'likely': 0.95}))")
    rows = [
        Suggestion(BranchName("stable-1"), Oid(repo.id(f"master~{back}")), "", "", 0.1, ()) for back in range(2, 22)
    ]
    assert judge(project, rows, limit=20).trust == 0.5
    assert judge(project, rows, limit=20).trust == 0.5  # nothing is known of them yet

    repo.checkout("stable-1")
    for row in reversed(rows):
        repo.pick(row.commit, "-x")

    assert judge(project, rows, limit=20).trust > 0.6
