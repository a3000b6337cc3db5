"""The searches by the names of their samplers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from seqgen.generation.beam import BeamSearch
from seqgen.generation.search import Search
from seqgen.generation.stochastic_beam import StochasticBeam

#: Names as in ``GenerateConfig.sampler``; any other sampler draws each item by itself.
SEARCH_OF: Mapping[str, type[Search]] = MappingProxyType(
    {"beam": BeamSearch, "stochastic-beam": StochasticBeam}
)
