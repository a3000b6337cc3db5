"""Truncation: top-k, top-p (nucleus), min-p and typical sampling."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder
from seqgen.generation.logits_processor import Logits, Stage, StatelessProcessor
from seqgen.generation.sampling_config import TruncationOptions

#: A sum of probabilities counts as reached within this.
_ROUNDING = 1e-6


def probabilities(logits: Logits) -> NDArray[np.float32]:
    """Softmax of logits ``(B, V)``; a row needs one finite value."""
    result: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result /= result.sum(axis=-1, keepdims=True)
    return result


@final
class TopK(StatelessProcessor):
    """Keeps the ``k`` greatest logits; a ``k`` of at least ``V`` changes nothing.

    Tokens that tie with the k-th are kept, so the result does not depend on the order of ids.

    Args:
        k: At least 1.
    """

    name, Options, stage = "top-k", TruncationOptions, Stage.TRUNCATE

    @classmethod
    def make(cls, options: TruncationOptions, encoder: Encoder[Any]) -> TopK | None:
        return cls(options.top_k) if options.top_k else None

    def __init__(self, k: int) -> None:
        self._k = k

    def change(self, logits: Logits) -> None:
        if self._k < logits.shape[-1]:
            least = np.partition(logits, -self._k, axis=-1)[:, -self._k, None]
            logits[logits < least] = -np.inf


@final
class TopP(StatelessProcessor):
    """Nucleus sampling: the smallest set of most probable tokens that sum to at least ``p``.

    For (.5, .3, .15, .05) and p = .5 this is the first token; tokens that tie with the last one
    are kept. 1 changes nothing. Source: A. Holtzman et al., "The curious case
    of neural text degeneration", ICLR 2020.

    Args:
        p: Above 0, at most 1.
    """

    name, Options, stage = "top-p", TruncationOptions, Stage.TRUNCATE

    @classmethod
    def make(cls, options: TruncationOptions, encoder: Encoder[Any]) -> TopP | None:
        return cls(options.top_p) if options.top_p != 1.0 else None

    def __init__(self, p: float) -> None:
        self._p = p

    def change(self, logits: Logits) -> None:
        if self._p == 1.0:
            return
        ascending = np.sort(logits, axis=-1)
        mass = np.exp(ascending - ascending[:, -1:])
        # Tokens are dropped from the least probable upwards, while their sum is at most 1 - p.
        below = np.add.accumulate(mass, axis=-1)
        most = below[:, -1] * np.float32(1.0 - self._p + _ROUNDING)
        # The most probable token is always kept; the sums ascend, so argmin finds the first.
        dropped = below <= most[:, None]
        dropped[:, -1] = False
        least = ascending[np.arange(len(mass)), dropped.argmin(axis=-1)]
        np.putmask(logits, logits < least[:, None], -np.inf)


@final
class MinP(StatelessProcessor):
    """Keeps tokens with at least ``p`` times the maximum probability; 0 changes nothing.

    Source: M. Nguyen et al., "Turning up the heat: min-p sampling", ICLR 2025.

    Args:
        p: 0 to 1.
    """

    name, Options, stage = "min-p", TruncationOptions, Stage.TRUNCATE

    @classmethod
    def make(cls, options: TruncationOptions, encoder: Encoder[Any]) -> MinP | None:
        return cls(options.min_p) if options.min_p else None

    def __init__(self, p: float) -> None:
        self._p = p

    def change(self, logits: Logits) -> None:
        if self._p > 0.0:
            least = logits.max(axis=-1, keepdims=True) + np.float32(np.log(self._p))
            logits[logits < least] = -np.inf


@final
class Typical(StatelessProcessor):
    """Keeps the tokens whose negative log-likelihood is nearest to the entropy, up to mass ``p``.

    This is the smallest set, nearest first, whose probabilities sum to at least ``p``; tokens as
    near as the last one are kept. 1 changes nothing. Source: C. Meister et al.,
    "Locally typical sampling", TACL 11 (2023).

    Args:
        p: Above 0, at most 1.
    """

    name, Options, stage = "typical-p", TruncationOptions, Stage.TRUNCATE

    @classmethod
    def make(cls, options: TruncationOptions, encoder: Encoder[Any]) -> Typical | None:
        return cls(options.typical_p) if options.typical_p != 1.0 else None

    def __init__(self, p: float) -> None:
        self._p = p

    def change(self, logits: Logits) -> None:
        if self._p == 1.0:
            return
        p = probabilities(logits)
        possible = p > 0
        nats = np.where(possible, -np.log(np.where(possible, p, 1.0)), np.inf)
        entropy = (p * np.where(possible, nats, 0.0)).sum(axis=-1, keepdims=True)
        distance = np.abs(nats - entropy)
        order = np.argsort(distance, axis=-1, kind="stable")
        mass = np.add.accumulate(np.take_along_axis(p, order, axis=-1), axis=-1)
        last = np.minimum((mass < self._p - _ROUNDING).sum(axis=-1), logits.shape[-1] - 1)
        farthest = np.take_along_axis(
            distance, np.take_along_axis(order, last[:, None], axis=-1), axis=-1
        )
        logits[distance > farthest] = -np.inf
