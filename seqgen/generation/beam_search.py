"""BeamSearch: the likeliest items, with their scores."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SettingError
from seqgen.generation.hypotheses import Branches, Options
from seqgen.generation.search import Search
from seqgen.generation.stochastic_beam_search import StochasticBeam


@final
class BeamSearch(Search):
    """Searches for the likeliest items under the settings and the guide.

    The score of an item is its log-probability under the settings (``logp_settings`` of the
    sample) divided by its length to the power of ``length_penalty``. The length counts the
    tokens after the prompt and the end token. A penalty of 0 leaves the log-probability; one
    above 0 favours long items, as every further token only lowers the log-probability.

    The search is greedy for one beam, and exact when ``beams`` is at least the number of
    beginnings of any one length. It stops early when no beginning can come among the items
    asked for: its log-probability cannot rise, and no item is longer than the longest, so
    its score stays at most its log-probability over that length to the power. Source of
    length normalisation in beam search: Y. Wu et al., "Google's neural machine translation
    system", 2016, section 7; here with the plain power of the length.
    """

    def _width(self, number: int) -> int:
        if number > self._config.beams:
            raise SettingError(
                f"beams must be >= the number of items asked for, which is {number}, was "
                f"{self._config.beams}: raise beams or ask for fewer"
            )
        return self._config.beams

    def _priorities(self, branches: Branches, options: Options) -> NDArray[np.float64]:
        length = branches.tokens.shape[1] - len(self._prompt) + 1
        return self._scores(branches.figures[1][:, None] + options.settled, length)

    def _bound(self, branches: Branches) -> NDArray[np.float64]:
        return self._scores(branches.figures[1], self._most)

    def _scores(self, logp: NDArray[np.float64], length: int) -> NDArray[np.float64]:
        return np.asarray(logp / length**self._config.length_penalty)


#: Names as in ``SamplingConfig.sampler``; any other sampler draws each item by itself.
SEARCH_OF: Mapping[str, type[Search]] = MappingProxyType(
    {"beam": BeamSearch, "stochastic-beam": StochasticBeam}
)
