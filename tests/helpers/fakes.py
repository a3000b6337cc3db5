"""Small models, guides and domains for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import Domain, load_corpus
from seqgen.domains.encoder import Vocabulary
from seqgen.domains.guide import RowGuide
from seqgen.domains.symbol_encoder import CharEncoder
from seqgen.models.sequence_model import ModelShape, SequenceModel, forward_by_steps
from seqgen.registry.installed_plugins import LoadedDomain, load_domain
from seqgen.testing.random_model import random_model as random_model
from seqgen.testing.random_model import random_weights as random_weights
from seqgen.testing.random_model import untrained_model as model_by_hand

#: An untrained model is scored on little, so it is ready at once.
FEW_NAMES = 120


@final
class SpellingModel(SequenceModel[NDArray[np.int64]]):
    """Spells one word and ends, whatever it reads: the wanted token leads by ``lead`` nats.

    The state of a row is the number of tokens it has read, the start token not counted.

    Args:
        word: Token ids, without the end token.
        size: ``V``; the end token is ``size - 1``.
        lead: The logit of the wanted token; all others have 0.
    """

    def __init__(self, word: Sequence[int], size: int, lead: float = 50.0) -> None:
        self.shape = ModelShape(size)
        self._wanted = np.array([*word, size - 1])
        self._lead = lead

    def initial_state(self, batch: int) -> NDArray[np.int64]:
        return np.zeros(batch, np.int64)

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        assert tokens.shape == state.shape, "one token a row"
        logits = np.zeros((len(state), self.shape.vocabulary_size), np.float32)
        place = np.minimum(state, len(self._wanted) - 1)
        logits[np.arange(len(state)), self._wanted[place]] = self._lead
        return logits, state + 1

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return forward_by_steps(self, tokens, context)

    def select(self, state: NDArray[np.int64], rows: NDArray[Any]) -> NDArray[np.int64]:
        kept: NDArray[np.int64] = state[rows]
        return kept


@final
class StepGuide(RowGuide[int]):
    """Allows at place ``t`` only the ids of ``steps[t]``, and nothing after the last.

    Its context row is the place itself.
    """

    def __init__(self, steps: Sequence[Sequence[int]], size: int) -> None:
        self._masks = np.zeros((len(steps) + 1, size), dtype=bool)
        for place, ids in enumerate(steps):
            self._masks[place, list(ids)] = True

    def row_start(self) -> int:
        return 0

    def row_allowed(self, state: int) -> NDArray[np.bool_]:
        mask: NDArray[np.bool_] = self._masks[state]
        return mask

    def row_advance(self, state: int, token: int) -> int:
        return state + 1

    def row_context(self, state: int) -> list[int]:
        return [state]


def letters(text: str = "abcdefghijklmnopqrstuvwxyz") -> CharEncoder:
    """An encoder that is fitted to these characters."""
    return CharEncoder(vocabulary=Vocabulary(tuple(sorted(set(text)))))


def dinos() -> LoadedDomain:
    """The installed dinos domain."""
    return load_domain("dinos")


def dino_names() -> tuple[str, ...]:
    """Some names of the dinos plugin, from the entire alphabet."""
    domain = dinos().domain
    names = load_corpus(domain, None, domain.data_options()).items
    return tuple(names[:: max(1, len(names) // FEW_NAMES)])


def text_domain(items: Sequence[str], **fields: Any) -> Domain:
    """A domain of text items without a file."""
    return Domain(
        **{
            "name": "words",
            "summary": "Words",
            "corpus": lambda source, options: items,
            "encoder": CharEncoder,
            **fields,
        }
    )


__all__ = [
    "SpellingModel",
    "StepGuide",
    "dino_names",
    "dinos",
    "letters",
    "model_by_hand",
    "random_model",
    "random_weights",
    "text_domain",
]
