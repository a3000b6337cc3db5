"""Repetition, through the generation loop: what the penalty and the n-gram rule do to items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen import FreeGuide
from seqgen.generation.generator import Generator, Sample
from seqgen.generation.repetition import NoRepeatNGram, RepetitionPenalty
from seqgen.generation.sampling_config import SamplingConfig

from ..helpers import slow_references as slow
from ..helpers.table_model import GroupedEncoder, TableModel

ENCODER = GroupedEncoder("abc")
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
MODEL = TableModel.random(SIZE, 9)


def draw(count: int = 60, prompt: Sequence[int] = (), **settings: Any) -> list[Sample]:
    """Samples from the table without a guide."""
    config = SamplingConfig(**{"max_tokens": 30, **settings})
    generator = Generator(MODEL, ENCODER, FreeGuide(SIZE), config, prompt=prompt)
    return list(generator.samples(range(count)))


def grams(tokens: Sequence[int], n: int) -> list[tuple[int, ...]]:
    """Every run of n tokens."""
    return [tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1)]


@pytest.mark.parametrize("sampler", ["sample", "greedy"])
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_no_n_gram_is_repeated(n: int, sampler: str) -> None:
    samples = draw(no_repeat_ngram=n, sampler=sampler)
    for sample in samples:
        assert len(set(grams(sample.tokens, n))) == len(grams(sample.tokens, n))
    plain = draw(sampler=sampler)
    if sampler == "sample":
        assert any(len(set(grams(s.tokens, n))) < len(grams(s.tokens, n)) for s in plain)


@pytest.mark.parametrize("n", [1, 2])
def test_a_row_without_a_new_n_gram_is_a_dead_end(n: int) -> None:
    longest = 3**n + n - 1  # tokens of three letters that hold each n-gram once
    for sample in draw(no_repeat_ngram=n, min_tokens=30):
        assert sample.finish_reason == "dead_end"
        assert len(sample.tokens) <= longest
        assert math.isfinite(sample.logp) and math.isfinite(sample.logp_settings)
    assert max(len(s.tokens) for s in draw(no_repeat_ngram=n, min_tokens=30)) == longest


def test_n_grams_of_the_prompt_count() -> None:
    prompt = [0, 1, 2, 0]  # a b c a: ab, bc and ca were there
    for sample in draw(prompt=prompt, no_repeat_ngram=2):
        assert sample.tokens[:4] == tuple(prompt)
        assert sample.tokens[4:5] != (1,)
        assert len(set(grams(sample.tokens, 2))) == len(grams(sample.tokens, 2))


def test_items_continue_a_prompt_that_repeats_itself() -> None:
    for sample in draw(prompt=[0, 0, 0, 0], no_repeat_ngram=2):
        assert 0 not in sample.tokens[4:5], "the rule holds for what is chosen"


def test_tokens_of_the_prompt_are_penalised() -> None:
    first = [s.tokens[2:3] for s in draw(400, prompt=[0, 1], max_tokens=3)]
    penalised = [
        s.tokens[2:3] for s in draw(400, prompt=[0, 1], max_tokens=3, repetition_penalty=50.0)
    ]
    row = MODEL.row([0, 1])
    wanted = slow.shares(slow.penalise(row, [0, 1], 50.0))
    for token in range(3):
        share = penalised.count((token,)) / 400
        assert share == pytest.approx(wanted[token], abs=0.09)
    assert any(abs(first.count((t,)) - penalised.count((t,))) > 0.2 * 400 for t in range(3)), (
        "the penalty makes a difference here"
    )


def test_start_and_end_are_not_part_of_the_state() -> None:
    # A penalty of 100 on tokens that came would drown the end if it were among them.
    ended = draw(200, repetition_penalty=100.0)
    assert {s.finish_reason for s in ended} == {"end"}


@settings(max_examples=40)
@given(st.lists(st.floats(-50, 50, width=32), min_size=4, max_size=4), st.floats(1.0, 100.0))
def test_a_penalty_never_makes_a_token_likelier(row: list[float], penalty: float) -> None:
    processor = RepetitionPenalty(penalty, 4)
    state = processor.advance(processor.start(1), np.array([2]))
    logits = np.array([row], np.float32)
    processor.apply(logits, state)
    assert logits[0, 2] <= row[2]
    assert np.sign(logits[0, 2]) == np.sign(row[2]) or logits[0, 2] == 0
    assert logits[0, [0, 1, 3]].tolist() == [row[0], row[1], row[3]]


def test_logits_of_zero_do_not_change() -> None:
    processor = RepetitionPenalty(3.0, 2)
    logits = np.array([[0.0, -0.0]], np.float32)
    state = processor.advance(processor.advance(processor.start(1), np.array([0])), np.array([1]))
    processor.apply(logits, state)
    assert logits.tolist() == [[0.0, 0.0]]


def test_an_n_gram_longer_than_the_item_has_no_effect() -> None:
    assert draw(no_repeat_ngram=40) == draw()


def test_rows_have_their_own_state() -> None:
    processor = NoRepeatNGram(1)
    state = processor.start(3)
    for tokens in ([0, 1, 2], [1, 1, 0]):
        state = processor.advance(state, np.array(tokens))
    logits = np.zeros((3, SIZE), np.float32)
    processor.apply(logits, state)
    left = [np.flatnonzero(row > -np.inf).tolist() for row in logits]
    assert left == [[2, END], [0, 2, END], [1, END]]
