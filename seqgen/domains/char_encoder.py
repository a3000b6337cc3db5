"""CharEncoder: text to one token a character, with the alphabet learned from the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, final

from seqgen.domains.encoded import Encoded
from seqgen.domains.encoder import Encoder
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SeqgenError, UnknownSymbol


@final
class CharEncoder(Encoder[str]):
    """One token for each Unicode code point. Nothing is folded or normalised, so the round
    trip is exact for any text.

    Args:
        vocabulary: The alphabet; None for an encoder that is not fitted yet.
    """

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self._vocabulary = vocabulary

    @property
    def vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            raise SeqgenError("this encoder is not fitted: call fit(items) first")
        return self._vocabulary

    def fit(self, items: Iterable[str]) -> Self:
        return type(self)(Vocabulary.learn(items))

    def encode(self, item: str) -> Encoded:
        import numpy as np

        return Encoded(np.array(self.prompt(item), dtype=np.int32))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> str:
        symbols = self.vocabulary.symbols
        return "".join([symbols[token] for token in tokens])

    def to_json(self) -> dict[str, Any]:
        return {"alphabet": "".join(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(Vocabulary(tuple(saved["alphabet"])))

    def prompt(self, text: str) -> list[int]:
        try:
            return [self.vocabulary.id(character) for character in text]
        except UnknownSymbol as error:
            shown = text if len(text) <= 40 else text[:37] + "..."
            known = text.lower()
            if all(character in self.vocabulary for character in known):
                raise UnknownSymbol(
                    f"{error} (in {shown!r}); this model knows lower case only: {known!r}"
                ) from None
            raise UnknownSymbol(f"{error} (in {shown!r})") from None
