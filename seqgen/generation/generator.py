"""Generator: the decoding loop of a model, a guide, logits processors and a sampler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder, Vocabulary
from seqgen.domains.guide import Guide
from seqgen.errors import SeqgenError, SettingError
from seqgen.generation.decoding_batch import DecodingBatch
from seqgen.generation.logits_processor import (
    GroupTemperature,
    LogitsProcessor,
    ProcessorChain,
    Temperature,
    TemperatureSchedule,
)
from seqgen.generation.repetition import SKIPPED, ContinuousCache, NoRepeatNGram, RepetitionPenalty
from seqgen.generation.sampler import Noise, make_sampler
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.generation.token_constraints import BannedTokens, FixedPositions
from seqgen.generation.truncation import MinP, TopK, TopP, Typical
from seqgen.models.sequence_model import SequenceModel


def make_chain(config: SamplingConfig, encoder: Encoder[Any]) -> ProcessorChain:
    """The processors of all settings that differ from their no-op.

    Raises:
        SettingError: A schedule, a group or a position is invalid.
        UnknownSymbol: A banned or forced symbol is unknown.
    """
    vocabulary = encoder.vocabulary
    chain: list[LogitsProcessor[Any]] = []
    if config.ban:
        chain.append(BannedTokens([vocabulary.id(symbol) for symbol in config.ban.split()]))
    if config.force or config.min_tokens:
        pairs = _positions("force", config.force) if config.force else []
        forced = {position: vocabulary.id(text) for position, text in pairs}
        _check_forced(config, vocabulary, forced)
        chain.append(FixedPositions(forced, config.min_tokens, vocabulary.end))
    if config.no_repeat_ngram:
        chain.append(NoRepeatNGram(config.no_repeat_ngram))
    if config.repetition_penalty != 1.0:
        chain.append(RepetitionPenalty(config.repetition_penalty, vocabulary.size))
    chain.extend(_temperature(config, vocabulary, encoder.token_groups))
    if config.recall:
        keys = encoder.token_keys or range(vocabulary.end)
        chain.append(ContinuousCache(config.recall, config.recall_after, [*keys, SKIPPED]))
    if config.top_k:
        chain.append(TopK(config.top_k))
    if config.top_p != 1.0:
        chain.append(TopP(config.top_p))
    if config.min_p:
        chain.append(MinP(config.min_p))
    if config.typical_p != 1.0:
        chain.append(Typical(config.typical_p))
    return ProcessorChain(chain)


def _temperature(
    config: SamplingConfig, vocabulary: Vocabulary, groups: Mapping[str, Sequence[int]]
) -> list[LogitsProcessor[Any]]:
    if config.temperature_schedule:
        points = [
            (position, _number("temperature_schedule", text))
            for position, text in _positions("temperature_schedule", config.temperature_schedule)
        ]
        return [TemperatureSchedule(sorted(points))]
    if config.temperature_groups:
        values = np.ones(vocabulary.size)
        for name, text in _pairs("temperature_groups", config.temperature_groups):
            if name not in groups:
                known = ", ".join(groups) or "none"
                raise SettingError(
                    f"temperature_groups: no group {name!r}; this domain has {known}",
                    "temperature_groups",
                )
            values[list(groups[name])] = _number("temperature_groups", text)
        return [GroupTemperature(values)]
    return [Temperature(config.temperature)] if config.temperature != 1.0 else []


def _check_forced(
    config: SamplingConfig, vocabulary: Vocabulary, forced: Mapping[int, int]
) -> None:
    for position, token in forced.items():
        symbol = vocabulary.symbols[token]
        if symbol in config.ban.split():
            raise SettingError(f"{symbol!r} is both banned and forced at position {position}")
        if config.max_tokens is not None and position >= config.max_tokens:
            raise SettingError(
                f"force: position {position} must be < max_tokens, which is {config.max_tokens}",
                "force",
                "max_tokens",
            )


def _pairs(name: str, text: str) -> list[tuple[str, str]]:
    """``'a:1 b:2'`` as pairs, each name once."""
    pairs = [part.partition(":") for part in text.split()]
    wrong = [left + colon + right for left, colon, right in pairs if not (left and colon and right)]
    if wrong:
        raise SettingError(f"{name}: pairs like 'a:1 b:2' are expected, was {wrong[0]!r}", name)
    names = [left for left, _, _ in pairs]
    if not names or len(set(names)) < len(names):
        twice = next((left for left in names if names.count(left) > 1), None)
        problem = f"{twice!r} occurs twice" if twice else "no pair"
        raise SettingError(f"{name}: {problem}, was {text!r}", name)
    return [(left, right) for left, _, right in pairs]


def _positions(name: str, text: str) -> list[tuple[int, str]]:
    pairs = _pairs(name, text)
    wrong = [left for left, _ in pairs if not left.isdecimal()]
    if wrong:
        raise SettingError(f"{name}: a position must be an integer >= 0, was {wrong[0]!r}", name)
    positions = [int(left) for left, _ in pairs]
    if len(set(positions)) < len(positions):
        raise SettingError(f"{name}: a position occurs twice, was {text!r}", name)
    return list(zip(positions, (right for _, right in pairs), strict=True))


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise SettingError(f"{name}: a temperature must be a number, was {text!r}", name) from None
    if not 0.001 <= value <= 100.0:
        raise SettingError(f"{name}: a temperature must be >= 0.001 and <= 100, was {value}", name)
    return value


@dataclass(frozen=True, slots=True)
class Sample:
    """One generated item.

    Args:
        index: With the seed, the identity of the sample.
        tokens: Token ids, prompt included, without the end token.
        item: The decoded item.
        finish_reason: ``"end"`` the end token was chosen; ``"length"`` the maximum length was
            reached; ``"dead_end"`` no token was allowed; ``"stop"`` the stop function said so.
        logp: Log-probability in nats of the generated tokens under the model, end token
            included, prompt excluded.
        logp_settings: The same under the settings and the guide.
        masked: The log-mass in nats that the guide removed over the item: the sum of minus the
            log of the probability that the model gave to allowed tokens.
    """

    index: int
    tokens: tuple[int, ...]
    item: Any
    finish_reason: str
    logp: float
    logp_settings: float
    masked: float


#: Called with each token that is generated: (sample index, token id).
OnToken = Callable[[int, int], None]


@final
class Generator:
    """Generates the items of one domain from one model under one guide.

    Args:
        model: Any next-token model.
        encoder: The fitted encoder.
        guide: The allowed tokens; ``FreeGuide`` for all.
        config: The settings. ``max_tokens`` is required if the guide has no bound.
        condition: The condition of every item, for ``Encoder.decode``.
        prompt: Token ids that every item begins with.
        stop: Called after each token with the tokens so far; True finishes the item with the
            reason "stop".
        on_token: Called with each token that is generated, for streaming.

    Raises:
        SeqgenError: The length has no bound, or the guide does not allow the prompt.
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
        self._end, self._longest = encoder.vocabulary.end, longest_item(config, guide)
        check_prompt(guide, encoder.vocabulary, self._prompt, self._longest)

    def samples(self, indices: Sequence[int]) -> Iterator[Sample]:
        """The samples with these indices, in this order."""
        size = self._config.batch_size
        for at in range(0, len(indices), size):
            yield from self._generate(indices[at : at + size])

    @np.errstate(over="ignore", divide="ignore", invalid="ignore")
    def _generate(self, indices: Sequence[int]) -> list[Sample]:
        """One batch: draw a token per row, read it, until every row is finished."""
        noise = Noise(self._config.seed, indices)
        batch = DecodingBatch(self._model, self._guide, self._chain, indices, self._prompt)
        finished: dict[int, Sample] = {}
        while len(batch.indices):
            if batch.can_be_cut_off or batch.length >= self._longest or self._stop is not None:
                self._finish(finished, batch, noise, self._cut_off(batch))
                if not len(batch.indices):
                    break
            tokens = batch.draw(self._sampler, noise.next())
            # For few rows Python is faster than NumPy.
            if self._end in tokens.tolist() if len(tokens) < 32 else tokens.max() == self._end:
                ended = tokens == self._end
                self._finish(finished, batch, noise, np.where(ended, "end", ""))
                tokens = tokens[~ended]
            if len(tokens):
                batch.read(tokens)
                if self._on_token is not None:
                    for index, token in zip(batch.indices.tolist(), tokens.tolist(), strict=True):
                        self._on_token(index, token)
        return [finished[index] for index in indices]

    def _cut_off(self, batch: DecodingBatch) -> NDArray[np.str_] | None:
        """Why a row must finish before its next token, "" if it need not; None if none must."""
        reasons = batch.cut_off(self._longest, self._end)
        if self._stop is not None and batch.length > len(self._prompt):
            stopped = [self._stop(tuple(tokens)) for tokens in batch.tokens.tolist()]
            reasons = np.where(stopped, "stop", "" if reasons is None else reasons)
        return reasons

    def _finish(
        self,
        finished: dict[int, Sample],
        batch: DecodingBatch,
        noise: Noise,
        reasons: NDArray[np.str_] | None,
    ) -> None:
        """Move the rows with a reason from the batch to the finished samples."""
        if reasons is None:
            return
        continued = np.flatnonzero(reasons == "")
        if len(continued) == len(reasons):
            return
        sums = batch.log_probabilities()
        for row in np.flatnonzero(reasons != "").tolist():
            index, tokens = int(batch.indices[row]), tuple(batch.tokens[row].tolist())
            item = self._encoder.decode(tokens, self._condition)
            finished[index] = Sample(index, tokens, item, str(reasons[row]), *sums[:, row].tolist())
        batch.select(continued)
        noise.select(continued)


def longest_item(config: SamplingConfig, guide: Guide[Any]) -> int:
    """The maximum number of tokens of an item, by the settings and by the guide.

    Raises:
        SeqgenError: Neither has a bound.
    """
    bounds = [bound for bound in (config.max_tokens, guide.max_tokens) if bound is not None]
    if not bounds:
        raise SeqgenError("max_tokens is required: this guide does not bound the length")
    return min(bounds)


def check_prompt(
    guide: Guide[Any], vocabulary: Vocabulary, prompt: Sequence[int], longest: int
) -> None:
    """Check a prompt against the guide and the maximum length.

    Raises:
        SeqgenError: It is too long, or the guide does not allow one of its tokens.
    """
    if len(prompt) > longest:
        raise SeqgenError(f"the prompt has {len(prompt)} tokens, more than the {longest} allowed")
    state = guide.start(1)
    for place, token in enumerate(prompt):
        if not guide.allowed(state)[0, token]:
            raise SeqgenError(
                f"the prompt cannot continue with {vocabulary.symbols[token]!r} at token "
                f"{place + 1}: the guide does not allow it there; change the prompt or the options"
            )
        state = guide.advance(state, np.array([token]))
