"""Samplers: what they may draw, how often, and which settings contradict each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen import FreeGuide, SettingError
from seqgen.generation.config import GenerateConfig
from seqgen.generation.generate import Generator
from seqgen.generation.processors import temperature, top_k, top_p
from seqgen.generation.sampler import GreedySampler, InverseCDFSampler, make_sampler
from seqgen.models.sequence_model import log_softmax

from .fakes import letters, random_model

#: The upper 0.1 % point of chi-square with so many degrees of freedom.
CHI_SQUARE = {3: 16.27, 7: 24.32}
LOGITS = st.lists(st.one_of(st.just(-np.inf), st.floats(-30, 30)), min_size=4, max_size=4).filter(
    lambda row: max(row) > -np.inf
)
#: Uniforms with both ends of [0, 1): 0 and the greatest double below 1.
UNIFORMS = st.one_of(st.sampled_from([0.0, 1 - 2.0**-53]), st.floats(0, 1, exclude_max=True))


def slow_choice(log_probabilities: NDArray[Any], uniform: float) -> int:
    """Walk the cumulative sum until it passes the uniform."""
    shares = np.exp(log_probabilities)
    total = 0.0
    for token, share in enumerate(shares):
        total += share
        if total > uniform * shares.sum():
            return token
    raise AssertionError("the uniform lies below one")


@given(LOGITS, UNIFORMS)
def test_a_token_of_probability_zero_is_never_drawn(row: list[float], uniform: float) -> None:
    for sampler in (InverseCDFSampler(), GreedySampler()):
        settled = sampler.settle(np.array([row]))
        (token,) = sampler.choose(settled, np.array([uniform]))
        assert row[token] > -np.inf
        assert settled[0, token] > -np.inf


@given(LOGITS, st.floats(0, 0.999))
def test_inverse_cdf_is_a_walk_along_the_sum(row: list[float], uniform: float) -> None:
    sampler = InverseCDFSampler()
    settled = sampler.settle(np.array([row]))
    edges = np.cumsum(np.exp(settled[0]))
    if np.abs(edges - uniform).min() > 1e-9:  # on an edge rounding decides
        assert sampler.choose(settled, np.array([uniform])) == slow_choice(settled[0], uniform)


def test_one_row_does_not_change_another() -> None:
    rng = np.random.default_rng(0)
    logits, uniforms = rng.normal(size=(50, 6)), rng.random(50)
    sampler = InverseCDFSampler(0.7, 4, 0.9)
    together = sampler.choose(sampler.settle(logits), uniforms)
    for row in range(50):
        one = sampler.choose(sampler.settle(logits[row : row + 1]), uniforms[row : row + 1])
        assert one.tolist() == [together[row]]


def test_the_order_is_temperature_then_top_k_then_top_p() -> None:
    logits = np.log(np.array([[0.4, 0.3, 0.2, 0.1]]))
    wanted = log_softmax(top_p(top_k(temperature(logits, 0.5), 3), 0.8))
    settled = InverseCDFSampler(0.5, 3, 0.8).settle(logits.astype(np.float32))
    np.testing.assert_allclose(settled, wanted, atol=1e-6)
    # 16 : 9 : 4 of 29 are left by top-k, so the first two make up 86 %.
    np.testing.assert_allclose(np.exp(settled), [[16 / 25, 9 / 25, 0, 0]], atol=1e-6)


def test_greedy_takes_the_lowest_id_of_equals() -> None:
    sampler = GreedySampler()
    logits = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-np.inf, -5.0, -5.0]])
    settled = sampler.settle(logits)
    for uniform in (0.0, 0.5, 0.999):
        assert sampler.choose(settled, np.full(3, uniform)).tolist() == [1, 0, 1]
    np.testing.assert_array_equal(np.exp(settled), [[0, 1, 0], [1, 0, 0], [0, 1, 0]])


def test_a_cold_draw_is_greedy() -> None:
    logits = np.random.default_rng(1).permuted(np.tile(np.arange(9) / 8, (40, 1)), axis=1)
    cold = InverseCDFSampler(temperature=0.001)
    drawn = cold.choose(cold.settle(logits), np.full(40, 0.999))
    assert drawn.tolist() == logits.argmax(axis=-1).tolist()


def chi_square(counts: NDArray[Any], shares: NDArray[Any]) -> float:
    """Pearson's statistic of counts against expected shares."""
    expected = shares * counts.sum()
    return float(((counts - expected) ** 2 / expected).sum())


def test_frequencies_are_the_probabilities() -> None:
    shares = np.array([0.1, 0.25, 0.6, 0.05])
    sampler = InverseCDFSampler()
    settled = np.repeat(sampler.settle(np.log(shares)[None]), 20_000, axis=0)
    drawn = sampler.choose(settled, np.random.default_rng(5).random(20_000))
    assert chi_square(np.bincount(drawn, minlength=4), shares) < CHI_SQUARE[3]


def test_the_first_letters_of_samples_have_the_frequencies_of_the_model() -> None:
    encoder = letters("abcdefg")
    size = encoder.vocabulary.size
    model = random_model(size, seed=2, scale=0.6)
    logits, _ = model.step(np.array([encoder.vocabulary.start]), None, model.initial_state(1))
    config = GenerateConfig(max_tokens=1, batch_size=500, seed=11)
    samples = Generator(model, encoder, FreeGuide(size), config).samples(range(4000))
    # An item of no letters ended at once: its token is the end.
    firsts = [s.tokens[0] if s.tokens else encoder.vocabulary.end for s in samples]
    counts = np.bincount(firsts, minlength=size)
    assert chi_square(counts, np.exp(log_softmax(logits)[0])) < CHI_SQUARE[7]


def test_settings_make_the_sampler() -> None:
    assert isinstance(make_sampler(GenerateConfig(sampler="greedy")), GreedySampler)
    drawing = make_sampler(GenerateConfig(top_k=1))
    assert np.exp(drawing.settle(np.array([[0.0, 2.0, 1.0]]))).tolist() == [[0.0, 1.0, 0.0]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0.5}, "temperature changes .* was 0.5: leave it out"),
        ({"top_k": 3}, "top_k changes .* was 3"),
        ({"top_p": 0.9}, "top_p changes .* was 0.9"),
    ],
)
def test_greedy_draws_nothing(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        GenerateConfig(sampler="greedy", **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0.0}, r"temperature must be >=? 0(\.\d+)?, was 0.0"),
        ({"temperature": -1.0}, "temperature must be .*, was -1.0"),
        ({"top_p": 0.0}, "top_p must be > 0.0, was 0.0"),
        ({"top_p": 1.5}, "top_p must be <= 1.0, was 1.5"),
        ({"top_k": -1}, "top_k must be >= 0, was -1"),
        ({"max_tokens": 0}, "max_tokens must be >= 1, was 0"),
        ({"batch_size": 0}, "batch_size must be >= 1, was 0"),
        ({"seed": -1}, "seed must be >= 0, was -1"),
        ({"seed": 2**64}, "seed must be <= "),
        ({"sampler": "best"}, "sampler must be one of sample, greedy, was 'best'"),
    ],
)
def test_settings_out_of_range(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        GenerateConfig(**settings)
