"""Calibration and loss by position compared with references in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.evaluation.calibration import BINS, calibrate, loss_by_position, measure_calibration
from seqgen.evaluation.likelihood import token_nats

from ..helpers.fakes import SpellingModel, letters, random_model

PREDICTIONS = st.lists(st.tuples(st.floats(1e-3, 1.0), st.booleans()), min_size=1, max_size=40)


@given(PREDICTIONS)
def test_the_error_is_the_weighted_mean_distance_over_bins(
    predictions: list[tuple[float, bool]],
) -> None:
    total = 0.0
    for k in range(BINS):
        inside = [(p, hit) for p, hit in predictions if k / BINS < p <= (k + 1) / BINS]
        total += abs(sum(hit for _, hit in inside) - sum(p for p, _ in inside))
    p, hits = (np.array(column, float) for column in zip(*predictions, strict=True))
    found = calibrate(p, hits)
    edges = [p * BINS for p, _ in predictions]
    if all(abs(edge - round(edge)) > 1e-9 or edge == BINS for edge in edges):
        assert found.error == pytest.approx(total / len(predictions))
    assert sum(one.tokens for one in found.bins) == len(predictions)


def test_a_model_that_is_right_is_calibrated_and_one_that_is_wrong_is_not() -> None:
    encoder = letters("abc")
    items = [encoder.encode("abc")]
    for word, error in (("abc", 0.0), ("bca", 1.0)):
        model = SpellingModel(encoder.encode(word).tokens.tolist(), encoder.vocabulary.size)
        found = measure_calibration(model, items * 3, encoder.vocabulary)
        # Both models predict the end token at the right position.
        assert found.error == pytest.approx(error * 3 / 4, abs=1e-6)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 4))
def test_every_position_is_in_one_range(lengths: list[int], max_ranges: int) -> None:
    nats = [np.arange(size, dtype=float) for size in lengths]
    found = loss_by_position(nats, max_ranges)
    assert len(found) <= max_ranges
    positions = [k for one in found for k in range(one.first, one.last + 1)]
    assert positions == list(range(1, max(lengths) + 1))
    for one in found:
        rows = [row[one.first - 1 : one.last] for row in nats if len(row) >= one.first]
        assert one.items == len(rows)
        assert one.nats.value == pytest.approx(sum(row.mean() for row in rows) / len(rows))


def test_loss_by_position_is_that_of_the_model() -> None:
    encoder = letters("ab")
    model = random_model(encoder.vocabulary.size)
    nats = token_nats(model, [encoder.encode("ab"), encoder.encode("a")], encoder.vocabulary)
    assert loss_by_position(nats)[0].nats.value == pytest.approx((nats[0][0] + nats[1][0]) / 2)
