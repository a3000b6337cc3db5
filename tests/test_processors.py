"""Logits processors against slow and obvious references."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.generation import processors
from seqgen.models.sequence_model import log_softmax

#: Few different values, so that ties are common; -inf as a guide leaves it.
VALUES = st.sampled_from([-np.inf, -3.0, -1.0, 0.0, 0.5, 2.0])
ROWS = st.lists(
    st.lists(VALUES, min_size=5, max_size=5).filter(lambda row: max(row) > -np.inf),
    min_size=1,
    max_size=4,
).map(np.array)
EXAMPLE = np.log([[0.5, 0.3, 0.15, 0.05]])


def kept(logits: NDArray[Any]) -> list[list[int]]:
    """The ids of each row that are left."""
    return [np.flatnonzero(row > -np.inf).tolist() for row in logits]


def slow_top_k(row: list[float], k: int) -> list[int]:
    """Those with fewer than k strictly greater ones."""
    finite = [i for i, value in enumerate(row) if value > -np.inf]
    return [i for i in finite if sum(other > row[i] for other in row) < k]


def slow_top_p(row: list[float], p: float) -> list[int]:
    """Take the likeliest until their probabilities sum to p, then all that tie with the last."""
    shares = np.exp(row) / np.exp(row).sum()
    order = sorted(range(len(row)), key=lambda i: -shares[i])
    total, last = 0.0, order[0]
    for token in order:
        if total >= p - 1e-9:
            break
        total, last = total + shares[token], token
    return [i for i in range(len(row)) if shares[i] >= shares[last] and shares[i] > 0]


@given(ROWS, st.integers(1, 6))
def test_top_k_keeps_the_k_greatest_and_ties(rows: NDArray[Any], k: int) -> None:
    result = processors.top_k(rows, k)
    assert kept(result) == [slow_top_k(row.tolist(), k) for row in rows]
    assert (result[result > -np.inf] == rows[result > -np.inf]).all(), "what is kept is unchanged"


@given(ROWS, st.floats(0.01, 0.99))
def test_top_p_keeps_the_smallest_set_and_ties(rows: NDArray[Any], p: float) -> None:
    result = processors.top_p(rows, p)
    assert kept(result) == [slow_top_p(row.tolist(), p) for row in rows]
    assert (result[result > -np.inf] == rows[result > -np.inf]).all()


@pytest.mark.parametrize(
    ("p", "ids"),
    [
        (0.5, [0]),
        (0.500001, [0, 1]),
        (0.8, [0, 1]),
        (0.95, [0, 1, 2]),
        (0.96, [0, 1, 2, 3]),
        (1e-300, [0]),
        (1e-13, [0]),
    ],
)
def test_the_rule_of_top_p(p: float, ids: list[int]) -> None:
    assert kept(processors.top_p(EXAMPLE, p)) == [ids]


def test_top_p_keeps_all_that_tie() -> None:
    assert kept(processors.top_p(np.zeros((1, 4)), 0.3)) == [[0, 1, 2, 3]]


@pytest.mark.parametrize(
    "plain",
    [
        lambda rows: processors.temperature(rows, 1.0),
        lambda rows: processors.top_k(rows, 0),
        lambda rows: processors.top_k(rows, rows.shape[-1]),
        lambda rows: processors.top_k(rows, 10**9),
        lambda rows: processors.top_p(rows, 1.0),
        lambda rows: processors.mask(rows, np.ones(rows.shape, dtype=bool)),
    ],
)
def test_values_that_change_nothing(plain: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
    rows = np.array([[1.0, -np.inf, 0.25], [0.0, 0.0, -7.0]])
    np.testing.assert_array_equal(plain(rows), rows)


@given(ROWS, st.floats(0.001, 100.0))
def test_temperature_keeps_the_order_and_scales_the_gaps(rows: NDArray[Any], t: float) -> None:
    hot, cold = log_softmax(processors.temperature(rows, t)), log_softmax(rows)
    assert (np.isneginf(hot) == np.isneginf(cold)).all() or t < 0.01
    for before, after in zip(cold, hot, strict=True):
        finite = np.isfinite(before)
        gaps = (before[finite] - before[finite].max()) / t
        np.testing.assert_allclose(after[finite] - after[finite].max(), gaps, rtol=1e-9, atol=1e-9)


def test_mask_takes_away_only_what_is_not_allowed() -> None:
    allowed = np.array([[True, False, True]])
    masked = processors.mask(np.array([[1, 2, 3]], np.float32), allowed)
    assert masked.tolist() == [[1.0, -np.inf, 3.0]]


@given(ROWS)
def test_processors_leave_their_input_alone(rows: NDArray[Any]) -> None:
    before = rows.copy()
    processors.top_p(processors.top_k(processors.temperature(rows, 0.5), 2), 0.5)
    np.testing.assert_array_equal(rows, before)


@given(ROWS)
def test_log_softmax_gives_probabilities(rows: NDArray[Any]) -> None:
    result = log_softmax(rows)
    assert (np.isneginf(result) == np.isneginf(rows)).all()
    np.testing.assert_allclose(np.exp(result).sum(axis=-1), 1.0, atol=1e-12)
    np.testing.assert_allclose(log_softmax(rows + 1000.0), result, atol=1e-9)


def test_log_softmax_of_large_float32_logits() -> None:
    result = log_softmax(np.array([[3e38, 0.0], [-3e38, -3e38]], np.float32))
    np.testing.assert_allclose(np.exp(result), np.array([[1, 0], [0.5, 0.5]]))
