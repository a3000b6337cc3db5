"""A model whose logits are read from a table, an encoder with groups, and every item they can
give with its exact probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Encoder, Vocabulary
from seqgen.domains.guide import Guide
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.sequence_model import ModelShape, SequenceModel, forward_by_steps

from . import slow_references as slow


@final
class TableModel(SequenceModel[NDArray[np.int64]]):
    """Logits by the last two tokens read; the state is the one before the last.

    Args:
        table: Shape ``(V + 1, V + 1, V)``; ``V`` stands for the start token.
    """

    def __init__(self, table: NDArray[np.float32]) -> None:
        self.table, self.shape = table, ModelShape(table.shape[-1])

    @classmethod
    def random(cls, size: int, seed: int = 0, scale: float = 1.0) -> TableModel:
        """Normal logits of the given spread."""
        wanted = (size + 1, size + 1, size)
        return cls(np.random.default_rng(seed).normal(0, scale, wanted).astype(np.float32))

    def row(self, tokens: Sequence[int]) -> list[float]:
        """The logits after an item's first tokens."""
        start = self.shape.vocabulary_size
        last = [start, start, *tokens][-2:]
        row: list[float] = self.table[last[0], last[1]].astype(float).tolist()
        return row

    def initial_state(self, batch: int) -> NDArray[np.int64]:
        return np.full(batch, self.shape.vocabulary_size)

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        return self.table[state, tokens], np.array(tokens, dtype=np.int64)

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return forward_by_steps(self, tokens, context)

    def select(self, state: NDArray[np.int64], rows: NDArray[Any]) -> NDArray[np.int64]:
        kept: NDArray[np.int64] = state[rows]
        return kept


@final
class GroupedEncoder(Encoder[str]):
    """Letters; the vowels are one group of tokens, all other ids, the end too, the other.

    Args:
        alphabet: The symbols.
    """

    def __init__(self, alphabet: str) -> None:
        self._vocabulary = Vocabulary(tuple(alphabet))

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        symbols = self._vocabulary.symbols
        vowels = [token for token, symbol in enumerate(symbols) if symbol in "aeiou"]
        return {"vowel": vowels, "other": sorted({*range(len(symbols) + 1)} - {*vowels})}

    def fit(self, items: Any) -> Self:
        return self

    def encode(self, item: str) -> Encoded:
        return Encoded(np.array([self._vocabulary.id(c) for c in item], dtype=np.int32))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> str:
        return "".join(self._vocabulary.symbols[token] for token in tokens)

    def to_json(self) -> dict[str, Any]:
        return {"alphabet": "".join(self._vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(saved["alphabet"])


#: The tokens of an item and why it is finished.
Outcome = tuple[tuple[int, ...], str]


def masked_row(model: TableModel, guide: Guide[Any], history: Sequence[int]) -> list[float]:
    """The model's logits where the guide allows a token, from its start on."""
    state = guide.start(1)
    for token in history:
        state = guide.advance(state, np.array([token]))
    allowed = np.flatnonzero(guide.allowed(state)[0])
    return slow.only(model.row(history), set(allowed.tolist()))


def every_outcome(
    model: TableModel,
    guide: Guide[Any],
    encoder: GroupedEncoder,
    config: SamplingConfig,
    prompt: tuple[int, ...] = (),
) -> dict[Outcome, float]:
    """The probability of everything that generation can give, by trying every token."""
    assert config.max_tokens is not None
    symbols, groups = encoder.vocabulary.symbols, encoder.token_groups
    found: dict[Outcome, float] = {}
    waiting = [(prompt, 1.0)]
    while waiting:
        history, chance = waiting.pop()
        masked = masked_row(model, guide, history)
        row = slow.settled(masked, history, config, symbols, groups)
        closing = slow.possible(masked) == [len(symbols)]
        if not slow.possible(row):
            found[history, "dead_end"] = chance
        elif len(history) >= config.max_tokens and not closing:
            found[history, "length"] = chance
        else:
            for token, share in enumerate(slow.shares(row)):
                if share > 0 and token == len(symbols):
                    found[history, "end"] = chance * share
                elif share > 0:
                    waiting.append(((*history, token), chance * share))
    assert math.isclose(math.fsum(found.values()), 1.0, rel_tol=1e-9)
    return found
