"""Processors with and without memory, and the chain that the settings make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen import SettingError, UnknownSymbol
from seqgen.generation.generator import make_chain
from seqgen.generation.logits_processor import LogitsProcessor
from seqgen.generation.repetition import NoRepeatNGram, RepetitionPenalty
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.generation.temperature import GroupTemperature, Temperature, TemperatureSchedule
from seqgen.generation.token_constraints import BannedTokens, FixedPositions
from seqgen.models.sequence_model import log_softmax

from ..helpers.fakes import letters

ENCODER = letters("abcd")
END, SIZE = ENCODER.vocabulary.end, ENCODER.vocabulary.size
LOGITS = np.array([[0.5, -1.0, 2.0, 0.0, 1.0]], np.float32)


def after(
    processor: LogitsProcessor[Any], tokens: Sequence[int], logits: NDArray[Any] = LOGITS
) -> list[float]:
    """What one row's logits become after it has taken some tokens."""
    state = processor.start(1)
    for token in tokens:
        state = processor.advance(state, np.array([token]))
    result = logits.astype(np.float32)
    processor.apply(result, state)
    values: list[float] = result[0].tolist()
    return values


def left(processor: LogitsProcessor[Any], tokens: Sequence[int]) -> str:
    """Which symbols may come after some letters; ``.`` is the end."""
    values = after(processor, tokens)
    return "".join(symbol for symbol, value in zip("abcd.", values, strict=True) if value > -np.inf)


@given(st.floats(0.001, 100.0))
def test_temperature_divides(value: float) -> None:
    found = after(Temperature(value), [])
    np.testing.assert_allclose(found, LOGITS[0] / value, rtol=1e-6)


def test_a_schedule_is_linear_between_its_points() -> None:
    schedule = TemperatureSchedule([(1, 1.0), (3, 2.0)])
    found = [LOGITS[0, 2] / after(schedule, [0] * place)[2] for place in range(6)]
    np.testing.assert_allclose(found, [1, 1, 1.5, 2, 2, 2], rtol=1e-6)


def test_a_group_has_its_own_temperature() -> None:
    values = np.array([0.5, 0.5, 1.0, 1.0, 1.0])
    wanted = log_softmax(LOGITS)[0] / values
    np.testing.assert_allclose(after(GroupTemperature(values), []), wanted, rtol=1e-5)
    shifted = after(GroupTemperature(values), [], LOGITS + 7)
    # Logits are known up to a constant only, which must not matter.
    np.testing.assert_allclose(shifted, wanted, rtol=1e-4)


def test_banned_tokens_are_excluded() -> None:
    assert left(BannedTokens([1, 3]), []) == "ac."
    assert left(BannedTokens([]), []) == "abcd."


def test_positions_are_fixed() -> None:
    fixed = FixedPositions({0: 2, 2: 0}, min_tokens=2, end=END)
    assert [left(fixed, [2] * place) for place in range(5)] == ["c", "abcd", "a", "abcd.", "abcd."]
    assert after(fixed, [])[2] == 2.0, "the logit of a forced token is as it was"


def test_an_excluded_forced_token_is_a_dead_end() -> None:
    masked = LOGITS.copy()
    masked[0, 2] = -np.inf
    assert set(after(FixedPositions({0: 2}, 0, END), [], masked)) == {-np.inf}


def test_repetition_penalty() -> None:
    penalty = RepetitionPenalty(2.0, SIZE)
    assert after(penalty, []) == LOGITS[0].tolist()
    assert after(penalty, [1, 2, 2]) == [0.5, -2.0, 1.0, 0.0, 1.0], "once, however often it came"


@given(st.lists(st.integers(0, 3), max_size=9), st.integers(1, 4))
def test_no_n_gram_is_repeated(tokens: list[int], n: int) -> None:
    grams = {tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1)}
    end = tuple(tokens[len(tokens) - n + 1 :]) if n > 1 else ()
    full = len(tokens) >= n - 1
    wanted = [s for k, s in enumerate("abcd") if not (full and (*end, k) in grams)]
    assert left(NoRepeatNGram(n), tokens) == "".join(wanted) + "."


PROCESSORS = [
    TemperatureSchedule([(0, 0.5), (4, 2.0)]),
    FixedPositions({1: 1}, 3, END),
    RepetitionPenalty(1.5, SIZE),
    NoRepeatNGram(2),
    make_chain(SamplingConfig(repetition_penalty=2.0, no_repeat_ngram=1, top_k=3), ENCODER),
]


@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda p: type(p).__name__)
def test_rows_do_not_mix_and_states_are_not_changed(processor: LogitsProcessor[Any]) -> None:
    walks = np.random.default_rng(0).integers(0, 4, (3, 6))
    logits = np.random.default_rng(1).normal(size=(3, SIZE)).astype(np.float32)
    state = processor.start(3)
    states = [state]
    for tokens in walks.T:
        state = processor.advance(state, tokens)
        states.append(state)
    for place in (6, 2, 0, 4):  # a state stays good while others are made from it
        together = logits.copy()
        processor.apply(together, states[place])
        for row in range(3):
            alone = after(processor, walks[row, :place].tolist(), logits[row : row + 1])
            assert together[row].tolist() == alone
        chosen = logits[[2, 0]].copy()
        processor.apply(chosen, processor.select(states[place], np.array([2, 0])))
        np.testing.assert_array_equal(chosen, together[[2, 0]])


def kinds(config: Mapping[str, Any]) -> list[str]:
    """The processors that settings make, in their order."""
    chain = make_chain(SamplingConfig(**config), ENCODER)
    return [type(processor).__name__ for processor in chain.processors]


def test_defaults_make_no_processor() -> None:
    assert kinds({}) == []
    assert after(make_chain(SamplingConfig(), ENCODER), [1, 2]) == LOGITS[0].tolist()


def test_the_order_is_fixed() -> None:
    everything = {
        "typical_p": 0.9,
        "min_p": 0.1,
        "top_p": 0.9,
        "top_k": 3,
        "temperature": 0.5,
        "repetition_penalty": 2.0,
        "no_repeat_ngram": 2,
        "min_tokens": 2,
        "ban": "a",
    }
    assert kinds(everything) == [
        "BannedTokens",
        "FixedPositions",
        "NoRepeatNGram",
        "RepetitionPenalty",
        "Temperature",
        "TopK",
        "TopP",
        "MinP",
        "Typical",
    ]


def test_settings_are_read() -> None:
    chain = make_chain(SamplingConfig(ban="a d", force="1:c 3:b", min_tokens=2), ENCODER)
    assert [left(chain, [1] * place) for place in range(5)] == ["bc", "c", "bc.", "b", "bc."]
    schedule = make_chain(SamplingConfig(temperature_schedule="4:2.0 0:1.0"), ENCODER)
    assert after(schedule, [0, 0])[2] == pytest.approx(2.0 / 1.5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"force": "a"}, "force: pairs like 'a:1 b:2' are expected, was 'a'"),
        ({"force": "x:a"}, "force: a position must be an integer >= 0, was 'x'"),
        ({"force": "-1:a"}, "force: a position must be an integer >= 0, was '-1'"),
        ({"temperature_schedule": "0:hot"}, "temperature_schedule: a temperature must be a number"),
        ({"temperature_schedule": "0:0"}, "a temperature must be >= 0.001 and <= 100, was 0.0"),
        ({"temperature_schedule": "0:nan"}, "a temperature must be >= 0.001"),
        ({"temperature_groups": "pitch:1"}, "no group 'pitch'; this domain has none"),
        ({"temperature": 2.0, "temperature_schedule": "0:1"}, "contradict each other"),
        ({"min_tokens": 5, "max_tokens": 4}, "min_tokens must be <= max_tokens, were 5 and 4"),
    ],
)
def test_invalid_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        make_chain(SamplingConfig(**settings), ENCODER)


@pytest.mark.parametrize("settings", [{"ban": "X"}, {"force": "0:X"}])
def test_unknown_symbols(settings: dict[str, Any]) -> None:
    with pytest.raises(UnknownSymbol, match="unknown symbol 'X'"):
        make_chain(SamplingConfig(**settings), ENCODER)
