"""Search: the abstract way of finding several different items together, best first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder
from seqgen.domains.guide import Guide
from seqgen.generation.build_processors import make_chain
from seqgen.generation.config import SamplingConfig
from seqgen.generation.generator import Sample, check_prompt, longest_item
from seqgen.generation.hypotheses import Branches, Options, Walk
from seqgen.models.sequence_model import SequenceModel


@dataclass(frozen=True, slots=True)
class _Finished:
    """An item that is complete or cut: frozen, nothing of it changes any more."""

    tokens: tuple[int, ...]
    figures: tuple[float, float, float]
    priority: float
    reason: str


class Search(ABC):
    """Keeps the best beginnings of items, grows all of them by a token, keeps the best again.

    Finished items stay among the candidates as they are. An item that is cut, at the longest
    length or at a dead end, is finished as well, as it is for ``Generator``.

    Of candidates with the same priority the one that was finished earlier comes first, then
    the one with the lower last token id, then the one whose beginning came first.

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
        config: SamplingConfig,
        condition: Any = None,
        prompt: Sequence[int] = (),
    ) -> None:
        self._encoder, self._config, self._condition = encoder, config, condition
        self._prompt, self._end = tuple(prompt), encoder.vocabulary.end
        longest = longest_item(config, guide)
        check_prompt(guide, encoder.vocabulary, self._prompt, longest)
        #: The most tokens that an item takes after its prompt, the end token counted.
        self._most = longest - len(self._prompt) + 1
        chain = make_chain(config, encoder)
        self._walk = Walk(model, guide, chain, encoder.vocabulary, longest)

    @abstractmethod
    def _width(self, number: int) -> int:
        """How many candidates to keep when so many items are asked for."""

    @abstractmethod
    def _priorities(self, branches: Branches, options: Options) -> NDArray[np.float64]:
        """What each way to go on is ranked by, shape ``(B, V)``; minus infinity where
        ``options.settled`` is."""

    @abstractmethod
    def _bound(self, branches: Branches) -> NDArray[np.float64]:
        """The highest priority that anything can have that goes on from each branch, ``(B,)``."""

    @final
    def samples(self, number: int) -> list[Sample]:
        """So many different items, best first; fewer only when no more are possible.

        Asking for more gives the same items first. The index of a sample is its rank.

        Raises:
            SettingError: More are asked for than the settings allow.
        """
        if number < 1:
            return []
        width = self._width(number)
        done: list[_Finished] = []
        branches: Branches | None = self._walk.start(self._prompt)
        while branches is not None:
            options = self._walk.options(branches)
            done.extend(_cut(branches, options))
            if self._is_over(done, branches, options, number):
                break
            done, branches = self._grow(done, branches, options, width)
        done.sort(key=lambda item: -item.priority)  # stable
        return [self._sample(rank, item) for rank, item in enumerate(done[:number])]

    def _is_over(
        self, done: list[_Finished], branches: Branches, options: Options, number: int
    ) -> bool:
        """Whether nothing goes on, or nothing that goes on can come among the first."""
        going = np.array([not reason for reason in options.reasons])
        if not going.any():
            return True
        if len(done) < number:
            return False
        last = sorted((item.priority for item in done), reverse=True)[number - 1]
        return bool(last >= self._bound(branches)[going].max())

    def _grow(
        self, done: list[_Finished], branches: Branches, options: Options, width: int
    ) -> tuple[list[_Finished], Branches | None]:
        """The best of all that is finished and of all that is one token longer."""
        priorities = self._priorities(branches, options)
        rows, tokens = np.nonzero(priorities > -np.inf)
        priority, old = priorities[rows, tokens], len(done)
        kept = _best(np.array([item.priority for item in done]), priority, tokens, rows, width)
        done = [done[at] for at in kept[kept < old].tolist()]
        kept = kept[kept >= old] - old
        rows, tokens, priority = rows[kept], tokens[kept], priority[kept]
        gains, ended = options.gains(rows, tokens), tokens == self._end
        for at in np.flatnonzero(ended).tolist():
            row, gain = int(rows[at]), gains[:, at]
            done.append(_finished(branches, row, gain, float(priority[at]), "end"))
        on = ~ended
        if not on.any():
            return done, None
        after = self._walk.follow(branches, rows[on], tokens[on], gains[:, on], priority[on])
        return done, after

    def _sample(self, rank: int, item: _Finished) -> Sample:
        decoded = self._encoder.decode(item.tokens, self._condition)
        return Sample(rank, item.tokens, decoded, item.reason, *item.figures)


def _finished(
    branches: Branches, row: int, gain: NDArray[np.float64] | float, priority: float, reason: str
) -> _Finished:
    logp, logp_settings, masked = (branches.figures[:, row] + gain).tolist()
    tokens = tuple(branches.tokens[row].tolist())
    return _Finished(tokens, (logp, logp_settings, masked), priority, reason)


def _cut(branches: Branches, options: Options) -> list[_Finished]:
    """The branches that cannot go on."""
    return [
        _finished(branches, row, 0.0, float(branches.priority[row]), reason)
        for row, reason in enumerate(options.reasons)
        if reason
    ]


def _best(
    finished: NDArray[np.float64],
    priority: NDArray[np.float64],
    tokens: NDArray[np.int64],
    rows: NDArray[np.int64],
    width: int,
) -> NDArray[np.int64]:
    """The places of the best in ``finished`` and, counted on from there, in ``priority``."""
    whole = np.concatenate([finished, priority])
    places = np.arange(len(whole))
    if len(whole) > width:  # sorting all of them would take most of the time
        least = np.partition(whole, len(whole) - width)[len(whole) - width]
        places = np.flatnonzero(whole >= least)
    # What is finished comes first of equals, in its order.
    token = np.concatenate([np.full(len(finished), -1), tokens])[places]
    row = np.concatenate([np.arange(len(finished)), rows])[places]
    order = np.lexsort((row, token, -whole[places]))[:width]
    return np.asarray(places[order], dtype=np.int64)
