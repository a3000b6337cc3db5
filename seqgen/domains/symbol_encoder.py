"""SymbolEncoder: the abstract encoder of items that are nothing but rows of symbols."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar

from seqgen.domains.encoded import Encoded
from seqgen.domains.encoder import Encoder
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SeqgenError

Item = TypeVar("Item")


class SymbolEncoder(Encoder[Item]):
    """One token for each symbol of an item, without context or condition.

    A subclass says how an item is taken apart and put together again; the vocabulary, its
    fitting and its JSON form are here. The round trip is exact if ``item(symbols(x)) == x``.

    Args:
        vocabulary: The symbols; None for an encoder that is not fitted yet.
    """

    #: Symbols that the vocabulary always has, whether the items hold them or not.
    always: ClassVar[Sequence[str]] = ()

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self._vocabulary = vocabulary

    @abstractmethod
    def symbols(self, item: Item) -> Sequence[str]:
        """The symbols that an item is made of, in their order."""

    @abstractmethod
    def item(self, symbols: Sequence[str]) -> Item:
        """The item made of these symbols; total on all that a guide lets through."""

    @property
    def vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            raise SeqgenError("this encoder is not fitted: call fit(items) first")
        return self._vocabulary

    def fit(self, items: Iterable[Item]) -> Self:
        found = {symbol for item in items for symbol in self.symbols(item)}
        # Without items there is nothing to learn, and the vocabulary says so.
        return type(self)(Vocabulary.learn([found, self.always if found else ()]))

    def encode(self, item: Item) -> Encoded:
        import numpy as np

        tokens = list(map(self.vocabulary.id, self.symbols(item)))
        return Encoded(np.array(tokens, dtype=np.int32))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> Item:
        symbols = self.vocabulary.symbols
        return self.item([symbols[token] for token in tokens])

    def to_json(self) -> dict[str, Any]:
        return {"symbols": list(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(Vocabulary(tuple(saved["symbols"])))
