"""Stochastic beams: sampling without replacement, against its exact probabilities."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seqgen import AutomatonGuide, FreeGuide, Guide
from seqgen.generation.beam_search import StochasticBeamSearch, lower_gumbels, node_gumbels
from seqgen.generation.sampling_config import SamplingConfig

from ..helpers.fakes import StepGuide, letters, random_model
from ..helpers.table_model import GroupedEncoder, Outcome, TableModel, every_outcome
from .test_distribution import limit, statistic

ENCODER = GroupedEncoder("ab")
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
MODEL = TableModel.random(SIZE, seed=2)
FREE = FreeGuide(SIZE)
#: An even number of a; at most 4 tokens.
AUTOMATON = AutomatonGuide(np.array([[1, 0], [0, 1]]), np.array([True, False]), 0, 4)
#: Anything at first; after it a or the end, then b alone, after which nothing may come.
ALLEY = StepGuide([[0, 1, END], [0, END], [1]], SIZE)
SEEDS, ITEMS = 1500, 3

Drawn = tuple[Outcome, ...]


def beam(
    seed: int, guide: Guide[Any] = FREE, model: TableModel = MODEL, **given: Any
) -> StochasticBeamSearch:
    settings = {"sampler": "stochastic-beam", "max_tokens": 3, "seed": seed, **given}
    return StochasticBeamSearch(model, ENCODER, guide, SamplingConfig(**settings))


def drawn(number: int, guide: Guide[Any] = FREE, seeds: int = SEEDS, **given: Any) -> list[Drawn]:
    """What each seed gives, in its order."""
    return [
        tuple((s.tokens, s.finish_reason) for s in beam(seed, guide, **given).samples(number))
        for seed in range(seeds)
    ]


def exact_chances(guide: Guide[Any] = FREE, **given: Any) -> dict[Outcome, float]:
    return every_outcome(MODEL, guide, ENCODER, SamplingConfig(**{"max_tokens": 3, **given}))


def without_replacement(chances: Mapping[Outcome, float], number: int) -> dict[Any, float]:
    """The probability of each row of ``number`` distinct outcomes."""
    found: dict[Any, float] = {}
    for row in permutations(chances, number):
        chance, left = 1.0, 1.0
        for outcome in row:
            chance *= chances[outcome] / left
            left -= chances[outcome]
        found[row] = chance
    assert math.isclose(math.fsum(found.values()), 1.0, rel_tol=1e-9)
    return found


@pytest.fixture(scope="module")
def rows() -> list[Drawn]:
    return drawn(ITEMS)


def test_the_first_item_has_the_probabilities_of_the_model(rows: list[Drawn]) -> None:
    found, freedom = statistic(Counter(row[0] for row in rows), exact_chances())
    assert found < limit(freedom)


def test_items_are_drawn_without_replacement(rows: list[Drawn]) -> None:
    for number in (2, ITEMS):
        exact = without_replacement(exact_chances(), number)
        counts: Any = Counter(row[:number] for row in rows)
        found, freedom = statistic(counts, exact)
        assert freedom > 15 and found < limit(freedom)


def test_drawing_with_replacement_would_be_noticed(rows: list[Drawn]) -> None:
    # The second items of the rows, if they were drawn independently of the first.
    found, freedom = statistic(Counter(row[1] for row in rows), exact_chances())
    assert found > 2 * limit(freedom)


def test_inclusion_frequencies(rows: list[Drawn]) -> None:
    exact = without_replacement(exact_chances(), ITEMS)
    counts = Counter(outcome for row in rows for outcome in row)
    for outcome in exact_chances():
        share = math.fsum(chance for row, chance in exact.items() if outcome in row)
        spread = math.sqrt(share * (1 - share) / len(rows))
        assert abs(counts[outcome] / len(rows) - share) < 4.5 * spread


@pytest.mark.parametrize(
    ("guide", "given"),
    [
        (FREE, {"temperature": 0.5, "repetition_penalty": 1.5}),
        (FREE, {"top_p": 0.8}),
        (AUTOMATON, {"max_tokens": 4}),
        (AUTOMATON, {"max_tokens": 4, "temperature_groups": "vowel:0.5 other:2"}),
        (ALLEY, {"max_tokens": 4, "temperature": 1.5}),
        (FREE, {"max_tokens": 6, "min_tokens": 5, "no_repeat_ngram": 2}),
    ],
    ids=["settings", "cut-off", "automaton", "groups", "alley", "dead ends"],
)
def test_settings_and_guides_define_what_is_drawn(guide: Guide[Any], given: Any) -> None:
    rows, chances = drawn(2, guide, 500, **given), exact_chances(guide, **given)
    assert ("dead_end" in {reason for _, reason in chances}) == (
        guide is ALLEY or "no_repeat_ngram" in given
    )
    found, freedom = statistic(Counter(row[0] for row in rows), chances)
    assert found < limit(freedom)
    counts: Any = Counter(rows)
    found, freedom = statistic(counts, without_replacement(chances, 2))
    assert found < limit(freedom)


@given(
    seed=st.integers(0, 2**63 - 1),
    number=st.integers(1, 60),
    scale=st.sampled_from([0.3, 1.0, 10.0, 60.0]),
    guide=st.sampled_from([FREE, AUTOMATON, ALLEY]),
)
def test_items_are_different_and_none_is_missing(
    seed: int, number: int, scale: float, guide: Guide[Any]
) -> None:
    model = TableModel.random(SIZE, seed % 1000, scale)
    exact = every_outcome(model, guide, ENCODER, SamplingConfig(max_tokens=4))
    samples = beam(seed, guide, model, max_tokens=4).samples(number)
    found = {(s.tokens, s.finish_reason): s.logp_settings for s in samples}
    assert len(found) == len(samples) == min(number, len(exact)), "all there are, each once"
    for outcome, logp in found.items():
        assert logp == pytest.approx(math.log(exact[outcome]), rel=1e-5, abs=1e-4)


def test_a_seed_is_replayed_item_by_item() -> None:
    whole = beam(9, max_tokens=4).samples(20)
    assert beam(9, max_tokens=4).samples(20) == whole
    for number in range(20):
        assert beam(9, max_tokens=4).samples(number) == whole[:number]
    assert beam(10, max_tokens=4).samples(20) != whole


def test_long_items_stay_finite_and_are_the_same_in_any_number() -> None:
    model, encoder = random_model(27, seed=3, scale=0.3), letters()
    config = SamplingConfig(
        sampler="stochastic-beam", min_tokens=180, max_tokens=200, temperature=1.4, seed=3
    )
    found = StochasticBeamSearch(model, encoder, FreeGuide(27), config)
    samples = found.samples(40)
    assert len({sample.tokens for sample in samples}) == 40
    assert all(-2000 < sample.logp < -300 for sample in samples)
    assert [s.tokens for s in found.samples(3)] == [s.tokens for s in samples[:3]]


def test_noise_is_a_function_of_the_seed_and_the_tokens() -> None:
    paths = np.random.default_rng(0).integers(0, 5, (30, 4))
    whole = node_gumbels(7, paths, 6)
    for row in range(30):
        alone = node_gumbels(7, paths[row : row + 1].astype(np.int32), 6)
        np.testing.assert_array_equal(alone[0], whole[row])
    assert len(np.unique(whole)) == 6 * len(np.unique(paths, axis=0))
    assert not np.intersect1d(whole, node_gumbels(8, paths, 6)).size
    assert not np.intersect1d(whole, node_gumbels(7, paths[:, :3], 6)).size
    # Receipts hold for ever: this may never change.
    pinned = node_gumbels(7, np.array([[1, 2]]), 3)[0]
    assert pinned == pytest.approx(PINNED, rel=1e-12)


PINNED = (0.4508579486169356, 2.024220086030167, 0.17822818997551204)


def test_noise_is_gumbel() -> None:
    values = np.sort(node_gumbels(1, np.arange(500)[:, None], 40).ravel())
    assert values.mean() == pytest.approx(np.euler_gamma, abs=0.04)
    assert values.var() == pytest.approx(math.pi**2 / 6, abs=0.1)
    # Kolmogorov's distance from the distribution function exp(-exp(-x)), at the 0.1 % level.
    exact = np.exp(-np.exp(-values))
    steps = np.arange(1, len(values) + 1) / len(values)
    assert np.abs(steps - exact).max() < 1.95 / math.sqrt(len(values))
    assert node_gumbels(0, np.empty((1, 0), np.int64), 4).shape == (1, 4)
    assert node_gumbels(2**63 - 1, np.empty((0, 3), np.int64), 4).shape == (0, 4)


ROWS = arrays(np.float64, (3, 5), elements=st.floats(-20, 20))


@given(ROWS, arrays(np.float64, 3, elements=st.floats(-20, 20)))
def test_lower_gumbels_equals_the_formula(values: Any, most: Any) -> None:
    greatest = values.max(axis=1)
    found = lower_gumbels(values, most)
    with np.errstate(divide="ignore"):
        inner = np.exp(-values) - np.exp(-greatest)[:, None]
        wanted = -np.log(np.exp(-most)[:, None] + inner)
    # The plain formula loses terms that are small compared with the largest.
    noise = 1e-13 * (np.exp(-values) + np.exp(-most)[:, None]) * np.exp(found)
    assert (np.abs(found - wanted) < 1e-9 + 10 * noise).all()


ANY = st.one_of(st.floats(-1e4, 1e4), st.sampled_from([-np.inf, -1e300, 0.0, 1e-300, 700.0]))


@given(
    arrays(np.float64, (2, 6), elements=ANY).filter(lambda a: (a.max(axis=1) > -np.inf).all()),
    arrays(np.float64, 2, elements=st.floats(-1e4, 1e4)),
)
def test_lower_gumbels_preserves_order_and_bound_without_nan(values: Any, most: Any) -> None:
    found = lower_gumbels(values, most)
    assert not np.isnan(found).any()
    assert (found.max(axis=1) == most).all(), "the greatest has the value wanted, exactly"
    assert (found[values == -np.inf] == -np.inf).all()
    for before, after in zip(values, found, strict=True):
        ascending = after[np.argsort(before)]
        finite = ascending[np.isfinite(ascending)]  # minus infinities come first, by the line above
        assert (np.diff(finite) >= -1e-9 * np.abs(most).max() - 1e-9).all()
