"""The algebra of finite automata, by brute force, and its bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Automaton, AutomatonGuide, SettingError

from ..helpers.enumerate_languages import SYMBOLS, WORDS, Word, accepted, automata


@given(automata(), automata())
def test_the_algebra_of_automata(one: Automaton, two: Automaton) -> None:
    assert accepted(one & two) == accepted(one) & accepted(two)
    assert accepted(one.complement()) == set(WORDS) - accepted(one)
    assert accepted(one.trimmed()) == accepted(one.minimal()) == accepted(one)
    assert one.minimal().states <= one.trimmed().states <= one.states
    assert one.is_empty == (not accepted(one))


@given(automata(), automata())
def test_minimal_automata_are_equal_exactly_if_they_accept_the_same(
    one: Automaton, two: Automaton
) -> None:
    for other in (two, one.complement().complement(), one & one):
        first, second = one.minimal(), other.minimal()
        same = np.array_equal(first.table, second.table)
        same = same and np.array_equal(first.accepting, second.accepting)
        assert same == (accepted(one) == accepted(other))


@given(automata())
def test_the_longest_word_is_found_or_there_is_none(automaton: Automaton) -> None:
    lengths = [len(word) for word in accepted(automaton)]
    # Some word of S to 2 S - 1 symbols is accepted exactly if infinitely many are.
    endless = max(lengths, default=0) >= automaton.states
    assert automaton.longest() == (None if endless else max(lengths, default=0))


@given(st.sets(st.sampled_from(WORDS)))
def test_from_words(words: set[Word]) -> None:
    automaton = Automaton.from_words(sorted(words), SYMBOLS)
    assert accepted(automaton) == accepted(automaton.minimal()) == words


@pytest.mark.parametrize(
    ("table", "accepting", "problem"),
    [
        ([[0, 2], [0, 0]], [True, True], "next states must be in -1..1, were 0..2"),
        ([[-2, 0]], [True], "were -2..0"),
        ([[0, 0]], [True, True], r"the shapes were \(1, 2\) and \(2,\)"),
        ([[]], [True], "at least one state and one symbol"),
        ([[0.5, 0.0]], [True], "must hold integers, was float64"),
    ],
)
def test_invalid_tables(table: Any, accepting: list[bool], problem: str) -> None:
    with pytest.raises(SettingError, match=problem):
        Automaton(np.array(table), np.array(accepting))
    with pytest.raises(SettingError, match=problem):
        AutomatonGuide(np.array(table), np.array(accepting))


def test_bounds_of_automata_are_named() -> None:
    with pytest.raises(SettingError, match=r"tokens must be in 0..1, was 2 in sequence 2"):
        Automaton.from_words([(0,), (1, 2)], 2)
    with pytest.raises(SettingError, match="at least 5 states, more than the 4 allowed"):
        Automaton.from_words([(0, 0, 0, 0)], 2, max_states=4)
    chains = Automaton.from_words([(0,) * 6], 1), Automaton.anything(1)
    with pytest.raises(SettingError, match="at least 4 states, more than the 3 allowed"):
        chains[0].intersection(chains[1], max_states=3)
    with pytest.raises(SettingError, match="automata of 1 and of 2 symbols"):
        chains[0] & Automaton.anything(2)
    with pytest.raises(SettingError, match="min_tokens must be >= 0, was -1"):
        AutomatonGuide.of(chains[0], -1)
    with pytest.raises(SettingError, match="no item of at least 7 tokens satisfies"):
        AutomatonGuide.of(chains[0], 7)


def test_automata_are_immutable() -> None:
    table = np.array([[0]])
    automaton = Automaton(table, np.array([True]))
    table[0, 0] = -1
    assert automaton.accepts([0, 0])
    with pytest.raises(ValueError, match="read-only"):
        automaton.table[0, 0] = -1
