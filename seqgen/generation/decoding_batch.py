"""Rows: the unfinished items of a batch, where model, guide and processors stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.guide import Guide
from seqgen.generation.logits_processor import Logits, ProcessorChain
from seqgen.generation.noise import Noise
from seqgen.generation.sampler import ONE, Choice, InverseCDFSampler, Sampler, log_sum_exp
from seqgen.models.sequence_model import SequenceModel

#: So many logits are kept at most before their log-probabilities are reckoned up together:
#: for a single row a NumPy call costs more than what it computes.
_LEDGER = 1 << 15


@final
class Rows:
    """The rows of a batch that are not finished yet, all of the same length.

    Args:
        model: The model.
        guide: Which tokens may come; None for all.
        chain: The processors.
        indices: The sample index of each row.
    """

    def __init__(
        self,
        model: SequenceModel[Any],
        guide: Guide[Any] | None,
        chain: ProcessorChain,
        indices: Sequence[int],
    ) -> None:
        count = len(indices)
        self.indices = np.array(indices, dtype=np.int64)
        self.length = 0
        self._guide, self._chain, self._plain = guide, chain, not chain.processors
        # A plain temperature is by far the most frequent chain: one product does it.
        # Then, and without processors, the logits drawn from are the model's own.
        factor = chain.factor
        self._own = guide is None and (self._plain or factor is not None)
        self._factor = factor if self._own and factor is not None else ONE
        self._guided = None if guide is None else guide.start(count)
        self._remembered = chain.start(count)
        self._size = model.shape.vocabulary_size
        self._steps = max(1, min(64, _LEDGER // max(1, count * self._size)))
        self._walker = model.walker(count, self._steps + 1)
        self._tokens: NDArray[np.int64] = np.empty((count, 64), np.int64)
        self._figures = np.zeros((3, count))
        self._allowed: NDArray[np.bool_] | None = None
        self._pending = False
        self._open_ledger()

    def _open_ledger(self) -> None:
        """Buffers for so many steps that the walker still remembers their logits."""
        steps, count = self._steps, len(self.indices)
        self._logits: Logits = np.empty((0, 0), np.float32)
        self._final = np.empty((0 if self._own else steps + 1, count, self._size), np.float32)
        self._chosen = np.empty((steps, count), np.int64)
        self._row_starts = np.arange(steps * count) * self._size
        # Sums of exponentials of what was drawn from, logarithms of those of what was allowed.
        self._drawn_total, self._allowed_mass = np.empty((2, steps + 1, count))
        self._drawn_shift = np.zeros((steps + 1, count), np.float32)
        self._booked = 0

    def read(self, tokens: NDArray[np.int64], first: bool = False) -> None:
        """Take one token a row, shape ``(B,)``, none of them the end token.

        Args:
            tokens: The ids; the start token when ``first``.
            first: The start token belongs to no item: nothing but the model reads it.
        """
        if not first:
            if self.length == self._tokens.shape[1]:
                self._tokens = np.concatenate([self._tokens, np.empty_like(self._tokens)], axis=1)
            self._tokens[:, self.length] = tokens
            self.length += 1
            if self._guide is not None:
                self._guided = self._guide.advance(self._guided, tokens)
            if not self._plain and not self._own:
                self._remembered = self._chain.advance(self._remembered, tokens)
        if self._booked == self._steps:
            self._close_ledger()
        context = None
        if self._guide is not None:
            context = self._guide.context(self._guided)
            self._allowed = self._guide.allowed(self._guided)
        self._logits = self._walker.read(tokens, context)
        self._pending = True
        if not self._own:
            self._logits = self._prepared(self._logits)

    def _prepared(self, raw: Logits) -> Logits:
        """The logits to draw from: the model's, masked by the guide and processed."""
        final: Logits = self._final[self._booked]
        np.copyto(final, raw)
        with np.errstate(invalid="ignore", divide="ignore"):  # a dead end has no finite logit
            if self._allowed is not None:
                np.copyto(final, -np.inf, where=~self._allowed)
                if not self._plain:
                    self._allowed_mass[self._booked] = log_sum_exp(final)
            if not self._plain:
                self._chain.apply(final, self._remembered)
        return final

    @property
    def unstoppable(self) -> bool:
        """Whether no row can come to a dead end."""
        return self._guide is None and not self._chain.may_leave_none

    def dead_ends(self) -> NDArray[np.bool_] | None:
        """Which rows have no token left, shape ``(B,)``; None when none can be."""
        if self.unstoppable:
            return None
        dead = self._logits.max(axis=-1) == -np.inf
        return dead if dead.any() else None

    def only(self, token: int) -> NDArray[np.bool_]:
        """Which rows can take that token and no other, by the guide, shape ``(B,)``."""
        if self._allowed is None:
            return np.zeros(len(self.indices), dtype=bool)
        alone = self._allowed.sum(axis=-1) == 1
        return np.asarray(self._allowed[:, token] & alone)

    def choose(self, sampler: Sampler, uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
        """Draw one token a row, and book it."""
        return self._book(sampler.choose(self._logits, uniforms, self._factor))

    def _book(self, choice: Choice) -> NDArray[np.int64]:
        """Note what was drawn, to be reckoned up with other steps."""
        at = self._booked
        self._drawn_total[at] = choice.total
        if choice.shift is not None:
            self._drawn_shift[at] = choice.shift
        self._chosen[at] = choice.tokens
        self._booked += 1
        self._pending = False
        return choice.tokens

    def choose_on(
        self, sampler: Sampler, noise: Noise, end: int, longest: int
    ) -> NDArray[np.int64]:
        """Draw and read until some row chooses the end or all are as long as allowed.

        For rows that nothing can interrupt: no guide, and no processor that may leave none.

        Returns:
            The tokens drawn last, which are not read yet.
        """
        if len(self.indices) == 1 and isinstance(sampler, InverseCDFSampler):
            return self._choose_on_alone(sampler, noise, end, longest)
        draw = sampler.choose_many if isinstance(sampler, InverseCDFSampler) else sampler.choose
        with np.errstate(over="ignore"):
            while True:
                tokens = self._book(draw(self._logits, noise.next(), self._factor))
                # The end token has the highest id of all.
                if self.length + 1 >= longest or np.maximum.reduce(tokens) == end:
                    return tokens
                self.read(tokens)

    def _choose_on_alone(
        self, sampler: InverseCDFSampler, noise: Noise, end: int, longest: int
    ) -> NDArray[np.int64]:
        """The same for a single row, where every call counts."""
        tokens, read = np.empty(1, np.int64), self._walker.read
        sampler.prepare(1, self._size)
        with np.errstate(over="ignore"):
            while True:
                at = self._booked
                token, total, shift = sampler.choose_one(
                    self._logits[0], noise.next_of_one(), self._factor
                )
                self._drawn_total[at, 0] = total
                if shift:
                    self._drawn_shift[at, 0] = shift
                self._chosen[at, 0] = tokens[0] = token
                self._booked, self._pending = at + 1, False
                length = self.length
                if token == end or length + 1 >= longest:
                    return tokens
                if length == self._tokens.shape[1] or at + 1 == self._steps or not self._own:
                    self.read(tokens)
                    continue
                # What ``read`` does where there is nothing but the model to tell.
                self._tokens[0, length] = token
                self.length = length + 1
                self._logits = read(tokens, None)
                self._pending = True

    def figures(self) -> NDArray[np.float64]:
        """Log-probability under the model and under the settings, and log-mass masked away,
        of each row so far; shape ``(3, B)``, in nats."""
        self._close_ledger()
        return self._figures

    def _close_ledger(self) -> None:
        """Reckon up what was booked, many steps in few calls; keeps what is still to be drawn."""
        booked = self._booked
        if not booked:
            return
        raw = self._walker.recent(booked + self._pending)[:booked]
        drawn = np.log(self._drawn_total[:booked]) + self._drawn_shift[:booked]
        self._drawn_shift[:booked] = 0.0
        at = self._row_starts[: booked * len(self.indices)] + self._chosen[:booked].ravel()
        chosen = raw.reshape(-1).take(at).reshape(booked, -1)
        final = chosen * self._factor
        if not self._own:
            final = self._final[:booked].reshape(-1).take(at).reshape(booked, -1)
        whole: NDArray[Any] = drawn
        if not self._own or self._factor != 1.0:
            whole = log_sum_exp(raw.reshape(-1, self._size)).reshape(booked, -1)
        # Rounding in single precision may leave a logarithm a little above 0.
        self._figures[0] += np.minimum(chosen - whole, 0.0).sum(axis=0)
        self._figures[1] += np.minimum(final - drawn, 0.0).sum(axis=0)
        if self._guide is not None:
            allowed = drawn if self._plain else self._allowed_mass[:booked]
            self._figures[2] += np.maximum(whole - allowed, 0.0).sum(axis=0)
        if self._pending and not self._own:
            self._final[0], self._allowed_mass[0] = self._final[booked], self._allowed_mass[booked]
            self._logits = self._final[0]
        self._booked = 0

    def tokens_of(self, row: int) -> tuple[int, ...]:
        """The tokens of a row so far, prompt included."""
        return tuple(self._tokens[row, : self.length].tolist())

    def select(self, kept: NDArray[np.int64]) -> None:
        """Go on with some rows alone."""
        self._close_ledger()
        final, allowed_mass = self._final[:1, kept], self._allowed_mass[:1, kept]
        self.indices, self._tokens = self.indices[kept], self._tokens[kept]
        self._figures = self._figures[:, kept]
        self._walker.keep(kept)
        self._open_ledger()
        if self._pending:
            self._final[:1], self._allowed_mass[:1] = final, allowed_mass
            self._logits = self._walker.recent(1)[0] if self._own else self._final[0]
        self._remembered = self._chain.select(self._remembered, kept)
        if self._guide is not None:
            self._guided = self._guide.select(self._guided, kept)
        if self._allowed is not None:
            self._allowed = self._allowed[kept]
