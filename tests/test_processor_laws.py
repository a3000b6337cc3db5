"""Laws of every logits processor: what a slow reference says, row by row, in place, without NaN,
and with what it remembers passed in and out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.generation.cutoffs import MinP, TopK, TopP, Typical
from seqgen.generation.fixed import BannedTokens, FixedPositions
from seqgen.generation.processors import LogitsProcessor, ProcessorChain
from seqgen.generation.repetition import NoRepeatNGram, RepetitionPenalty
from seqgen.generation.temperature import GroupTemperature, Temperature, TemperatureSchedule

from . import slow

SIZE = 6
END = SIZE - 1
HEATS = [0.5, 2.0, 1.0, 0.25, 3.0, 1.0]
POINTS = [(1, 0.5), (3, 2.5), (4, 1.0)]
FORCED = {0: 2, 3: 4}
Slow = Callable[[slow.Row, Sequence[int]], slow.Row]


@dataclass(frozen=True)
class Subject:
    """A processor and its slow reference.

    Args:
        make: The processor.
        slow: Its reference: a row and what the row holds already to the row after.
        cut: The references just below and just above its bound, for which rounding decides.
        empties: Whether it may leave no token.
        exact: Whether the logits it keeps stay as they are, to the last bit.
    """

    make: Callable[[], LogitsProcessor[Any]]
    slow: Slow
    cut: tuple[Slow, ...] = ()
    empties: bool = False
    exact: bool = True


def cut(
    make: Callable[[float], LogitsProcessor[Any]], by: Callable[..., slow.Row], p: float
) -> Subject:
    """A cut-off at p."""
    references = [lambda row, _, q=q: by(row, q) for q in (p, p - 1e-4, p + 1e-4)]
    return Subject(lambda: make(p), references[0], tuple(references[1:]))


def no_repeat(n: int) -> Subject:
    """No n-gram twice."""
    return Subject(lambda: NoRepeatNGram(n), lambda r, h: slow.no_repeat(r, h, n), empties=True)


def together(row: slow.Row, history: Sequence[int]) -> slow.Row:
    """What the chain below does."""
    row = slow.penalise(slow.no_repeat(row, history, 2), history, 1.5)
    return slow.top_k([value / 0.5 for value in row], 3)


SUBJECTS = {
    "temperature": Subject(
        lambda: Temperature(0.3), lambda row, _: [v / 0.3 for v in row], exact=False
    ),
    "schedule": Subject(
        lambda: TemperatureSchedule(POINTS),
        lambda row, history: [v / slow.scheduled(POINTS, len(history)) for v in row],
        exact=False,
    ),
    "groups": Subject(
        lambda: GroupTemperature(np.array(HEATS)), lambda row, _: slow.heat(row, HEATS), exact=False
    ),
    "top_k": Subject(lambda: TopK(2), lambda row, _: slow.top_k(row, 2)),
    "top_p": cut(TopP, slow.top_p, 0.6123),
    "top_p high": cut(TopP, slow.top_p, 0.9877),
    "min_p": cut(MinP, slow.min_p, 0.2217),
    "typical": cut(Typical, slow.typical, 0.5631),
    "typical low": cut(Typical, slow.typical, 0.0531),
    "banned": Subject(lambda: BannedTokens([0, 3]), lambda r, _: slow.ban(r, [0, 3]), empties=True),
    "fixed": Subject(
        lambda: FixedPositions(FORCED, 2, END),
        lambda row, history: slow.fixed(row, history, FORCED, 2, END),
        empties=True,
    ),
    "penalty": Subject(
        lambda: RepetitionPenalty(1.7, SIZE), lambda r, h: slow.penalise(r, h, 1.7), exact=False
    ),
    **{f"no repeated {n}-gram": no_repeat(n) for n in (1, 2, 3)},
    "chain": Subject(
        lambda: ProcessorChain(
            [NoRepeatNGram(2), RepetitionPenalty(1.5, SIZE), Temperature(0.5), TopK(3)]
        ),
        lambda row, history: together(row, history),
        empties=True,
        exact=False,
    ),
}
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
def test_a_row_becomes_what_the_reference_says(
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
def test_what_is_remembered_is_passed_in_and_out(subject: Subject, moves: list[int]) -> None:
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


@EVERY
def test_a_dead_end_stays_one_and_disturbs_no_other_row(subject: Subject) -> None:
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
def test_the_values_that_change_nothing_change_no_bit(name: str, row: list[float]) -> None:
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
