"""The guide of names: an automaton for the first letters, the last letters and the length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import seqgen

if TYPE_CHECKING:
    from seqgen_dinos import Wishes


def affix_guide(encoder: seqgen.CharEncoder, wishes: Wishes) -> seqgen.AutomatonGuide:
    """Exactly the names of ``min_length`` to ``max_length`` letters with both affixes.

    The states are the letters of the beginning still to come, then how much of the ending
    the last letters match (the automaton of Knuth, Morris and Pratt), which is followed
    through the beginning too, because the two may overlap.
    """
    first = encoder.prompt(wishes.starts_with.lower())
    last = encoder.prompt(wishes.ends_with.lower())
    letters = encoder.vocabulary.end
    matching = _matching(last, letters)
    table = np.full((len(first) + len(matching), letters), -1)
    table[len(first) :] = matching + len(first)
    matched = 0
    for place, letter in enumerate(first):
        matched = matching[matched, letter]
        done = place + 1 == len(first)
        table[place, letter] = len(first) + matched if done else place + 1
    accepting = np.zeros(len(table), dtype=bool)
    accepting[-1] = True
    return seqgen.AutomatonGuide(table, accepting, wishes.min_length, wishes.max_length)


def _matching(word: list[int], letters: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """For each letter read, how long a beginning of ``word`` the text then ends with."""
    table = np.zeros((len(word) + 1, letters), dtype=np.int64)
    fallback = 0
    for state in range(len(word) + 1):
        table[state] = table[fallback]
        if state < len(word):
            table[state, word[state]] = state + 1
            fallback = table[fallback, word[state]] if state else 0
    return table
