"""make_chain: the logits processors of the settings, in their fixed order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqgen.domains.encoder import Encoder
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SettingError
from seqgen.generation.config import SamplingConfig
from seqgen.generation.logits_processor import LogitsProcessor, ProcessorChain
from seqgen.generation.repetition import SKIPPED, ContinuousCache, NoRepeatNGram, RepetitionPenalty
from seqgen.generation.temperature import GroupTemperature, Temperature, TemperatureSchedule
from seqgen.generation.token_constraints import BannedTokens, FixedPositions
from seqgen.generation.truncation import MinP, TopK, TopP, Typical


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
