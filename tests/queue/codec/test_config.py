"""config.toml: strict about values, kind to the layout that people give it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backportq.errors import ConfigError
from backportq.model.config import (
    Config,
    CustomTrailer,
    KeyPattern,
    PeopleSettings,
    PickLinePattern,
    PublishSettings,
    PublishWay,
    Rule,
    RuleEffect,
    StableBranch,
    Support,
)
from backportq.model.ids import BranchName
from backportq.model.priority import Priority
from backportq.queue.codec.config import config_table, read_config
from backportq.queue.codec.misspelt import misspelt_keys
from backportq.queue.codec.stored_state import source_of
from backportq.queue.toml.kept_layout import document_bytes, rewritten

WRITTEN = """\
# what we maintain
schema = 1
upstream = "master"   # not main
dialects = [
  "xen",  # ours
]

# the newest one
[[branch]]
name = "stable-4.18"
version = "4.18"
support = "full"  # until spring

[[rule]]
name = "xsa"
pattern = 'XSA-\\d+'
priority = "security"
x-ours = {a = 1}
"""


def config_of(text: str | bytes) -> Config:
    return read_config(source_of("config.toml", text.encode() if isinstance(text, str) else text))


def change(text: str, after: Config) -> str:
    before = config_of(text)
    return rewritten(text.encode(), config_table(before), config_table(after), config_of, after).decode()


FULL = Config(
    upstream=BranchName("master"),
    branches=(
        StableBranch(
            BranchName("stable-4.18"),
            "4.18",
            BranchName("staging-4.18"),
            Support.SECURITY,
            date(2025, 1, 1),
            date(2026, 11, 16),
            "ada",
            ("xen/",),
            {"x": 1},
        ),
    ),
    dialects=("xen", "linux"),
    remote="origin",
    rules=(
        Rule("xsa", "XSA-\\d+", "subject", "xen/**", "ada", ("stable-4.18",), Priority.SECURITY, RuleEffect.RANK),
        Rule(pattern="^Bump ", search_in="subject", effect=RuleEffect.NEVER, reason="bumped on each branch"),
    ),
    trailers=(CustomTrailer("Port-To", "opt-out", "none"), CustomTrailer("PR-URL", "same")),
    keys=(KeyPattern(r"\(#(?P<key>[0-9]+)\)$"),),
    pick_lines=(PickLinePattern("backport of (?P<id>[0-9a-f]{7,40})", "subject"),),
    people=PeopleSettings(("*-bot@example.org",)),
    publish=PublishSettings(PublishWay.GERRIT),
    assign={"due_days": 14},
    mail={"project": "Harbor"},
    more_upstreams=(BranchName("next"),),
    notes=("refs/notes/bugs", "refs/notes/more/bugs"),
    refusal_lists=("bin/.cherry-ignore",),
    policy={"approvals": 2},
    extra={"x-more": [1, "two"]},
)
FULL_TEXT = """\
schema = 1
upstream = ["master", "next"]
remote = "origin"
dialects = ["xen", "linux"]
notes = ["bugs", "more/bugs"]
refusal_lists = ["bin/.cherry-ignore"]
x-more = [1, "two"]

[policy]
approvals = 2

[assign]
due_days = 14

[mail]
project = "Harbor"

[people]
robots = ["*-bot@example.org"]

[publish]
how = "gerrit"

[[branch]]
name = "stable-4.18"
version = "4.18"
staging = "staging-4.18"
support = "security"
full_until = 2025-01-01
security_until = 2026-11-16
maintainer = "ada"
paths = ["xen/"]
x = 1

[[rule]]
name = "xsa"
pattern = "XSA-\\\\d+"
in = "subject"
path = "xen/**"
author = "ada"
branches = ["stable-4.18"]
priority = "security"
nominate = false

[[rule]]
pattern = "^Bump "
in = "subject"
nominate = "never"
reason = "bumped on each branch"

[[trailer]]
key = "Port-To"
meaning = "opt-out"
value = "none"

[[trailer]]
key = "PR-URL"
meaning = "same"

[[key]]
pattern = "\\\\(#(?P<key>[0-9]+)\\\\)$"

[[pick_line]]
pattern = "backport of (?P<id>[0-9a-f]{7,40})"
in = "subject"
"""


def test_config_new_file_is_written_in_full_and_reads_back() -> None:
    assert document_bytes(config_table(FULL)).decode() == FULL_TEXT
    assert config_of(FULL_TEXT) == FULL


def test_config_one_changed_value_keeps_comments_and_layout() -> None:
    after = replace(config_of(WRITTEN), upstream=BranchName("main"))
    assert change(WRITTEN, after) == WRITTEN.replace('"master"', '"main"')


def test_config_changed_and_added_branches_keep_everything_else() -> None:
    before = config_of(WRITTEN)
    (branch,) = before.branches
    new = StableBranch(BranchName("stable-4.19"), "4.19")
    after = replace(before, branches=(replace(branch, support=Support.SECURITY), new))
    expected = WRITTEN.replace('support = "full"', 'support = "security"')
    assert change(WRITTEN, after) == f'{expected}\n[[branch]]\nname = "stable-4.19"\nversion = "4.19"\n'


def test_config_branch_added_between_others_goes_above_the_comment_of_the_next() -> None:
    before = config_of(WRITTEN)
    first, second = (StableBranch(BranchName(f"stable-4.{minor}"), f"4.{minor}") for minor in (16, 17))
    after = replace(before, branches=(first, second, *before.branches))
    new = "".join(f'[[branch]]\nname = "{one.name}"\nversion = "{one.version}"\n\n' for one in (first, second))
    assert change(WRITTEN, after) == WRITTEN.replace("# the newest one", f"{new}# the newest one")


def test_config_removed_rule_and_new_key_keep_the_comments() -> None:
    after = replace(config_of(WRITTEN), rules=(), remote="origin", policy={"approvals": 2})
    changed = change(WRITTEN, after)
    assert config_of(changed) == after
    for comment in ("# what we maintain", "# not main", "# ours", "# the newest one", "# until spring"):
        assert comment in changed


def test_config_layout_that_cannot_be_kept_is_written_canonically() -> None:
    text = 'schema = 1\nupstream = "master"\nbranch = [{name = "b", version = "1"}]\n'
    after = replace(config_of(text), branches=(StableBranch(BranchName("c"), "2"),))
    assert change(text, after) == document_bytes(config_table(after)).decode()


MINIMAL = 'schema = 1\nupstream = "master"\n'
CONFIG_ERRORS = {
    "upstream": ("schema = 1\n", "1:1: key 'upstream': wanted the name of the upstream branch, found nothing"),
    "ref": (
        'schema = 1\nupstream = "a..b"\n',
        "2:1: key 'upstream': wanted a branch name that git accepts, found 'a..b'",
    ),
    "notes": (f'{MINIMAL}notes = "bugs"\n', "3:1: key 'notes': wanted an array of strings, found 'bugs'"),
    "dialects": (f"{MINIMAL}dialects = 3\n", "3:1: key 'dialects': wanted an array of strings, found '3'"),
    "dialect": (
        f'{MINIMAL}dialects = ["xen", 3]\n',
        "3:20: key 'dialects': wanted a string that is not empty, found '3'",
    ),
    "option": (
        f'{MINIMAL}[[branch]]\nname = "--upload-pack=x"\nversion = "1"\n',
        "4:1: key 'branch.name': wanted a branch name that git accepts, found '--upload-pack=x'",
    ),
    "version": (
        f'{MINIMAL}[[branch]]\nname = "b"\n',
        "3:1: key 'branch.version': wanted a string, found nothing",
    ),
    "support": (
        f'{MINIMAL}[[branch]]\nname = "b"\nversion = "1"\nsupport = "most"\n',
        "6:1: key 'branch.support': wanted one of 'full', 'security', 'end-of-life', found 'most'",
    ),
    "date": (
        f'{MINIMAL}[[branch]]\nname = "b"\nversion = "1"\nfull_until = 2026-01-01T00:00:00Z\n',
        "6:1: key 'branch.full_until': wanted a date such as 2026-06-01, found '2026-01-01T00:00:00Z'",
    ),
    "twice": (
        f'{MINIMAL}[[branch]]\nname = "b"\nversion = "1"\n[[branch]]\nname = "b"\nversion = "2"\n',
        "7:1: key 'branch.name': wanted each name once, found 'b' a second time",
    ),
    "staging": (
        f'{MINIMAL}[[branch]]\nname = "b"\nversion = "1"\nstaging = "b"\n',
        "6:1: key 'branch.staging': wanted a branch other than the stable branch itself, found 'b'",
    ),
    "pattern": (
        f'{MINIMAL}[[rule]]\nname = "x"\npattern = "a(b"\n',
        (
            "5:1: key 'rule.pattern': wanted a regular expression, found 'a(b': missing ), unterminated subpattern "
            "at its character 2"
        ),
    ),
    "empty rule": (
        f'{MINIMAL}[[rule]]\nname = "x"\n',
        "3:1: key 'rule': wanted a rule with 'pattern', 'path' or 'author', found none of them",
    ),
    "in": (
        f'{MINIMAL}[[rule]]\nname = "x"\npattern = "a"\nin = "body"\n',
        "6:1: key 'rule.in': wanted one of 'subject', 'message', found 'body'",
    ),
    "trailer": (
        f'{MINIMAL}[[trailer]]\nkey = "A B"\nmeaning = "nominate"\n',
        "4:1: key 'trailer.key': wanted a trailer key of letters, digits and '-', found 'A B'",
    ),
    "meaning": (
        f'{MINIMAL}[[trailer]]\nkey = "A"\n',
        (
            "3:1: key 'trailer.meaning': wanted one of 'nominate', 'fixes', 'opt-out', 'prerequisite', 'wait', "
            "'foreign', 'pick', 'same', found nothing"
        ),
    ),
    "upstreams": (
        'schema = 1\nupstream = ["main", "next", "main"]\n',
        "2:29: key 'upstream': wanted each branch once, found 'main' a second time",
    ),
    "no upstreams": (
        "schema = 1\nupstream = []\n",
        "2:1: key 'upstream': wanted the name of the upstream branch, found an empty array",
    ),
    "paths": (
        f'{MINIMAL}[[branch]]\nname = "b"\nversion = "1"\npaths = ["/a"]\n',
        "6:10: key 'branch.paths': wanted a path from the top of the branch, such as 'a/b', found '/a'",
    ),
    "never without a reason": (
        f'{MINIMAL}[[rule]]\npattern = "^Bump "\nnominate = "never"\n',
        "3:1: key 'rule': wanted a 'reason' beside nominate = 'never', found none",
    ),
    "a reason without never": (
        f'{MINIMAL}[[rule]]\npattern = "^Bump "\nreason = "no"\n',
        "5:1: key 'rule.reason': wanted a reason only beside nominate = 'never', found 'no'",
    ),
    "never with a priority": (
        f'{MINIMAL}[[rule]]\npattern = "a"\nnominate = "never"\nreason = "no"\npriority = "high"\n',
        "7:1: key 'rule.priority': wanted no priority for what is never nominated, found 'high'",
    ),
    "nominate": (
        f'{MINIMAL}[[rule]]\npattern = "a"\nnominate = "true"\n',
        "5:1: key 'rule.nominate': wanted true, false or 'never', found 'true'",
    ),
    "same with a grammar": (
        f'{MINIMAL}[[trailer]]\nkey = "PR-URL"\nmeaning = "same"\nvalue = "commit"\n',
        (
            "6:1: key 'trailer.value': wanted no grammar where the meaning is 'same': values are compared as they "
            "stand, found 'commit'"
        ),
    ),
    "key without a group": (
        f'{MINIMAL}[[key]]\npattern = "#([0-9]+)"\n',
        "4:1: key 'key.pattern': wanted a group (?P<key>…) around what both sides share, found '#([0-9]+)'",
    ),
    "pick line without a group": (
        f'{MINIMAL}[[pick_line]]\npattern = "backport of (?P<key>[0-9a-f]+)"\n',
        (
            "4:1: key 'pick_line.pattern': wanted a group (?P<id>…) around the original's id, "
            "found 'backport of (?P<key>[0-9a-f]+)'"
        ),
    ),
    "key twice": (
        f"{MINIMAL}[[key]]\npattern = '#(?P<key>a)'\n[[key]]\npattern = '#(?P<key>a)'\nin = 'body'\n",
        "6:1: key 'key.pattern': wanted each pattern once, found '#(?P<key>a)' a second time",
    ),
    "everybody a robot": (
        f'{MINIMAL}[people]\nrobots = ["ci@example.org", "*"]\n',
        "4:29: key 'people.robots': wanted mail addresses such as '*-bot@example.org', found '*', which is everybody",
    ),
    "publish": (
        f'{MINIMAL}[publish]\nhow = "mail"\n',
        "4:1: key 'publish.how': wanted one of 'push', 'push-options', 'agit', 'gerrit', 'format-patch', found 'mail'",
    ),
    "policy": (f"{MINIMAL}policy = 3\n", "3:1: key 'policy': wanted a table, found '3'"),
}


@pytest.mark.parametrize("case", list(CONFIG_ERRORS))
def test_config_malformed_says_where_which_key_what_was_wanted_and_found(case: str) -> None:
    text, said = CONFIG_ERRORS[case]
    with pytest.raises(ConfigError) as caught:
        config_of(text)
    assert str(caught.value) == f"config.toml:{said}"
    assert caught.value.hints == ("backportq edit config",)


@pytest.mark.parametrize("path", ["../list", "./list", "a/../list", "/etc/list", "a\\nHEAD:list"])
def test_refusal_list_that_is_no_path_of_a_branch_is_refused(path: str) -> None:
    text = f'schema = 1\nupstream = "master"\nrefusal_lists = ["good", "{path}"]\n'
    with pytest.raises(ConfigError, match=r"config.toml:3:\d+: key 'refusal_lists': wanted a path from the top"):
        config_of(text)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_config_as_editors_write_it_is_read_looked_through_and_changed_in_place(mark: str, ending: str) -> None:
    text = mark + WRITTEN.replace("\n", ending)
    before = config_of(text)
    assert before == config_of(WRITTEN)
    assert misspelt_keys("config.toml", text.encode()) == ()
    changed = change(text, replace(before, upstream=BranchName("main")))
    assert changed == WRITTEN.replace("\n", ending).replace('"master"', '"main"')
    added = change(text, replace(before, branches=(*before.branches, StableBranch(BranchName("stable-4.19"), "4.19"))))
    assert "# until spring" in added
    assert [branch.version for branch in config_of(added).branches] == ["4.18", "4.19"]
