"""Law 4: under its guide an item is valid by construction, for any model."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqgen import AutomatonGuide, FreeGuide, SettingError
from seqgen.domains.guide import Guide
from seqgen.generation.generator import Generator
from seqgen.generation.sampling_config import SamplingConfig

from ..helpers.fakes import StepGuide, letters, random_model

Word = tuple[int, ...]


@dataclass(frozen=True)
class Automaton:
    """A small automaton with a window of lengths, and all its words by brute force."""

    table: tuple[tuple[int, ...], ...]
    accepting: tuple[bool, ...]
    least: int
    most: int

    @property
    def symbols(self) -> int:
        return len(self.table[0])

    def accepts(self, word: Word) -> bool:
        state = 0
        for symbol in word:
            state = self.table[state][symbol]
            if state < 0:
                return False
        return self.accepting[state] and self.least <= len(word) <= self.most

    def words(self) -> set[Word]:
        every = range(self.symbols)
        lengths = range(self.most + 1)
        return {w for n in lengths for w in product(every, repeat=n) if self.accepts(w)}

    def guide(self) -> AutomatonGuide:
        return AutomatonGuide(np.array(self.table), np.array(self.accepting), self.least, self.most)


@st.composite
def automata(draw: st.DrawFn) -> Automaton:
    states, symbols = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    row = st.tuples(*[st.integers(-1, states - 1)] * symbols)
    table = draw(st.tuples(*[row] * states))
    accepting = draw(st.tuples(*[st.booleans()] * states))
    return Automaton(table, accepting, draw(st.integers(0, 5)), draw(st.integers(0, 5)))


def walk(guide: Guide[Any], word: Word) -> Any:
    """The guide's state for one row that has taken a word."""
    state = guide.start(1)
    for token in word:
        state = guide.advance(state, np.array([token]))
    return state


@given(automata())
def test_the_guide_allows_exactly_prefixes_of_words(automaton: Automaton) -> None:
    words = automaton.words()
    if not words:
        with pytest.raises(SettingError, match=f"no item of {automaton.least} to"):
            automaton.guide()
        return
    guide = automaton.guide()
    assert guide.max_tokens == automaton.most
    prefixes = {word[:n] for word in words for n in range(len(word) + 1)}
    for prefix in prefixes:
        wanted = [(*prefix, symbol) in prefixes for symbol in range(automaton.symbols)]
        allowed = guide.allowed(walk(guide, prefix))
        assert allowed.tolist() == [[*wanted, prefix in words]]


@given(automata(), st.integers(0, 1000))
def test_every_sample_is_a_word_and_ends(automaton: Automaton, seed: int) -> None:
    words = automaton.words()
    assume(words)
    encoder = letters("abc"[: automaton.symbols])
    model = random_model(encoder.vocabulary.size, seed, units=3, scale=2.0)
    generator = Generator(model, encoder, automaton.guide(), SamplingConfig(seed=seed))
    for sample in generator.samples(range(12)):
        assert sample.tokens in words
        assert sample.finish_reason == "end"
        assert np.isfinite([sample.logp, sample.logp_settings, sample.masked]).all()
        assert sample.masked >= 0


@given(automata(), st.data())
def test_states_are_never_changed(automaton: Automaton, data: st.DataObject) -> None:
    assume(automaton.words())
    guide = automaton.guide()
    rows = 3
    state = guide.start(rows)
    copies = [part.copy() for part in state]
    first = np.array([data.draw(st.sampled_from(_ids(guide, state, r))) for r in range(rows)])
    assume((first < automaton.symbols).all())
    after = guide.advance(state, first)
    again = guide.advance(state, first)
    for one, other in zip(after, again, strict=True):
        assert (one == other).all()
    for part, kept in zip(state, copies, strict=True):
        assert (part == kept).all()
    chosen = guide.select(after, np.array([2, 0]))
    assert (guide.allowed(chosen) == guide.allowed(after)[[2, 0]]).all()


def _ids(guide: AutomatonGuide, state: Any, row: int) -> list[int]:
    ids: list[int] = np.flatnonzero(guide.allowed(state)[row]).tolist()
    return ids


def test_rows_at_different_places_do_not_mix() -> None:
    # a+ b, of 2 to 4 letters, walked by two rows of one batch.
    guide = AutomatonGuide(
        np.array([[1, -1], [1, 2], [-1, -1]]), np.array([False, False, True]), 2, 4
    )
    state = guide.advance(guide.start(2), np.array([0, 0]))
    assert guide.allowed(state).tolist() == [[True, True, False]] * 2
    state = guide.advance(state, np.array([0, 1]))
    assert guide.allowed(state).tolist() == [[True, True, False], [False, False, True]]
    state = guide.advance(guide.select(state, np.array([0])), np.array([0]))
    assert guide.allowed(state).tolist() == [[False, True, False]], "only b ends within four"


def test_the_free_guide_allows_everything() -> None:
    guide = FreeGuide(4)
    state = guide.advance(guide.start(3), np.array([0, 1, 2]))
    assert guide.allowed(state).shape == (3, 4) and guide.allowed(state).all()
    assert guide.allowed(guide.select(state, np.array([1]))).shape == (1, 4)
    assert guide.context(state) is None and guide.max_tokens is None


def test_a_guide_of_rows_is_a_guide_of_batches() -> None:
    guide = StepGuide([[0], [1, 2]], 4)
    state = guide.start(2)
    assert guide.allowed(state).tolist() == [[True, False, False, False]] * 2
    later = guide.advance(state, np.array([0, 0]))
    assert guide.allowed(later).tolist() == [[False, True, True, False]] * 2
    context = guide.context(later)
    assert context is not None and context.dtype == np.int32 and context.tolist() == [[1], [1]]
    mixed = (*guide.select(later, np.array([0])), *guide.select(state, np.array([1])))
    assert guide.allowed(mixed)[:, 0].tolist() == [False, True]
    mask = guide.allowed(state)
    mask[:] = True
    assert not guide.allowed(state).all(), "the mask given out is a copy"
