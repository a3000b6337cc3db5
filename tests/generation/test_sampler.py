"""Samplers: what they may draw, how often, and which settings contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen import FreeGuide, SettingError
from seqgen.generation.generator import Generator, make_sampler
from seqgen.generation.sampler import GreedySampler, InverseCDFSampler, Sampler, log_sum_exp
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.sequence_model import log_softmax

from ..helpers.fakes import letters, random_model

#: The upper 0.1 % point of chi-square by degrees of freedom.
CHI_SQUARE = {3: 16.27, 7: 24.32}
LOGITS = st.lists(
    st.one_of(st.just(-np.inf), st.floats(-30, 30, width=32)), min_size=4, max_size=4
).filter(lambda row: max(row) > -np.inf)
#: Uniforms with both ends of [0, 1): 0 and the greatest double below 1.
UNIFORMS = st.one_of(st.sampled_from([0.0, 1 - 2.0**-53]), st.floats(0, 1, exclude_max=True))


def choose(sampler: Sampler[Any], logits: NDArray[Any], uniforms: Any) -> NDArray[np.int64]:
    """The tokens."""
    with np.errstate(over="ignore"):
        return sampler.choose(
            np.asarray(logits, np.float32), np.asarray(uniforms, np.float64), None
        )[0]


def slow_choice(row: NDArray[Any], uniform: float) -> int:
    """Walk the cumulative sum until it passes the uniform."""
    shares = np.exp(log_softmax(row[None])[0])
    passed = np.flatnonzero(np.cumsum(shares) > uniform * shares.sum())
    return int(passed[0])


@given(LOGITS, UNIFORMS)
def test_an_excluded_token_is_never_drawn(row: list[float], uniform: float) -> None:
    for sampler in (InverseCDFSampler(), GreedySampler()):
        (token,) = choose(sampler, np.array([row]), [uniform])
        assert row[token] > -np.inf


@given(LOGITS, st.floats(0, 0.999))
def test_inverse_cdf_equals_a_slow_search(row: list[float], uniform: float) -> None:
    logits = np.array(row, np.float32)
    edges = np.cumsum(np.exp(log_softmax(logits[None])[0]))
    if np.abs(edges - uniform).min() > 1e-5:  # on an edge rounding decides
        assert choose(InverseCDFSampler(), logits[None], [uniform]) == slow_choice(logits, uniform)


@given(LOGITS)
def test_the_normaliser_is_returned_with_the_token(row: list[float]) -> None:
    logits = np.array([row], np.float32)
    wanted = np.log(np.exp(logits.astype(np.float64)).sum())
    for sampler in (InverseCDFSampler(), GreedySampler()):
        _, _, total, shift = sampler.draw(logits, np.array([0.5]))
        assert np.log(total) + (shift or 0.0) == pytest.approx(wanted, abs=1e-4)
    assert log_sum_exp(logits)[0] == pytest.approx(wanted, abs=1e-4)


def edge_cases(batch: int, size: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Rows with gaps, and uniforms at and near each of their cumulative sums."""
    rng = np.random.default_rng(batch * 1000 + size)
    logits = (rng.normal(size=(batch, size)) * 3).astype(np.float32)
    logits[rng.random((batch, size)) < 0.4] = -np.inf
    logits[:, size // 2] = 0.0
    sums = np.cumsum(np.exp(logits), axis=-1)
    for column in range(size):
        for beside in (-1e-7, 0.0, 1e-7):
            uniforms = sums[:, column].astype(np.float64) / sums[:, -1] * (1 + beside)
            yield logits, np.clip(uniforms, 0.0, 1 - 2.0**-53)


@pytest.mark.parametrize(
    ("batch", "size"), [(2, 5), (3, 200), (7, 80), (8, 27), (16, 50), (20, 107), (9, 300)]
)
def test_on_edges_a_row_gets_the_same_token_in_any_batch(batch: int, size: int) -> None:
    sampler, alone = InverseCDFSampler(), InverseCDFSampler()
    for logits, uniforms in edge_cases(batch, size):
        tokens = choose(sampler, logits, uniforms)
        assert (logits[np.arange(batch), tokens] > -np.inf).all()
        for row in range(batch):
            assert choose(alone, logits[row : row + 1], uniforms[row : row + 1]) == tokens[row]


@pytest.mark.parametrize("shift", [-8192.0, -90.0, 0.0, 90.0, 8192.0])
@pytest.mark.parametrize("batch", [1, 20])
def test_logits_are_known_up_to_a_constant(shift: float, batch: int) -> None:
    logits = np.round(np.random.default_rng(0).normal(size=(batch, 6)) * 8) / 8
    uniforms = np.linspace(0.01, 0.99, batch)
    plain = choose(InverseCDFSampler(), logits, uniforms)
    assert choose(InverseCDFSampler(), logits + shift, uniforms).tolist() == plain.tolist()


def test_greedy_takes_the_lowest_id_of_equals() -> None:
    logits = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-np.inf, -5.0, -5.0]])
    for uniform in (0.0, 0.5, 0.999):
        assert choose(GreedySampler(), logits, np.full(3, uniform)).tolist() == [1, 0, 1]


def chi_square(counts: NDArray[Any], shares: NDArray[Any]) -> float:
    """Pearson's statistic of counts against expected shares."""
    expected = shares * counts.sum()
    return float(((counts - expected) ** 2 / expected).sum())


def test_frequencies_are_the_probabilities() -> None:
    shares = np.array([0.1, 0.25, 0.6, 0.05])
    logits = np.repeat(np.log(shares)[None], 20_000, axis=0)
    drawn = choose(InverseCDFSampler(), logits, np.random.default_rng(5).random(20_000))
    assert chi_square(np.bincount(drawn, minlength=4), shares) < CHI_SQUARE[3]


def test_the_first_letters_of_samples_have_the_frequencies_of_the_model() -> None:
    encoder = letters("abcdefg")
    size = encoder.vocabulary.size
    model = random_model(size, seed=2, scale=0.6)
    logits, _ = model.step(np.array([encoder.vocabulary.start]), None, model.initial_state(1))
    config = SamplingConfig(max_tokens=1, batch_size=500, seed=11)
    samples = Generator(model, encoder, FreeGuide(size), config).samples(range(4000))
    # An item of no letters ended at once: its token is the end.
    firsts = [s.tokens[0] if s.tokens else encoder.vocabulary.end for s in samples]
    counts = np.bincount(firsts, minlength=size)
    assert chi_square(counts, np.exp(log_softmax(logits)[0])) < CHI_SQUARE[7]


def test_make_sampler() -> None:
    assert isinstance(make_sampler(SamplingConfig(sampler="greedy")), GreedySampler)
    assert isinstance(make_sampler(SamplingConfig()), InverseCDFSampler)
    with pytest.raises(SettingError, match=r"sampler must be one of sample, greedy.*, was 'best'"):
        make_sampler(SamplingConfig(sampler="best"))
    with pytest.raises(SettingError, match="'beam' finds items together"):
        make_sampler(SamplingConfig(sampler="beam"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0.5}, "temperature changes .* was 0.5: remove it"),
        ({"top_k": 3}, "top_k changes .* was 3"),
        ({"top_p": 0.9}, "top_p changes .* was 0.9"),
    ],
)
def test_greedy_rejects_sampling_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        SamplingConfig(sampler="greedy", **settings)


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
    ],
)
def test_settings_out_of_range(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        SamplingConfig(**settings)
