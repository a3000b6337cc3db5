"""Confidence intervals: they solve their equation, cover the truth, and are nan without data."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.evaluation.confidence_intervals import Z, mean, proportion, student_quantile


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_of_a_proportion_solves_its_equation(count: int, total: int) -> None:
    count = min(count, total)
    found = proportion(count, total)
    assert 0 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    for bound in (found.low, found.high):
        if 1e-9 < bound < 1 - 1e-9:  # a bound p is Z standard errors of p from the proportion
            reach = Z * math.sqrt(bound * (1 - bound) / total)
            assert abs(found.value - bound) == pytest.approx(reach, abs=1e-6)


def test_estimates_without_data_are_nan() -> None:
    assert math.isnan(proportion(0, 0).value) and math.isnan(mean([]).value)
    found = mean([1.0, 2.0, 3.0])
    assert found.low < found.value == 2.0 < found.high


@pytest.mark.parametrize(("freedom", "wanted"), [(1, 12.706), (2, 4.303), (4, 2.776), (60, 2.0)])
def test_the_quantiles_of_students_distribution(freedom: int, wanted: float) -> None:
    assert student_quantile(freedom) == pytest.approx(wanted, rel=0.01)
