"""Generator: the decoding loop of a model, a guide, logits processors and a sampler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder, Vocabulary
from seqgen.domains.guide import Guide
from seqgen.errors import SeqgenError, SettingError
from seqgen.generation.components import (
    PROCESSOR,
    component_options,
    find_processors,
    find_sampler,
)
from seqgen.generation.decoding_batch import DecodingBatch
from seqgen.generation.logits_processor import CheckedProcessor, LogitsProcessor, ProcessorChain
from seqgen.generation.sampler import Noise, Sampler
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.sequence_model import SequenceModel
from seqgen.registry.components import builtin_components
from seqgen.settings import options_from, setting_names


def make_sampler(config: SamplingConfig) -> Sampler[Any]:
    """The sampler of a configuration.

    Raises:
        SettingError: There is none of this name, or it chooses entire items.
        PluginError: Its plugin is not installed, or cannot be imported.
    """
    component = find_sampler(config)
    if issubclass(component.value, Sampler):
        sampler: Sampler[Any] = component.value(**component_options(component, config))
        return sampler
    raise SettingError(
        f"a Generator draws token by token; sampler {config.sampler!r} finds items together"
    )


def make_chain(
    config: SamplingConfig,
    encoder: Encoder[Any],
    processors: Sequence[LogitsProcessor[Any]] = (),
) -> ProcessorChain:
    """The processors of all settings that differ from their no-op, in the order of their stages.

    Args:
        config: The settings.
        encoder: The fitted encoder.
        processors: More processors.

    Raises:
        SettingError: A schedule, a group, a position or an option is invalid.
        UnknownSymbol: A banned or forced symbol is unknown.
        PluginError: The plugin of a processor is not installed, or cannot be imported.
    """
    chain: list[LogitsProcessor[Any]] = []
    changed = {item.name for item in fields(config) if getattr(config, item.name) != item.default}
    for kind in builtin_components(PROCESSOR).values():
        if changed.isdisjoint(setting_names(kind.Options)):
            continue  # every default changes nothing
        if (processor := kind.make(config, encoder)) is not None:
            chain.append(processor)
    for component in find_processors(config):
        options = options_from(component.value.Options, component_options(component, config))
        made = component.value.make(options, encoder)
        if made is not None:
            chain.append(CheckedProcessor(made))
    chain += map(CheckedProcessor, processors)
    return ProcessorChain(sorted(chain, key=lambda processor: processor.stage))


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
        sampler: Used instead of the one that the settings name.
        processors: Applied in addition to those of the settings.

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
        sampler: Sampler[Any] | None = None,
        processors: Sequence[LogitsProcessor[Any]] = (),
    ) -> None:
        self._model, self._encoder, self._guide, self._config = model, encoder, guide, config
        self._condition, self._prompt = condition, tuple(prompt)
        self._stop, self._on_token = stop, on_token
        self._sampler = sampler or make_sampler(config)
        self._chain = make_chain(config, encoder, processors)
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
        batch = DecodingBatch(
            self._model, self._guide, self._chain, indices, self._prompt, self._sampler
        )
        finished: dict[int, Sample] = {}
        while len(batch.indices):
            if batch.can_be_cut_off or batch.length >= self._longest or self._stop is not None:
                self._finish(finished, batch, noise, self._cut_off(batch))
                if not len(batch.indices):
                    break
            tokens = batch.draw(noise.next())
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
