"""The samplers and logits processors of seqgen, from the same hooks as those of plugins.

``components`` imports this module by name, as it imports plugins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqgen.generation.beam_search import BeamSearch, StochasticBeamSearch
from seqgen.generation.logits_processor import LogitsProcessor
from seqgen.generation.repetition import ContinuousCache, NoRepeatNGram, RepetitionPenalty
from seqgen.generation.sampler import GreedySampler, InverseCDFSampler, ItemSampler, Sampler
from seqgen.generation.temperature import GroupTemperature, Temperature, TemperatureSchedule
from seqgen.generation.token_constraints import BannedTokens, FixedPositions
from seqgen.generation.truncation import MinP, TopK, TopP, Typical
from seqgen.registry.hookspecs import hookimpl


@hookimpl
def seqgen_samplers() -> Sequence[type[Sampler[Any]] | type[ItemSampler]]:
    """Random, argmax, and the searches."""
    return [InverseCDFSampler, GreedySampler, BeamSearch, StochasticBeamSearch]


@hookimpl
def seqgen_logits_processors() -> Sequence[type[LogitsProcessor[Any]]]:
    """Those of the settings, in the order in which they are applied within their stage."""
    return [
        BannedTokens,
        FixedPositions,
        NoRepeatNGram,
        RepetitionPenalty,
        Temperature,
        TemperatureSchedule,
        GroupTemperature,
        ContinuousCache,
        TopK,
        TopP,
        MinP,
        Typical,
    ]
