"""Learning curve: the held-out loss by the number of training items, and the next doubling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.evaluation.confidence_intervals import Estimate, bootstrap, confidence_interval
from seqgen.evaluation.likelihood import Likelihood


@final
@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Held-out nats per token by the number of training items, which doubles at each point.

    Args:
        items: Training items at each point, ascending; at least three points.
        nats: Nats per token at each point, with the interval over held-out items.
        last: The gain of the last doubling in nats per token, paired by item.
        next: The estimated gain of the next doubling; see ``learning_curve``.
    """

    items: tuple[int, ...]
    nats: tuple[Estimate, ...]
    last: Estimate
    next: Estimate

    @property
    def words(self) -> str:
        """A conclusion in words, with no claim inside an interval."""
        before, now = self.items[-2:]
        gain = _format_gain(self.last)
        text = f"The last doubling, from {before:,} to {now:,} training items, "
        if not (self.last.low > 0 or self.last.high < 0):  # also if one item gives no interval
            return f"{text}has no significant effect: {gain}. Nothing follows for another doubling."
        if self.last.high < 0:
            return f"{text}increased the loss: {gain}. More data of this kind does not help."
        limit = (
            "which may be zero" if self.next.low <= 0 else "if gains keep shrinking at this rate"
        )
        return (
            f"{text}gained {gain}. Another doubling would gain about {_format_gain(self.next)}, "
            f"{limit}."
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values: estimates are (value, low, high), both bounds None without an interval."""
        return {
            "items": list(self.items),
            "nats_per_token": list(map(_to_json, self.nats)),
            "last_doubling": _to_json(self.last),
            "next_doubling": _to_json(self.next),
            "words": self.words,
        }


def learning_curve(
    items: Sequence[int], scored: Sequence[Likelihood], seed: int = 0
) -> LearningCurve:
    """The learning curve of models of growing training sets.

    The loss falls approximately as a power of the data towards a limit (J. Hestness et al.,
    Deep Learning Scaling is Predictable, Empirically, arXiv 1712.00409), so each doubling gains
    a constant share of the gain before: the next gain is the last one times its ratio to the one
    before, clipped to 0..1. Intervals are bootstraps over held-out items, with the same samples
    for all models; they do not include the effect of another seed or selection of items.

    Args:
        items: Training items of each model, each about twice the one before; three or more.
        scored: The likelihood of the same held-out items under each model.
        seed: The seed of the bootstrap.
    """
    assert len(items) == len(scored) >= 3, "two doublings need three points"
    tokens = scored[0].by_group().tokens
    nats = np.stack([one.by_group().nats for one in scored])
    samples = bootstrap(
        len(tokens), lambda chosen: _gains(nats[:, chosen], tokens[chosen]), seed, stream=4
    )
    last, following = (
        Estimate(value, *confidence_interval(value, samples[:, column], len(tokens)))
        for column, value in enumerate(_gains(nats, tokens))
    )
    points = tuple(Estimate(one.per_token, *one.interval(seed)) for one in scored)
    return LearningCurve(tuple(items), points, last, following)


def _gains(nats: NDArray[np.float64], tokens: NDArray[np.int64]) -> tuple[float, float]:
    """Gain of the last doubling and of the next, from nats ``(points, N)``, tokens ``(N,)``."""
    quarter, half, full = nats[-3:].sum(axis=1) / tokens.sum()
    first, last = quarter - half, half - full
    ratio = min(max(last / first, 0.0), 1.0) if first > 0 else 1.0
    return last, last * ratio


def _to_json(estimate: Estimate) -> list[float | None]:
    return [None if math.isnan(part) else part for part in astuple(estimate)]


def _format_gain(gain: Estimate) -> str:
    if math.isnan(gain.low):
        return f"{gain.value:+.3f} nats per token (one item gives no interval)"
    return f"{gain.value:+.3f} nats per token [{gain.low:+.3f}, {gain.high:+.3f}]"
