"""The ready-made guides: exact by brute force, without dead ends, in small memory."""

from __future__ import annotations

import re
import tracemalloc
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen import (
    AllOf,
    Automaton,
    AutomatonGuide,
    ForbiddenItems,
    FreeGuide,
    Guide,
    SettingError,
    Vocabulary,
    accepts,
    conjunction,
    length_guide,
    regex_guide,
)

from ..helpers.enumerate_languages import LONGEST, SYMBOLS, WORDS, Word, accepted, automata, made
from ..helpers.fakes import StepGuide


@given(automata(), st.integers(0, 3))
def test_without_a_bound_dead_ends_are_excluded(automaton: Automaton, least: int) -> None:
    # From any prefix some accepted word is at most S - 1 symbols away, counted from the window.
    longer = [w for n in range(9) for w in product(range(SYMBOLS), repeat=n)]
    words = {w for w in longer if len(w) >= least and automaton.accepts(w)}
    if not words:
        with pytest.raises(SettingError, match=f"no item of at least {least} tokens"):
            AutomatonGuide.of(automaton, least)
        return
    guide = AutomatonGuide.of(automaton, least)
    prefixes = {word[:n] for word in words for n in range(len(word) + 1)}
    assert made(guide, LONGEST) == {word for word in words if len(word) <= LONGEST}
    for prefix in (p for p in prefixes if len(p) <= 4):
        state = guide.start(1)
        for token in prefix:
            state = guide.advance(state, np.array([token]))
        wanted = [(*prefix, symbol) in prefixes for symbol in range(SYMBOLS)]
        assert guide.allowed(state).tolist() == [[*wanted, prefix in words]]


@given(automata(), st.integers(0, 3), st.none() | st.integers(3, 6), st.integers(0, 99))
def test_random_walks_end_accepted_and_masks_are_the_same_in_small_memory(
    automaton: Automaton, least: int, most: int | None, seed: int
) -> None:
    try:
        guide = AutomatonGuide.of(automaton, least, most)
    except SettingError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqgen.guides.automaton_guide.READY_BYTES", 0)
        slow = AutomatonGuide.of(automaton, least, most)
    rng = np.random.default_rng(seed)
    state, words = guide.start(8), np.zeros((8, 0), np.int64)
    for _ in range(40):
        mask = guide.allowed(state)
        assert (mask == slow.allowed(state)).all() and mask.any(axis=1).all()
        tokens = np.where(mask, rng.random(mask.shape), -1.0).argmax(axis=1)
        for word in words[tokens == SYMBOLS].tolist():
            assert automaton.accepts(word) and least <= len(word) <= (most or len(word))
        going = np.flatnonzero(tokens < SYMBOLS)
        words = np.concatenate([words, tokens[:, None]], axis=1)[going]
        state = guide.advance(guide.select(state, going), tokens[going])
        if not len(going):
            return
    assert guide.max_tokens is None


def test_a_token_that_is_not_allowed_leaves_nothing_allowed() -> None:
    guide = AutomatonGuide(np.array([[1, -1], [-1, 0]]), np.array([False, True]), 1, 3)
    for wrong in ([1], [0, 2], [0, 1, 0, 1, 0], [0, 1, 0, 2]):
        state = guide.start(1)
        for token in wrong:
            state = guide.advance(state, np.array([token]))
        assert not guide.allowed(state).any()


def test_memory_is_bounded_by_states_times_lengths() -> None:
    # A ring of 499 states entered at one place: every length before the window differs.
    ring = np.roll(np.arange(499), -1)[:, None]
    tracemalloc.start()
    guide = AutomatonGuide(ring, np.arange(499) == 0, 9_000, 9_990)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6
    assert guide.allowed((np.zeros(1, np.intp), np.array([18 * 499]))).tolist() == [[True, False]]
    assert guide.allowed((np.zeros(1, np.intp), np.array([19 * 499]))).tolist() == [[True, True]]
    assert guide.allowed((np.zeros(1, np.intp), np.array([20 * 499]))).tolist() == [[False, True]]


def test_length_limits() -> None:
    letters = Vocabulary(("a", "b"))
    assert made(length_guide(letters, 2, 3)) == {w for w in WORDS if 2 <= len(w) <= 3}
    assert length_guide(letters, 2).max_tokens is None
    with pytest.raises(SettingError, match="no item of 3 to 2 tokens"):
        length_guide(letters, 3, 2)


@given(automata(), st.sets(st.sampled_from(WORDS)), st.integers(0, 2), st.integers(2, 4))
def test_forbidden_items_are_avoided_without_dead_ends(
    automaton: Automaton, forbidden: set[Word], least: int, most: int
) -> None:
    wanted = {w for w in accepted(automaton) if least <= len(w) <= most}
    if not wanted:
        return
    window = AutomatonGuide.of(automaton, least, most)
    items = [list(word) for word in sorted(forbidden)]
    if wanted <= forbidden:
        with pytest.raises(SettingError, match=f"no item is possible except the {len(items)}"):
            ForbiddenItems(window, items)
        return
    guide = ForbiddenItems(window, items)
    assert made(guide) == wanted - forbidden
    assert guide.max_tokens == most
    assert [item.tolist() for item in guide.items] == items
    # The other way, by the product of automata, is the same to the token.
    other = AutomatonGuide.of(Automaton.from_words(items, SYMBOLS).complement())
    assert made(conjunction(window, other)) == wanted - forbidden
    apart = conjunction(ForbiddenItems(FreeGuide(SYMBOLS + 1), items), window)
    assert made(apart) == wanted - forbidden


@given(st.sets(st.sampled_from(WORDS)))
def test_without_another_guide_only_the_items_are_missing(forbidden: set[Word]) -> None:
    assert made(ForbiddenItems(FreeGuide(SYMBOLS + 1), forbidden)) == set(WORDS) - forbidden


def test_forbidden_items_under_a_guide_of_rows_keep_its_context() -> None:
    within = StepGuide([[0, 1], [0, 1, 2], [2]], 3)
    guide = ForbiddenItems(within, [np.array([0]), np.array([1, 0]), np.array([1, 1]), (1,)])
    assert made(within) == {(0,), (1,), (0, 0), (0, 1), (1, 0), (1, 1)}
    assert made(guide) == {(0, 0), (0, 1)}
    state = guide.advance(guide.start(2), np.array([0, 0]))
    assert guide.context(state).tolist() == within.context(state[0]).tolist() == [[1], [1]]
    with pytest.raises(SettingError, match=r"must be in 0..1, was 2 in item 2"):
        ForbiddenItems(within, [(0, 1), (0, 2)])


def test_a_hundred_thousand_items_are_small() -> None:
    rng = np.random.default_rng(0)
    items = [rng.integers(0, 26, 8) for _ in range(100_000)]
    tracemalloc.start()
    guide = ForbiddenItems(FreeGuide(27), items)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 20e6 and peak < 100e6
    state = guide.start(512)
    for place in range(8):
        assert guide.allowed(state).all()
        state = guide.advance(state, np.array([item[place] for item in items[:512]]))
    assert not guide.allowed(state)[:, -1].any() and guide.allowed(state)[:, :-1].all()


@given(automata(), automata(), st.sets(st.sampled_from(WORDS), max_size=4))
def test_a_conjunction_is_exact(one: Automaton, two: Automaton, forbidden: set[Word]) -> None:
    bounded = {w for w in accepted(one) & accepted(two) if 1 <= len(w) <= 4} - forbidden
    free = FreeGuide(SYMBOLS + 1)
    try:
        parts = [AutomatonGuide.of(one, 1), AutomatonGuide.of(two, 0, 4)]
        guide = conjunction(free, AllOf(*parts), ForbiddenItems(free, forbidden))
        other = conjunction(parts[0], ForbiddenItems(parts[1], forbidden))
    except SettingError:
        assert not bounded
        return
    assert made(guide) == made(other) == bounded
    assert guide.max_tokens is not None and guide.max_tokens <= 4


def test_other_guides_are_combined_by_masks() -> None:
    steps, letters = StepGuide([[0, 1], [0], [2]], 3), Vocabulary(("a", "b"))
    guide = conjunction(steps, regex_guide("a*|bb", letters))
    assert isinstance(guide, AllOf) and guide.max_tokens == steps.max_tokens
    state = guide.start(2)
    assert guide.context(state).tolist() == steps.context(steps.start(2)).tolist()
    assert guide.allowed(state).tolist() == [[True, True, False]] * 2
    state = guide.advance(state, np.array([0, 1]))
    assert guide.allowed(state).tolist() == [[True, False, False], [False] * 3], "b is dead"
    assert guide.allowed(guide.select(state, np.array([1]))).tolist() == [[False] * 3]
    alone = conjunction(FreeGuide(3), steps)
    assert alone is steps
    with pytest.raises(SettingError, match="only one guide can have context, 2 do"):
        conjunction(steps, steps)
    with pytest.raises(SettingError, match="these have 3, 4 tokens"):
        conjunction(steps, FreeGuide(4))
    with pytest.raises(SettingError, match="at least one guide"):
        conjunction()
    assert made(conjunction(FreeGuide(3), FreeGuide(3))) == set(WORDS)


class OneMask(Guide[int]):
    """Gives the same array out every time, as a guide may."""

    def __init__(self) -> None:
        self.mask = np.ones((1, 3), dtype=bool)
        self.mask.flags.writeable = False

    def start(self, batch: int) -> int:
        return batch

    def allowed(self, state: int) -> NDArray[np.bool_]:
        return np.broadcast_to(self.mask, (state, 3))

    def advance(self, state: int, tokens: NDArray[np.int64]) -> int:
        return state

    def select(self, state: int, rows: NDArray[np.int64]) -> int:
        return len(rows)


def test_the_mask_of_another_guide_is_not_changed() -> None:
    guide = OneMask()
    assert made(ForbiddenItems(guide, [(0,), ()])) == set(WORDS) - {(0,), ()}
    assert made(conjunction(guide, OneMask())) == set(WORDS)
    assert guide.mask.all()


def test_the_examples_of_the_page_run() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "guides.md"
    examples = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert len(examples) > 5 and sum("assert" in one for one in examples) > 5
    names: dict[str, Any] = {}
    for example in examples:
        exec(example, names)


def test_accepts() -> None:
    guide = length_guide(Vocabulary(("a", "b")), 1, 2)
    assert [accepts(guide, tokens, end=2) for tokens in ([], [0], [1, 0], [0, 0, 0])] == [
        False,
        True,
        True,
        False,
    ]
