"""DecodingBatch: the unfinished items of a batch, and the states of model, guide, processors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.guide import FreeGuide, Guide
from seqgen.generation.logits_processor import Logits, ProcessorChain
from seqgen.generation.sampler import ONE, GreedySampler, Sampler, log_sum_exp
from seqgen.models.sequence_model import SequenceModel

#: The log-probabilities of at most this many steps are computed together, and of as many as have
#: this many logits: for a single row a NumPy call takes longer than its computation.
_STEPS, _LOGITS = 64, 1 << 15


@final
class DecodingBatch:
    """Unfinished items of equal length, one per row; ``read`` and ``draw`` take turns.

    A row without any allowed token has no finite logit, and exponentials may overflow. Both are
    handled, and the caller silences the warnings: ``numpy.errstate`` at each step would be slow.

    Args:
        model: The model.
        guide: The allowed tokens.
        chain: The logits processors.
        indices: The sample index of each row.
        prompt: Token ids that every row begins with.
        sampler: The sampler of ``draw``; a search draws nothing.
        steps: The maximum number of drawn tokens whose log-probabilities are computed together.
    """

    def __init__(
        self,
        model: SequenceModel[Any],
        guide: Guide[Any],
        chain: ProcessorChain,
        indices: Sequence[int],
        prompt: Sequence[int] = (),
        sampler: Sampler[Any] | None = None,
        steps: int = _STEPS,
    ) -> None:
        count = len(indices)
        self.indices = np.array(indices, dtype=np.int64)
        self.length = 0
        self._guide = None if isinstance(guide, FreeGuide) else guide
        self._chain = chain
        #: Whether guide or processors may leave a row without any token.
        self.can_be_cut_off = self._guide is not None or chain.may_leave_none
        # With no guide and at most a temperature, the sampler reads the model's own logits and
        # multiplies them by one factor.
        self._own = self._guide is None and (not chain.processors or chain.factor is not None)
        self._factor = chain.factor if self._own and chain.factor is not None else ONE
        self._guide_state = None if self._guide is None else self._guide.start(count)
        self._chain_state = chain.start(count)
        self._sampler: Sampler[Any] = sampler or GreedySampler()
        self._sampler_state = self._sampler.start(count)
        self._stepper = model.stepper(count)
        self._size = model.shape.vocabulary_size
        self._steps = max(1, min(steps, _LOGITS // max(1, count * self._size)))
        self._tokens: NDArray[np.int64] = np.empty((count, 64), np.int64)
        self._sums = np.zeros((3, count))
        self._allowed: NDArray[np.bool_] | None = None
        self._allocate()
        self._compute_logits(np.full(count, self._size))  # the start token is no part of an item
        for token in prompt:
            self.read(np.full(count, token))

    def _allocate(self) -> None:
        """Buffers for the logits, tokens and normalisers of several steps."""
        steps, count = self._steps, len(self.indices)
        #: The model's logits, and those after guide and processors: one entry per drawn token,
        #: and one for the next token.
        self._raw: Logits = np.empty((steps + 1, count, self._size), np.float32)
        self._final = self._raw if self._own else np.empty_like(self._raw)
        self._logits = self._final[0]
        self._drawn = np.empty((steps, count), np.int64)
        self._total, self._allowed_mass = np.empty((2, steps + 1, count))
        self._shift = np.zeros((steps, count), np.float32)
        self._buffered = 0

    @property
    def tokens(self) -> NDArray[np.int64]:
        """The tokens of each row, prompt included, shape ``(B, T)``."""
        tokens: NDArray[np.int64] = self._tokens[:, : self.length]
        return tokens

    @property
    def raw_logits(self) -> Logits:
        """Logits of the next token under the model, ``(B, V)``."""
        logits: Logits = self._raw[self._buffered]
        return logits

    @property
    def logits(self) -> Logits:
        """The same under the guide and the settings; minus infinity for excluded tokens."""
        return np.asarray(self._logits * self._factor)

    @property
    def allowed(self) -> NDArray[np.bool_] | None:
        """The tokens that the guide allows next, ``(B, V)``; None for all."""
        return self._allowed

    def read(self, tokens: NDArray[np.int64]) -> None:
        """Append one token to each row, shape ``(B,)``, and compute the logits of the next."""
        if self.length == self._tokens.shape[1]:
            self._tokens = np.concatenate([self._tokens, np.empty_like(self._tokens)], axis=1)
        self._tokens[:, self.length] = tokens
        self.length += 1
        if self._guide is not None:
            self._guide_state = self._guide.advance(self._guide_state, tokens)
        if not self._own:
            self._chain_state = self._chain.advance(self._chain_state, tokens)
        self._compute_logits(tokens)

    def _compute_logits(self, tokens: NDArray[np.int64]) -> None:
        if self._buffered == self._steps:
            self._flush()
        context = None
        if self._guide is not None:
            context = self._guide.context(self._guide_state)
            self._allowed = self._guide.allowed(self._guide_state)
        raw = self._raw[self._buffered]
        raw[...] = self._stepper.read(tokens, context)
        self._logits = raw if self._own else self._process(raw)

    def _process(self, raw: Logits) -> Logits:
        """The logits to draw from: the model's, masked by the guide and processed."""
        final: Logits = self._final[self._buffered]
        final[...] = raw
        if self._allowed is not None:
            np.copyto(final, -np.inf, where=~self._allowed)
            if self._chain.processors:
                self._allowed_mass[self._buffered] = log_sum_exp(final)
        self._chain.apply(final, self._chain_state)
        return final

    def cut_off(self, longest: int, end: int) -> NDArray[np.str_] | None:
        """Why a row cannot take another token: "dead_end", "length", or "" if it can.

        Args:
            longest: The maximum number of tokens.
            end: The end token. If it is the only token that the guide allows at the maximum
                length, it still closes the item.

        Returns:
            Shape ``(B,)``; None if all rows can.
        """
        dead = self._logits.max(axis=-1) == -np.inf
        if self.length < longest and not dead.any():
            return None
        long = np.full(len(self.indices), self.length >= longest)
        if self._allowed is not None:
            long &= ~(self._allowed[:, end] & (self._allowed.sum(axis=-1) == 1))
        return np.where(dead, "dead_end", np.where(long, "length", ""))

    def draw(self, uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
        """Draw the next token of each row, shape ``(B,)``; ``read`` appends it."""
        tokens, self._sampler_state, total, shift = self._sampler.draw(
            self._logits, uniforms, self._sampler_state, self._factor
        )
        at = self._buffered
        self._drawn[at], self._total[at] = tokens, total
        if shift is not None:
            self._shift[at] = shift
        self._buffered = at + 1
        return tokens

    def log_probabilities(self) -> NDArray[np.float64]:
        """Of the drawn tokens of each row: log-probability under the model, under guide and
        settings, and the log-mass that the guide removed; shape ``(3, B)``, in nats."""
        self._flush()
        return self._sums

    def _flush(self) -> None:
        """Add up the log-probabilities of the buffered steps."""
        steps = self._buffered
        if not steps:
            return
        drawn = np.log(self._total[:steps]) + self._shift[:steps]
        places = np.arange(drawn.size) * self._size + self._drawn[:steps].ravel()
        raw = self._raw.take(places).reshape(drawn.shape)
        final = self._final.take(places).reshape(drawn.shape) * self._factor
        whole: NDArray[Any] = drawn
        if not self._own or self._factor != 1.0:
            whole = log_sum_exp(self._raw[:steps].reshape(-1, self._size)).reshape(drawn.shape)
        # Rounding in single precision may leave a log-probability slightly above 0.
        self._sums[0] += np.minimum(raw - whole, 0.0).sum(axis=0)
        self._sums[1] += np.minimum(final - drawn, 0.0).sum(axis=0)
        if self._guide is not None:
            allowed = self._allowed_mass[:steps] if self._chain.processors else drawn
            self._sums[2] += np.maximum(whole - allowed, 0.0).sum(axis=0)
        for buffer in (self._raw, self._final, self._allowed_mass):
            buffer[0] = buffer[steps]
        self._shift[:steps] = 0.0
        self._logits, self._buffered = self._final[0], 0

    def select(self, rows: NDArray[np.int64]) -> None:
        """Continue with the rows of these indices, in this order; a row may occur twice."""
        self._flush()
        raw, final, mass = self._raw[0, rows], self._final[0, rows], self._allowed_mass[0, rows]
        self.indices, self._tokens = self.indices[rows], self._tokens[rows]
        self._sums = self._sums[:, rows]
        self._stepper.select(rows)
        self._allocate()
        self._raw[0], self._final[0], self._allowed_mass[0] = raw, final, mass
        self._chain_state = self._chain.select(self._chain_state, rows)
        self._sampler_state = self._sampler.select(self._sampler_state, rows)
        if self._guide is not None:
            self._guide_state = self._guide.select(self._guide_state, rows)
        if self._allowed is not None:
            self._allowed = self._allowed[rows]
