"""SymbolEncoder: the abstract encoder of items that are nothing but rows of symbols."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar, cast

from seqgen.domains.encoder import Encoded, Encoder
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import DataError, SeqgenError, UnknownSymbol

Item = TypeVar("Item")


class SymbolEncoder(Encoder[Item]):
    """One token for each symbol of an item, without context or condition.

    A subclass says how an item is taken apart and put together again; the vocabulary, its
    fitting and its JSON form are here. The round trip is exact if ``item(symbols(x)) == x``.

    Args:
        options: An instance of the domain's ``encoding_options``.
        vocabulary: The symbols; None for an encoder that is not fitted yet.
    """

    name = "symbols"
    #: Symbols that the vocabulary always has, whether the items hold them or not.
    always: ClassVar[Sequence[str]] = ()

    def __init__(self, options: Any = None, vocabulary: Vocabulary | None = None) -> None:
        super().__init__(options)
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
        return type(self)(self.options, Vocabulary.learn([found, self.always if found else ()]))

    def encode(self, item: Item) -> Encoded:
        import numpy as np

        tokens = list(map(self.vocabulary.id, self.symbols(item)))
        return Encoded(np.array(tokens, dtype=np.int32))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> Item:
        symbols = self.vocabulary.symbols
        return self.item([symbols[token] for token in tokens])

    def prompt(self, text: str) -> list[int]:
        """The tokens of a typed prompt: those of the item, where items are text and ``text`` is
        one, else of symbols parted by spaces.

        Raises:
            UnknownSymbol: Names the unknown symbol, the nearest known ones, and how symbols
                are parted.
        """
        found = self._symbols_of_text(text)
        if found is not None and all(symbol in self.vocabulary for symbol in found):
            return list(map(self.vocabulary.id, found))
        try:
            return super().prompt(text)
        except UnknownSymbol as error:
            if found is None:
                raise UnknownSymbol(f"{error}; symbols are parted by spaces") from None
        try:
            return list(map(self.vocabulary.id, found))
        except UnknownSymbol as error:
            raise UnknownSymbol(
                f"{error}; {text[:40]!r} was taken apart by {type(self).__name__}.symbols()"
            ) from None

    def _symbols_of_text(self, text: str) -> Sequence[str] | None:
        """The symbols of a text that is an item of this encoder; None where it is none."""
        try:
            found = self.symbols(cast("Item", text))
            again: object = self.item(found)
        except Exception:
            return None  # symbols() of items that are no text may do anything with one
        return found if isinstance(again, str) and again == text else None

    def to_json(self) -> dict[str, Any]:
        return {"symbols": list(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        return cls(vocabulary=Vocabulary(tuple(saved["symbols"])))


class RegexEncoder(SymbolEncoder[str]):
    """One token for each match of a pattern; together again the matches are the item.

    A subclass gives the pattern and nothing else. The round trip is exact: text that the
    pattern does not cover is refused by a ``DataError`` that names the first such place.
    """

    name = "regex"
    #: What one symbol looks like; matched from left to right, without groups.
    pattern: ClassVar[str]
    #: What stands between two symbols, and is no symbol itself.
    between: ClassVar[str] = ""

    def symbols(self, item: str) -> Sequence[str]:
        found = re.findall(self.pattern, item)
        again = self.item(found)
        if again != item:
            alike = zip(again + "\0", item + "\0", strict=False)
            at = next((n for n, (one, other) in enumerate(alike) if one != other), len(again))
            raise DataError(
                f"{item[:60]!r} is not made of symbols of {type(self).__name__}: it is not "
                f"understood from column {at + 1} on, {item[at : at + 20]!r}"
            )
        return found

    def item(self, symbols: Sequence[str]) -> str:
        return self.between.join(symbols)

    def prompt(self, text: str) -> list[int]:
        return [self.vocabulary.id(symbol) for symbol in self.symbols(text)]
