"""A project's own rules, compiled: which commits a `[[rule]]` of `config.toml` matches.

Patterns are matched in time linear in the text, see `backportq.model.linear_patterns`. This module must not decide what
a match leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backportq.errors import ConfigError
from backportq.model.commit import Commit
from backportq.model.config import Rule
from backportq.model.linear_patterns import LinearPattern, configured_pattern

_PLACES = ("subject", "message")


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule with its pattern and glob ready to be searched."""

    rule: Rule
    pattern: LinearPattern | None
    path: LinearPattern | None

    def matches_message(self, commit: Commit) -> bool:
        """Tell whether the pattern and the author of the rule fit `commit`; paths are not looked at."""
        if self.pattern is not None and self.pattern.search(self._searched(commit)) is None:
            return False
        wanted = self.rule.author
        return wanted is None or wanted.casefold() in str(commit.author).casefold()

    def matches_paths(self, paths: Iterable[str]) -> bool:
        """Tell whether one of the touched `paths` fits the rule's glob; a rule without a glob fits all."""
        return self.path is None or any(self.path.search(path.encode("utf-8", "surrogateescape")) for path in paths)

    def _searched(self, commit: Commit) -> bytes:
        if self.rule.search_in == "subject":
            return commit.title.encode("utf-8", "replace")  # a merge is called what was merged
        return commit.message_utf8


def compile_rules(rules: Sequence[Rule]) -> tuple[CompiledRule, ...]:
    """Return `rules` ready for matching, in their order; raise `ConfigError` naming the rule that can't be used."""
    return tuple(_compile_rule(rule) for rule in rules)


def _compile_rule(rule: Rule) -> CompiledRule:
    if rule.pattern is None and rule.path is None and rule.author is None:
        raise ConfigError(
            f"rule '{rule.title}' in config.toml has no condition, wanted 'pattern', 'path' or 'author'",
            hints=("backportq edit config",),
        )
    if rule.search_in not in _PLACES:
        raise ConfigError(
            f"rule '{rule.title}' in config.toml has in = '{rule.search_in}', wanted 'subject' or 'message'",
            hints=("backportq edit config",),
        )
    pattern = None if rule.pattern is None else _compile(rule, "pattern", rule.pattern)
    path = None if rule.path is None else _compile(rule, "path", glob_pattern(rule.path))
    return CompiledRule(rule, pattern, path)


def _compile(rule: Rule, key: str, text: str) -> LinearPattern:
    return configured_pattern(text, f"rule '{rule.title}' in config.toml has a {key} that is")


def glob_pattern(glob: str) -> str:
    """Return the regular expression for a path glob: `*` and `?` stay within one folder, `**` crosses folders, and a
    glob that ends in `/` means everything below that folder (as in `.gitignore` and MAINTAINERS)."""
    if glob.endswith("/"):
        glob += "**"
    out = []
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position):
            out.append("(?:.*/)?")
            position += 3
        elif glob.startswith("**", position):
            out.append(".*")
            position += 2
        else:
            out.append({"*": "[^/]*", "?": "[^/]"}.get(glob[position], re.escape(glob[position])))
            position += 1
    return r"(?s)\A" + "".join(out) + r"\z"
