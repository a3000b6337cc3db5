"""Cut-offs against slow and obvious references: top-k, top-p, min-p, typical."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.generation.logits_processor import StatelessProcessor
from seqgen.generation.truncation import MinP, TopK, TopP, Typical
from seqgen.models.sequence_model import log_softmax

#: Few different values, so that ties are common; -inf as a guide leaves it.
VALUES = st.sampled_from([-np.inf, -3.0, -1.0, 0.0, 0.5, 2.0])
ROWS = st.lists(
    st.lists(VALUES, min_size=5, max_size=5).filter(lambda row: max(row) > -np.inf),
    min_size=1,
    max_size=4,
).map(lambda rows: np.array(rows, np.float32))
#: Shares that no sum of the probabilities above comes near to by chance.
SHARES = st.integers(1, 98).map(lambda n: n / 100 + 0.0037)
EXAMPLE = np.log(np.array([[0.5, 0.3, 0.15, 0.05]], np.float32))


def changed(processor: StatelessProcessor, logits: NDArray[Any]) -> NDArray[np.float32]:
    """What a processor makes of logits; what it keeps it may not change."""
    result = logits.astype(np.float32)
    processor.change(result)
    finite = result > -np.inf
    np.testing.assert_array_equal(result[finite], logits.astype(np.float32)[finite])
    return result


def kept_ids(processor: StatelessProcessor, logits: NDArray[Any]) -> list[list[int]]:
    """The ids of each row that are left."""
    return [np.flatnonzero(row > -np.inf).tolist() for row in changed(processor, logits)]


def shares(row: NDArray[Any]) -> list[float]:
    """Probabilities of one row."""
    found: list[float] = np.exp(log_softmax(row[None])[0]).tolist()
    return found


def nearest_first(probabilities: list[float], distance: list[float], p: float) -> list[int]:
    """Take by ascending distance until the mass is p, then all as near as the last."""
    possible = [k for k, share in enumerate(probabilities) if share > 0]
    order = sorted(possible, key=lambda k: distance[k])
    total, last = 0.0, order[0]
    for token in order:
        if total >= p - 1e-6:
            break
        total, last = total + probabilities[token], token
    return [k for k in possible if distance[k] <= distance[last] + 1e-6]


def slow_top_k(row: NDArray[Any], k: int) -> list[int]:
    """Those with fewer than k strictly greater ones."""
    return [i for i, value in enumerate(row) if value > -np.inf and (row > value).sum() < k]


def slow_top_p(row: NDArray[Any], p: float) -> list[int]:
    """The likeliest first."""
    return nearest_first(shares(row), [-share for share in shares(row)], p)


def slow_min_p(row: NDArray[Any], p: float) -> list[int]:
    """Those at least p times as likely as the likeliest."""
    return [k for k, share in enumerate(shares(row)) if share >= p * max(shares(row)) * 0.99999]


def slow_typical(row: NDArray[Any], p: float) -> list[int]:
    """Those first whose surprise is nearest to the entropy."""
    found = shares(row)
    entropy = -sum(share * math.log(share) for share in found if share)
    distance = [abs(-math.log(share) - entropy) if share else math.inf for share in found]
    return nearest_first(found, distance, p)


@given(ROWS, st.integers(1, 6))
def test_top_k_keeps_the_k_greatest_and_ties(rows: NDArray[Any], k: int) -> None:
    assert kept_ids(TopK(k), rows) == [slow_top_k(row, k) for row in rows]


@given(ROWS, SHARES)
def test_top_p_keeps_the_smallest_set_and_ties(rows: NDArray[Any], p: float) -> None:
    assert kept_ids(TopP(p), rows) == [slow_top_p(row, p) for row in rows]


@given(ROWS, SHARES)
def test_min_p_equals_its_definition(rows: NDArray[Any], p: float) -> None:
    assert kept_ids(MinP(p), rows) == [slow_min_p(row, p) for row in rows]


@given(ROWS, SHARES)
def test_typical_equals_its_definition(rows: NDArray[Any], p: float) -> None:
    assert kept_ids(Typical(p), rows) == [slow_typical(row, p) for row in rows]


@pytest.mark.parametrize(
    ("p", "ids"),
    [
        (0.5, [0]),
        (0.5001, [0, 1]),
        (0.8, [0, 1]),
        (0.95, [0, 1, 2]),
        (0.9501, [0, 1, 2, 3]),
        (1e-300, [0]),
        (1e-13, [0]),
    ],
)
def test_the_rule_of_top_p(p: float, ids: list[int]) -> None:
    assert kept_ids(TopP(p), EXAMPLE) == [ids]


def test_the_rule_of_min_p() -> None:
    assert kept_ids(MinP(0.3), EXAMPLE) == [[0, 1, 2]]
    assert kept_ids(MinP(0.31), EXAMPLE) == [[0, 1]]
    assert kept_ids(MinP(1.0), np.array([[1.0, 2.0, 2.0]])) == [[1, 2]]


def test_the_rule_of_typical() -> None:
    # The entropy is 1.142 nats; surprises are 0.69, 1.20, 1.90 and 3.00: the second is nearest.
    assert kept_ids(Typical(0.3), EXAMPLE) == [[1]]
    assert kept_ids(Typical(0.31), EXAMPLE) == [[0, 1]]
    assert kept_ids(Typical(0.81), EXAMPLE) == [[0, 1, 2]]


@pytest.mark.parametrize("processor", [TopK(2), TopP(0.3), MinP(1.0), Typical(0.3)])
def test_ties_are_kept(processor: StatelessProcessor) -> None:
    assert kept_ids(processor, np.zeros((2, 4))) == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize("processor", [TopK(3), TopK(10**9), TopP(1.0), MinP(0.0), Typical(1.0)])
def test_no_op_values(processor: StatelessProcessor) -> None:
    rows = np.array([[1.0, -np.inf, 0.25], [0.0, 0.0, -70.0]], np.float32)
    np.testing.assert_array_equal(changed(processor, rows), rows)


@given(ROWS, st.sampled_from([TopK(1), TopP(1e-9), MinP(1.0), Typical(1e-9)]))
def test_at_least_one_token_is_kept(rows: NDArray[Any], processor: StatelessProcessor) -> None:
    assert all(kept_ids(processor, rows))


@given(ROWS, st.sampled_from([TopK(2), TopP(0.6), MinP(0.3), Typical(0.5)]))
def test_rows_are_independent(rows: NDArray[Any], processor: StatelessProcessor) -> None:
    alone = [kept_ids(processor, row[None])[0] for row in rows]
    assert kept_ids(processor, rows) == alone


def test_many_tokens() -> None:
    logits = np.random.default_rng(0).normal(size=(3, 3000)).astype(np.float32)
    for row, ids in zip(logits, kept_ids(TopP(0.9), logits), strict=True):
        found = shares(row)
        least = min(found[k] for k in ids)
        assert {k for k, share in enumerate(found) if share > least} <= set(ids)
        assert 0.9 - 1e-5 < sum(found[k] for k in ids) < 0.9 + least + 1e-5
    assert [len(ids) for ids in kept_ids(TopK(100), logits)] == [100, 100, 100]
