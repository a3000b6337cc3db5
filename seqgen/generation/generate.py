"""The generation loop: a model, a guide, a sampler and noise, one token a row at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder
from seqgen.domains.guide import Guide
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SeqgenError
from seqgen.generation.config import GenerateConfig
from seqgen.generation.noise import Noise
from seqgen.generation.processors import mask
from seqgen.generation.sample import Sample
from seqgen.generation.sampler import make_sampler
from seqgen.models.sequence_model import SequenceModel, log_softmax


@final
class Generator:
    """Generates the items of one domain from one model under one guide.

    Args:
        model: Anything that gives next-token logits.
        encoder: The fitted encoder.
        guide: Which tokens may come; ``FreeGuide`` for all.
        config: The settings. ``max_tokens`` must not be None unless the guide has a bound.
        condition: What every item is given, as ``Encoder.decode`` wants it.
        prompt: Token ids that every item begins with.

    Raises:
        SeqgenError: No length bound, or the guide does not allow the prompt.
    """

    def __init__(
        self,
        model: SequenceModel[Any],
        encoder: Encoder[Any],
        guide: Guide[Any],
        config: GenerateConfig,
        condition: Any = None,
        prompt: Sequence[int] = (),
    ) -> None:
        self._model, self._encoder, self._guide, self._config = model, encoder, guide, config
        self._condition, self._prompt = condition, tuple(prompt)
        self._sampler = make_sampler(config)
        bounds = [bound for bound in (config.max_tokens, guide.max_tokens) if bound is not None]
        if not bounds:
            raise SeqgenError("max_tokens must be given: this guide does not bound the length")
        self._longest = min(bounds)
        _check_prompt(guide, encoder.vocabulary, self._prompt, self._longest)

    def samples(self, indices: Sequence[int]) -> Iterator[Sample]:
        """The samples of the given indices, in that order."""
        for at in range(0, len(indices), self._config.batch_size):
            yield from self._batch(indices[at : at + self._config.batch_size])

    def _batch(self, indices: Sequence[int]) -> list[Sample]:
        rows = _Rows(self._model, self._guide, self._encoder.vocabulary, indices)
        noise = Noise(self._config.seed, indices)
        for token in self._prompt:
            rows.read(np.full(len(indices), token))
        done: dict[int, Sample] = {}
        while len(rows.indices):
            stuck, reasons = self._stuck(rows)
            if stuck.any():
                done |= {s.index: s for s in self._finish(rows, stuck, reasons)}
                self._keep(rows, noise, ~stuck)
                continue
            tokens = self._draw(rows, noise.next())
            ended = tokens == self._encoder.vocabulary.end
            if ended.any():
                done |= {s.index: s for s in self._finish(rows, ended, ["end"] * len(tokens))}
                self._keep(rows, noise, ~ended)
            if not ended.all():
                rows.read(tokens[~ended])
        return [done[index] for index in indices]

    @staticmethod
    def _keep(rows: _Rows, noise: Noise, going: NDArray[np.bool_]) -> None:
        kept = np.flatnonzero(going)
        rows.select(kept)
        noise.select(kept)

    def _stuck(self, rows: _Rows) -> tuple[NDArray[np.bool_], list[str]]:
        """Which rows can take no further token, and why."""
        choices = rows.allowed.sum(axis=-1)
        long = np.array([len(tokens) >= self._longest for tokens in rows.tokens])
        # At the longest length a guide that allows the end alone still closes the item.
        closing = (choices == 1) & rows.allowed[:, self._encoder.vocabulary.end]
        dead = choices == 0
        return dead | (long & ~closing), np.where(dead, "dead_end", "length").tolist()

    def _draw(self, rows: _Rows, uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
        plain = log_softmax(rows.logits)
        settled = self._sampler.settle(mask(rows.logits, rows.allowed))
        tokens = self._sampler.choose(settled, uniforms)
        at = (np.arange(len(tokens)), tokens)
        rows.logp += plain[at]
        rows.logp_settings += settled[at]
        allowed_mass = np.where(rows.allowed, np.exp(plain), 0.0).sum(axis=-1)
        rows.masked -= np.log(np.clip(allowed_mass, _LEAST_MASS, 1.0))
        return tokens

    def _finish(
        self, rows: _Rows, which: NDArray[np.bool_], reasons: Sequence[str]
    ) -> Iterator[Sample]:
        for row in np.flatnonzero(which).tolist():
            tokens = tuple(rows.tokens[row])
            yield Sample(
                index=int(rows.indices[row]),
                tokens=tokens,
                item=self._encoder.decode(tokens, self._condition),
                finish_reason=reasons[row],
                logp=float(rows.logp[row]),
                logp_settings=float(rows.logp_settings[row]),
                masked=float(rows.masked[row]),
            )


@final
class _Rows:
    """The unfinished rows of a batch: what they read, where model and guide stand."""

    def __init__(
        self,
        model: SequenceModel[Any],
        guide: Guide[Any],
        vocabulary: Vocabulary,
        indices: Sequence[int],
    ) -> None:
        count = len(indices)
        self._model, self._guide = model, guide
        self.indices = np.array(indices, dtype=np.int64)
        self.tokens: list[list[int]] = [[] for _ in indices]
        self.logp, self.logp_settings, self.masked = np.zeros((3, count))
        self._state = model.initial_state(count)
        self._guided = guide.start(count)
        self._step(np.full(count, vocabulary.start))

    def _step(self, last: NDArray[np.int64]) -> None:
        context = self._guide.context(self._guided)
        self.logits, self._state = self._model.step(last, context, self._state)
        self.allowed = self._guide.allowed(self._guided)

    def read(self, tokens: NDArray[np.int64]) -> None:
        """Take one token a row, shape ``(B,)``, none of them the end token."""
        for row, token in zip(self.tokens, tokens.tolist(), strict=True):
            row.append(token)
        self._guided = self._guide.advance(self._guided, tokens)
        self._step(tokens)

    def select(self, kept: NDArray[np.int64]) -> None:
        """Keep only some rows."""
        self.indices, self.tokens = self.indices[kept], [self.tokens[row] for row in kept]
        self.logits, self.allowed = self.logits[kept], self.allowed[kept]
        self.logp, self.logp_settings = self.logp[kept], self.logp_settings[kept]
        self.masked = self.masked[kept]
        self._state = self._model.select(self._state, kept)
        self._guided = self._guide.select(self._guided, kept)


#: Below this the mass that a guide left is taken as this, so that its logarithm stays finite.
_LEAST_MASS = 1e-300


def _check_prompt(
    guide: Guide[Any], vocabulary: Vocabulary, prompt: Sequence[int], longest: int
) -> None:
    if len(prompt) > longest:
        raise SeqgenError(f"the prompt has {len(prompt)} tokens, more than the {longest} allowed")
    state = guide.start(1)
    for place, token in enumerate(prompt):
        if not guide.allowed(state)[0, token]:
            raise SeqgenError(
                f"the prompt cannot go on with {vocabulary.symbols[token]!r} at token "
                f"{place + 1}: the guide does not allow it there; change the prompt or the options"
            )
        state = guide.advance(state, np.array([token]))
