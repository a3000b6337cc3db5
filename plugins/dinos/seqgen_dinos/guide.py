"""The guide of names: an automaton for the first letters, the last letters and the length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import seqgen

if TYPE_CHECKING:
    from seqgen_dinos import Wishes


def affix_guide(encoder: seqgen.CharEncoder, wishes: Wishes) -> seqgen.AutomatonGuide:
    """Exactly the names of ``min_length`` to ``max_length`` letters with both affixes.

    Beginning and ending are asked for apart and both must hold, so they may overlap.
    """
    begins, ends = (
        seqgen.regex_literal(encoder.vocabulary.symbols[token] for token in encoder.prompt(text))
        for text in (wishes.starts_with.lower(), wishes.ends_with.lower())
    )
    automaton = seqgen.regex_automaton(f"{begins}.*", encoder.vocabulary)
    automaton &= seqgen.regex_automaton(f".*{ends}", encoder.vocabulary)
    return seqgen.AutomatonGuide.of(automaton, wishes.min_length, wishes.max_length)
