"""Laws of the samplers: a walk along the sum in float64, rows that do not know of each other,
and logits far outside the range of exponentials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.generation.sampler import (
    ONE,
    GreedySampler,
    InverseCDFSampler,
    Sampler,
    log_sum_exp,
)

SIZES = (1, 2, 5, 16, 33, 70, 78, 107, 152, 160, 161, 400)
#: Both ends of [0, 1) and values in between.
UNIFORMS = st.one_of(
    st.sampled_from([0.0, 2.0**-53, 1 - 2.0**-24, 1 - 2.0**-53]),
    st.floats(0, 1, exclude_max=True),
)
#: What is added to a whole row: within and far outside what float32 exponentials bear.
SHIFTS = (0.0, 0.0, -60.0, 60.0, -69.5, 69.5, 88.5, -103.0, -1000.0, 1000.0, 3e4, -3e4)


def choose(
    sampler: Sampler[Any], logits: NDArray[Any], uniforms: NDArray[Any], factor: NDArray[Any] = ONE
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The tokens, and the log of the sum of exponentials of each row."""
    with np.errstate(over="ignore"):
        tokens, _, total, shift = sampler.draw(logits, uniforms, None, factor)
    return tokens, np.atleast_1d(np.log(total) + (0.0 if shift is None else shift))


def random_batch(seed: int, batch: int, size: int) -> NDArray[np.float32]:
    """Rows of all spreads and shifts with gaps; each has a token left."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(batch, size)) * rng.choice([0.1, 2.0, 20.0], (batch, 1))
    logits += rng.choice(SHIFTS, (batch, 1))
    left = rng.integers(0, size, batch)
    gaps = rng.random((batch, size)) < rng.choice([0.0, 0.5, 0.99], (batch, 1))
    gaps[np.arange(batch), left] = False
    return np.where(gaps, -np.inf, logits).astype(np.float32)


def wide_shares(row: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """Probabilities and the logarithm of the sum of exponentials, in float64."""
    wide = row.astype(np.float64)
    parts = np.exp(wide - wide.max())
    return parts / parts.sum(), float(np.log(parts.sum()) + wide.max())


def slow_tokens(row: NDArray[np.float32], uniform: float) -> set[int]:
    """The token whose interval contains the uniform; two or more near an edge."""
    found, below = set(), 0.0
    parts, _ = wide_shares(row)
    for token, share in enumerate(parts.tolist()):
        if share > 0 and below - 1e-6 <= uniform < below + share + 1e-6:
            found.add(token)
        below += share
    return found


SHAPES = st.tuples(st.integers(1, 20), st.sampled_from(SIZES))
#: From 128 rows on sums are taken another way.
TALL = st.tuples(st.integers(120, 140), st.sampled_from(SIZES))


@settings(max_examples=120)
@given(st.data(), SHAPES, st.integers(0, 10**6))
def test_a_draw_equals_a_slow_search(
    data: st.DataObject, shape: tuple[int, int], seed: int
) -> None:
    logits = random_batch(seed, *shape)
    uniforms = np.array([data.draw(UNIFORMS) for _ in logits])
    before = logits.copy()
    tokens, log_mass = choose(InverseCDFSampler(), logits, uniforms)
    np.testing.assert_array_equal(logits, before)
    assert tokens.shape == log_mass.shape == (len(logits),)
    assert tokens.dtype == np.int64 and log_mass.dtype == np.float64
    for row, token, uniform, mass in zip(logits, tokens, uniforms, log_mass, strict=True):
        assert row[token] > -np.inf
        assert token in slow_tokens(row, uniform)
        assert mass == pytest.approx(wide_shares(row)[1], abs=1e-5)


@settings(max_examples=15)
@given(TALL, st.integers(0, 10**6))
def test_a_draw_of_a_tall_batch_equals_a_slow_search(shape: tuple[int, int], seed: int) -> None:
    logits = random_batch(seed, *shape)
    uniforms = np.random.default_rng(seed).random(shape[0])
    uniforms[:4] = 0.0, 2.0**-53, 1 - 2.0**-24, 1 - 2.0**-53
    tokens, log_mass = choose(InverseCDFSampler(), logits, uniforms)
    assert tokens.dtype == np.int64 and tokens.shape == log_mass.shape == (len(logits),)
    for row, token, uniform, mass in zip(logits, tokens, uniforms, log_mass, strict=True):
        assert row[token] > -np.inf and token in slow_tokens(row, uniform)
        assert mass == pytest.approx(wide_shares(row)[1], abs=1e-5)


@settings(max_examples=30)
@given(SHAPES, st.integers(0, 10**6))
def test_greedy_chooses_the_first_maximum(shape: tuple[int, int], seed: int) -> None:
    logits = np.round(random_batch(seed, *shape))
    tokens, log_mass = choose(GreedySampler(), logits, np.full(len(logits), 0.5))
    assert tokens.dtype == np.int64 and log_mass.dtype == np.float64
    for row, token, mass in zip(logits.tolist(), tokens.tolist(), log_mass, strict=True):
        assert token == row.index(max(row)) and row[token] > -np.inf
        assert mass == pytest.approx(wide_shares(np.array(row))[1], abs=1e-5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("batch", [2, 7, 64, 127, 128, 131])
def test_a_row_is_the_same_alone_and_in_any_batch(batch: int, size: int) -> None:
    logits = random_batch(batch * 1000 + size, batch, size)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.exp(logits).cumsum(axis=-1, dtype=np.float32).astype(np.float64)
        edges = np.nan_to_num(sums[:, ::3] / sums[:, -1:], nan=0.5)
    sampler, alone = InverseCDFSampler(), InverseCDFSampler()
    # Uniforms on the edges between tokens, where the last bit of a sum decides.
    for uniforms in np.clip(edges, 0.0, 1 - 2.0**-53).T[:12]:
        tokens, masses = choose(sampler, logits, uniforms)
        assert (logits[np.arange(batch), tokens] > -np.inf).all()
        for row in range(0, batch, max(1, batch // 10)):
            (token,), (mass,) = choose(alone, logits[row : row + 1], uniforms[row : row + 1])
            assert token == tokens[row]
            assert mass == masses[row]
        half = batch // 2
        some, their_masses = choose(sampler, logits[half:], uniforms[half:])
        assert some.tolist() == tokens[half:].tolist()
        assert their_masses.tolist() == masses[half:].tolist()


@pytest.mark.parametrize("batch", [1, 9, 130])
@pytest.mark.parametrize("factor", [0.25, 1.7, 40.0])
def test_a_factor_is_a_product_made_before(batch: int, factor: float) -> None:
    logits, uniforms = random_batch(batch, batch, 40), np.random.default_rng(1).random(batch)
    scalar = np.array(factor, np.float32)
    for sampler in (InverseCDFSampler(), GreedySampler()):
        before = logits.copy()
        tokens, masses = choose(sampler, logits, uniforms, scalar)
        np.testing.assert_array_equal(logits, before)
        wanted, their_masses = choose(sampler, logits * scalar, uniforms)
        assert tokens.tolist() == wanted.tolist()
        assert masses.tolist() == their_masses.tolist()


@pytest.mark.parametrize("batch", [1, 2, 127, 128])
def test_many_thousand_tokens(batch: int) -> None:
    size = 40_000
    logits = np.zeros((batch, size), np.float32)
    uniforms = np.linspace(0.0, 0.99999, batch)
    tokens, masses = choose(InverseCDFSampler(), logits, uniforms)
    np.testing.assert_allclose(tokens, uniforms * size, atol=1.0)
    np.testing.assert_allclose(masses, np.log(size), atol=1e-5)


@pytest.mark.parametrize("batch", [12, 130])
def test_the_memory_layout_changes_nothing(batch: int) -> None:
    logits, uniforms = random_batch(5, batch, 78), np.random.default_rng(5).random(batch)
    wanted = choose(InverseCDFSampler(), logits, uniforms)
    beside = np.zeros((batch, 100), np.float32)
    beside[:, 22:] = logits
    for other in (beside[:, 22:], np.asfortranarray(logits), logits[::-1].copy()[::-1]):
        found = choose(InverseCDFSampler(), other, uniforms)
        assert found[0].tolist() == wanted[0].tolist()
        assert found[1].tolist() == wanted[1].tolist()


@pytest.mark.parametrize("sampler", [InverseCDFSampler(), GreedySampler()])
def test_a_sampler_does_not_depend_on_earlier_batches(sampler: Sampler[Any]) -> None:
    fresh = type(sampler)
    for seed, shape in enumerate([(3, 70), (1, 70), (130, 5), (8, 5), (3, 70), (130, 5), (1, 5)]):
        logits, uniforms = random_batch(seed, *shape), np.random.default_rng(seed).random(shape[0])
        tokens, masses = choose(sampler, logits, uniforms)
        kept = tokens.copy(), masses.copy()
        choose(sampler, random_batch(seed + 50, *shape), uniforms)
        np.testing.assert_array_equal((tokens, masses), kept, "a result is not written to again")
        again = choose(fresh(), logits, uniforms)
        np.testing.assert_array_equal((tokens, masses), again)


@given(st.integers(0, 10**6), st.integers(2, 12))
def test_a_shifted_row_does_not_affect_other_rows(seed: int, batch: int) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(batch, 9)).astype(np.float32)
    uniforms = rng.random(batch)
    wanted = choose(InverseCDFSampler(), logits, uniforms)
    far = int(rng.integers(batch))
    logits[far] += rng.choice([-2000.0, -95.0, 95.0, 2000.0])
    found = choose(InverseCDFSampler(), logits, uniforms)
    others = np.arange(batch) != far
    assert found[0][others].tolist() == wanted[0][others].tolist()
    assert found[1][others].tolist() == wanted[1][others].tolist()
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(log_sum_exp(logits)[others], log_sum_exp(logits[others]))


@settings(max_examples=40)
@given(st.one_of(SHAPES, TALL), st.integers(0, 10**6))
def test_log_sum_exp_is_that_of_float64(shape: tuple[int, int], seed: int) -> None:
    logits = random_batch(seed, *shape)
    with np.errstate(over="ignore"):
        found = log_sum_exp(logits)
    assert found.shape == (len(logits),) and found.dtype == np.float64
    np.testing.assert_allclose(found, [wide_shares(row)[1] for row in logits], atol=1e-5, rtol=0)


def uniform_grid(count: int) -> NDArray[Any]:
    """Uniforms in even steps, each in the middle of its step."""
    return (np.arange(count) + 0.5) / count


@pytest.mark.parametrize("size", [3, 78, 300])
def test_every_token_has_its_probability_as_the_length_of_its_interval(size: int) -> None:
    logits = np.random.default_rng(size).normal(size=size).astype(np.float32)
    count = 50_000
    for batch in (1, 500):
        rows = np.repeat(logits[None], batch, axis=0)
        sampler, tokens = InverseCDFSampler(), []
        for uniforms in uniform_grid(count).reshape(-1, batch)[:: 1 if batch > 1 else 25]:
            tokens.append(choose(sampler, rows, uniforms)[0])
        drawn = np.concatenate(tokens)
        assert (np.diff(drawn) >= 0).all(), "in the order of the ids"
        found = np.bincount(drawn, minlength=size) / len(drawn)
        np.testing.assert_allclose(found, wide_shares(logits)[0], atol=2 / len(drawn))
