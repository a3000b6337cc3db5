"""Calibration, loss by position and intervals against references in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.evaluation.bootstrap import Z, mean, share
from seqgen.evaluation.calibration import BINS, by_position, calibrate, calibration
from seqgen.evaluation.likelihood import token_nats
from seqgen.evaluation.novelty import TrainingItems, copying_in_words, summary

from ..helpers.fakes import SpellingModel, letters, random_model

FORECASTS = st.lists(st.tuples(st.floats(1e-3, 1.0), st.booleans()), min_size=1, max_size=40)


@given(FORECASTS)
def test_the_error_is_the_weighted_mean_distance_over_bins(
    forecasts: list[tuple[float, bool]],
) -> None:
    total = 0.0
    for k in range(BINS):
        inside = [(p, hit) for p, hit in forecasts if k / BINS < p <= (k + 1) / BINS]
        total += abs(sum(hit for _, hit in inside) - sum(p for p, _ in inside))
    p, hits = (np.array(column, float) for column in zip(*forecasts, strict=True))
    found = calibrate(p, hits)
    edges = [p * BINS for p, _ in forecasts]
    if all(abs(edge - round(edge)) > 1e-9 or edge == BINS for edge in edges):
        assert found.error == pytest.approx(total / len(forecasts))
    assert sum(one.tokens for one in found.bins) == len(forecasts)


def test_a_model_that_knows_is_calibrated_and_one_that_errs_is_not() -> None:
    encoder = letters("abc")
    items = [encoder.encode("abc")]
    for word, error in (("abc", 0.0), ("bca", 1.0)):
        model = SpellingModel(encoder.encode(word).tokens.tolist(), encoder.vocabulary.size)
        found = calibration(model, items * 3, encoder.vocabulary)
        # The end token comes where the word ends in either case.
        assert found.error == pytest.approx(error * 3 / 4, abs=1e-6)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 4))
def test_every_place_stands_in_one_stretch(lengths: list[int], most: int) -> None:
    nats = [np.arange(size, dtype=float) for size in lengths]
    found = by_position(nats, most)
    assert len(found) <= most
    places = [k for one in found for k in range(one.first, one.last + 1)]
    assert places == list(range(1, max(lengths) + 1))
    for one in found:
        rows = [row[one.first - 1 : one.last] for row in nats if len(row) >= one.first]
        assert one.items == len(rows)
        assert one.nats.value == pytest.approx(sum(row.mean() for row in rows) / len(rows))


def test_loss_by_position_is_that_of_the_model() -> None:
    encoder = letters("ab")
    model = random_model(encoder.vocabulary.size)
    nats = token_nats(model, [encoder.encode("ab"), encoder.encode("a")], encoder.vocabulary)
    assert by_position(nats)[0].nats.value == pytest.approx((nats[0][0] + nats[1][0]) / 2)


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_of_a_share_solves_its_equation(count: int, of: int) -> None:
    count = min(count, of)
    found = share(count, of)
    assert 0 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    for bound in (found.low, found.high):
        if 1e-9 < bound < 1 - 1e-9:  # a bound p lies Z standard errors of p from the share
            reach = Z * math.sqrt(bound * (1 - bound) / of)
            assert abs(found.value - bound) == pytest.approx(reach, abs=1e-6)


def test_figures_of_nothing_are_no_numbers() -> None:
    assert math.isnan(share(0, 0).value) and math.isnan(mean([]).value)
    found = mean([1.0, 2.0, 3.0])
    assert found.low < found.value == 2.0 < found.high


def test_copying_is_said_only_outside_the_intervals() -> None:
    training = TrainingItems([[0, 1], [1, 2]])

    def of(items: list[list[int]]) -> object:
        return summary(items, [training.newness(item) for item in items])

    copies, new = [[0, 1]] * 50, [[2, 2]] * 50
    assert "copies more" in copying_in_words(of(copies), of(new))  # type: ignore[arg-type]
    assert "fewer than" in copying_in_words(of(new), of(copies))  # type: ignore[arg-type]
    some = [*copies[:3], *new]
    assert "not told apart" in copying_in_words(of(some), of(new))  # type: ignore[arg-type]
