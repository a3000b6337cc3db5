"""Branches: beginnings of items side by side, each able to go on in several ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.guide import Guide
from seqgen.domains.vocabulary import Vocabulary
from seqgen.generation.logits_processor import Logits, ProcessorChain
from seqgen.models.sequence_model import SequenceModel, log_softmax


@final
@dataclass(frozen=True, slots=True)
class Branches:
    """Unfinished beginnings of one length, best first.

    Args:
        tokens: Token ids, prompt included, shape ``(B, T)``.
        figures: As in ``Sample``: log-probability under the model and under the settings, and
            the log-mass masked away, so far; shape ``(3, B)``, in nats.
        priority: What they are ranked by, shape ``(B,)``.
        logits: Of the next token under the model, shape ``(B, V)``.
        states: Where model, guide and processors stand.
    """

    tokens: NDArray[np.int64]
    figures: NDArray[np.float64]
    priority: NDArray[np.float64]
    logits: Logits
    states: tuple[Any, Any, Any]


@final
@dataclass(frozen=True, slots=True)
class Options:
    """How each of ``B`` branches may go on.

    Args:
        plain: Log-probabilities under the model, shape ``(B, V)``.
        settled: The same under the settings and the guide; minus infinity where a token
            cannot come, and in the whole row of a branch that is at its end.
        masked: Nats of log-mass that the guide takes away here, shape ``(B,)``.
        reasons: Why a branch is at its end, as in ``Sample``; empty where it goes on.
    """

    plain: NDArray[np.float64]
    settled: NDArray[np.float64]
    masked: NDArray[np.float64]
    reasons: tuple[str, ...]

    def gains(self, rows: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.float64]:
        """What taking these tokens adds to the figures of these rows, shape ``(3, N)``."""
        taken = self.plain[rows, tokens], self.settled[rows, tokens], self.masked[rows]
        return np.stack(taken)


@final
class Walk:
    """Takes branches through a model, a guide and processors; keeps nothing of them.

    Args:
        model: The model.
        guide: Which tokens may come.
        chain: The processors.
        vocabulary: For the ids of the start and the end.
        longest: The most tokens of an item, prompt included.
    """

    def __init__(
        self,
        model: SequenceModel[Any],
        guide: Guide[Any],
        chain: ProcessorChain,
        vocabulary: Vocabulary,
        longest: int,
    ) -> None:
        self._model, self._guide, self._chain = model, guide, chain
        self._vocabulary, self._longest = vocabulary, longest

    def start(self, prompt: Sequence[int]) -> Branches:
        """The one branch that every item begins with."""
        guided = self._guide.start(1)
        tokens = np.array([self._vocabulary.start])
        context = self._guide.context(guided)
        logits, read = self._model.step(tokens, context, self._model.initial_state(1))
        states = (read, guided, self._chain.start(1))
        nothing = np.empty((1, 0), np.int64)
        branches = Branches(nothing, np.zeros((3, 1)), np.zeros(1), logits, states)
        for token in prompt:
            first = np.zeros(1, np.int64)
            branches = self.follow(branches, first, np.array([token]), 0.0, np.zeros(1))
        return branches

    def follow(
        self,
        branches: Branches,
        rows: NDArray[np.int64],
        tokens: NDArray[np.int64],
        gains: NDArray[np.float64] | float,
        priority: NDArray[np.float64],
    ) -> Branches:
        """The branches that go on from some rows by one token each, shape ``(N,)``."""
        read, guided, remembered = branches.states
        guided = self._guide.advance(self._guide.select(guided, rows), tokens)
        remembered = self._chain.advance(self._chain.select(remembered, rows), tokens)
        read = self._model.select(read, rows)
        logits, read = self._model.step(tokens, self._guide.context(guided), read)
        return Branches(
            np.concatenate([branches.tokens[rows], tokens[:, None]], axis=1),
            branches.figures[:, rows] + gains,
            priority,
            logits,
            (read, guided, remembered),
        )

    def options(self, branches: Branches) -> Options:
        """How the branches may go on, or why they may not."""
        _, guided, remembered = branches.states
        allowed = self._guide.allowed(guided)
        plain = log_softmax(branches.logits)
        logits = np.where(allowed, branches.logits, np.float32(-np.inf))
        with np.errstate(invalid="ignore", divide="ignore"):  # a dead end has no finite logit
            self._chain.apply(logits, remembered)
            mass = np.log(np.exp(np.where(allowed, plain, -np.inf)).sum(axis=-1))
        masked = np.where(allowed.all(axis=-1), 0.0, np.maximum(-mass, 0.0))
        reasons = self._reasons(branches.tokens.shape[1], allowed, logits)
        going = np.array([not reason for reason in reasons])
        settled = np.full(plain.shape, -np.inf)
        settled[going] = log_softmax(logits[going])
        return Options(plain, settled, masked, reasons)

    def _reasons(self, length: int, allowed: NDArray[np.bool_], logits: Logits) -> tuple[str, ...]:
        dead = logits.max(axis=-1) == -np.inf
        # At the longest length a guide that allows the end alone still closes the item.
        closing = allowed[:, self._vocabulary.end] & (allowed.sum(axis=-1) == 1)
        over = ~closing & (length >= self._longest)
        reasons: list[str] = np.where(dead, "dead_end", np.where(over, "length", "")).tolist()
        return tuple(reasons)
