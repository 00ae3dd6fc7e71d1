"""The grammar of one project: its dialects, what its configuration adds to them, and what its branches are called."""

from __future__ import annotations

from dataclasses import replace

from backportq.model.config import Config
from backportq.model.trailers.branch_words import branch_words_of
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.dialects.grammar import Grammar
from backportq.model.trailers.own_patterns import own_pick_lines_of


def project_grammar(config: Config) -> Grammar:
    """Return the grammar for the messages of the project; raise `ConfigError` for what it cannot have."""
    grammar = grammar_of(config.dialects or ("generic",), config.trailers, own_pick_lines_of(config.pick_lines))
    return replace(grammar, branch_words=branch_words_of(config.branches))
