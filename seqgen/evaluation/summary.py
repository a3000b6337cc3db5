"""Verdict: whether a model is better than its baselines, in words that claim nothing too much."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

#: More digits are never shown.
MOST_DIGITS = 6
#: Figures of fewer groups of items come with a warning.
FEW = 5
#: Where the groups are at most this share of the items, that is said.
MANY_ALIKE = 0.75


def verdict(difference: Mapping[str, Any]) -> str:
    """Whether the model is better than the n-gram, never claimed inside the interval."""
    (low, high), gap = difference["interval"], difference["nats_per_token"]
    if low is None:
        return (
            f"Not to be told apart from the n-gram: {gap:+.3f} nats per token on one item, or on "
            "several that are alike, which tells nothing of others."
        )
    digits = _digits(low, high)
    range_ = f"{gap:+.{digits}f} nats per token [{low:+.{digits}f}, {high:+.{digits}f}]"
    if high < 0:
        return f"Better than the n-gram: {range_}, paired by item."
    if low > 0:
        return f"The n-gram is better: {range_}, paired by item."
    return f"Not to be told apart from the n-gram: {range_}, paired by item."


def remarks(scored: Mapping[str, Any]) -> Iterator[str]:
    """What else has to be said of figures: what the model consists of, that it learned nothing,
    that items are fewer than they seem.

    Args:
        scored: Figures with those of ``baselines``; ``groups`` are absent from older files,
            ``networks`` from figures of other data than the held-out items.
    """
    networks = scored.get("networks", [])
    if networks and "without_ngram" not in scored:
        alone = "networks" if len(networks) > 1 else "network"
        yield f"The model is its {alone} alone: the n-gram has no share in it."
    if len(networks) > 1:
        yield (
            f"Its {len(networks)} networks, each alone: mean {statistics.mean(networks):.3f}, "
            f"standard deviation {statistics.stdev(networks):.3f}."
        )
    for name in ("uniform", "unigram"):
        if scored["nats_per_token"] >= scored["baselines"][name]:
            why = (
                "as if it knew nothing of the order of tokens: train longer, or give more data"
                if networks
                else "as if they were of another kind than its training data"
            )
            yield f"On these items it is no better than the {name} model, {why}."
            break
    items, groups = scored["items"], scored.get("groups", scored["items"])
    if groups <= MANY_ALIKE * items:
        yield (
            f"These {items:,} items are only {groups:,} group{'s' * (groups > 1)} of items that "
            "are alike; the intervals go by groups."
        )
    if groups < FEW:
        yield f"So few ({groups:,}) say little; give more data to know more."


def figure_rows(scored: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The rows of a table of held-out figures: name, nats per token, interval.

    Args:
        scored: See ``remarks``.
    """
    baselines = scored["baselines"]
    rows = [
        ("uniform", f"{baselines['uniform']:.3f}", ""),
        ("unigram", f"{baselines['unigram']:.3f}", ""),
        (f"{baselines['ngram_order']}-gram (Kneser-Ney)", f"{baselines['ngram']:.3f}", ""),
    ]
    if "without_ngram" in scored:
        count = len(scored.get("networks", []))
        name = f"mean of {count} networks" if count > 1 else "network alone"
        rows.append((name, f"{scored['without_ngram']:.3f}", ""))
    interval = interval_in_words(*scored["interval"])
    return [*rows, ("this model", f"{scored['nats_per_token']:.3f}", interval)]


def interval_in_words(low: float | None, high: float | None) -> str:
    """An interval in a table; a dash where one item gives none."""
    if low is None or high is None or math.isnan(low):
        return "–"
    return f"{low:.3f} to {high:.3f}"


def _digits(*bounds: float) -> int:
    """Three, and more where a bound would be shown as zero: on which side it lies decides."""
    digits = 3
    while digits < MOST_DIGITS and any(bound and not round(bound, digits) for bound in bounds):
        digits += 1
    return digits
