"""Novelty: whether items occur in the training data, and how far they are from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.evaluation.confidence_intervals import Estimate, mean, proportion
from seqgen.evaluation.suffix_automaton import SuffixAutomaton

Tokens = Sequence[int] | NDArray[np.integer]

#: Items whose distances to all training items are computed together: 8 bytes for each pair.
_ROWS = 16


@final
@dataclass(frozen=True, slots=True)
class Novelty:
    """An item compared with the training items.

    Args:
        known: Whether it equals one of them.
        tokens: Its tokens, end token excluded.
        run: The tokens of the longest run that it shares with one of them.
        nearest: The index of the nearest one by ``distance``, the first of several.
        distance: The Levenshtein distance to it over the tokens of the longer item, 0 to 1.
    """

    known: bool
    tokens: int
    run: int
    nearest: int
    distance: float


@final
@dataclass(frozen=True, slots=True)
class NoveltySummary:
    """A set of items compared with the training items.

    Args:
        items: The number of items.
        distinct: The number of different items.
        known: The proportion that equals a training item.
        run: The mean tokens of the longest shared run.
        run_share: The mean share of an item in its longest shared run, 0 to 1.
        longest_run: The longest shared run of all.
        distance: The mean distance to the nearest training item, 0 to 1.
    """

    items: int
    distinct: int
    known: Estimate
    run: Estimate
    run_share: Estimate
    longest_run: int
    distance: Estimate


@final
class NoveltyIndex:
    """The training items, prepared for comparisons.

    Args:
        items: The token ids of each, at least one.
    """

    def __init__(self, items: Sequence[Tokens]) -> None:
        self._items = list(map(_to_text, items))
        self._known, self._automaton = set(self._items), SuffixAutomaton(items)

    def __contains__(self, item: Tokens) -> bool:
        """Whether an item equals one of them."""
        return _to_text(item) in self._known

    def compare(self, items: Sequence[Tokens]) -> list[Novelty]:
        """The novelty of each item."""
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        found = []
        for start in range(0, len(items), _ROWS):
            rows = items[start : start + _ROWS]
            texts, scorer = list(map(_to_text, rows)), Levenshtein.normalized_distance
            distances = cdist(texts, self._items, scorer=scorer, dtype=np.float64)
            for item, row in zip(rows, distances, strict=True):
                nearest, run = int(row.argmin()), self._automaton.longest(item)
                distance = float(row[nearest])
                found.append(Novelty(distance == 0, len(item), run, nearest, distance))
        return found


def _to_text(tokens: Tokens) -> str:
    """Token ids as the code points of a string, the form that is compared fastest."""
    return "".join(map(chr, tokens))


def summarize_novelty(items: Sequence[Tokens], found: Sequence[Novelty]) -> NoveltySummary:
    """Summarize a set of items.

    Args:
        items: The token ids of each item.
        found: The novelty of each item.
    """
    return NoveltySummary(
        len(items),
        len(set(map(_to_text, items))),
        proportion(sum(one.known for one in found), len(found)),
        mean([one.run for one in found]),
        mean([one.run / max(one.tokens, 1) for one in found]),
        max((one.run for one in found), default=0),
        mean([one.distance for one in found]),
    )


def describe_known_items(samples: NoveltySummary, real: NoveltySummary) -> str:
    """How many samples occur in the training data, compared with unseen real items."""
    text = (
        f"{100 * samples.known.value:.1f} % of the samples occur in the training data; "
        f"{100 * real.known.value:.1f} % of unseen real items do"
    )
    if samples.known.low > real.known.high:
        return f"{text}: the model copies more than expected by chance."
    if samples.known.high < real.known.low:
        return f"{text}: fewer than among real items."
    return f"{text}; no significant difference, as the intervals overlap."
