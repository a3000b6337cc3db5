"""Mirostat 2.0, a sampler with a state, and a frequency penalty, a logits processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqgen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def surprise(logits: NDArray[np.float32]) -> Floats:
    """The surprise of each token, ``-log2(p)``, in bits; infinite for excluded tokens."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=1, keepdims=True)
    total = np.log(np.exp(wide).sum(axis=1, keepdims=True))
    return np.asarray((total - wide) / np.log(2.0))


@dataclass(frozen=True, kw_only=True)
class MirostatOptions:
    tau: float = seqgen.setting(3.0, "Target surprise of a token, in bits.", above=0.0, max=50.0)
    eta: float = seqgen.setting(
        0.1, "How far each token moves the limit towards the target.", above=0.0, max=10.0
    )


class Mirostat(seqgen.Sampler[Floats]):
    """Keeps the mean surprise of the tokens of an item near a target.

    Tokens whose surprise exceeds a limit are excluded. After each token the limit moves by ``eta``
    times the difference of its surprise from ``tau``. The state is the limit of each row, ``(B,)``.
    Source: S. Basu et al., "Mirostat", ICLR 2021, arXiv 2007.14966, algorithm 2.
    """

    name = "mirostat"
    Options = MirostatOptions

    def start(self, batch: int) -> Floats:
        return np.full(batch, 2.0 * self.options.tau)

    def probabilities(self, logits: NDArray[np.float32], state: Floats) -> Floats:
        bits = surprise(logits)
        # The most probable token stays, however low the limit.
        limit = np.maximum(state, bits.min(axis=1))[:, None]
        kept = np.where(bits <= limit, np.exp2(-bits), 0.0)
        return np.asarray(kept / kept.sum(axis=1, keepdims=True))

    def choose(
        self, logits: NDArray[np.float32], uniforms: Floats, state: Floats
    ) -> tuple[Ints, Floats]:
        tokens = seqgen.inverse_cdf(self.probabilities(logits, state), uniforms)
        error = surprise(logits)[np.arange(len(tokens)), tokens] - self.options.tau
        return tokens, state - self.options.eta * error


@dataclass(frozen=True, kw_only=True)
class FrequencyOptions:
    frequency_penalty: float = seqgen.setting(
        0.5, "Lower a logit by this for each time that the item has the token.", min=0.0, max=50.0
    )


class FrequencyPenalty(seqgen.ArrayProcessor):
    """Makes tokens less probable, the more often the item has them; 0 changes nothing.

    The state is the number of times that each row has each token, ``(B, V)``.
    """

    name = "frequency-penalty"
    Options = FrequencyOptions

    def __init__(self, penalty: float, size: int) -> None:
        self.penalty, self.size = penalty, size

    @classmethod
    def make(
        cls, options: FrequencyOptions, encoder: seqgen.Encoder[Any]
    ) -> FrequencyPenalty | None:
        if options.frequency_penalty == 0.0:
            return None
        return cls(options.frequency_penalty, encoder.vocabulary.size)

    def start(self, batch: int) -> NDArray[np.float32]:
        return np.zeros((batch, self.size), np.float32)

    def apply(self, logits: NDArray[np.float32], state: NDArray[np.float32]) -> None:
        logits -= self.penalty * state

    def advance(self, state: NDArray[np.float32], tokens: Ints) -> NDArray[np.float32]:
        after = state.copy()
        after[np.arange(len(tokens)), tokens] += 1
        return after


@seqgen.hookimpl
def seqgen_samplers() -> Sequence[type[seqgen.Sampler[Any]]]:
    return [Mirostat]


@seqgen.hookimpl
def seqgen_logits_processors() -> Sequence[type[seqgen.LogitsProcessor[Any]]]:
    return [FrequencyPenalty]
