"""Learning curve: what more training data gained so far, and what doubling it would gain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.evaluation.bootstrap import Figure, bootstrap, bounds
from seqgen.evaluation.likelihood import Likelihood


@final
@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Held-out nats per token by the number of training items, each twice the one before.

    Args:
        items: Training items at each point, ascending; at least three points.
        nats: Nats per token there, with the interval over held-out items.
        last: What the last doubling gained in nats per token, paired by item.
        next: What another would gain; see ``learning_curve``.
    """

    items: tuple[int, ...]
    nats: tuple[Figure, ...]
    last: Figure
    next: Figure

    @property
    def words(self) -> str:
        """What doubling the data would gain; nothing is claimed inside the interval."""
        few, many = self.items[-2:]
        last, more = self.last, self.next
        text = f"The last doubling, from {few:,} to {many:,} training items, "
        if not (last.low > 0 or last.high < 0):  # nor where one item gives no bounds
            return (
                f"{text}changed {_signed(last)}, which cannot be told from nothing: nor can "
                "it be said that doubling the data would gain anything."
            )
        if last.high < 0:
            return f"{text}made it worse: {_signed(last)}; more data of this kind is no remedy."
        text = f"{text}gained {_signed(last)}. Doubling the data would gain about {_signed(more)}"
        return text + (
            ", which may be nothing." if more.low <= 0 else ", if gains shrink on as they did."
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values; figures are (value, low, high), bounds None where one item gives none."""
        return {
            "items": list(self.items),
            "nats_per_token": [_plain(one) for one in self.nats],
            "last_doubling": _plain(self.last),
            "next_doubling": _plain(self.next),
            "words": self.words,
        }


def learning_curve(
    items: Sequence[int], scored: Sequence[Likelihood], seed: int = 0
) -> LearningCurve:
    """The curve through models of growing training parts.

    The loss falls about as a power of the data towards a floor (J. Hestness et al., Deep
    Learning Scaling is Predictable, Empirically, arXiv 1712.00409), so each doubling gains a
    constant share of what the one before gained: the last gain times its ratio to the one
    before, which is held to 0..1. Intervals are bootstraps over held-out items, all models on
    the same draws; they do not hold what another seed or another choice of items would change.

    Args:
        items: Training items of each model, each about twice the one before; three or more.
        scored: The same held-out items under each model.
        seed: Seeds the bootstrap.
    """
    assert len(items) == len(scored) >= 3, "a doubling of a doubling"
    tokens = scored[0].by_group().tokens
    nats = np.stack([one.by_group().nats for one in scored])
    gains = bootstrap(
        len(tokens), lambda chosen: _gains(nats[:, chosen], tokens[chosen]), seed, stream=4
    )
    return LearningCurve(
        tuple(items),
        tuple(Figure(one.per_token, *one.interval(seed)) for one in scored),
        *(
            Figure(value, *bounds(value, gains[:, column], len(tokens)))
            for column, value in enumerate(_gains(nats, tokens))
        ),
    )


def _gains(nats: NDArray[np.float64], tokens: NDArray[np.int64]) -> tuple[float, float]:
    """Gain of the last doubling and of the next, from nats ``(points, N)``, tokens ``(N,)``."""
    before, half, whole = nats[-3:].sum(axis=1) / tokens.sum()
    first, last = before - half, half - whole
    ratio = min(max(last / first, 0.0), 1.0) if first > 0 else 1.0
    return last, last * ratio


def _plain(figure: Figure) -> list[float | None]:
    return [None if math.isnan(part) else part for part in astuple(figure)]


def _signed(figure: Figure) -> str:
    if math.isnan(figure.low):
        return f"{figure.value:+.3f} nats per token (one item gives no interval)"
    return f"{figure.value:+.3f} nats per token [{figure.low:+.3f}, {figure.high:+.3f}]"
