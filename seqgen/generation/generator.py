"""The generation loop: a model, a guide, processors and a sampler, a token a row at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder
from seqgen.domains.guide import FreeGuide, Guide
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SeqgenError
from seqgen.generation.build_processors import make_chain
from seqgen.generation.config import SamplingConfig
from seqgen.generation.decoding_batch import Rows
from seqgen.generation.noise import Noise
from seqgen.generation.sampler import make_sampler
from seqgen.models.sequence_model import SequenceModel


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


#: Told of each token that was chosen: (sample index, token id).
OnToken = Callable[[int, int], None]


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
        stop: Asked after each token with the tokens so far; True finishes the item there
            with the reason "stop".
        on_token: Told of each token as it is chosen, for streaming.

    Raises:
        SeqgenError: No length bound, or the guide does not allow the prompt.
    """

    def __init__(
        self,
        model: SequenceModel[Any],
        encoder: Encoder[Any],
        guide: Guide[Any],
        config: SamplingConfig,
        condition: Any = None,
        prompt: Sequence[int] = (),
        stop: Callable[[Sequence[int]], bool] | None = None,
        on_token: OnToken | None = None,
    ) -> None:
        self._model, self._encoder, self._guide, self._config = model, encoder, guide, config
        self._condition, self._prompt = condition, tuple(prompt)
        self._stop, self._on_token = stop, on_token
        self._sampler, self._chain = make_sampler(config.sampler), make_chain(config, encoder)
        self._longest = longest_item(config, guide)
        check_prompt(guide, encoder.vocabulary, self._prompt, self._longest)

    def samples(self, indices: Sequence[int]) -> Iterator[Sample]:
        """The samples of the given indices, in that order."""
        size = self._config.batch_size
        for at in range(0, len(indices), size):
            yield from self._batch(indices[at : at + size])

    def _batch(self, indices: Sequence[int]) -> list[Sample]:
        free = isinstance(self._guide, FreeGuide)
        rows = Rows(self._model, None if free else self._guide, self._chain, indices)
        noise = Noise(self._config.seed, indices)
        rows.read(np.full(len(indices), self._encoder.vocabulary.start), first=True)
        for token in self._prompt:
            rows.read(np.full(len(indices), token))
        done: dict[int, Sample] = {}
        while len(rows.indices):
            stuck, reasons = self._stuck(rows)
            if stuck is not None:
                self._finish(done, rows, noise, stuck, reasons)
                if not len(rows.indices):
                    break
            tokens = self._draw(rows, noise)
            tokens = self._end(done, rows, noise, tokens)
            if len(tokens):
                rows.read(tokens)
                self._tell(rows, tokens)
        return [done[index] for index in indices]

    def _draw(self, rows: Rows, noise: Noise) -> NDArray[np.int64]:
        """The next token a row; where nothing can happen in between, many of them at once."""
        if rows.unstoppable and self._stop is None and self._on_token is None:
            end = self._encoder.vocabulary.end
            return rows.choose_on(self._sampler, noise, end, self._longest)
        return rows.choose(self._sampler, noise.next())

    def _end(
        self, done: dict[int, Sample], rows: Rows, noise: Noise, tokens: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Finish the rows that chose the end token; gives the tokens of the others."""
        ended = tokens == self._encoder.vocabulary.end
        if ended.any():
            self._finish(done, rows, noise, ended, ["end"] * len(tokens))
            tokens = tokens[~ended]
        return tokens

    def _tell(self, rows: Rows, tokens: NDArray[np.int64]) -> None:
        if self._on_token is not None:
            for index, token in zip(rows.indices.tolist(), tokens.tolist(), strict=True):
                self._on_token(index, token)

    def _stuck(self, rows: Rows) -> tuple[NDArray[np.bool_] | None, list[str]]:
        """Which rows can take no further token, and why; None when all can."""
        dead = rows.dead_ends()
        long = rows.length >= self._longest
        stopped = self._stopped(rows)
        if dead is None and not long and stopped is None:
            return None, []
        if dead is None:
            dead = np.zeros(len(rows.indices), dtype=bool)
        # At the longest length a guide that allows the end alone still closes the item.
        over = ~rows.only(self._encoder.vocabulary.end) & long
        stuck = dead | over
        stopped = np.zeros_like(dead) if stopped is None else stopped
        stuck |= stopped
        if not stuck.any():
            return None, []
        reasons = np.where(stopped, "stop", np.where(dead, "dead_end", "length"))
        return stuck, reasons.tolist()

    def _stopped(self, rows: Rows) -> NDArray[np.bool_] | None:
        if self._stop is None or rows.length == len(self._prompt):
            return None
        stop = self._stop
        return np.array([stop(rows.tokens_of(row)) for row in range(len(rows.indices))])

    def _finish(
        self,
        done: dict[int, Sample],
        rows: Rows,
        noise: Noise,
        which: NDArray[np.bool_],
        reasons: Sequence[str],
    ) -> None:
        figures = rows.figures()
        for row in np.flatnonzero(which).tolist():
            tokens = rows.tokens_of(row)
            index = int(rows.indices[row])
            item = self._encoder.decode(tokens, self._condition)
            logp, logp_settings, masked = (float(part[row]) for part in figures)
            done[index] = Sample(index, tokens, item, reasons[row], logp, logp_settings, masked)
        kept = np.flatnonzero(~which)
        rows.select(kept)
        noise.select(kept)


def longest_item(config: SamplingConfig, guide: Guide[Any]) -> int:
    """The most tokens an item may have, by the settings and by the guide.

    Raises:
        SeqgenError: Neither bounds it.
    """
    bounds = [bound for bound in (config.max_tokens, guide.max_tokens) if bound is not None]
    if not bounds:
        raise SeqgenError("max_tokens must be given: this guide does not bound the length")
    return min(bounds)


def check_prompt(
    guide: Guide[Any], vocabulary: Vocabulary, prompt: Sequence[int], longest: int
) -> None:
    """Hold a prompt against the guide.

    Raises:
        SeqgenError: It is too long, or the guide does not allow a token of it.
    """
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
