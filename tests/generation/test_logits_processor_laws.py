"""Laws of every logits processor: what a slow reference says, row by row, in place, without NaN,
and with what it remembers passed in and out."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.generation.logits_processor import LogitsProcessor, ProcessorChain
from seqgen.generation.repetition import NoRepeatNGram, RepetitionPenalty
from seqgen.generation.temperature import GroupTemperature, Temperature, TemperatureSchedule
from seqgen.generation.token_constraints import BannedTokens, FixedPositions
from seqgen.generation.truncation import MinP, TopK, TopP, Typical

from ..helpers import slow_references as slow
from ..helpers.processor_cases import END, SIZE, SUBJECTS, Subject

EVERY = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=list(SUBJECTS))

#: Quarters, so that ties are frequent and none is made by rounding; one token may be all.
VALUES = st.one_of(
    st.just(-np.inf), st.integers(-16, 16).map(lambda n: n / 4), st.sampled_from([-60.0, 60.0])
)
ROW = st.lists(VALUES, min_size=SIZE, max_size=SIZE).filter(lambda row: max(row) > -np.inf)
HISTORIES = st.integers(0, 7).flatmap(
    lambda length: st.lists(
        st.lists(st.integers(0, END - 1), min_size=length, max_size=length), min_size=1, max_size=4
    )
)


def walked(processor: LogitsProcessor[Any], histories: Sequence[Sequence[int]]) -> Any:
    """What is remembered of rows that hold these tokens."""
    state = processor.start(len(histories))
    for tokens in zip(*histories, strict=True):
        state = processor.advance(state, np.array(tokens, dtype=np.int64))
    return state


def applied(processor: LogitsProcessor[Any], logits: NDArray[Any], state: Any) -> NDArray[Any]:
    """The logits after; in place, so a copy is given."""
    result = logits.copy()
    processor.apply(result, state)
    return result


def on_an_edge(subject: Subject, row: slow.Row, history: Sequence[int]) -> bool:
    """Whether rounding decides what is kept."""
    kept = {tuple(slow.possible(by(row, history))) for by in (subject.slow, *subject.cut)}
    apart = np.diff(sorted(d for d in slow.distances(row) if d < np.inf))
    return bool(subject.cut) and (len(kept) > 1 or bool(((apart > 0) & (apart < 1e-4)).any()))


@EVERY
@settings(max_examples=40)
@given(st.data(), HISTORIES)
def test_processors_equal_their_references(
    subject: Subject, data: st.DataObject, histories: list[list[int]]
) -> None:
    rows = [data.draw(ROW) for _ in histories]
    assume(not any(on_an_edge(subject, r, h) for r, h in zip(rows, histories, strict=True)))
    logits, processor = np.array(rows, np.float32), subject.make()
    found = applied(processor, logits, walked(processor, histories))
    wanted = np.array([subject.slow(r, h) for r, h in zip(rows, histories, strict=True)])
    assert found.dtype == np.float32 and found.shape == logits.shape
    assert not np.isnan(found).any()
    np.testing.assert_array_equal(np.isneginf(found), np.isneginf(wanted))
    assert np.isneginf(found[np.isneginf(logits)]).all(), "what cannot come still cannot"
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    if subject.exact:
        assert (found[found > -np.inf] == logits[found > -np.inf]).all()
    if not subject.empties:
        assert (found.max(axis=-1) > -np.inf).all()


@EVERY
@settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_batches_can_be_split_and_joined(subject: Subject, seed: int) -> None:
    rng = np.random.default_rng(seed)
    histories, processor = rng.integers(0, END, (5, 4)), subject.make()
    logits = rng.normal(0, 3, (5, SIZE)).astype(np.float32)
    whole = applied(processor, logits, walked(processor, histories.tolist()))
    for part in (np.array([0, 1]), np.array([4, 2]), np.array([3])):
        alone = applied(processor, logits[part], walked(processor, histories[part].tolist()))
        np.testing.assert_array_equal(alone, whole[part])


@EVERY
@settings(max_examples=25)
@given(moves=st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_states_are_passed_in_and_out(subject: Subject, moves: list[int]) -> None:
    """Rows take tokens, are chosen, doubled and reordered; old states stay as they were."""
    histories: list[list[int]] = [[], [], []]
    processor, seen = subject.make(), []
    state = processor.start(3)
    for move in moves:
        rng = np.random.default_rng(move)
        seen.append((state, copy.deepcopy(state)))
        if move % 3:
            tokens = rng.integers(0, END, len(histories))
            state = processor.advance(state, tokens)
            histories = [[*h, t] for h, t in zip(histories, tokens.tolist(), strict=True)]
        else:
            kept = rng.integers(0, len(histories), rng.integers(1, 5))
            state = processor.select(state, kept)
            histories = [histories[row] for row in kept.tolist()]
        logits = rng.normal(0, 3, (len(histories), SIZE)).astype(np.float32)
        found = applied(processor, logits, state)
        for row, history in enumerate(histories):
            if not on_an_edge(subject, logits[row].tolist(), history):
                wanted = subject.slow(logits[row].tolist(), history)
                np.testing.assert_allclose(found[row], wanted, rtol=1e-5, atol=1e-5)
    for before, copied in seen:
        np.testing.assert_equal(before, copied)


@pytest.mark.parametrize("name", ["top_k", "top_p", "top_p high", "min_p", "typical"])
def test_truncation_of_a_large_vocabulary(name: str) -> None:
    subject = SUBJECTS[name]
    logits = np.random.default_rng(3).normal(0, 2, (4, 300)).astype(np.float32)
    found = applied(subject.make(), logits, None)
    for row, result in zip(logits.tolist(), found.tolist(), strict=True):
        assert slow.possible(result) == slow.possible(subject.slow(row, []))


@pytest.mark.parametrize("k", [1, 7, 1500, 2000, 2999, 3000])
def test_top_k_of_many_tokens(k: int) -> None:
    logits = np.random.default_rng(4).permutation(np.arange(3000) // 1.01)[None]
    (found,) = applied(TopK(k), logits.astype(np.float32), None)
    least = np.sort(logits[0])[-k]
    np.testing.assert_array_equal(found > -np.inf, logits[0] >= least)


@EVERY
def test_a_dead_end_does_not_affect_other_rows(subject: Subject) -> None:
    processor = subject.make()
    logits = np.random.default_rng(0).normal(size=(3, SIZE)).astype(np.float32)
    state = walked(processor, [[1, 2], [2, 1], [3, 3]])
    whole = applied(processor, logits, state)
    logits[1] = -np.inf
    with np.errstate(invalid="ignore"):  # as the generation loop does
        found = applied(processor, logits, state)
    assert np.isneginf(found[1]).all()
    np.testing.assert_array_equal(found[[0, 2]], whole[[0, 2]])


@EVERY
@pytest.mark.parametrize("scale", [1e-6, 300.0, 1e6, 1e30])
def test_great_and_small_logits_give_no_nan(subject: Subject, scale: float) -> None:
    rng = np.random.default_rng(1)
    logits = (rng.normal(size=(20, SIZE)) * scale).astype(np.float32)
    logits[rng.random(logits.shape) < 0.3] = -np.inf
    logits[:, 1] = scale
    processor = subject.make()
    found = applied(processor, logits, walked(processor, rng.integers(0, END, (20, 5)).tolist()))
    assert not np.isnan(found).any() and not np.isposinf(found).any()
    assert (found.max(axis=-1) > -np.inf).all() or subject.empties


NOTHING: dict[str, LogitsProcessor[Any]] = {
    "temperature": Temperature(1.0),
    "schedule": TemperatureSchedule([(0, 1.0), (5, 1.0)]),
    "top_k": TopK(SIZE),
    "top_p": TopP(1.0),
    "min_p": MinP(0.0),
    "typical": Typical(1.0),
    "banned": BannedTokens([]),
    "fixed": FixedPositions({}, 0, END),
    "penalty": RepetitionPenalty(1.0, SIZE),
    "no n-gram so long": NoRepeatNGram(9),
    "chain": ProcessorChain([]),
}


@pytest.mark.parametrize("name", NOTHING)
@settings(max_examples=20)
@given(row=ROW)
def test_no_op_values_change_no_bit(name: str, row: list[float]) -> None:
    logits = np.array([row, row[::-1]], np.float32)
    processor = NOTHING[name]
    state = walked(processor, [[0, 1, 2, 0], [3, 3, 3, 3]])
    np.testing.assert_array_equal(applied(processor, logits, state), logits)


@given(row=ROW)
def test_one_temperature_for_all_groups_changes_no_probability(row: list[float]) -> None:
    processor = GroupTemperature(np.ones(SIZE))
    found = applied(processor, np.array([row], np.float32), None)[0].tolist()
    np.testing.assert_allclose(slow.shares(found), slow.shares(row), atol=1e-6)
    assert slow.possible(found) == slow.possible(row)
