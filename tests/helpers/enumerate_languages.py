"""Small automata, and what automata and guides accept, found by trying every word."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from seqgen import Automaton, Guide

Word = tuple[int, ...]
#: Two symbols and at most three states: two automata that accept the same words of up to
#: five symbols accept the same (two of S and T states differ on one shorter than S + T).
SYMBOLS, STATES, LONGEST = 2, 3, 5
WORDS = [w for n in range(LONGEST + 1) for w in product(range(SYMBOLS), repeat=n)]


@st.composite
def automata(draw: st.DrawFn) -> Automaton:
    states = draw(st.integers(1, STATES))
    row = st.tuples(*[st.integers(-1, states - 1)] * SYMBOLS)
    table = draw(st.tuples(*[row] * states))
    return Automaton(np.array(table), np.array(draw(st.tuples(*[st.booleans()] * states))))


def accepted(automaton: Automaton) -> set[Word]:
    """The accepted words of up to ``LONGEST`` symbols."""
    return {word for word in WORDS if automaton.accepts(word)}


def made(guide: Guide[Any], longest: int = LONGEST) -> set[Word]:
    """All words of up to ``longest`` tokens that a guide lets through; no prefix is dead."""
    found, prefixes, state = set(), np.zeros((1, 0), np.int64), guide.start(1)
    for _ in range(longest + 1):
        mask = guide.allowed(state)
        assert mask.dtype == bool and mask.any(axis=1).all(), "a dead end"
        found |= {tuple(word) for word in prefixes[mask[:, -1]].tolist()}
        rows, tokens = np.nonzero(mask[:, :-1])
        prefixes = np.concatenate([prefixes[rows], tokens[:, None]], axis=1)
        state = guide.advance(guide.select(state, rows), tokens)
        if not len(rows):
            break
    return found
