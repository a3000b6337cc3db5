"""A small domain of words with a batched guide. Broken domains are variants of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

import seqgen

WORDS = "ox ant bee cat dog eel fox gnu hen jay kid lamb mule newt owl pig ram sow toad wasp yak z"
LONGEST = 3000


def corpus(source: Path | None, options: seqgen.NoOptions) -> list[str]:
    return seqgen.read_items(source) if source else WORDS.split()


class WordEncoder(seqgen.Encoder[str]):
    """One token for each letter."""

    def fit(self, items: Iterable[str]) -> Self:
        return type(self)(vocabulary=seqgen.Vocabulary.learn(items))

    def encode(self, item: str) -> seqgen.Encoded:
        tokens = [self.vocabulary.id(letter) for letter in item]
        return seqgen.Encoded(np.array(tokens, np.int32))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> str:
        letters = [self.vocabulary.symbols[token] for token in tokens]
        return "".join(letters)

    def to_json(self) -> dict[str, Any]:
        return {"letters": list(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(vocabulary=seqgen.Vocabulary(tuple(saved["letters"])))


class CountingGuide(seqgen.Guide[Any]):
    """A maximum number of letters; the state of a row is its length and its last letter."""

    max_tokens = LONGEST

    def __init__(self, size: int) -> None:
        self._size = size

    def start(self, batch: int) -> Any:
        return np.zeros((batch, 2), int)

    def allowed(self, state: Any) -> Any:
        mask = np.ones((len(state), self._size), bool)
        mask[state[:, 0] >= self.max_tokens, :-1] = False
        # The first letter of the vocabulary ends a word.
        mask[(state[:, 0] > 0) & (state[:, 1] == 0), 0] = False
        return mask

    def advance(self, state: Any, tokens: Any) -> Any:
        after = state.copy()
        after[:, 0] += 1
        after[:, 1] = tokens
        return after

    def select(self, state: Any, rows: Any) -> Any:
        return state[rows]


def guide(encoder: WordEncoder, options: seqgen.NoOptions, condition: None) -> CountingGuide:
    """Return the guide of every word."""
    return CountingGuide(encoder.vocabulary.size)


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="words", summary="Words", corpus=corpus, encoder=WordEncoder, guide=guide
    )
