"""Cells of Markdown tables with likelihoods and their 95 % bootstrap intervals."""

from __future__ import annotations

from seqgen.evaluation.likelihood import Likelihood


def interval_cell(figures: Likelihood) -> str:
    """The interval of the nats per token."""
    low, high = figures.interval()
    return f"{low:.3f} to {high:.3f}"


def difference_cell(figures: Likelihood, base: Likelihood) -> str:
    """The paired difference in nats per token, with its interval."""
    difference = figures.minus(base)
    low, high = difference.interval()
    return f"{difference.per_token:+.3f} [{low:+.3f}, {high:+.3f}]"
