"""Summary of scores in words and tables: no claim is made inside a confidence interval."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

#: Maximum number of digits.
MAX_DIGITS = 6
#: Scores of fewer groups of items come with a warning.
FEW_GROUPS = 5
#: If the groups are at most this share of the items, a remark says so.
MAX_GROUP_SHARE = 0.75


def describe_difference(difference: Mapping[str, Any]) -> str:
    """Whether the model is better than the n-gram.

    Args:
        difference: ``nats_per_token`` of the model minus the n-gram, and its ``interval``.
    """
    (low, high), value = difference["interval"], difference["nats_per_token"]
    if low is None:
        return (
            f"No significant difference from the n-gram: {value:+.3f} nats per token on one item, "
            "or one group of near-duplicates, which has no interval."
        )
    digits = _digits(low, high)
    text = f"{value:+.{digits}f} nats per token [{low:+.{digits}f}, {high:+.{digits}f}]"
    if high < 0:
        return f"Better than the n-gram: {text}, paired by item."
    if low > 0:
        return f"The n-gram is better: {text}, paired by item."
    return f"No significant difference from the n-gram: {text}, paired by item."


def remarks(scored: Mapping[str, Any]) -> Iterator[str]:
    """What a reader must know about scores: the parts of the model, that it is no better than a
    trivial baseline, that near-duplicates count as one item, that there are few items.

    Args:
        scored: The scores with those of the ``baselines``; ``groups`` are missing in files of
            earlier versions, ``networks`` in scores of data other than the held-out items.
    """
    networks = scored.get("networks", [])
    if networks and "without_ngram" not in scored:
        part = "networks" if len(networks) > 1 else "network"
        yield f"The model is its {part} alone, without the n-gram."
    if len(networks) > 1:
        yield (
            f"Its {len(networks)} networks on their own: mean {statistics.mean(networks):.3f}, "
            f"standard deviation {statistics.stdev(networks):.3f}."
        )
    for name in ("uniform", "unigram"):
        if scored["nats_per_token"] >= scored["baselines"][name]:
            reason = (
                "so it has learned nothing about the order of tokens: train longer, or add data"
                if networks
                else "so they are probably unlike its training data"
            )
            yield f"On these items it is no better than the {name} model, {reason}."
            break
    items, groups = scored["items"], scored.get("groups", scored["items"])
    if groups <= MAX_GROUP_SHARE * items:
        yield (
            f"These {items:,} items are {groups:,} group{'s' * (groups > 1)} of near-duplicates; "
            "the intervals resample groups."
        )
    if groups < FEW_GROUPS:
        yield f"{groups:,} is too few for a reliable result; add data."


def score_rows(scored: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The rows of a table of held-out scores: name, nats per token, interval.

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
    interval = format_interval(*scored["interval"])
    return [*rows, ("this model", f"{scored['nats_per_token']:.3f}", interval)]


def format_interval(low: float | None, high: float | None) -> str:
    """An interval in a table; a dash if there is none."""
    if low is None or high is None or math.isnan(low):
        return "–"
    return f"{low:.3f} to {high:.3f}"


def _digits(*bounds: float) -> int:
    """Three digits, and more if a bound would be shown as zero, as its sign matters."""
    digits = 3
    while digits < MAX_DIGITS and any(bound and not round(bound, digits) for bound in bounds):
        digits += 1
    return digits
