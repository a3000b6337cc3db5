"""DecodingBatch: results do not depend on when log-probabilities are computed, on the batch size,
on which rows finish when, or on callbacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen import AutomatonGuide, FreeGuide, Guide
from seqgen.generation import decoding_batch
from seqgen.generation.generator import Generator, Sample
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.sequence_model import SequenceModel, log_softmax

from ..helpers.fakes import random_model
from ..helpers.table_model import GroupedEncoder, TableModel
from ..helpers.unusual_guides import ClosingGuide

ENCODER = GroupedEncoder("abecdi")
SIZE, START, END = ENCODER.vocabulary.size, ENCODER.vocabulary.start, ENCODER.vocabulary.end
MODELS: dict[str, SequenceModel[Any]] = {
    "table": TableModel.random(SIZE, 3),
    "rnn": random_model(SIZE, seed=2, units=6, layers=2, scale=0.7),
}
#: One of each case of DecodingBatch: the model's own logits, one factor, and a chain.
CHAINS: dict[str, dict[str, Any]] = {
    "own": {},
    "factor": {"temperature": 0.7},
    "chain": {"repetition_penalty": 1.3, "temperature_schedule": "0:2 9:0.7", "top_p": 0.95},
    "dead ends": {"no_repeat_ngram": 1},
    "greedy": {"sampler": "greedy", "repetition_penalty": 2.0},
}
BUFFERED = (0, SIZE, 5 * SIZE, 11 * SIZE * 7, 1 << 15, 1 << 24)


def guide(guided: bool) -> Guide[Any]:
    """Everything, or an even number of a and never two d in a row."""
    if not guided:
        return FreeGuide(SIZE)
    table = np.array([[2, 0, 0, 0, 1, 0], [2, 0, 0, 0, -1, 0], [0, 2, 2, 2, 3, 2]])
    table = np.vstack([table, [[0, 2, 2, 2, -1, 2]]])
    return AutomatonGuide(table, np.array([True, True, False, False]))


def draw(
    model: str,
    chain: str,
    guided: bool,
    indices: Sequence[int] = range(23),
    *,
    prompt: Sequence[int] = (),
    stop: Callable[[Sequence[int]], bool] | None = None,
    on_token: Callable[[int, int], None] | None = None,
    **more: Any,
) -> list[Sample]:
    """Samples under one of the chains."""
    config = SamplingConfig(**{"max_tokens": 20, "batch_size": 9, **CHAINS[chain], **more})
    generator = Generator(
        MODELS[model], ENCODER, guide(guided), config, None, prompt, stop, on_token
    )
    return list(generator.samples(indices))


@cache
def usual(model: str, chain: str, guided: bool) -> tuple[Sample, ...]:
    """Samples with the default buffer."""
    return tuple(draw(model, chain, guided))


def assert_same(found: Sequence[Sample], wanted: Sequence[Sample]) -> None:
    """The same tokens and reasons, and figures but for rounding."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert (one.index, one.tokens, one.item) == (other.index, other.tokens, other.item)
        assert one.finish_reason == other.finish_reason
        for figure in ("logp", "logp_settings", "masked"):
            assert getattr(one, figure) == pytest.approx(getattr(other, figure), abs=2e-5)


EVERY = pytest.mark.parametrize(
    ("model", "chain", "guided"),
    [(m, c, g) for m in MODELS for c in CHAINS for g in (False, True)],
)


@EVERY
@pytest.mark.parametrize("buffered", BUFFERED)
def test_the_number_of_buffered_steps_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, buffered: int, model: str, chain: str, guided: bool
) -> None:
    wanted = usual(model, chain, guided)
    monkeypatch.setattr(decoding_batch, "_LOGITS", buffered)
    assert_same(draw(model, chain, guided), wanted)


@EVERY
@pytest.mark.parametrize("batch_size", [1, 2, 8, 64])
def test_the_batch_size_changes_nothing(
    batch_size: int, model: str, chain: str, guided: bool
) -> None:
    assert_same(draw(model, chain, guided, batch_size=batch_size), usual(model, chain, guided))


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 22), min_size=1, max_size=12),
    st.sampled_from(list(CHAINS)),
    st.booleans(),
    st.sampled_from(BUFFERED),
)
def test_the_other_rows_of_the_batch_change_nothing(
    indices: list[int], chain: str, guided: bool, buffered: int
) -> None:
    wanted = usual("rnn", chain, guided)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding_batch, "_LOGITS", buffered)
        found = draw("rnn", chain, guided, indices)
    assert_same(found, [wanted[index] for index in indices])


@pytest.mark.parametrize("chain", ["own", "factor", "chain"])
@pytest.mark.parametrize("model", MODELS)
def test_great_batches_are_like_small_ones(model: str, chain: str) -> None:
    great = draw(model, chain, False, range(260), batch_size=200)
    assert_same(great, draw(model, chain, False, range(260), batch_size=60))


def test_the_samples_are_varied() -> None:
    reasons = {
        sample.finish_reason
        for chain in CHAINS
        for guided in (False, True)
        for sample in usual("table", chain, guided)
    }
    assert reasons == {"end", "length", "dead_end"}
    lengths = {len(sample.tokens) for sample in usual("table", "own", False)}
    assert len(lengths) > 7, "rows finish at different times"


@EVERY
def test_callbacks_change_nothing(model: str, chain: str, guided: bool) -> None:
    """A stop function that never stops, and a token callback."""
    reported: list[tuple[int, int]] = []
    found = draw(
        model,
        chain,
        guided,
        stop=lambda tokens: False,
        on_token=lambda index, token: reported.append((index, token)),
    )
    assert_same(found, usual(model, chain, guided))
    wanted = []
    for at in range(0, 23, 9):  # batch by batch, step by step, row by row
        batch = found[at : at + 9]
        for place in range(max(len(sample.tokens) for sample in batch)):
            wanted += [(s.index, s.tokens[place]) for s in batch if place < len(s.tokens)]
    assert reported == wanted


@EVERY
def test_a_stop_cuts_the_same_sample_short(model: str, chain: str, guided: bool) -> None:
    def stop(tokens: Sequence[int]) -> bool:
        return list(tokens[-2:]) == [1, 4] or tokens[-1] == 5

    for whole, cut in zip(
        usual(model, chain, guided), draw(model, chain, guided, stop=stop), strict=True
    ):
        places = [n for n in range(1, len(whole.tokens) + 1) if stop(whole.tokens[:n])]
        if places:
            assert cut.tokens == whole.tokens[: places[0]]
            assert cut.finish_reason == "stop"
            assert cut.logp >= whole.logp - 1e-5
        else:
            assert_same([cut], [whole])


@EVERY
def test_stop_is_called_once_per_token(model: str, chain: str, guided: bool) -> None:
    calls: list[tuple[int, ...]] = []

    def stop(tokens: Sequence[int]) -> bool:
        calls.append(tuple(tokens))
        return tokens[-1] == 5

    samples = draw(model, chain, guided, range(9), stop=stop)
    wanted = [s.tokens[:n] for s in samples for n in range(1, len(s.tokens) + 1)]
    assert sorted(calls) == sorted(wanted)


def test_at_the_longest_length_each_row_ends_for_its_own_reason() -> None:
    config = SamplingConfig(max_tokens=3, batch_size=32, temperature=3.0)
    samples = list(
        Generator(MODELS["table"], ENCODER, ClosingGuide(SIZE), config).samples(range(128))
    )
    assert {(s.tokens[-1] == 0, s.finish_reason) for s in samples} == {
        (True, "end"),
        (False, "length"),
    }


def own_logp(model: SequenceModel[Any], sample: Sample, start: int) -> float:
    """The model's log-probability of the tokens from a place on, by ``forward``."""
    chosen = np.array([*sample.tokens, *[END] * (sample.finish_reason == "end")])
    read = np.array([[START, *sample.tokens]])[:, : len(chosen)]
    plain = log_softmax(model.forward(read, None)[0])
    return float(plain[np.arange(len(chosen)), chosen][start:].sum())


@pytest.mark.parametrize("length", [1, 63, 64, 65, 130, 200])
@pytest.mark.parametrize("chain", ["own", "factor", "chain"])
@pytest.mark.parametrize("model", MODELS)
def test_long_prompts_and_long_items(model: str, chain: str, length: int) -> None:
    prompt = [place * place % 5 for place in range(length)]
    longest = length + 140
    bounds: dict[str, Any] = {"max_tokens": longest, "min_tokens": length + 70}
    samples = draw(model, chain, False, range(5), prompt=prompt, **bounds)
    (alone,) = draw(model, chain, False, [3], prompt=prompt, **bounds)
    assert alone.tokens == samples[3].tokens
    for sample in samples:
        assert list(sample.tokens[:length]) == prompt
        assert length + 70 <= len(sample.tokens) <= longest
        assert sample.item == ENCODER.decode(sample.tokens)
        assert sample.logp == pytest.approx(own_logp(MODELS[model], sample, length), abs=1e-3)


def test_a_prompt_as_long_as_allowed_is_an_item() -> None:
    for chain in CHAINS:
        (sample,) = draw("table", chain, False, [0], prompt=[1, 0, 3], max_tokens=3)
        assert (sample.tokens, sample.logp, sample.logp_settings) == ((1, 0, 3), 0.0, 0.0)
        assert sample.finish_reason == "length"
