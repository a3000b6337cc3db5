"""Sample: one generated item and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One generated item.

    Args:
        index: With the seed, what makes the sample this one.
        tokens: Token ids, prompt included, end token left out.
        item: The decoded item.
        finish_reason: ``"end"`` the end token was chosen; ``"length"`` the longest allowed
            item was reached; ``"dead_end"`` the guide allowed no token.
        logp: Log-probability in nats of the chosen tokens under the model alone, end token
            included, prompt left out.
        logp_settings: The same under the settings and the guide.
        masked: Nats of log-mass that the guide took away over the whole item: the sum of
            minus the log of the probability that the model gave to allowed tokens.
    """

    index: int
    tokens: tuple[int, ...]
    item: Any
    finish_reason: str
    logp: float
    logp_settings: float
    masked: float
