"""Logits processors: temperature, top-k and top-p, in one fixed order, each with a no-op value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.models.sequence_model import log_softmax

Array = NDArray[np.float64]


def mask(logits: NDArray[Any], allowed: NDArray[np.bool_]) -> Array:
    """Logits with every token that is not allowed at minus infinity."""
    result: Array = np.where(allowed, logits, -np.inf)
    return result


def temperature(logits: Array, value: float) -> Array:
    """Logits divided by the temperature; 1 changes nothing."""
    return logits if value == 1.0 else logits / value


def top_k(logits: Array, k: int) -> Array:
    """All but the ``k`` greatest logits at minus infinity; 0 changes nothing.

    Tokens that tie with the k-th stay too, so the result does not depend on their order.
    """
    if k == 0 or k >= logits.shape[-1]:
        return logits
    least = np.partition(logits, -k, axis=-1)[:, -k, None]
    return np.where(logits >= least, logits, -np.inf)


def top_p(logits: Array, p: float) -> Array:
    """All but the likeliest tokens at minus infinity; 1 changes nothing.

    Kept is the smallest set of likeliest tokens whose probabilities sum to at least ``p``:
    for (.5, .3, .15, .05) and p = .5 that is the first token alone. Tokens that tie with the
    last one kept stay too. Source: A. Holtzman et al., "The curious case of neural text
    degeneration", ICLR 2020.
    """
    if p == 1.0:
        return logits
    probabilities = np.exp(log_softmax(logits))
    descending = -np.sort(-probabilities, axis=-1)
    before = np.cumsum(descending, axis=-1) - descending
    # A token is needed while the mass before it is short of p, but for rounding of the sum.
    needed = np.maximum((before < p - 1e-12).sum(axis=-1), 1)
    least = np.take_along_axis(descending, needed[:, None] - 1, axis=-1)
    return np.where(probabilities >= least, logits, -np.inf)
